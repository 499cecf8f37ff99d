# services.crick-api: from the flake's package to a running api.crick.io.
# One file per subject:
#
#   settings.nix   the server's settings, checked while the system is built
#   database.nix   the database, the roles that use it, and secrets
#   service.nix    the sockets, the two servers that take turns, the migrations
#   hardening.nix  the sandbox of all of them
#   oidc.nix       sign-in with an issuer, and the unit that fetches its keys
#   tcp.nix        TCP addresses in front of the two Unix sockets
#   nginx.nix      the public virtual host
#   backup.nix     copies of the database on a timer
#   command.nix    `crick-api user add …` for the operator
{ self }:
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.crick-api;
in
{
  imports = [
    ./settings.nix
    ./database.nix
    ./service.nix
    ./oidc.nix
    ./tcp.nix
    ./nginx.nix
    ./backup.nix
    ./command.nix
  ];

  options.services.crick-api = {
    enable = lib.mkEnableOption "crick-api, the server behind the Watson time tracker";

    package = lib.mkOption {
      type = lib.types.package;
      default =
        (self.packages.${pkgs.stdenv.hostPlatform.system} or (throw ''
          crick-api is built for x86_64-linux and aarch64-linux. For another system set
          services.crick-api.package.
        '')
        ).crick-api;
      defaultText = lib.literalExpression "crick-api.packages.\${system}.crick-api";
      example = lib.literalExpression "pkgs.crick-api";
      description = ''
        The package with `crick-api-server` and `crick-api-migrate`. Another package means a new
        version: the next switch migrates the database and hands over without a failed request.
      '';
    };
  };

  config = lib.mkIf cfg.enable {
    # A static user, because PostgreSQL's peer authentication goes by its name.
    users.users.crick-api = {
      isSystemUser = true;
      group = "crick-api";
      description = "crick-api server";
    };
    users.groups.crick-api = { };
  };
}
