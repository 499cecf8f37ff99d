# The module as operators write it: what evaluates to what, and what is refused with which advice.
# Everything here is decided by evaluation alone; a promise that is broken stops it by its name.
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

  promises = lib.mergeAttrsList (
    map (file: import file arguments) [
      ./documentation.nix
      ./refused.nix
      ./rendered.nix
      ./values.nix
    ]
  );
  broken = lib.attrNames (lib.filterAttrs (_: kept: !kept) promises);
in
# `runCommand` evaluates the promises with the derivation, `writeText` would with its name: listing the
# flake's checks must not evaluate every configuration.
pkgs.runCommandLocal "crick-api-module" {
  promises =
    assert lib.assertMsg (
      broken == [ ]
    ) "nixos/evaluation: broken promises:\n${lib.concatLines broken}";
    lib.attrNames promises;
} ''printf '%s\n' "$promises" >$out''
