# A whole host, to look at and to try: `nixos-rebuild build-vm --flake .#example`, then
# ./result/bin/run-crick-example-vm, and from the host curl http://localhost:8080/readyz.
{ modulesPath, ... }:
{
  imports = [ "${modulesPath}/virtualisation/qemu-vm.nix" ];

  services.crick-api = {
    enable = true;
    database.createLocally = true;
    database.backup.enable = true;
    nginx.enable = true;
    nginx.hostName = "localhost";
    nginx.virtualHost.forceSSL = false;
    nginx.openFirewall = true;
  };

  nixpkgs.hostPlatform = "x86_64-linux";
  networking.hostName = "crick-example";
  system.stateVersion = "26.05";
  users.users.root.initialPassword = "";
  services.getty.autologinUser = "root";
  virtualisation.forwardPorts = [
    {
      from = "host";
      host.port = 8080;
      guest.port = 80;
    }
  ];
}
