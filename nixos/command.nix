# `crick-api user add …` and `crick-api-migrate status` for the operator: the programs with the
# settings, user and credential of their units, in transient units.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.crick-api;
  migration = config.systemd.services.crick-api-migrate;
  socket = config.systemd.sockets.crick-api.socketConfig.ListenStream;
  load = if cfg.dsnFilesEncrypted then "LoadCredentialEncrypted" else "LoadCredential";

  # A program that root runs in place of a unit.
  command =
    {
      name,
      description,
      program,
      user,
      dsnFile,
      variables,
    }:
    let
      properties =
        lib.optional (dsnFile != null) "--property=${load}=dsn:${dsnFile}"
        # The folder of SQLite's file; for another user systemd would change its owner.
        ++ lib.optionals (user == "crick-api") [
          "--property=StateDirectory=crick-api"
          "--property=StateDirectoryMode=0700"
        ]
        ++ lib.mapAttrsToList (variable: value: "--setenv=${variable}=${value}") variables;
    in
    lib.mkOption {
      type = lib.types.package;
      internal = true;
      readOnly = true;
      inherit description;
      default = pkgs.writeShellScriptBin name ''
        # A terminal only if there is one, because lines for a pipe would end in CR LF. The
        # directory is the current one, or / if the service's user may not enter it.
        terminal=--pipe
        if [ -t 0 ] && [ -t 1 ]; then terminal=--pty; fi
        exec ${config.systemd.package}/bin/systemd-run --quiet --collect --wait "$terminal" \
          --service-type=exec --property=WorkingDirectory="-$PWD" --uid=${user} --gid=${user} \
          ${lib.escapeShellArgs properties} -- ${cfg.package}/bin/${program} "$@"
      '';
    };
in
{
  options.services.crick-api = {
    command = command {
      name = "crick-api";
      description = "The program `crick-api`, which root runs to manage users, tokens and frames.";
      program = "crick-api-server";
      user = "crick-api";
      inherit (cfg) dsnFile;
      variables = {
        CRICK_CONFIG = cfg.settingsFile;
        # Otherwise it would print the address of a server without systemd for Watson.
        CRICK_LISTEN = "unix:${socket}";
      };
    };

    migrateCommand = command {
      name = "crick-api-migrate";
      description = "The program `crick-api-migrate`, which root runs to see and undo steps of the schema.";
      program = "crick-api-migrate";
      user = migration.serviceConfig.User;
      dsnFile = if cfg.migrationDsnFile != null then cfg.migrationDsnFile else cfg.dsnFile;
      variables = lib.optionalAttrs (migration.environment ? CRICK_DSN) {
        # In a unit file a percent sign is written twice.
        CRICK_DSN = lib.replaceStrings [ "%%" ] [ "%" ] migration.environment.CRICK_DSN;
      };
    };
  };

  config.environment.systemPackages = lib.mkIf cfg.enable [
    cfg.command
    cfg.migrateCommand
  ];
}
