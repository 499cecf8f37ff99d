# Where the frames live, who may change the schema, and how secrets get to the programs.
{
  config,
  lib,
  options,
  ...
}:
let
  cfg = config.services.crick-api;
  db = cfg.database;
  inherit (lib) types;

  inStore = path: path != null && (lib.isPath path || lib.hasPrefix builtins.storeDir path);
  usesSqlite = cfg.settings.dsn != null && lib.hasPrefix "sqlite:" cfg.settings.dsn;
  # user:password@ between the scheme and the host.
  holdsPassword = dsn: dsn != null && builtins.match "[^:]+://[^/@]*:[^/@]+@.*" dsn != null;

  secretFile =
    description:
    lib.mkOption {
      type = types.nullOr types.path;
      default = null;
      example = "/run/agenix/crick-api-dsn";
      description = ''
        ${description}
        A path on the host, made by agenix, sops-nix or by hand, readable by root alone; never a file
        of the Nix store, which everybody can read. systemd hands it to the program as a credential.
        After changing the secret run `systemctl reload crick-api.service`, or name that unit in
        `reloadUnits` of sops-nix.
      '';
    };
in
{
  options.services.crick-api = {
    dsnFile = secretFile ''
      File with the database address of the server, for instance
      `postgresql://crick-api:password@db.example.org/crick`.
    '';

    migrationDsnFile = secretFile ''
      File with the database address of the migrations, whose role owns the schema. Without it they
      use {option}`services.crick-api.dsnFile`, and the server's role needs the right to change the
      schema.
    '';

    dsnFilesEncrypted = lib.mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = ''
        Whether `dsnFile` and `migrationDsnFile` were made by
        `systemd-creds encrypt --name=dsn`, so that they are useless on any other machine.
      '';
    };

    database = {
      createLocally = lib.mkOption {
        type = types.bool;
        default = false;
        example = true;
        description = ''
          Whether to run PostgreSQL on this machine with a database `crick-api`. There is no password:
          PostgreSQL asks the kernel who is at the other end of its Unix socket. The role
          `crick-api-migrate` owns the database; the server's role `crick-api` may read and write
          rows and nothing else.
        '';
      };

      remoteAddresses = lib.mkOption {
        type = types.nullOr (types.listOf types.str);
        default = null;
        example = [
          "192.0.2.17"
          "2001:db8::/64"
        ];
        description = ''
          With `dsnFile`: the addresses of the database, and of the DNS server if the database has a
          name. The server and the migrations get a network that reaches these and nothing else;
          with an empty list, or without `dsnFile`, they have none at all.
        '';
      };

      grantTo = lib.mkOption {
        type = types.nullOr (types.strMatching "[A-Za-z0-9_.-]+");
        default = if db.createLocally then "crick-api" else null;
        defaultText = lib.literalExpression ''if database.createLocally then "crick-api" else null'';
        example = "crick-api";
        description = ''
          PostgreSQL role to which the migrations give the right to read and write rows: the role in
          `dsnFile`, when `migrationDsnFile` names another one.
        '';
      };
    };
  };

  config = lib.mkIf cfg.enable {
    # system-manager on another distribution runs no PostgreSQL.
    services = lib.optionalAttrs (options.services ? postgresql) {
      postgresql = lib.mkIf db.createLocally {
        enable = true;
        ensureDatabases = [ "crick-api" ];
        ensureUsers = [
          { name = "crick-api"; }
          { name = "crick-api-migrate"; }
        ];
      };
    };
    # `ensureDBOwnership` wants the role and the database to have one name; here the name is the
    # server's, and the server does not own anything.
    systemd.services = lib.mkIf db.createLocally {
      postgresql-setup.script = lib.mkAfter ''
        psql -tAc 'ALTER DATABASE "crick-api" OWNER TO "crick-api-migrate"'
      '';
    };

    assertions = [
      {
        assertion = db.createLocally -> options.services ? postgresql;
        message = ''
          services.crick-api.database.createLocally needs NixOS, which runs PostgreSQL. Set it to
          false, run PostgreSQL by other means, and set services.crick-api.settings.dsn or dsnFile.
        '';
      }
      {
        assertion = !(db.createLocally && (cfg.dsnFile != null || cfg.migrationDsnFile != null));
        message = ''
          services.crick-api: database.createLocally needs no database address and no secret. Remove
          dsnFile and migrationDsnFile, or set database.createLocally = false to use the database
          they name.
        '';
      }
      {
        assertion = !(cfg.dsnFile != null && cfg.settings.dsn != null);
        message = ''
          services.crick-api: both dsnFile and settings.dsn name a database. Remove settings.dsn.
        '';
      }
      {
        assertion = !holdsPassword cfg.settings.dsn;
        message = ''
          services.crick-api.settings.dsn holds a password, and would be world-readable in the Nix
          store. Write the address to a file that only root can read and set
          services.crick-api.dsnFile to its path.
        '';
      }
      {
        assertion = !inStore cfg.dsnFile;
        message = ''
          services.crick-api.dsnFile is in the Nix store, where everybody can read it. Set it to a
          path on the host as a string, for instance "/run/agenix/crick-api-dsn".
        '';
      }
      {
        assertion = !inStore cfg.migrationDsnFile;
        message = ''
          services.crick-api.migrationDsnFile is in the Nix store, where everybody can read it. Set
          it to a path on the host as a string, for instance "/run/agenix/crick-api-migrate-dsn".
        '';
      }
      {
        assertion = cfg.migrationDsnFile != null -> cfg.dsnFile != null;
        message = ''
          services.crick-api.migrationDsnFile is set, but the server itself has no dsnFile. Set
          services.crick-api.dsnFile, too.
        '';
      }
      {
        assertion = cfg.migrationDsnFile != null -> db.grantTo != null;
        message = ''
          services.crick-api.migrationDsnFile names a role of its own for the migrations, so the
          server's role would not be allowed to read the tables they make. Set
          services.crick-api.database.grantTo to the role in dsnFile.
        '';
      }
      {
        assertion = cfg.dsnFile != null -> db.remoteAddresses != null;
        message = ''
          services.crick-api.dsnFile: say where that database is, because the server is cut off from
          the network. Set services.crick-api.database.remoteAddresses to its addresses, or to [ ]
          if it is reached by a Unix socket.
        '';
      }
      {
        assertion = db.remoteAddresses != null -> cfg.dsnFile != null;
        message = ''
          services.crick-api.database.remoteAddresses has no effect without dsnFile. Remove it, or
          set services.crick-api.dsnFile to the file with that database's address.
        '';
      }
      {
        assertion = db.grantTo != null -> !usesSqlite;
        message = ''
          services.crick-api.database.grantTo names a PostgreSQL role, but the database is SQLite.
          Remove it, or set services.crick-api.database.createLocally = true.
        '';
      }
    ];
  };
}
