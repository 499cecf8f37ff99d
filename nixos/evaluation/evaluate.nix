# A host with only those NixOS modules that ours uses, so that hundreds of configurations can be
# evaluated. The VM tests and the example are complete hosts.
{ nixpkgs, pkgs }:
let
  inherit (nixpkgs) lib;

  # What the modules below ask of others.
  stubs = lib.mapAttrsRecursiveCond (each: !(each ? value)) (
    _: each:
    lib.mkOption {
      type = lib.types.raw;
      default = each.value;
    }
  );
  surroundings = stubs {
    boot.initrd.systemd.enable.value = false;
    boot.isContainer.value = false;
    boot.kernel.sysctl.value = { };
    boot.kernelPackages.value = pkgs.linuxPackages;
    boot.kernelParams.value = [ ];
    networking.enableIPv6.value = true;
    networking.hostName.value = "host";
    networking.nftables.enable.value = false;
    services.dbus.enable.value = true;
    services.dbus.implementation.value = "broker";
    services.openssh.enable.value = false;
    system.stateVersion.value = lib.trivial.release;
    users.defaultUserShell.value = pkgs.bash;
  };

  nixos = [
    "config/users-groups.nix"
    "misc/assertions.nix"
    "misc/ids.nix"
    "misc/meta.nix"
    "security/acme/default.nix"
    "services/backup/postgresql-backup.nix"
    "services/databases/postgresql.nix"
    "services/networking/firewall.nix"
    "services/web-servers/nginx/default.nix"
    "system/boot/systemd.nix"
    "system/etc/etc.nix"
  ];
in
{
  modules,
  # Those of NixOS that the host does not have.
  without ? [ ],
}:
let
  system = lib.evalModules {
    class = "nixos";
    specialArgs = {
      inherit pkgs;
      modulesPath = "${nixpkgs}/nixos/modules";
      utils = import "${nixpkgs}/nixos/lib/utils.nix" {
        inherit lib pkgs;
        inherit (system) config;
      };
    };
    modules =
      map (path: "${nixpkgs}/nixos/modules/${path}") (lib.subtractLists without nixos)
      ++ [
        {
          options = surroundings;
          # What those modules set of modules that are not here.
          config._module.check = false;
        }
      ]
      ++ modules;
  };
in
system
