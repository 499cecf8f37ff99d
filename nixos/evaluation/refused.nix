# Configurations that contradict themselves: each is refused with one message, which says what to
# do.
{
  lib,
  evaluate,
  refusals,
  ...
}@arguments:
let
  inherit (import ./configurations.nix arguments)
    browserSignIn
    remote
    signIn
    userinfo
    ;

  # Words of the message, and the configuration.
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
        services.crick-api.migrationDsnFile = lib.mkForce ./refused.nix;
      };
    };
    "a secret for the migrations alone" = {
      words = "the server itself has no dsnFile";
      configuration = {
        imports = [ remote ];
        services.crick-api.dsnFile = lib.mkForce null;
        services.crick-api.settings.dsn = "postgresql:///crick?host=/run/postgresql";
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
    "tokens for whomever" = {
      words = "a token for any other service";
      configuration.services.crick-api.oidc.issuer = "https://example.eu.auth0.com/";
    };
    "people of no issuer" = {
      words = "no effect without an issuer";
      configuration.services.crick-api.oidc.registration = "open";
    };
    "an issuer whose keys nobody fetches" = {
      words = "settings: oidc_issuer alone does not work";
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
    "a client's secret that every user can read" = {
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
in
lib.mapAttrs' (
  name:
  { words, configuration }:
  lib.nameValuePair "${name}: refused" (
    let
      messages = refusals (evaluate configuration);
    in
    lib.length messages == 1 && lib.hasInfix words (lib.head messages)
    || builtins.trace (toString messages) false
  )
) refused
