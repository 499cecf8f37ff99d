# The sockets, the two servers that take turns, and the migrations before them.
#
# crick-api.socket owns /run/crick-api/http.sock for as long as the machine runs. No option changes
# the two sockets: a socket unit that listens elsewhere after a switch is dead until it is
# restarted. crick-api.service is the server. A deploy is `systemctl reload crick-api.service`:
#
#   1. migrate        the schema is brought to the new version; the old server works with it
#   2. spare starts   the new version, on the same sockets, until it says READY
#   3. main restarts  the old version finishes what it has accepted and exits; the new one starts
#   4. spare stops    it finishes what it has accepted and exits
#
# A step that fails ends the reload with its error, and the old server has never stopped. In every
# order of crashes one server listens: only a main server that is READY stops the spare.
#
# Every switch and every boot starts crick-api-deploy.service, which reloads crick-api.service
# unless the running server is the installed one. A reload by NixOS itself (`reloadIfChanged`) would
# not do: it comes while a changed PostgreSQL is stopped, and a switch that is repeated after a
# failure finds nothing changed.
{
  config,
  lib,
  ...
}:
let
  cfg = config.services.crick-api;
  settings = cfg.settings;
  inherit (import ./types.nix { inherit lib; }) bytesOf escapePercent memorySize;
  localDsn = import ./local-dsn.nix { inherit config lib; };
  systemctl = "${config.systemd.package}/bin/systemctl";

  sandbox = remoteAddresses: import ./hardening.nix { inherit lib remoteAddresses; };
  database = lib.defaultTo [ ] cfg.database.remoteAddresses;
  # What must be up to reach the database: its own units, or the network.
  online = lib.optional (database != [ ]) "network-online.target";
  databaseUnits = lib.optional cfg.database.createLocally "postgresql.target" ++ online;

  # systemd reads the file as root and shows it to this one unit, as $CREDENTIALS_DIRECTORY/dsn.
  credential =
    path:
    lib.optionalAttrs (path != null) {
      ${if cfg.dsnFilesEncrypted then "LoadCredentialEncrypted" else "LoadCredential"} = [
        "dsn:${escapePercent path}"
      ];
    };
  inherit (cfg.oidc) signIn;
  clientSecret = lib.optionalAttrs (signIn.clientSecretFile != null) {
    LoadCredential = [ "oidc-client-secret:${escapePercent signIn.clientSecretFile}" ];
  };

  socket = description: name: {
    inherit description;
    wantedBy = [ "sockets.target" ];
    socketConfig = {
      ListenStream = "/run/crick-api/${name}.sock";
      FileDescriptorName = name;
      Service = "crick-api.service";
      SocketUser = "crick-api";
      SocketGroup = "crick-api";
      SocketMode = "0660";
      # While no server runs, requests wait here; a full queue would refuse them.
      Backlog = 4096;
      # Never give up the socket because a server crashes quickly.
      TriggerLimitIntervalSec = 0;
    };
  };

  # Main and spare are the same server.
  server =
    description: unit:
    lib.recursiveUpdate {
      inherit description;
      requires = [ "crick-api.socket" ];
      wants = online;
      after = [
        "crick-api.socket"
        "crick-api-metrics.socket"
        "crick-api-migrate.service"
      ]
      ++ databaseUnits;
      # It starts no other program.
      enableDefaultPath = false;
      # A start limit would take the socket down with the service.
      unitConfig.StartLimitIntervalSec = 0;
      serviceConfig =
        sandbox (lib.unique (database ++ cfg.oidc.userinfo.addresses ++ signIn.addresses))
        // lib.zipAttrsWith (_: lib.concatLists) [
          (credential cfg.dsnFile)
          clientSecret
        ]
        // {
          Type = "notify";
          ExecStart = "${cfg.package}/bin/crick-api-server serve --config ${cfg.settingsFile}";
          Sockets = [
            "crick-api.socket"
            "crick-api-metrics.socket"
          ];
          # The sockets' flag is shared by all that hold them, and systemd sets it anew at every
          # start: without this a start would make the other server's accept() block.
          NonBlocking = true;
          User = "crick-api";
          Group = "crick-api";
          StateDirectory = "crick-api";
          StateDirectoryMode = "0700";
          WatchdogSec = 60;
          # The lame-duck period and the longest request, with room to report what was cut.
          TimeoutStopSec = settings.drain_grace + settings.drain_deadline + 15;
          # A queue of waiting requests needs descriptors.
          LimitNOFILE = 65536;
          MemoryMax = lib.mkDefault cfg.memoryMax;
        };
    } unit;

  # A hash of the units of the server and its migrations, including the host's overrides. The server
  # has it in its environment, so that the running version can be compared with the installed one.
  generation =
    let
      definition = name: {
        inherit (config.systemd.services.${name}) environment unitConfig;
        serviceConfig = removeAttrs config.systemd.services.${name}.serviceConfig [ "Environment" ];
      };
    in
    builtins.hashString "sha256" (
      builtins.toJSON [
        (definition "crick-api")
        (definition "crick-api-migrate")
      ]
    );
  generationVariable = "CRICK_API_GENERATION=${generation}";

  # SQLite's file belongs to the server's user; PostgreSQL has a role for migrations alone.
  migratesAsServer = !cfg.database.createLocally && cfg.dsnFile == null;
  migrationUser = if migratesAsServer then "crick-api" else "crick-api-migrate";
in
{
  options.services.crick-api.memoryMax = lib.mkOption {
    type = memorySize;
    default = "1G";
    example = "2G";
    description = ''
      Memory that a server may use before the kernel ends it: the main one, and as much again the
      spare one while it takes over.
    '';
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion =
          let
            largestBody = lib.max settings.bulk_body_limit settings.body_limit;
          in
          # Five times the body was measured for a push of 20 MB, and the server itself needs 30 MB.
          cfg.memoryMax != "infinity" -> bytesOf cfg.memoryMax >= 6 * largestBody + 67108864;
        message = ''
          services.crick-api.memoryMax is too little for a body of settings.bulk_body_limit or
          settings.body_limit: a server needs six times as many bytes, and 64M more. Set
          services.crick-api.memoryMax to more, or lower the limit.
        '';
      }
    ];

    users = lib.mkIf (!migratesAsServer) {
      users.crick-api-migrate = {
        isSystemUser = true;
        group = "crick-api-migrate";
        description = "crick-api database migrations";
      };
      groups.crick-api-migrate = { };
    };

    systemd.sockets.crick-api = socket "crick-api HTTP socket" "http";
    systemd.sockets.crick-api-metrics = socket "crick-api metrics socket" "metrics";

    systemd.services.crick-api = server "crick-api server" {
      # Before the first request, so that a bad start shows at boot.
      wantedBy = [ "multi-user.target" ];
      # Not `requires`: the server checks the schema itself, and says what is wrong with it.
      wants = [ "crick-api-migrate.service" ] ++ online;
      # crick-api-deploy.service replaces it.
      restartIfChanged = false;
      serviceConfig = {
        Environment = [ generationVariable ];
        # `+`: as root and outside the sandbox, which is what asking systemd takes. The last line
        # turns this very reload into a restart; its result is the result of the reload.
        ExecReload = [
          "+${systemctl} start crick-api-migrate.service"
          "+${systemctl} restart crick-api-spare.service"
          "+${systemctl} restart --no-block crick-api.service"
        ];
        # The restart often begins before that last line has ended, and ends it: not a failure.
        SuccessExitStatus = "SIGTERM";
        ExecStartPost = "+${systemctl} stop --no-block crick-api-spare.service";
        # A reload waits for the migrations and for the spare within this time.
        TimeoutStartSec = 600;
        Restart = "always";
        RestartSec = "100ms";
        RestartSteps = 7;
        RestartMaxDelaySec = 10;
      };
    };

    systemd.services.crick-api-spare = server "crick-api server, while crick-api.service is replaced" {
      # Started and stopped by crick-api.service alone.
      restartIfChanged = false;
      serviceConfig = {
        TimeoutStartSec = 60;
        Restart = "no";
      };
    };

    systemd.services.crick-api-deploy = {
      description = "crick-api deployment of the installed version";
      # It ends at once, so each switch starts it again with this target, after what it needs.
      wantedBy = [ "multi-user.target" ];
      wants = online;
      after = [ "crick-api.service" ] ++ databaseUnits;
      path = [ config.systemd.package ];
      unitConfig.StartLimitIntervalSec = 0;
      # Root, because it asks systemd for a reload. Reading another user's /proc/PID/environ takes
      # two capabilities: to open the file, and to inspect the process.
      serviceConfig = sandbox [ ] // {
        Type = "oneshot";
        CapabilityBoundingSet = "CAP_DAC_READ_SEARCH CAP_SYS_PTRACE";
        PrivateUsers = false;
        ProtectProc = "default";
        ProcSubset = "all";
      };
      script = ''
        # systemd starts a server that does not run from the installed version anyway.
        systemctl --quiet is-active crick-api.service || exit 0
        runs_installed_version() {
          process=$(systemctl show --value --property=MainPID crick-api.service)
          grep --quiet --null-data --line-regexp --fixed-strings ${generationVariable} "/proc/$process/environ"
        }
        runs_installed_version || systemctl reload crick-api.service
        runs_installed_version
      '';
    };

    systemd.services.crick-api-migrate = {
      description = "crick-api database migrations";
      after = databaseUnits;
      wants = online;
      # Run by the start and the reload of crick-api.service; a switch must not cut it short.
      restartIfChanged = false;
      enableDefaultPath = false;
      unitConfig.StartLimitIntervalSec = 0;
      environment =
        lib.optionalAttrs (settings.dsn != null) {
          CRICK_DSN = escapePercent settings.dsn;
        }
        // lib.optionalAttrs cfg.database.createLocally {
          CRICK_DSN = escapePercent (localDsn "crick-api-migrate");
        };
      serviceConfig =
        sandbox database
        // credential (if cfg.migrationDsnFile != null then cfg.migrationDsnFile else cfg.dsnFile)
        // {
          Type = "oneshot";
          ExecStart =
            "${cfg.package}/bin/crick-api-migrate up"
            + lib.optionalString (cfg.database.grantTo != null) " --grant-to ${cfg.database.grantTo}";
          User = migrationUser;
          Group = migrationUser;
        }
        # The folder is handed to the unit's user, so never to the migrations' own.
        // lib.optionalAttrs migratesAsServer {
          StateDirectory = "crick-api";
          StateDirectoryMode = "0700";
        };
    };
  };
}
