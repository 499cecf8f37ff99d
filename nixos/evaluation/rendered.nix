# The units, the virtual host and the options of accepted configurations.
{
  lib,
  pkgs,
  evaluate,
  refusals,
  ...
}@arguments:
let
  unit = system: name: system.config.systemd.units.${name}.text;

  # Evaluated once each.
  accepted = lib.mapAttrs (_: evaluate) {
    inherit (import ./configurations.nix arguments)
      sqlite
      sqliteBackup
      local
      remote
      encrypted
      published
      everything
      newVersion
      signIn
      otherIssuer
      userinfo
      browserSignIn
      behindProxy
      ;
  };

  # The options of the module, as its documentation lists them.
  documented = lib.filter (option: option.visible && !option.internal) (
    lib.optionAttrSetToDocList accepted.sqlite.options.services.crick-api
  );
  undocumented = lib.filter (
    option:
    option.type != "submodule"
    && (
      (option.description or null) == null
      || option.default or null == null
      || option.example or null == null
    )
  ) documented;

  services = system: lib.attrNames system.config.systemd.services;

  promises = {
    "every option has a description, a default and an example" =
      undocumented == [ ] || builtins.trace (toString (map (option: option.name) undocumented)) false;

    "no option changes the sockets, which a switch could not restart" =
      lib.all
        (name: lib.length (lib.unique (map (system: unit system name) (lib.attrValues accepted))) == 1)
        [
          "crick-api.socket"
          "crick-api-metrics.socket"
        ];

    "a new version changes nothing of nginx" =
      unit accepted.published "nginx.service" == unit accepted.newVersion "nginx.service"
      &&
        "${accepted.published.config.environment.etc."nginx/nginx.conf".source}"
        == "${accepted.newVersion.config.environment.etc."nginx/nginx.conf".source}";

    "a new version changes the server, which a switch leaves to the unit that deploys it" =
      unit accepted.published "crick-api.service" != unit accepted.newVersion "crick-api.service"
      && lib.all (name: lib.hasInfix "X-RestartIfChanged=false" (unit accepted.newVersion name)) [
        "crick-api.service"
        "crick-api-spare.service"
        "crick-api-migrate.service"
      ];

    "every change of the server or its migrations is a new generation, and nothing else is" =
      let
        generation =
          configuration: (evaluate configuration).config.systemd.services.crick-api.serviceConfig.Environment;
        local.services.crick-api.database.createLocally = true;
        with' = more: generation { imports = [ local ] ++ more; };
        unchanged = with' [ ];
      in
      lib.all (change: with' [ change ] != unchanged) [
        { services.crick-api.settings.log = "debug"; }
        { services.crick-api.package = lib.mkForce pkgs.hello; }
        { services.crick-api.memoryMax = "2G"; }
        { systemd.services.crick-api.serviceConfig.Nice = 5; }
        { systemd.services.crick-api.environment.TZ = "UTC"; }
        { systemd.services.crick-api-migrate.serviceConfig.Nice = 5; }
      ]
      &&
        unchanged == with' [
          { services.crick-api.listenTcp = "7878"; }
          { services.crick-api.database.backup.enable = true; }
        ];

    "only the sockets, the server and its deployment start by themselves" =
      let
        units = accepted.local.config.systemd.units;
      in
      units."crick-api.service".wantedBy == [ "multi-user.target" ]
      && units."crick-api-deploy.service".wantedBy == [ "multi-user.target" ]
      && units."crick-api-spare.service".wantedBy == [ ]
      && units."crick-api-migrate.service".wantedBy == [ ];

    "a secret is a credential of every unit that opens the database, and of no other" =
      lib.hasInfix "LoadCredential=dsn:/run/agenix/dsn\n" (unit accepted.remote "crick-api.service")
      && lib.hasInfix "LoadCredential=dsn:/run/agenix/dsn\n" (
        unit accepted.remote "crick-api-spare.service"
      )
      && lib.hasInfix "LoadCredential=dsn:/run/agenix/migration-dsn\n" (
        unit accepted.remote "crick-api-migrate.service"
      )
      && lib.hasInfix "LoadCredentialEncrypted=dsn:/etc/crick-api/dsn.cred\n" (
        unit accepted.encrypted "crick-api-migrate.service"
      )
      && !lib.hasInfix "Credential" (unit accepted.local "crick-api.service");

    "the server has no network, unless its database is remote" =
      lib.all
        (
          system:
          lib.hasInfix "PrivateNetwork=true\n" (unit system "crick-api.service")
          && !lib.hasInfix "AF_INET" (unit system "crick-api.service")
        )
        [
          accepted.sqlite
          accepted.local
          accepted.encrypted
          accepted.everything
          accepted.signIn
        ]
      && lib.hasInfix "IPAddressAllow=192.0.2.17\n" (unit accepted.remote "crick-api.service")
      && lib.hasInfix "IPAddressDeny=any\n" (unit accepted.remote "crick-api.service");

    "an issuer's keys come by a unit with a network, which the server neither waits for nor needs" =
      lib.hasInfix "PrivateNetwork=false\n" (unit accepted.signIn "crick-api-jwks.service")
      && lib.hasInfix "User=crick-api-jwks\n" (unit accepted.signIn "crick-api-jwks.service")
      && accepted.signIn.config.systemd.units."crick-api-jwks.service".wantedBy == [ ]
      && accepted.signIn.config.systemd.units."crick-api-jwks.timer".wantedBy == [ "timers.target" ]
      && lib.all (name: !lib.hasInfix "jwks" (unit accepted.signIn name)) [
        "crick-api.service"
        "crick-api-spare.service"
      ];

    "another issuer's keys are fetched at once" =
      unit accepted.signIn "crick-api-jwks.timer" != unit accepted.otherIssuer "crick-api-jwks.timer";

    "the server is told where the keys are" =
      lib.hasInfix "\noidc_jwks_file = \"/var/lib/crick-api-jwks/jwks.json\"\n" (
        accepted.signIn.config.services.crick-api.settingsFile.text
      );

    "the server reaches an issuer for userinfo alone, and the migrations never" =
      lib.hasInfix "IPAddressAllow=192.0.2.80\n" (unit accepted.userinfo "crick-api.service")
      && lib.hasInfix "IPAddressAllow=192.0.2.80\n" (unit accepted.userinfo "crick-api-spare.service")
      && lib.hasInfix "PrivateNetwork=true\n" (unit accepted.userinfo "crick-api-migrate.service");

    "the server alone gets the client's secret, and reaches the issuer" =
      let
        server = unit accepted.browserSignIn "crick-api.service";
        migration = unit accepted.browserSignIn "crick-api-migrate.service";
      in
      lib.hasInfix "LoadCredential=oidc-client-secret:/run/agenix/client-secret\n" server
      && lib.hasInfix "LoadCredential=dsn:/run/agenix/dsn\n" server
      && lib.hasInfix "IPAddressAllow=192.0.2.80\n" server
      && lib.hasInfix "LoadCredential=dsn:/run/agenix/dsn\n" migration
      && !lib.hasInfix "client-secret" migration
      && lib.hasInfix "PrivateNetwork=true\n" migration;

    "a client's address is what nginx saw, or what a trusted proxy did" =
      let
        host = system: system.config.services.nginx.virtualHosts."api.example.org";
      in
      lib.hasInfix "X-Forwarded-For $remote_addr;" (host accepted.published).locations."/".extraConfig
      && !lib.hasInfix "real_ip" (host accepted.published).extraConfig
      && lib.hasInfix "set_real_ip_from 192.0.2.1;\n" (host accepted.behindProxy).extraConfig;

    "the migrations have a role of their own, and SQLite's file has one owner" =
      lib.hasInfix "User=crick-api-migrate\n" (unit accepted.local "crick-api-migrate.service")
      && !lib.hasInfix "StateDirectory=" (unit accepted.local "crick-api-migrate.service")
      && lib.hasInfix "User=crick-api\n" (unit accepted.sqlite "crick-api-migrate.service");

    "the host's own backups stay what they are" =
      let
        units =
          enable:
          let
            system = evaluate {
              services.crick-api.database.createLocally = true;
              services.crick-api.database.backup = { inherit enable; };
              services.postgresqlBackup = {
                enable = true;
                backupAll = true;
                startAt = "01:15";
              };
            };
          in
          lib.mapAttrs (_: unit: unit.text) (
            lib.filterAttrs (name: _: lib.hasPrefix "postgresqlBackup" name) system.config.systemd.units
          );
      in
      units true != { } && units true == units false;

    "what the module sets for the whole of nginx, the host can set otherwise" =
      let
        nginx =
          (evaluate {
            services.crick-api.nginx.enable = true;
            services.nginx.enableReload = false;
            services.nginx.eventsConfig = "worker_connections 512;";
          }).config.services.nginx;
      in
      !nginx.enableReload && nginx.eventsConfig == "worker_connections 512;";

    "nothing is added that was not asked for" =
      !lib.any (name: lib.hasPrefix "postgresql" name || name == "nginx") (services accepted.sqlite)
      && !lib.any (
        name: lib.hasSuffix "-tcp" name || lib.hasSuffix "-backup" name || lib.hasSuffix "-jwks" name
      ) (services accepted.published)
      && accepted.published.config.networking.firewall.allowedTCPPorts == [ ];

    "a push that the server accepts is not refused by nginx" =
      lib.hasInfix "client_max_body_size 33554432;"
        accepted.published.config.services.nginx.virtualHosts."api.example.org".extraConfig;
  }
  // lib.mapAttrs' (
    name: system: lib.nameValuePair "${name}: accepted" (refusals system == [ ])
  ) accepted;
in
promises
