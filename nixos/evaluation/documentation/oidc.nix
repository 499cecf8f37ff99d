{ config, ... }:
{
  services.crick-api.oidc = {
    issuer = "https://example.eu.auth0.com/"; # as the tokens have it in `iss`, to the slash
    audience = "https://api.example.org";
    registration = "allow-list"; # or "open"; "closed", the default, lets in nobody new
    registrationAllow = [ "email-domain:example.org" ];
  };
  # Where the web client is.
  services.crick-api.settings.cors_allowed_origins = [ "https://app.example.org" ];
}
