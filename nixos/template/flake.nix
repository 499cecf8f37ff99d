{
  description = "A host that runs crick-api";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    crick-api.url = "github:crick-api/crick-api";
    crick-api.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    { nixpkgs, crick-api, ... }:
    {
      nixosConfigurations.api = nixpkgs.lib.nixosSystem {
        modules = [
          crick-api.nixosModules.default
          # Made by nixos-generate-config on the host.
          ./hardware-configuration.nix
          {
            services.crick-api = {
              enable = true;
              database.createLocally = true;
              nginx.enable = true;
              nginx.hostName = "api.example.org";
              nginx.openFirewall = true;
            };
            security.acme.acceptTerms = true;
            security.acme.defaults.email = "operator@example.org";

            networking.hostName = "api";
            services.openssh.enable = true;
            networking.firewall.allowedTCPPorts = [ 22 ];
            system.stateVersion = "26.05";
          }
        ];
      };
    };
}
