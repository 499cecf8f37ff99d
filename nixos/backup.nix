# Copies of the database on a timer: consistent ones, made while the server works.
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  cfg = config.services.crick-api;
  backup = cfg.database.backup;
  inherit (lib) types;
  usesSqlite = cfg.settings.dsn != null && lib.hasPrefix "sqlite:" cfg.settings.dsn;
  hardening = import ./hardening.nix { inherit lib; };
in
{
  options.services.crick-api.database.backup = {
    enable = lib.mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = ''
        Whether to copy the database regularly. SQLite is copied by the server program to
        {file}`/var/lib/crick-api-backup`, one file each time; the PostgreSQL of
        `database.createLocally` is dumped by {option}`services.postgresqlBackup`, which keeps the
        last two dumps in {option}`services.postgresqlBackup.location`. Take them to another
        machine: this is only the half of a backup that has to know the database.
      '';
    };

    startAt = lib.mkOption {
      type = types.str;
      default = "03:00";
      example = "hourly";
      description = "When, in the format of {manpage}`systemd.time(7)`.";
    };

    keep = lib.mkOption {
      type = types.ints.positive;
      default = 14;
      example = 48;
      description = "How many copies of a SQLite database are kept; the oldest are removed.";
    };
  };

  config = lib.mkIf (cfg.enable && backup.enable) (
    lib.mkMerge [
      {
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
      }
      (lib.optionalAttrs (options.services ? postgresqlBackup) {
        services.postgresqlBackup = lib.mkIf cfg.database.createLocally {
          enable = true;
          databases = [ "crick-api" ];
          inherit (backup) startAt;
        };
      })
      (lib.mkIf usesSqlite {
        systemd.services.crick-api-backup = {
          description = "crick-api database backup";
          after = [ "crick-api-migrate.service" ];
          startAt = backup.startAt;
          path = [ pkgs.findutils ];
          environment.CRICK_CONFIG = cfg.settingsFile;
          # A copy that was cut short keeps its name ending in .part and is made anew.
          script = ''
            cd "$STATE_DIRECTORY"
            rm -f crick.db.part
            ${cfg.package}/bin/crick-api-server backup "$PWD/crick.db.part"
            mv crick.db.part "crick-$(date --utc +%Y%m%dT%H%M%SZ).db"
            find . -name 'crick-*.db' | sort --reverse | tail -n +${toString (backup.keep + 1)} |
              xargs --no-run-if-empty rm --
          '';
          serviceConfig = hardening // {
            Type = "oneshot";
            User = "crick-api";
            Group = "crick-api";
            StateDirectory = "crick-api-backup";
            StateDirectoryMode = "0700";
            # The write-ahead log of the database is next to it, and readers write to it, too.
            ReadWritePaths = [ "-/var/lib/crick-api" ];
          };
        };
        systemd.timers.crick-api-backup.timerConfig.Persistent = true;
      })
    ]
  );
}
