# The module as operators write it: what evaluates to what, and what is refused with which advice.
# Everything here is decided by evaluation alone; a promise that does not hold stops it by its name.
{
  self,
  nixpkgs,
  pkgs,
}:
let
  inherit (nixpkgs) lib;

  evaluate =
    configuration:
    nixpkgs.lib.nixosSystem {
      modules = [
        self.nixosModules.default
        {
          nixpkgs.hostPlatform = pkgs.stdenv.hostPlatform.system;
          boot.loader.grub.enable = false;
          fileSystems."/" = {
            device = "/dev/vda";
            fsType = "ext4";
          };
          system.stateVersion = lib.trivial.release;
          services.crick-api.enable = true;
        }
        configuration
      ];
    };
  unit = system: name: system.config.systemd.units.${name}.text;
  refusals =
    system:
    map (failed: failed.message) (
      lib.filter (candidate: !candidate.assertion) system.config.assertions
    );

  sqlite = { };
  local.services.crick-api.database.createLocally = true;
  remote.services.crick-api = {
    dsnFile = "/run/agenix/dsn";
    migrationDsnFile = "/run/agenix/migration-dsn";
    database.remoteAddresses = [ "192.0.2.17" ];
    database.grantTo = "crick";
  };
  encrypted.services.crick-api = {
    dsnFile = "/etc/crick-api/dsn.cred";
    dsnFilesEncrypted = true;
    database.remoteAddresses = [ ];
  };
  published = {
    imports = [ local ];
    services.crick-api.nginx.enable = true;
    services.crick-api.nginx.hsts = true;
    security.acme.acceptTerms = true;
    security.acme.defaults.email = "operator@example.org";
  };
  everything = {
    imports = [ published ];
    services.crick-api.listenTcp = "[::1]:7878";
    services.crick-api.metrics.listenTcp = "9187";
    services.crick-api.database.backup.enable = true;
  };
  newVersion = {
    imports = [ published ];
    services.crick-api.package = pkgs.hello;
    services.crick-api.settings.log = "debug";
  };
  sqliteBackup.services.crick-api.database.backup.enable = true;
  signIn = {
    imports = [ published ];
    services.crick-api.oidc = {
      issuer = "https://example.eu.auth0.com/";
      audience = "https://api.example.org";
      registration = "allow-list";
      registrationAllow = [ "email-domain:example.org" ];
    };
  };
  otherIssuer = {
    imports = [ signIn ];
    services.crick-api.oidc.issuer = lib.mkForce "https://login.example.org";
  };
  userinfo = {
    imports = [ signIn ];
    services.crick-api.oidc.userinfo = {
      uri = "https://example.eu.auth0.com/userinfo";
      addresses = [ "192.0.2.80" ];
    };
  };
  browserSignIn = {
    imports = [ signIn ];
    services.crick-api.dsnFile = "/run/agenix/dsn";
    services.crick-api.database.createLocally = lib.mkForce false;
    services.crick-api.database.remoteAddresses = [ ];
    services.crick-api.oidc.signIn = {
      clientId = "crick-web";
      clientSecretFile = "/run/agenix/client-secret";
      addresses = [ "192.0.2.80" ];
    };
  };
  behindProxy = {
    imports = [ published ];
    services.crick-api.nginx.trustedProxies = [
      "192.0.2.1"
      "2001:db8::/64"
    ];
  };

  # Evaluated once each.
  accepted = lib.mapAttrs (_: evaluate) {
    inherit
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

  # A configuration, and words of the one message that refuses it.
  refused = {
    "a secret for a database that needs none" = {
      words = "createLocally needs no database address";
      configuration.services.crick-api = {
        database.createLocally = true;
        dsnFile = "/run/agenix/dsn";
        database.remoteAddresses = [ ];
      };
    };
    "two database addresses" = {
      words = "both dsnFile and settings.dsn";
      configuration = {
        imports = [ remote ];
        services.crick-api.settings.dsn = "postgresql://crick@localhost/crick";
      };
    };
    "a password in the settings" = {
      words = "would be world-readable";
      configuration.services.crick-api.settings.dsn = "postgresql://crick:secret@db.example.org/crick";
    };
    "a secret in the Nix store" = {
      words = "dsnFile is in the Nix store";
      configuration = {
        imports = [ remote ];
        services.crick-api.dsnFile = lib.mkForce "${builtins.storeDir}/dsn";
      };
    };
    "a secret that a path literal would copy to the Nix store" = {
      words = "migrationDsnFile is in the Nix store";
      configuration = {
        imports = [ remote ];
        services.crick-api.migrationDsnFile = lib.mkForce ./evaluation.nix;
      };
    };
    "a secret for the migrations alone" = {
      words = "the server itself has no dsnFile";
      configuration = {
        imports = [ remote ];
        services.crick-api.dsnFile = lib.mkForce null;
        services.crick-api.settings.dsn = "postgresql://crick@localhost/crick";
        services.crick-api.database.remoteAddresses = lib.mkForce null;
      };
    };
    "tables that the server may not read" = {
      words = "database.grantTo to the role in dsnFile";
      configuration = {
        imports = [ remote ];
        services.crick-api.database.grantTo = lib.mkForce null;
      };
    };
    "a database that may be out of reach" = {
      words = "say where that database is";
      configuration = {
        imports = [ remote ];
        services.crick-api.database.remoteAddresses = lib.mkForce null;
      };
    };
    "a network for nothing" = {
      words = "remoteAddresses has no effect";
      configuration.services.crick-api.database.remoteAddresses = [ "192.0.2.17" ];
    };
    "rights in SQLite" = {
      words = "the database is SQLite";
      configuration.services.crick-api.database.grantTo = "crick";
    };
    "an address that systemd's sockets override" = {
      words = "listenTcp or";
      configuration.services.crick-api.settings.listen = "127.0.0.1:7878";
    };
    "TLS without a certificate" = {
      words = "certificateKey. Set them";
      configuration.services.crick-api.nginx = {
        enable = true;
        tls = "files";
        certificate = "/var/lib/certificate.pem";
      };
    };
    "a private key in the Nix store" = {
      words = "certificateKey is in the Nix store";
      configuration.services.crick-api.nginx = {
        enable = true;
        tls = "files";
        certificate = "/var/lib/certificate.pem";
        certificateKey = "${builtins.storeDir}/key.pem";
      };
    };
    "tokens for whomever" = {
      words = "a token for any other service";
      configuration.services.crick-api.oidc.issuer = "https://example.eu.auth0.com/";
    };
    "people of no issuer" = {
      words = "no effect without an issuer";
      configuration.services.crick-api.oidc.registration = "open";
    };
    "an issuer whose keys nobody fetches" = {
      words = "settings.oidc_issuer alone does not work";
      configuration.services.crick-api.settings.oidc_issuer = "https://example.eu.auth0.com/";
    };
    "a list of people that is not asked" = {
      words = "registrationAllow belong together";
      configuration = {
        imports = [ signIn ];
        services.crick-api.oidc.registration = lib.mkForce "open";
      };
    };
    "an issuer that the server cannot reach" = {
      words = "userinfo.addresses belong together";
      configuration = {
        imports = [ userinfo ];
        services.crick-api.oidc.userinfo.addresses = lib.mkForce [ ];
      };
    };
    "a client of an issuer that the server cannot reach" = {
      words = "signIn.addresses belong together";
      configuration = {
        imports = [ browserSignIn ];
        services.crick-api.oidc.signIn.addresses = lib.mkForce [ ];
      };
    };
    "a client's secret that everybody can read" = {
      words = "clientSecretFile is in the Nix store";
      configuration = {
        imports = [ browserSignIn ];
        services.crick-api.oidc.signIn.clientSecretFile = lib.mkForce "/nix/store/secret";
      };
    };
    "a backup of a database that is elsewhere" = {
      words = "copy it where it runs";
      configuration = {
        imports = [ remote ];
        services.crick-api.database.backup.enable = true;
      };
    };
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

    "a new version changes the server, and changed servers are reloaded" =
      unit accepted.published "crick-api.service" != unit accepted.newVersion "crick-api.service"
      && lib.hasInfix "X-ReloadIfChanged=true" (unit accepted.newVersion "crick-api.service")
      && lib.hasInfix "X-RestartIfChanged=false" (unit accepted.newVersion "crick-api-spare.service")
      && lib.hasInfix "X-RestartIfChanged=false" (unit accepted.newVersion "crick-api-migrate.service");

    "only the server and its sockets start by themselves" =
      let
        units = accepted.local.config.systemd.units;
      in
      units."crick-api.service".wantedBy == [ "multi-user.target" ]
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
        host = system: system.config.services.nginx.virtualHosts."api.crick.io";
      in
      lib.hasInfix "X-Forwarded-For $remote_addr;" (host accepted.published).locations."/".extraConfig
      && !lib.hasInfix "real_ip" (host accepted.published).extraConfig
      && lib.hasInfix "set_real_ip_from 192.0.2.1;\nset_real_ip_from 2001:db8::/64;\n" (
        (host accepted.behindProxy).extraConfig
      );

    "the migrations have a role of their own, and SQLite's file has one owner" =
      lib.hasInfix "User=crick-api-migrate\n" (unit accepted.local "crick-api-migrate.service")
      && !lib.hasInfix "StateDirectory=" (unit accepted.local "crick-api-migrate.service")
      && lib.hasInfix "User=crick-api\n" (unit accepted.sqlite "crick-api-migrate.service");

    "nothing is added that was not asked for" =
      !lib.any (name: lib.hasPrefix "postgresql" name || name == "nginx") (services accepted.sqlite)
      && !lib.any (
        name: lib.hasSuffix "-tcp" name || lib.hasSuffix "-backup" name || lib.hasSuffix "-jwks" name
      ) (services accepted.published)
      && accepted.published.config.networking.firewall.allowedTCPPorts == [ ];

    "a push that the server accepts is not refused by nginx" =
      lib.hasInfix "client_max_body_size 33554432;"
        accepted.published.config.services.nginx.virtualHosts."api.crick.io".extraConfig;
  }
  // lib.mapAttrs' (
    name: system: lib.nameValuePair "${name}: accepted" (refusals system == [ ])
  ) accepted
  // lib.mapAttrs' (
    name:
    { words, configuration }:
    lib.nameValuePair "${name}: refused" (
      let
        messages = refusals (evaluate configuration);
      in
      lib.length messages == 1 && lib.hasInfix words (lib.head messages)
      || builtins.trace (toString messages) false
    )
  ) refused;

  broken = lib.attrNames (lib.filterAttrs (_: kept: !kept) promises);
in
# `runCommand` evaluates the promises with the derivation, `writeText` would with its name: listing the
# flake's checks must not evaluate every configuration.
pkgs.runCommandLocal "crick-api-module" {
  promises =
    assert lib.assertMsg (broken == [ ]) "nixos/evaluation.nix: not kept:\n${lib.concatLines broken}";
    lib.attrNames promises;
} ''printf '%s\n' "$promises" >$out''
