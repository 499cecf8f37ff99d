# The database, the roles that use it, and how the programs get their secrets.
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
  inherit (import ./types.nix { inherit lib; }) addressRange hostFile inStore;

  dsn = cfg.settings.dsn;
  matches = pattern: dsn != null && builtins.match pattern dsn != null;
  usesSqlite = matches "sqlite:.*";
  # Whether the host itself sets a PostgreSQL address in settings.dsn.
  namesPostgresql = dsn != null && !usesSqlite && !db.createLocally;
  # A folder where another address has a host: in the query, in the authority, or in libpq's form.
  isUnixSocket =
    matches ".*[?&]host=(/|%2[Ff]).*"
    || matches "[a-z]+://([^/@]*@)?%2[Ff].*"
    || matches "(.*[[:space:]])?host[[:space:]]*=[[:space:]]*'?/.*";
  # In the authority, in the query, and in libpq's form. The server's own check knows more
  # spellings, but refuses them only when the text is in the Nix store already.
  holdsPassword =
    matches "[a-z]+://[^/?#]*:[^/?#]+@.*"
    || matches ".*[?&]password=.*"
    || matches "(.*[[:space:]])?password[[:space:]]*=.*";
  hasEncodedParameter = matches "[a-z]+:.*[?&][^=&]*%[^=&]*=.*";

  postgresql = config.services.postgresql;
  localDsn = import ./local-dsn.nix { inherit config lib; };

  secretFile =
    description:
    lib.mkOption {
      type = types.nullOr hostFile;
      default = null;
      example = "/run/agenix/crick-api-dsn";
      description = ''
        ${description}
        A path on the host, created by agenix, sops-nix or by hand, readable by root alone; never a
        file of the Nix store, which every user can read. systemd hands it to the program as a
        credential. After changing the secret run `systemctl reload crick-api.service`, or name that
        unit in `reloadUnits` of sops-nix.
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
        Whether `dsnFile` and `migrationDsnFile` were created by
        `systemd-creds encrypt --name=dsn`, so that they are useless on any other machine.
      '';
    };

    database = {
      createLocally = lib.mkOption {
        type = types.bool;
        default = false;
        example = true;
        description = ''
          Whether to run PostgreSQL on this machine with a database `crick-api`. There is no
          password: PostgreSQL asks the kernel who is at the other end of its Unix socket. The role
          `crick-api-migrate` owns the database; the server's role `crick-api` may read and write
          rows and nothing else. A changed PostgreSQL is restarted in one step
          (`systemd.services.postgresql.stopIfChanged = false`, which the host can override), so
          that requests need not wait for it during a whole switch.
        '';
      };

      remoteAddresses = lib.mkOption {
        type = types.nullOr (types.listOf addressRange);
        default = null;
        example = [
          "192.0.2.17"
          "2001:db8::/64"
        ];
        description = ''
          The addresses of a PostgreSQL named by `dsnFile` or `settings.dsn`, and of the DNS server
          if the database has a name. The server and the migrations get a network that reaches these
          and nothing else; with an empty list, for a Unix socket, they have none at all.
        '';
      };

      grantTo = lib.mkOption {
        type = types.nullOr (types.strMatching "[A-Za-z0-9_.][A-Za-z0-9_.-]*");
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
        ensureUsers = [
          { name = "crick-api"; }
          { name = "crick-api-migrate"; }
        ];
        # Before the host's own lines about Unix sockets: the first matching line decides.
        authentication = lib.mkOrder 400 ''
          local crick-api crick-api,crick-api-migrate peer
        '';
      };
    };
    systemd.services = lib.mkIf db.createLocally {
      # A switch restarts a changed PostgreSQL in one step, instead of stopping it before the
      # activation and starting it at the end: requests wait for it, but not for long.
      postgresql.stopIfChanged = lib.mkDefault false;
      # `ensureDBOwnership` requires that the role and the database have the same name; here the
      # name is the server's, which owns nothing. Before PostgreSQL 15 every role may create tables
      # in the schema `public`.
      # `ensureDatabases` would give the database the encoding of the host's other ones.
      postgresql-setup.script = lib.mkAfter ''
        psql -tAc "SELECT 1 FROM pg_database WHERE datname = 'crick-api'" | grep -q 1 ||
          psql -tAc "CREATE DATABASE \"crick-api\" ENCODING 'UTF8' TEMPLATE template0"
        psql -tAc 'ALTER DATABASE "crick-api" OWNER TO "crick-api-migrate"'
        psql -d crick-api -tAc 'ALTER SCHEMA public OWNER TO "crick-api-migrate"'
        psql -d crick-api -tAc 'REVOKE CREATE ON SCHEMA public FROM PUBLIC'
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
          dsnFile, migrationDsnFile and database.remoteAddresses, or set
          database.createLocally = false to use the database that they name.
        '';
      }
      {
        assertion =
          db.createLocally && options.services ? postgresql && cfg.dsnFile == null
          -> dsn == localDsn "crick-api";
        message = ''
          services.crick-api: database.createLocally and settings.dsn name two databases. Remove
          settings.dsn, or set database.createLocally = false.
        '';
      }
      {
        assertion =
          db.createLocally && options.services ? postgresql
          -> lib.elem "/run/postgresql" (
            lib.splitString "," (postgresql.settings.unix_socket_directories or "/run/postgresql")
          );
        message = ''
          services.crick-api.database.createLocally reaches PostgreSQL by its Unix socket in
          /run/postgresql. Add that folder to services.postgresql.settings.unix_socket_directories.
        '';
      }
      {
        assertion = db.createLocally -> db.grantTo == "crick-api";
        message = ''
          services.crick-api.database.grantTo has to be "crick-api" with database.createLocally, because
          that is the server's role. Remove it.
        '';
      }
      {
        assertion = db.createLocally || !(cfg.dsnFile != null && dsn != null);
        message = ''
          services.crick-api: both dsnFile and settings.dsn name a database. Remove settings.dsn.
        '';
      }
      {
        assertion = dsn != null || cfg.dsnFile != null || db.createLocally;
        message = ''
          services.crick-api.settings.dsn is null, so there is no database. Remove it for SQLite, or set
          services.crick-api.dsnFile to the file with the database's address.
        '';
      }
      {
        assertion =
          let
            # Two servers while one replaces the other, the other programs, and PostgreSQL's own
            # reserve.
            needed = 2 * cfg.settings.database_connections + 10;
          in
          db.createLocally && options.services ? postgresql && cfg.settings.database_connections != null
          -> needed <= postgresql.settings.max_connections or 100;
        message = ''
          services.crick-api.settings.database_connections: two servers, while one replaces the other,
          need twice as many and 10 more of PostgreSQL. Set services.postgresql.settings.max_connections,
          which is 100 by default, or fewer connections.
        '';
      }
      {
        assertion = !holdsPassword;
        message = ''
          services.crick-api.settings.dsn holds a password, and would be world-readable in the Nix
          store. Write the address to a file that only root can read and set
          services.crick-api.dsnFile to its path.
        '';
      }
      {
        assertion = !hasEncodedParameter;
        message = ''
          services.crick-api.settings.dsn has a percent sign in the name of a parameter. Write the name
          as it is.
        '';
      }
      {
        assertion = usesSqlite -> matches "sqlite:(//)?/var/lib/crick-api/[A-Za-z0-9_-][A-Za-z0-9._-]*";
        message = ''
          services.crick-api.settings.dsn: the server can write to /var/lib/crick-api only. Name a file
          in that folder, for instance "sqlite:/var/lib/crick-api/crick.db"; to have it on another disk,
          mount that disk there.
        '';
      }
      {
        assertion = !inStore cfg.dsnFile;
        message = ''
          services.crick-api.dsnFile is in the Nix store, where every user can read it. Set it to a
          path on the host as a string, for instance "/run/agenix/crick-api-dsn".
        '';
      }
      {
        assertion = !inStore cfg.migrationDsnFile;
        message = ''
          services.crick-api.migrationDsnFile is in the Nix store, where every user can read it. Set
          it to a path on the host as a string, for instance "/run/agenix/crick-api-migrate-dsn".
        '';
      }
      {
        assertion = cfg.migrationDsnFile != null && !db.createLocally -> cfg.dsnFile != null;
        message = ''
          services.crick-api.migrationDsnFile is set, but the server itself has no dsnFile. Set
          services.crick-api.dsnFile, too.
        '';
      }
      {
        assertion = cfg.migrationDsnFile != null -> db.grantTo != null;
        message = ''
          services.crick-api.migrationDsnFile names a role of its own for the migrations, so the
          server's role would not be allowed to read the tables they create. Set
          services.crick-api.database.grantTo to the role in dsnFile.
        '';
      }
      {
        assertion = cfg.dsnFile != null && !db.createLocally -> db.remoteAddresses != null;
        message = ''
          services.crick-api.dsnFile: say where that database is, because the server is cut off from
          the network. Set services.crick-api.database.remoteAddresses to its addresses, or to [ ]
          if it is reached by a Unix socket.
        '';
      }
      {
        assertion =
          namesPostgresql && cfg.dsnFile == null && !isUnixSocket && !holdsPassword
          -> db.remoteAddresses != null;
        message = ''
          services.crick-api.settings.dsn: say where that database is, because the server is cut off
          from the network. Set services.crick-api.database.remoteAddresses to its addresses, or to
          [ ] if it is reached by a Unix socket.
        '';
      }
      {
        assertion =
          db.remoteAddresses != null && !db.createLocally -> cfg.dsnFile != null || namesPostgresql;
        message = ''
          services.crick-api.database.remoteAddresses has no effect on SQLite. Remove it, or set
          services.crick-api.dsnFile to the file with the database's address.
        '';
      }
      {
        assertion = !(db.createLocally && db.remoteAddresses != null && cfg.dsnFile == null);
        message = ''
          services.crick-api.database.remoteAddresses has no effect with database.createLocally, which
          needs no network. Remove it.
        '';
      }
      {
        assertion = db.grantTo != null -> !usesSqlite || db.createLocally;
        message = ''
          services.crick-api.database.grantTo names a PostgreSQL role, but the database is SQLite.
          Remove it, or set services.crick-api.database.createLocally = true.
        '';
      }
    ];
  };
}
