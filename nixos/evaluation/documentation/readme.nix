{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  # The address from which you cloned this repository.
  inputs.crick-api.url = "git+https://git.example.invalid/crick-api";

  outputs =
    { nixpkgs, crick-api, ... }:
    {
      nixosConfigurations.api = nixpkgs.lib.nixosSystem {
        modules = [
          ./configuration.nix # your host as it is
          crick-api.nixosModules.default
          {
            services.crick-api.enable = true;
            services.crick-api.database.createLocally = true; # PostgreSQL on this host, without a password
            services.crick-api.nginx.enable = true;
            services.crick-api.nginx.hostName = "api.example.org";
            services.crick-api.nginx.openFirewall = true;
            # For the certificate.
            security.acme.acceptTerms = true;
            security.acme.defaults.email = "you@example.org";
          }
        ];
      };
    };
}
