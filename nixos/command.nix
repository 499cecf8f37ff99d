# `crick-api user add …` for the operator: the server program with the service's settings,
# user and credential, in a transient unit.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.crick-api;
  load = if cfg.dsnFilesEncrypted then "LoadCredentialEncrypted" else "LoadCredential";
in
{
  options.services.crick-api.command = lib.mkOption {
    type = lib.types.package;
    internal = true;
    readOnly = true;
    description = "The program `crick-api`, which root runs to manage users, tokens and frames.";
    default = pkgs.writeShellScriptBin "crick-api" ''
      exec ${config.systemd.package}/bin/systemd-run --quiet --collect --wait --pipe --pty \
        --service-type=exec --same-dir --uid=crick-api --gid=crick-api \
        --setenv=CRICK_CONFIG=${cfg.settingsFile} \
        --property=StateDirectory=crick-api --property=StateDirectoryMode=0700 \
        ${
          lib.optionalString (cfg.dsnFile != null) "--property=${load}=dsn:${cfg.dsnFile}"
        } -- ${cfg.package}/bin/crick-api-server "$@"
    '';
  };

  config.environment.systemPackages = lib.mkIf cfg.enable [ cfg.command ];
}
