# The same as rendered-postgresql.nix with SQLite, without a web server.
{
  services.crick-api = {
    enable = true;
    database.backup.enable = true;
    oidc.issuer = "https://example.eu.auth0.com/";
    oidc.audience = "https://api.example.org";
  };
}
