# The module as operators use it: what configurations evaluate to, and which are refused with which
# advice. These checks need only evaluation, which a broken promise stops with its name.
{
  self,
  nixpkgs,
  pkgs,
}:
let
  inherit (nixpkgs) lib;

  host = import ./evaluate.nix { inherit nixpkgs pkgs; };
  arguments = {
    inherit
      lib
      pkgs
      self
      host
      ;
    # A host that runs the service.
    evaluate =
      configuration:
      host {
        modules = [
          self.nixosModules.default
          { services.crick-api.enable = true; }
          configuration
        ];
      };
    # The messages of what a host refuses.
    refusals =
      system:
      map (failed: failed.message) (
        lib.filter (candidate: !candidate.assertion) system.config.assertions
      );
  };

  evaluatePromises =
    _:
    lib.mergeAttrsList (
      map (file: import file arguments) [
        ./documentation.nix
        ./refused.nix
        ./rendered.nix
        ./values.nix
      ]
    );
in
import ../paths-only.nix
  {
    inherit lib;
    inherit (pkgs.stdenv.hostPlatform) system;
  }
  {
    name = "crick-api-module";
    evaluate =
      _:
      let
        promises = evaluatePromises { };
        broken = lib.attrNames (lib.filterAttrs (_: kept: !kept) promises);
      in
      pkgs.writeText "crick-api-module" (
        assert lib.assertMsg (
          broken == [ ]
        ) "nixos/evaluation: broken promises:\n${lib.concatLines broken}";
        lib.concatLines (lib.attrNames promises)
      );
  }
