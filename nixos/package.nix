# The build, with crane, and the checks that share its compiled dependencies.
#
# Everything is compiled for musl and linked statically: `pkgsStatic` makes crane pass cargo the
# right target, linker and C compiler, and the same lines serve every architecture.
{
  pkgs,
  crane,
  advisory-db,
}:
let
  inherit (pkgs) lib;
  craneLib = crane.mkLib pkgs.pkgsStatic;

  # Whole folders, so that no template, SQL or test data is forgotten, without the tests that cargo
  # does not run.
  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../Cargo.toml
      ../Cargo.lock
      ../clippy.toml
      ../src
      ../migration
      (lib.fileset.difference ../tests (
        lib.fileset.unions [
          ../tests/browser
          ../tests/schemathesis
          ../tests/system
        ]
      ))
      ../docs/openapi.json
      ../docs/settings.md
      (lib.fileset.maybeMissing ../benches)
      (lib.fileset.maybeMissing ../deny.toml)
    ];
  };

  common = {
    pname = "crick-api";
    inherit (craneLib.crateNameFromCargoToml { cargoToml = ../Cargo.toml; }) version;
    inherit src;
    strictDeps = true;
    cargoExtraArgs = "--locked --workspace";
  };

  # The dependencies of the whole workspace, compiled once for all checks.
  cargoArtifacts = craneLib.buildDepsOnly common;
  shared = common // {
    inherit cargoArtifacts;
  };

  # The shipped programs are optimized, which takes longer; the tests are separate checks. Panics
  # name their place in the source: remove the store's path from those of dependencies.
  shipped = common // rec {
    cargoVendorDir = craneLib.vendorCargoDeps { inherit src; };
    env.CARGO_PROFILE = "dist";
    preBuild = ''
      for registry in ${cargoVendorDir}/*/; do
        ${rustflags}+=" --remap-path-prefix=$registry="
      done
      export ${rustflags}
    '';
    doCheck = false;
  };
  inherit (pkgs.pkgsStatic.stdenv.hostPlatform.rust) cargoEnvVarTarget;
  rustflags = "CARGO_TARGET_${cargoEnvVarTarget}_RUSTFLAGS";

  crick-api = craneLib.buildPackage (
    shipped
    // {
      cargoArtifacts = craneLib.buildDepsOnly (shipped // { pname = "crick-api-dist"; });
      nativeBuildInputs = [ pkgs.installShellFiles ];
      # The programs write their own completions and man pages.
      postInstall = lib.optionalString (pkgs.stdenv.buildPlatform.canExecute pkgs.stdenv.hostPlatform) ''
        for program in crick-api-server crick-api-migrate; do
          for shell in bash zsh fish; do
            "$out/bin/$program" completions "$shell" >"$program.$shell"
          done
          "$out/bin/$program" man >"$program.1"
          installShellCompletion --cmd "$program" \
            --bash "$program.bash" --zsh "$program.zsh" --fish "$program.fish"
          installManPage "$program.1"
        done
      '';
      meta = {
        description = "Server behind the Watson time tracker";
        license = lib.licenses.mit;
        mainProgram = "crick-api-server";
        platforms = lib.platforms.linux;
      };
    }
  );

  # The tests start both programs, so both are built first, as in the package.
  tested = shared // {
    buildPhaseCargoCommand = "cargoWithProfile build ${common.cargoExtraArgs}";
  };

  checks = {
    package = crick-api;

    # Two small files that need only a kernel.
    static =
      pkgs.runCommandLocal "crick-api-static"
        {
          nativeBuildInputs = [ pkgs.file ];
          exportReferencesGraph = [
            "closure"
            crick-api
          ];
        }
        ''
          paths=$(grep "^$NIX_STORE/" closure | sort --unique)
          if [ "$paths" != ${crick-api} ]; then
            echo "the package needs more than itself:"
            echo "$paths"
            exit 1
          fi
          check() {
            program=$1 limit=$2
            kind=$(file --brief ${crick-api}/bin/$program)
            size=$(stat --format %s ${crick-api}/bin/$program)
            echo "$program: $size bytes, $kind"
            case $kind in
              *"static-pie linked"* | *"statically linked"*) ;;
              *) echo "$program is not static" && exit 1 ;;
            esac
            if [ "$size" -gt "$limit" ]; then
              echo "$program has $size bytes, $((size - limit)) more than its limit of $limit"
              exit 1
            fi
          }
          check crick-api-server 16000000
          check crick-api-migrate 8000000
          touch $out
        '';

    clippy = craneLib.cargoClippy (
      shared // { cargoClippyExtraArgs = "--all-targets -- --deny warnings"; }
    );
    doc = craneLib.cargoDoc (shared // { env.RUSTDOCFLAGS = "--deny warnings"; });
    fmt = craneLib.cargoFmt { inherit (common) pname version src; };

    # On both databases, with the real Watson and wrong clocks; a missing one is a failure.
    tests = craneLib.cargoNextest (
      tested
      // {
        nativeCheckInputs = [
          pkgs.libfaketime
          pkgs.postgresql
          pkgs.watson
        ];
        env.CRICK_TEST_REQUIRE = "postgres,watson,faketime";
      }
    );

    # Licenses, sources and duplicates by deny.toml; known vulnerabilities by the advisory database.
    deny = craneLib.cargoDeny { inherit (common) pname version src; };
    audit = craneLib.cargoAudit {
      inherit (common) pname version src;
      inherit advisory-db;
    };

    nixfmt =
      pkgs.runCommandLocal "crick-api-nixfmt"
        {
          nativeBuildInputs = [ pkgs.nixfmt ];
          src = lib.fileset.toSource {
            root = ../.;
            fileset = lib.fileset.fileFilter (file: file.hasExt "nix") ../.;
          };
        }
        ''
          find $src -name '*.nix' -exec nixfmt --check {} +
          touch $out
        '';
  };

  devShell = (crane.mkLib pkgs).devShell {
    packages = [
      pkgs.cargo-audit
      pkgs.cargo-deny
      pkgs.cargo-nextest
      pkgs.just
      pkgs.nixfmt
      pkgs.postgresql
      pkgs.sqlite
      pkgs.watson
    ];
  };
in
{
  inherit crick-api checks devShell;
}
