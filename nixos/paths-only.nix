# A check that keeps only the paths of its evaluation.
#
# `nix flake check` keeps every check that it has evaluated, and a VM test refers to the complete
# NixOS systems that it is made of: together they take more memory than many machines have. Here the
# paths are plain strings, so that the rest can be garbage-collected. Other attributes are evaluated
# again on demand.
{ lib, system }:
{
  name,
  # A function, so that no attribute refers to the derivation of another.
  evaluate,
  attributes ? [ ],
}:
let
  paths =
    let
      inherit (evaluate { }) drvPath outPath;
    in
    builtins.deepSeq [ drvPath outPath ] { inherit drvPath outPath; };
in
lib.genAttrs attributes (attribute: (evaluate { }).${attribute})
// {
  inherit name system;
  inherit (paths) drvPath outPath;
  type = "derivation";
  outputName = "out";
}
