{
  description = "A host that runs crick-api";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    # The address from which you cloned crick-api; this one is a placeholder.
    crick-api.url = "git+https://git.example.invalid/crick-api";
    crick-api.inputs.nixpkgs.follows = "nixpkgs";
  };

  outputs =
    { nixpkgs, crick-api, ... }:
    {
      nixosConfigurations.api = nixpkgs.lib.nixosSystem {
        modules = [
          crick-api.nixosModules.default
          # What the host is already, as nixos-generate-config and you made it.
          ./configuration.nix
          {
            services.crick-api = {
              enable = true;
              database.createLocally = true;
              database.backup.enable = true;
              nginx.enable = true;
              nginx.hostName = "api.example.org";
              nginx.openFirewall = true;
            };
            # Let's Encrypt writes there when a certificate is about to expire.
            security.acme.acceptTerms = true;
            security.acme.defaults.email = "operator@example.org";
          }
        ];
      };
    };
}
