# Every Nix block of the documentation is one of the files in documentation/, and each of them
# evaluates. They are files because an evaluation cannot evaluate text.
{
  lib,
  self,
  host,
  evaluate,
  refusals,
  ...
}:
let
  documents = {
    "README.md" = ../../README.md;
    "docs/deploy.md" = ../../docs/deploy.md;
    "contrib/debian/README.md" = ../../contrib/debian/README.md;
  };

  # What a block leaves to other lines of the same configuration, which the text around it names.
  context = {
    agenix = remote;
    sops = remote;
    encrypted = remote;
    sign-in.imports = [ (import ./documentation/oidc.nix) ];
    certificate = {
      imports = [ published ];
      security.acme.certs."example.org" = {
        webroot = "/var/lib/acme/challenges";
        group = "nginx";
      };
    };
    nginx-sockets = published;
    proxy = published;
    readme = published;
  };
  remote.services.crick-api.database.remoteAddresses = [ ];
  published = {
    services.crick-api.nginx.enable = true;
    services.crick-api.nginx.hostName = "api.example.org";
    security.acme.acceptTerms = true;
    security.acme.defaults.email = "operator@example.org";
  };
  # agenix and sops-nix, as far as the blocks ask them.
  secrets =
    { lib, ... }:
    let
      secrets = lib.mkOption {
        type = lib.types.attrsOf (
          lib.types.submodule {
            freeformType = lib.types.attrsOf lib.types.raw;
            options.path = lib.mkOption { default = "/run/secrets/crick-api-dsn"; };
          }
        );
      };
    in
    {
      options.age.secrets = secrets;
      options.sops.secrets = secrets;
    };

  nixosSystem = { modules }: host { modules = lib.filter (module: !lib.isPath module) modules; };
  outputs =
    flake:
    (flake.outputs {
      self = { };
      nixpkgs.lib = { inherit nixosSystem; };
      crick-api = self;
    }).nixosConfigurations.api;

  systems = {
    "documentation/system-manager.nix" =
      (import ./documentation/system-manager.nix {
        crick-api = self;
        # It has no PostgreSQL.
        system-manager.lib.makeSystemConfig =
          { modules }:
          host {
            inherit modules;
            without = [ "services/databases/postgresql.nix" ];
          };
      }).systemConfigs.default;
    "nixos/template/flake.nix" = outputs (import ../template/flake.nix);
  }
  //
    lib.mapAttrs'
      (
        file: _:
        let
          name = lib.removeSuffix ".nix" file;
        in
        lib.nameValuePair "documentation/${file}" (evaluate {
          imports = [
            secrets
            (context.${name} or { })
            (import (./documentation + "/${file}"))
          ];
        })
      )
      (removeAttrs files [ "system-manager.nix" ]);

  files = builtins.readDir ./documentation;

  # A file as blocks may show it: whole, without its arguments, or without the braces as well.
  shownForms =
    file:
    let
      whole = lib.splitString "\n" (builtins.readFile (./documentation + "/${file}"));
      body = if lib.hasSuffix "}:" (lib.head whole) then lib.tail whole else whole;
      inner = map (lib.removePrefix "  ") (lib.init (lib.init (lib.tail body)));
    in
    [
      (lib.init whole)
      (lib.init body)
      inner
    ];
  allForms = lib.concatMap shownForms (lib.attrNames files);

  # The lines of each block, without the indentation of its fence.
  blocksOf =
    document:
    (lib.foldl'
      (
        state: line:
        let
          fence = builtins.match "( *)```(.*)" line;
        in
        if state.indent == null then
          if fence != null && lib.last fence == "nix" then
            state
            // {
              indent = lib.head fence;
              lines = [ ];
            }
          else
            state
        else if fence != null then
          state
          // {
            indent = null;
            blocks = state.blocks ++ [ state.lines ];
          }
        else
          state // { lines = state.lines ++ [ (lib.removePrefix state.indent line) ]; }
      )
      {
        indent = null;
        blocks = [ ];
      }
      (lib.splitString "\n" (builtins.readFile document))
    ).blocks;
  blocks = lib.concatMap blocksOf (lib.attrValues documents);
in
{
  "every Nix block of the documentation is a file that evaluates" =
    let
      unknown = lib.filter (block: !lib.elem block allForms) blocks;
    in
    blocks != [ ]
    && (
      unknown == [ ] || builtins.trace (lib.concatMapStringsSep "\n---\n" lib.concatLines unknown) false
    );

  "every file for the documentation is shown there" =
    let
      unused = lib.filter (file: !lib.any (form: lib.elem form blocks) (shownForms file)) (
        lib.attrNames files
      );
    in
    unused == [ ] || builtins.trace (toString unused) false;

  "the placeholder for our address is not an address" =
    lib.hasInfix ".invalid/" (import ../template/flake.nix).inputs.crick-api.url;

  "on system-manager, which has no PostgreSQL, createLocally is refused with what to do" =
    let
      messages = refusals (host {
        modules = [
          self.nixosModules.default
          {
            services.crick-api.enable = true;
            services.crick-api.database.createLocally = true;
          }
        ];
        without = [ "services/databases/postgresql.nix" ];
      });
    in
    lib.length messages == 1 && lib.hasInfix "run PostgreSQL by other means" (lib.head messages)
    || builtins.trace (toString messages) false;
}
// lib.mapAttrs' (
  name: system:
  lib.nameValuePair "${name} evaluates" (
    let
      messages = refusals system;
    in
    (messages == [ ] || builtins.trace (toString messages) false)
    && system.config.systemd.units."crick-api.service".text != ""
    && system.config.services.crick-api.settingsFile.text != ""
  )
) systems
