# Hosts that several checks use.
{ lib, pkgs, ... }:
rec {
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
    services.crick-api.nginx.hostName = "api.example.org";
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
    services.crick-api.nginx.virtualHost.extraConfig = ''
      set_real_ip_from 192.0.2.1;
      real_ip_header X-Forwarded-For;
    '';
  };
}
