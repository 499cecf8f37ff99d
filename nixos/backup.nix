# Consistent copies of the database on a timer, made while the server runs.
#
# A separate unit for both databases: services.postgresqlBackup belongs to the host, and adding a
# database to its list would replace a backup of everything by one of the list.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.crick-api;
  backup = cfg.database.backup;
  inherit (lib) types;
  inherit (import ./types.nix { inherit lib; }) calendar;
  usesSqlite = cfg.settings.dsn != null && lib.hasPrefix "sqlite:" cfg.settings.dsn;
  hardening = import ./hardening.nix { inherit lib; };

  # The user who may read the whole database, and the command that copies it to a file.
  engine =
    if usesSqlite then
      {
        user = "crick-api";
        copy = ''${cfg.package}/bin/crick-api-server backup "$PWD/crick.part"'';
        suffix = "db";
      }
    else
      {
        user = "crick-api-migrate";
        copy = ''${config.services.postgresql.package}/bin/pg_dump --format=custom --file=crick.part --dbname="$CRICK_DSN"'';
        suffix = "dump";
      };
in
{
  options.services.crick-api.database.backup = {
    enable = lib.mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = ''
        Whether to copy the database regularly to {file}`/var/lib/crick-api-backup`, one file each
        time: SQLite as `crick-….db`, the PostgreSQL of `database.createLocally` as `crick-….dump`,
        for {command}`pg_restore`. Copy them to another machine: this is only half of a backup.
      '';
    };

    startAt = lib.mkOption {
      type = calendar;
      default = "03:00";
      example = "hourly";
      description = "When to copy, in the format of {manpage}`systemd.time(7)`.";
    };

    keep = lib.mkOption {
      type = types.ints.positive;
      default = 14;
      example = 48;
      description = "The number of copies to keep; older ones are deleted.";
    };
  };

  config = lib.mkIf (cfg.enable && backup.enable) {
    assertions = [
      {
        assertion = usesSqlite || cfg.database.createLocally;
        message = ''
          services.crick-api.database.backup copies SQLite and the PostgreSQL of
          database.createLocally, not a database that is somewhere else. Set
          services.crick-api.database.backup.enable = false and copy it where it runs.
        '';
      }
    ];

    systemd.services.crick-api-backup = {
      description = "crick-api database backup";
      after = [
        "crick-api-migrate.service"
      ]
      ++ lib.optional cfg.database.createLocally "postgresql.target";
      startAt = backup.startAt;
      # Its timer runs it; a switch must not interrupt it.
      restartIfChanged = false;
      path = [ pkgs.findutils ];
      environment =
        if usesSqlite then
          { CRICK_CONFIG = cfg.settingsFile; }
        else
          { inherit (config.systemd.services.crick-api-migrate.environment) CRICK_DSN; };
      # An interrupted copy keeps its name ending in .part, and the next run replaces it.
      script = ''
        cd "$STATE_DIRECTORY"
        rm -f crick.part
        ${engine.copy}
        mv crick.part "crick-$(date --utc +%Y%m%dT%H%M%SZ).${engine.suffix}"
        find . -name "crick-*.${engine.suffix}" | sort --reverse | tail -n +${toString (backup.keep + 1)} |
          xargs --no-run-if-empty rm --
      '';
      serviceConfig =
        hardening
        // {
          Type = "oneshot";
          User = engine.user;
          Group = engine.user;
          StateDirectory = "crick-api-backup";
          StateDirectoryMode = "0700";
        }
        // lib.optionalAttrs usesSqlite {
          # The write-ahead log of the database is next to it, and readers write to it, too.
          ReadWritePaths = [ "-/var/lib/crick-api" ];
        };
    };
    systemd.timers.crick-api-backup.timerConfig.Persistent = true;
  };
}
