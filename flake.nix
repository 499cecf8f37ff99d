{
  description = "crick-api: the server behind the Watson time tracker";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    # Builds the workspace; takes no inputs of its own.
    crane.url = "github:ipetkov/crane";
    # What `cargo audit` compares Cargo.lock with.
    advisory-db = {
      url = "github:rustsec/advisory-db";
      flake = false;
    };
  };

  outputs =
    {
      self,
      nixpkgs,
      crane,
      advisory-db,
    }:
    let
      inherit (nixpkgs) lib;
      build = pkgs: import ./nixos/package.nix { inherit pkgs crane advisory-db; };
      forEachSystem =
        output:
        lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (
          system: output system nixpkgs.legacyPackages.${system}
        );
    in
    {
      # Both programs in one package: static binaries, completions, man pages.
      packages = forEachSystem (
        system: pkgs: {
          inherit (build pkgs) crick-api;
          default = self.packages.${system}.crick-api;
        }
      );

      # nix run .#serve, nix run .#migrate -- up
      apps = forEachSystem (
        system: _: import ./nixos/apps.nix { inherit (self.packages.${system}) crick-api; }
      );

      overlays.default = final: _: { inherit (build final) crick-api; };

      # services.crick-api
      nixosModules.default = lib.modules.importApply ./nixos/module.nix { inherit self; };

      # What `nix flake check` proves: the build, its lints and tests, the module, every VM test.
      checks = forEachSystem (
        _: pkgs:
        (build pkgs).checks
        // import ./nixos/tests { inherit self pkgs; }
        // {
          module = import ./nixos/evaluation { inherit self nixpkgs pkgs; };
        }
      );

      devShells = forEachSystem (_: pkgs: { default = (build pkgs).devShell; });

      formatter = forEachSystem (_: pkgs: pkgs.nixfmt-tree);

      # nix flake init -t: the flake of a host that runs the service.
      templates.default = {
        path = ./nixos/template;
        description = "A NixOS host that runs crick-api";
      };

      # nixos-rebuild build-vm --flake .#example
      nixosConfigurations.example = lib.nixosSystem {
        modules = [
          self.nixosModules.default
          ./nixos/example.nix
        ];
      };
    };
}
