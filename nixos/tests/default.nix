# Every other file here is a VM test named after it: a function from the flake to a test of nixpkgs'
# framework. Shared parts are in fixture/.
{ self, pkgs }:
let
  inherit (pkgs) lib;
  pathsOnly = import ../paths-only.nix {
    inherit lib;
    inherit (pkgs.stdenv.hostPlatform) system;
  };
  files = lib.filterAttrs (name: kind: kind == "regular" && name != "default.nix") (
    builtins.readDir ./.
  );
in
lib.mapAttrs' (
  file: _:
  let
    name = lib.removeSuffix ".nix" file;
  in
  lib.nameValuePair "vm-${name}" (pathsOnly {
    name = "vm-test-run-crick-api-${name}";
    attributes = [
      "config"
      "containers"
      "driver"
      "driverInteractive"
      "meta"
      "nodes"
    ];
    evaluate =
      _:
      pkgs.testers.runNixOSTest {
        imports = [ (import ./${file} { inherit self; }) ];
        name = "crick-api-${name}";
      };
  })
) files
