{ config, ... }:
{
  services.crick-api.oidc = {
    issuer = "https://example.eu.auth0.com/"; # exactly as in the `iss` of its tokens, slash included
    audience = "https://api.example.org";
    registration = "allow-list"; # or "open"; "closed", the default, admits no new users
    registrationAllow = [ "email-domain:example.org" ];
  };
  # Where the web application is.
  services.crick-api.settings.cors_allowed_origins = [ "https://app.example.org" ];
}
