{ crick-api, system-manager, ... }:
{
  systemConfigs.default = system-manager.lib.makeSystemConfig {
    modules = [
      crick-api.nixosModules.default
      {
        nixpkgs.hostPlatform = "x86_64-linux";
        services.crick-api.enable = true; # SQLite
        services.crick-api.nginx.enable = true;
        services.crick-api.nginx.hostName = "api.example.org";
        security.acme.acceptTerms = true;
        security.acme.defaults.email = "operator@example.org";
      }
    ];
  };
}
