# The server's settings: a flat TOML file in the Nix store, so without secrets. The server itself
# checks it while the system is built, so a typo never reaches the host.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.crick-api;
  inherit (lib) types;
  localDsn = import ./local-dsn.nix { inherit config lib; };

  # A flat TOML file is `key = value` lines, and JSON's scalars and lists are TOML's.
  toToml =
    settings:
    lib.concatStrings (lib.mapAttrsToList (key: value: "${key} = ${builtins.toJSON value}\n") settings);

  # The bounds are the server's own, which it checks again.
  seconds =
    default: description:
    lib.mkOption {
      type = types.ints.between 1 86400;
      inherit default description;
      example = 2 * default;
    };
  bytes =
    default: description:
    lib.mkOption {
      type = types.ints.between 1 1073741824;
      inherit default description;
      example = 2 * default;
    };
  perMinute =
    default: description:
    lib.mkOption {
      type = types.ints.u32;
      inherit default description;
      example = 0;
    };
in
{
  options.services.crick-api = {
    settings = lib.mkOption {
      default = { };
      example = {
        log = "debug";
        database_connections = 16;
      };
      description = ''
        Settings of the server, by the names of its TOML file (`crick-api-server serve --help` lists
        them all). The file is world-readable in the Nix store: a database address with a password
        belongs in {option}`services.crick-api.dsnFile`. While the system is built,
        `crick-api-server check-config` refuses what the server would refuse.
      '';
      type = types.submodule {
        freeformType = types.attrsOf (
          types.oneOf [
            types.bool
            types.int
            types.str
            (types.listOf types.str)
          ]
        );
        options = {
          dsn = lib.mkOption {
            type = types.nullOr types.str;
            default =
              if cfg.dsnFile != null then
                null
              else if cfg.database.createLocally then
                localDsn "crick-api"
              else
                "sqlite:/var/lib/crick-api/crick.db";
            defaultText = lib.literalMD ''
              SQLite in {file}`/var/lib/crick-api/crick.db`; with `database.createLocally` the
              PostgreSQL of this machine; with `dsnFile` nothing
            '';
            example = "postgresql://crick-api@localhost/crick-api?host=/run/postgresql";
            description = "Address of the database, if there is no password in it.";
          };
          migrate_on_start = lib.mkOption {
            type = types.bool;
            # crick-api-migrate.service does it, with rights that the server lacks.
            default = false;
            internal = true;
            description = "Whether the server itself applies missing schema steps.";
          };
          watson_path = lib.mkOption {
            type = types.strMatching "(/[A-Za-z0-9._~-]+)+";
            default = "/watson";
            example = "/sync";
            description = ''
              Where Watson's routes begin; users set `backend.url` to the host name with this path.
            '';
          };
          log = lib.mkOption {
            type = types.str;
            default = "info";
            example = "info,crick_api::store=debug";
            description = "What is logged: a level, or a list of `target=level` pairs.";
          };
          dashboard = lib.mkOption {
            type = types.bool;
            default = true;
            example = false;
            description = "Whether the dashboard is served at `/`.";
          };
          cors_allowed_origins = lib.mkOption {
            type = types.listOf (types.strMatching "https?://[^/*[:space:]]+");
            default = [ ];
            example = [ "https://app.example.org" ];
            description = ''
              Origins of web pages that may use the API from a browser: scheme, host, and port
              unless it is the default. An empty list allows none.
            '';
          };
          rate_limit_token = perMinute 600 ''
            The number of requests per minute with one token, Watson's or an issuer's; more get 429
            with `Retry-After`. 0 means no limit.
          '';
          rate_limit_address = perMinute 1200 ''
            The number of requests per minute from one client address; more get 429 with
            `Retry-After`. 0 means no limit. The address is the one that nginx sees. People behind
            one router share it, and so do all clients behind a proxy that nginx does not trust: see
            {option}`services.crick-api.nginx.virtualHost`.
          '';
          bulk_body_limit = bytes 33554432 ''
            The maximum size of a push, in bytes. nginx gets the same limit.
          '';
          body_limit = bytes 65536 ''
            The maximum size of any other request body, in bytes.
          '';
          database_connections = lib.mkOption {
            type = types.nullOr (types.ints.between 1 4294967295);
            default = null;
            example = 16;
            description = ''
              The maximum number of connections to the database; with `null` 4 per processor, at
              least 8. While one server replaces another there are twice as many.
            '';
          };
          request_timeout = seconds 60 ''
            How long one request may take, in seconds. nginx waits a little longer.
          '';
          drain_grace = seconds 65 ''
            How long a stopping server still accepts requests on idle connections, in seconds. Above
            the 60 s for which nginx keeps an idle connection to a server.
          '';
          drain_deadline = seconds 60 ''
            How long a stopping server lets requests in flight continue, in seconds.
            systemd kills it 15 s after `drain_grace` and `drain_deadline` are both over.
          '';
        };
      };
    };

    settingsFile = lib.mkOption {
      type = types.path;
      internal = true;
      readOnly = true;
      description = "The TOML file made of {option}`services.crick-api.settings`.";
    };
  };

  config.services.crick-api = {
    settingsFile = pkgs.writeTextFile {
      name = "crick-api.toml";
      text = toToml (lib.filterAttrs (_: value: value != null) cfg.settings);
      checkPhase = lib.optionalString (pkgs.stdenv.buildPlatform.canExecute pkgs.stdenv.hostPlatform) ''
        ${cfg.package}/bin/crick-api-server check-config --config "$target"
      '';
    };
  };

  config.assertions = lib.mkIf cfg.enable (
    [
      {
        assertion = !cfg.settings.migrate_on_start;
        message = ''
          services.crick-api.settings.migrate_on_start has no effect, because crick-api-migrate.service has
          brought the database to the schema of the version before the server starts. Remove it.
        '';
      }
    ]
    ++ lib.mapAttrsToList
      (name: fix: {
        assertion = !(cfg.settings ? ${name});
        message = ''
          services.crick-api.settings.${name} ${fix}
        '';
      })
      {
        listen = "has no effect, because systemd hands the server its socket. Set services.crick-api.listenTcp instead.";
        metrics_listen = "has no effect, because systemd hands the server its socket. Set services.crick-api.metrics.listenTcp instead.";
        dsn_file = "does not work, because the server cannot read a file of root's. Set services.crick-api.dsnFile instead.";
        oidc_client_secret_file = "does not work, because the server cannot read a file of root's. Set services.crick-api.oidc.signIn.clientSecretFile instead.";
      }
  );
}
