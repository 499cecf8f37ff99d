# What a host says whose rendered units and nginx.conf `check-units` compares with this folder's.
{ lib, ... }:
{
  services.crick-api = {
    enable = true;
    database.createLocally = true;
    database.backup.enable = true;
    nginx.enable = true;
    nginx.hostName = "api.crick.io";
    nginx.virtualHost.forceSSL = false;
    oidc.issuer = "https://example.eu.auth0.com/";
    oidc.audience = "https://api.example.org";
  };
  # Without the reload the configuration is part of the unit, where it can be read.
  services.nginx.enableReload = lib.mkForce false;
}
