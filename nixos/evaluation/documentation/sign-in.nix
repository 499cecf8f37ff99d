{ config, ... }:
{
  services.crick-api.oidc.signIn = {
    clientId = "crick-web";
    clientSecretFile = "/run/agenix/crick-api-client-secret"; # none for a public client
    # The issuer and the DNS server.
    addresses = [
      "192.0.2.80"
      "192.0.2.53"
    ];
  };
}
