# Every option with unusual values: each works, or is refused before it reaches a host.
#
# A row is a value and its expected effect. nixos/tests/options.nix runs the accepted ones on
# machines where evaluation is not enough.
{
  lib,
  evaluate,
  refusals,
  ...
}:
let
  values = import ./text-values.nix;
  unit = system: name: system.config.systemd.units.${name}.text;
  has =
    name: words: system:
    lib.hasInfix words (unit system name);
  lacks =
    name: words: system:
    !(has name words system);
  vhost = system: system.config.services.nginx.virtualHosts.${name system};
  name = system: system.config.services.crick-api.nginx.hostName;

  # The value is accepted, and `promise` holds for the host.
  works = promise: value: { inherit promise value; };
  accepted = works (_: true);
  # One message refuses it, with these words.
  refused = words: value: { inherit words value; };
  # Its type refuses it, and says what the option takes.
  invalid = value: {
    isInvalid = true;
    inherit value;
  };
  # The same with more about the host.
  on = host: row: row // { inherit host; };

  local.services.crick-api.database.createLocally = true;
  remote.services.crick-api = {
    dsnFile = lib.mkDefault "/run/agenix/dsn";
    database.remoteAddresses = lib.mkDefault [ "192.0.2.17" ];
  };
  published = {
    services.crick-api.nginx.enable = true;
    services.crick-api.nginx.hostName = lib.mkDefault "api.example.org";
    security.acme.acceptTerms = true;
    security.acme.defaults.email = "operator@example.org";
  };
  unnamed.services.crick-api.nginx.enable = true;
  issuer.services.crick-api.oidc = {
    issuer = lib.mkDefault "https://example.eu.auth0.com/";
    audience = lib.mkDefault "https://api.example.org";
  };
  browser = {
    imports = [ issuer ];
    services.crick-api.oidc.signIn = {
      clientId = lib.mkDefault "crick-web";
      addresses = lib.mkDefault [ "192.0.2.80" ];
    };
  };

  reaches =
    address: system:
    has "crick-api.service" "IPAddressAllow=${address}\n" system
    && has "crick-api-migrate.service" "IPAddressAllow=${address}\n" system
    && has "crick-api.service" "PrivateNetwork=false\n" system;
  isOffline = has "crick-api.service" "PrivateNetwork=true\n";
  dsnIs = dsn: system: system.config.services.crick-api.settings.dsn == dsn;

  rows = {
    "database.createLocally" = [
      (works (dsnIs "postgresql://crick-api@localhost/crick-api?host=/run/postgresql") true)
      (on { services.postgresql.settings.port = 5433; } (
        works (
          system:
          dsnIs "postgresql://crick-api@localhost:5433/crick-api?host=/run/postgresql" system
          && has "crick-api-migrate.service" "crick-api-migrate@localhost:5433/" system
        ) true
      ))
      (on { services.postgresql.authentication = lib.mkBefore "local all all scram-sha-256"; } (
        works (
          system:
          lib.hasPrefix "local crick-api crick-api,crick-api-migrate peer\n" system.config.services.postgresql.authentication
        ) true
      ))
      (on { services.postgresql.settings.unix_socket_directories = "/tmp"; } (
        refused "unix_socket_directories" true
      ))
      (on { services.postgresql.settings.unix_socket_directories = "/run/postgresql,/tmp"; } (
        accepted true
      ))
      (on remote (refused "createLocally needs no database address" true))
      (on { services.crick-api.settings.dsn = "sqlite:/var/lib/crick-api/crick.db"; } (
        refused "name two databases" true
      ))
      (on { services.crick-api.settings.dsn_file = "/run/agenix/dsn"; } (
        refused "Set services.crick-api.dsnFile" true
      ))
      (works isOffline true)
    ];

    "database.grantTo" = [
      (on local (accepted "crick-api"))
      (on local (refused ''has to be "crick-api"'' "metabase"))
      (on local (refused ''has to be "crick-api"'' null))
      (on remote (works (has "crick-api-migrate.service" " --grant-to crick.web\n") "crick.web"))
      (refused "the database is SQLite" "crick")
      (on remote (invalid "crick web"))
      (on remote (invalid "--help"))
      (on remote (invalid ""))
    ];

    "database.remoteAddresses" =
      map (address: on remote (works (reaches address) [ address ])) values.accepted.addressRange
      ++ map (address: on remote (invalid [ address ])) values.refused.addressRange
      ++ [
        (on remote (works isOffline [ ]))
        (on remote (works (has "crick-api-migrate.service" "Wants=network-online.target") [ "any" ]))
        (on remote (works (has "crick-api-spare.service" "Wants=network-online.target") [ "any" ]))
        (on remote (works (lacks "crick-api-migrate.service" "network-online.target") [ ]))
        (on { services.crick-api.settings.dsn = "postgresql://crick@db.example.org/crick"; } (
          works (reaches "192.0.2.17") [ "192.0.2.17" ]
        ))
        (refused "no effect on SQLite" [ "192.0.2.17" ])
        (on local (refused "no effect with database.createLocally" [ "192.0.2.17" ]))
        (on remote (refused "say where that database is" null))
      ];

    "database.backup.enable" = [
      (works (has "crick-api-backup.service" "User=crick-api\n") true)
      (on local (works (has "crick-api-backup.service" "User=crick-api-migrate\n") true))
      (on remote (refused "copy it where it runs" true))
    ];

    "database.backup.startAt" =
      let
        backup.services.crick-api.database.backup.enable = true;
      in
      map (
        time: on backup (works (has "crick-api-backup.timer" "OnCalendar=${time}\n") time)
      ) values.accepted.calendar
      ++ map (time: on backup (invalid time)) values.refused.calendar;

    "database.backup.keep" = [
      (accepted 1)
      (invalid 0)
      (invalid (-1))
    ];

    dsnFile = [
      (on remote (works (has "crick-api.service" "LoadCredential=dsn:/run/50%%\n") "/run/50%"))
      (on remote (invalid "/run/a b"))
      (on remote (invalid "run/dsn"))
      (on remote (invalid "/run/dsn\nExecStart=/bin/sh"))
      (on remote (invalid ""))
      (on remote (refused "dsnFile is in the Nix store" "${builtins.storeDir}/dsn"))
      (on remote (refused "dsnFile is in the Nix store" ./values.nix))
    ];

    migrationDsnFile = [
      (on {
        imports = [ remote ];
        services.crick-api.database.grantTo = "crick";
      } (works (has "crick-api-migrate.service" "LoadCredential=dsn:/run/50%%\n") "/run/50%"))
      (on remote (refused "database.grantTo to the role in dsnFile" "/run/agenix/owner"))
    ];

    dsnFilesEncrypted = [
      (on remote (works (has "crick-api.service" "LoadCredentialEncrypted=dsn:/run/agenix/dsn\n") true))
      (works (lacks "crick-api.service" "Credential") true)
    ];

    listenTcp =
      map
        (
          address:
          works (
            system:
            has "crick-api-tcp.socket" "ListenStream=${address}\n" system
            && has "crick-api-tcp.socket" "FreeBind=true\n" system
          ) address
        )
        values.accepted.tcpAddress
      ++ map invalid values.refused.tcpAddress
      ++ [
        (on { services.crick-api.metrics.listenTcp = "7878"; } (refused "a port each" "127.0.0.1:7878"))
        (on published (refused "a port each" "80"))
        (on {
          imports = [ published ];
          services.crick-api.nginx.virtualHost = {
            forceSSL = false;
            listen = [
              {
                addr = "0.0.0.0";
                port = 8080;
              }
            ];
          };
        } (refused "a port each" "8080"))
      ];

    "metrics.listenTcp" = [
      (works (has "crick-api-metrics-tcp.socket" "FreeBind=true\n") "10.0.0.1:9187")
      (invalid "prometheus:9187")
      (on published (refused "a port each" "[::1]:443"))
    ];

    memoryMax =
      map
        (
          size:
          works (
            system:
            lib.all (name: has name "MemoryMax=${size}\n" system) [
              "crick-api.service"
              "crick-api-spare.service"
            ]
          ) size
        )
        values.accepted.memorySize
      ++ map invalid values.refused.memorySize
      ++ [
        (on { services.crick-api.settings.bulk_body_limit = 1073741824; } (
          refused "too little for a body" "2G"
        ))
        (on { services.crick-api.settings.bulk_body_limit = 1073741824; } (accepted "7G"))
        (on { services.crick-api.settings.body_limit = 1073741824; } (refused "too little for a body" "1G"))
        (refused "too little for a body" "64M")
      ];

    "nginx.enable" = [
      (on published (
        works (
          system: (vhost system).forceSSL && (vhost system).enableACME && system.config.warnings == [ ]
        ) true
      ))
      (works (
        system:
        !(vhost system).forceSSL
        && !(vhost system).enableACME
        && lib.hasInfix "Set\nservices.crick-api.nginx.hostName" (lib.head system.config.warnings)
      ) true)
      (on
        {
          services.nginx.additionalModules = [
            { name = "brotli"; }
            { name = "zstd"; }
          ];
        }
        (
          works (
            system: lib.hasInfix "gzip off;\nbrotli off;\nzstd off;\n" (vhost system).locations."/".extraConfig
          ) true
        )
      )
      (works (system: !lib.hasInfix "brotli" (vhost system).locations."/".extraConfig) true)
    ];

    "nginx.hostName" = [
      (on published (works (system: (vhost system).enableACME) "time.example.org"))
      (on published (works (system: (vhost system).enableACME) "API.example.org"))
      # The name of the default, but by the host's own will.
      (on published (works (system: (vhost system).enableACME) "api.crick.io"))
    ]
    ++ map invalid [
      ""
      "a b"
      "-example.org"
      "*.example.org"
      "https://api.example.org"
      "api.example.org."
      "~^api"
    ];

    "nginx.virtualHost" = [
      (on
        {
          imports = [ published ];
          security.acme.certs."example.org" = {
            webroot = "/var/lib/acme/challenges";
            group = "nginx";
          };
        }
        (
          works (
            system:
            (vhost system).forceSSL && !(vhost system).enableACME && (vhost system).useACMEHost == "example.org"
          ) { useACMEHost = "example.org"; }
        )
      )
      (on published (
        works (
          system:
          !(vhost system).forceSSL
          && !(vhost system).enableACME
          && system.config.warnings == [ ]
          && lib.hasInfix "$http_x_forwarded_proto" (vhost system).locations."/".extraConfig
        ) { forceSSL = false; }
      ))
      (on published (
        works (system: (vhost system).enableACME && !(vhost system).forceSSL) {
          onlySSL = true;
        }
      ))
      (on published (
        works (system: (vhost system).enableACME && !(vhost system).forceSSL) {
          addSSL = true;
        }
      ))
      (on unnamed (
        works (system: (vhost system).forceSSL && !(vhost system).enableACME) {
          sslCertificate = "/var/lib/certificate.pem";
          sslCertificateKey = "/var/lib/key.pem";
        }
      ))
      (on published (
        works (system: lib.hasInfix "keepalive_timeout 5s;" (vhost system).extraConfig) {
          extraConfig = "keepalive_timeout 5s;";
        }
      ))
      (on published (
        works (system: (vhost system).serverAliases == [ "time.example.org" ]) {
          serverAliases = [ "time.example.org" ];
        }
      ))
      (on published (
        refused "sslCertificateKey is in the Nix store" {
          sslCertificate = "/var/lib/certificate.pem";
          sslCertificateKey = "${builtins.storeDir}/key.pem";
        }
      ))
      (on published (
        refused "certificate without its key" {
          sslCertificate = "/var/lib/certificate.pem";
        }
      ))
      (on unnamed (refused "TLS without a certificate" { forceSSL = true; }))
      (on published (refused "basicAuth and basicAuthFile do not work" { basicAuth.ada = "secret"; }))
    ];

    "nginx.hsts" = [
      (on published (
        works (system: lib.hasInfix "Strict-Transport-Security" (vhost system).extraConfig) true
      ))
    ];

    "nginx.holdSockets" = [
      (on published (
        works (
          system:
          has "nginx.service" "NGINX=3;4;5;6;" system
          && has "nginx-http.socket" "ListenStream=[::0]:80\n" system
          && has "nginx-https.socket" "ListenStream=0.0.0.0:443\n" system
        ) true
      ))
      (on {
        imports = [ published ];
        services.crick-api.nginx.virtualHost.forceSSL = false;
      } (works (system: !(system.config.systemd.units ? "nginx-https.socket")) true))
      (on {
        imports = [ published ];
        networking.enableIPv6 = false;
      } (works (has "nginx.service" "NGINX=3;4;\"") true))
      (on {
        imports = [ published ];
        services.crick-api.nginx.virtualHost.onlySSL = true;
      } (works (system: !(system.config.systemd.units ? "nginx-http.socket")) true))
      (on {
        imports = [ published ];
        services.crick-api.nginx.virtualHost.listenAddresses = [ "192.0.2.1" ];
      } (refused "listens by default" true))
    ];

    "nginx.openFirewall" =
      let
        opens = ports: system: system.config.networking.firewall.allowedTCPPorts == ports;
        with' = virtualHost: {
          imports = [ published ];
          services.crick-api.nginx.virtualHost = virtualHost;
        };
      in
      [
        (on published (
          works (opens [
            80
            443
          ]) true
        ))
        (on (with' { onlySSL = true; }) (works (opens [ 443 ]) true))
        (on (with' { forceSSL = false; }) (works (opens [ 80 ]) true))
        (on (with' {
          forceSSL = false;
          listen = [
            {
              addr = "0.0.0.0";
              port = 8080;
            }
          ];
        }) (works (opens [ 8080 ]) true))
      ];

    "oidc.issuer" = [
      (on issuer (
        works (has "crick-api-jwks.service" "PrivateNetwork=false\n") "https://login.example.org:8443/realms/a%20b"
      ))
      (on { services.crick-api.oidc.audience = null; } (
        refused "a token for any other service" "https://example.eu.auth0.com/"
      ))
      (on issuer (invalid "http://login.example.org/"))
      (on issuer (invalid "login.example.org"))
      (on issuer (invalid "https://login example"))
    ];

    "oidc.audience" = [
      (on issuer (accepted "https://api.example.org"))
      (on issuer (invalid ""))
      (refused "no effect without an issuer" "https://api.example.org")
    ];

    "oidc.jwksUri" = [
      (on issuer (accepted "https://login.example.org/keys"))
      (on issuer (invalid "http://login.example.org/keys"))
      (refused "no effect without an issuer" "https://login.example.org/keys")
    ];

    "oidc.refreshEvery" =
      map (
        span: on issuer (works (has "crick-api-jwks.timer" "OnUnitActiveSec=${span}\n") span)
      ) values.accepted.timeSpan
      ++ map (span: on issuer (invalid span)) values.refused.timeSpan;

    "oidc.addresses" = [
      (on issuer (works (has "crick-api-jwks.service" "IPAddressAllow=192.0.2.80\n") [ "192.0.2.80" ]))
      (on issuer (invalid [ ]))
      (on issuer (invalid [ "login.example.org" ]))
    ];

    "oidc.registration" = [
      (on issuer (accepted "open"))
      (on issuer (refused "registrationAllow belong together" "allow-list"))
      (refused "no effect without an issuer" "open")
      (on issuer (invalid "everyone"))
    ];

    "oidc.registrationAllow" = [
      (on
        {
          imports = [ issuer ];
          services.crick-api.oidc.registration = "allow-list";
        }
        (accepted [
          "login:ada"
          "claim:groups=a, b"
        ])
      )
      (on issuer (refused "registrationAllow belong together" [ "login:ada" ]))
      (on issuer (invalid [ "ada" ]))
      (on issuer (invalid [ "login:" ]))
    ];

    "oidc.userinfo.uri" = [
      (on {
        imports = [ issuer ];
        services.crick-api.oidc.userinfo.addresses = [ "192.0.2.80" ];
      } (works (has "crick-api.service" "IPAddressAllow=192.0.2.80\n") "https://example.org/userinfo"))
      (on issuer (refused "userinfo.addresses belong together" "https://example.org/userinfo"))
      (on issuer (invalid "http://example.org/userinfo"))
    ];

    "oidc.userinfo.addresses" = [
      (on issuer (refused "userinfo.addresses belong together" [ "192.0.2.80" ]))
      (on issuer (invalid [ "example.org" ]))
    ];

    "oidc.signIn.clientId" = [
      (on browser (works (has "crick-api.service" "IPAddressAllow=192.0.2.80\n") "crick web"))
      (on browser (invalid ""))
      (on issuer (refused "signIn.addresses belong together" "crick-web"))
    ];

    "oidc.signIn.clientSecretFile" = [
      (on browser (
        works (has "crick-api.service" "LoadCredential=oidc-client-secret:/run/50%%\n") "/run/50%"
      ))
      (on browser (refused "clientSecretFile is in the Nix store" "${builtins.storeDir}/secret"))
      (on issuer (refused "the secret of no client" "/run/agenix/secret"))
      (on browser (invalid "secret"))
      (on browser (invalid "/run/secret\n"))
    ];

    "oidc.signIn.addresses" = [
      (on browser (works (has "crick-api-spare.service" "IPAddressAllow=any\n") [ "any" ]))
      (on browser (invalid [ "login.example.org" ]))
      (on issuer (refused "signIn.addresses belong together" [ "any" ]))
    ];

    "settings.dsn" = [
      (accepted "sqlite:/var/lib/crick-api/other.db")
      (accepted "sqlite:///var/lib/crick-api/crick.db")
      (accepted "postgresql:///crick?host=/run/postgresql")
      (accepted "postgresql://crick@%2Frun%2Fpostgresql/crick")
      (accepted "host=/run/postgresql dbname=crick")
      (accepted "host = '/run/postgresql' dbname=crick")
    ]
    ++ map (refused "can write to /var/lib/crick-api only") [
      "sqlite:/srv/crick.db"
      "sqlite:/var/lib/crick-api/../secret.db"
      "sqlite:/var/lib/crick-api/folder/crick.db"
      "sqlite:/var/lib/crick-api/"
      "sqlite:/var/lib/crick-api/crick.db?mode=ro"
      "sqlite:crick.db"
      "sqlite::memory:"
      "sqlite:"
    ]
    ++ map (refused "say where that database is") [
      "postgresql://crick@db.example.org/crick"
      "postgresql://crick@localhost/crick"
      "postgres://db/crick"
      "host=db.example.org dbname=crick"
    ]
    ++ map (refused "would be world-readable") [
      "postgresql://crick:secret@db.example.org/crick"
      "postgresql://crick:a%40b@db.example.org/crick"
      "postgresql://:secret@db.example.org/crick"
      "postgresql:///crick?host=/run/postgresql&password=secret"
      "postgresql:///crick?password=secret&host=/run/postgresql"
      "host=/run/postgresql password=secret"
      "password = 'a b' host=/run/postgresql"
    ]
    ++ [
      (refused "so there is no database" null)
      (on remote (accepted null))
      (refused "percent sign in the name of a parameter" "postgresql:///crick?host=/run/postgresql&%70assword=secret")
      (on remote (refused "both dsnFile and settings.dsn" "postgresql:///crick?host=/run/postgresql"))
    ];

    "settings.watson_path" = [
      (accepted "/sync/v1")
      (invalid "")
      (invalid "/")
      (invalid "watson")
      (invalid "/watson/")
      (invalid "/a b")
    ];

    "settings.log" = [
      (accepted "info,crick_api::store=debug")
      (invalid null)
    ];

    "settings.dashboard" = [
      (accepted false)
      (invalid "no")
    ];

    "settings.cors_allowed_origins" = [
      (accepted [ "http://localhost:8080" ])
      (invalid [ "https://app.example.org/" ])
      (invalid [ "*" ])
      (invalid [ "app.example.org" ])
    ];

    "settings.rate_limit_token" = [
      (accepted 0)
      (invalid (-1))
      (invalid 4294967296)
    ];
    "settings.rate_limit_address" = [
      (accepted 0)
      (invalid (-1))
      (invalid 4294967296)
    ];

    "settings.bulk_body_limit" = [
      (on published (
        works (system: lib.hasInfix "client_max_body_size 1048576;" (vhost system).extraConfig) 1048576
      ))
      (invalid 0)
      (invalid 1073741825)
    ];

    "settings.body_limit" = [
      (on published (
        works (system: lib.hasInfix "client_max_body_size 67108864;" (vhost system).extraConfig) 67108864
      ))
      (invalid 0)
      (invalid 1073741825)
    ];

    "settings.database_connections" = [
      (accepted 1000)
      (on local (accepted 45))
      (on local (refused "services.postgresql.settings.max_connections" 46))
      (on {
        imports = [ local ];
        services.postgresql.settings.max_connections = 500;
      } (accepted 200))
      (on local (accepted null))
      (invalid 0)
      (invalid 4294967296)
    ];

    "settings.request_timeout" = [
      (on published (
        works (
          system:
          lib.hasInfix "proxy_read_timeout 86415s;" (vhost system).locations."/".extraConfig
          && lib.hasInfix "client_body_timeout 86400s;" (vhost system).extraConfig
        ) 86400
      ))
      (on published (
        works (system: lib.hasInfix "client_body_timeout 30s;" (vhost system).extraConfig) 1
      ))
      (invalid 0)
      (invalid 86401)
    ];

    "settings.drain_grace" = [
      (works (has "crick-api.service" "TimeoutStopSec=76\n") 1)
      (invalid 0)
      (invalid 86401)
    ];
    "settings.drain_deadline" = [
      (works (has "crick-api-spare.service" "TimeoutStopSec=86480\n") 86400)
      (invalid 0)
      (invalid 86401)
    ];

    # Names that the server knows and the module decides about.
    settings = [
      (refused "services.crick-api.listenTcp" { listen = "127.0.0.1:7878"; })
      (refused "services.crick-api.metrics.listenTcp" { metrics_listen = "127.0.0.1:9187"; })
      (refused "services.crick-api.dsnFile" { dsn_file = "/run/agenix/dsn"; })
      (refused "signIn.clientSecretFile" { oidc_client_secret_file = "/run/agenix/secret"; })
      (refused "Set services.crick-api.oidc instead" { oidc_issuer = "https://example.org/"; })
      (refused "oidc_audience alone" { oidc_audience = "https://api.example.org"; })
      (refused "registration alone" { registration = "open"; })
      (on issuer (refused "services.crick-api.oidc.signIn instead" { oidc_client_id = "crick-web"; }))
      (on issuer (
        refused "services.crick-api.oidc.userinfo instead" {
          oidc_userinfo_uri = "https://example.eu.auth0.com/userinfo";
        }
      ))
      (refused "migrate_on_start has no effect" { migrate_on_start = true; })
      (accepted { header_timeout = 5; })
      (invalid { header_timeout = 1.5; })
    ];
  };

  # Not tables of values: whether there is a service, and which.
  exempt = [
    "enable"
    "package"
  ];

  evaluated =
    option: row:
    evaluate {
      imports = [ (row.host or { }) ];
      config = lib.setAttrByPath (
        [
          "services"
          "crick-api"
        ]
        ++ lib.splitString "." option
      ) row.value;
    };
  # Everything that an option's value can reach is asked for, and whether that throws.
  holds =
    option: row:
    let
      system = evaluated option row;
      messages = refusals system;
      value = lib.getAttrFromPath (lib.splitString "." option) system.config.services.crick-api;
      typeAccepts =
        (builtins.tryEval (builtins.deepSeq (builtins.toJSON (removeFunctions value)) true)).success;
    in
    if row ? isInvalid then
      !typeAccepts
    else if row ? words then
      lib.length messages == 1 && lib.hasInfix row.words (lib.head messages)
      || builtins.trace (toString messages) false
    else
      (messages == [ ] || builtins.trace (toString messages) false) && row.promise system;
  removeFunctions =
    value: if lib.isAttrs value then lib.filterAttrs (_: each: !lib.isFunction each) value else value;

  documented = map (option: lib.removePrefix "services.crick-api." option.name) (
    lib.filter (option: option.visible == true && !option.internal || option.visible == "shallow") (
      lib.optionAttrSetToDocList (evaluate { }).options.services.crick-api
    )
  );
in
{
  "every option has a table of unusual values" =
    let
      missing = lib.subtractLists (exempt ++ lib.attrNames rows) documented;
      unknown = lib.subtractLists documented (lib.attrNames rows);
    in
    missing == [ ] && unknown == [ ] || builtins.trace (toString (missing ++ unknown)) false;
}
// lib.listToAttrs (
  lib.concatLists (
    lib.mapAttrsToList (
      option:
      lib.imap1 (
        number: row:
        lib.nameValuePair "${option}, row ${toString number} (${lib.generators.toPretty { multiline = false; } row.value})" (
          holds option row
        )
      )
    ) rows
  )
)
