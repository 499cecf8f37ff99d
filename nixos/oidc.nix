# People who sign in with an OIDC issuer, checked by a server that stays off the network.
#
# The server verifies a token with the issuer's public keys, which it reads from a file. A separate
# unit with its own user and a network fetches that file on a timer. The server does not wait for
# it: with the previous file it works while the issuer is down, and without any file it rejects only
# these people.
{
  config,
  lib,
  ...
}:
let
  cfg = config.services.crick-api;
  oidc = cfg.oidc;
  inherit (lib) types;

  inherit (import ./types.nix { inherit lib; }) addressRange hostFile inStore timeSpan;
  keys = "/var/lib/crick-api-jwks/jwks.json";
  # The certificate authorities that the host trusts: `security.pki` on NixOS.
  authorities = "/etc/ssl/certs/ca-certificates.crt";

  # The settings that the host sets itself although the options below set them.
  ownSettings = lib.filter (name: cfg.settings ? ${name}) [
    "oidc_audience"
    "oidc_client_id"
    "oidc_issuer"
    "oidc_jwks_file"
    "oidc_jwks_uri"
    "oidc_userinfo_uri"
    "registration"
    "registration_allow"
  ];

  url =
    example: description:
    lib.mkOption {
      type = types.nullOr (types.strMatching "https://[^[:space:]]+");
      default = null;
      inherit example description;
    };
in
{
  options.services.crick-api.oidc = {
    issuer = url "https://example.eu.auth0.com/" ''
      The OpenID Connect issuer whose tokens (JWTs) sign people in at the API and in web applications,
      exactly as in their claim `iss`; with Auth0 it ends in a slash. Watson's
      own tokens are not affected. With `null`, this sign-in is off.

      {file}`crick-api-jwks.timer` fetches the issuer's public keys to
      {file}`${keys}`, where the server, which has no network, reads them. While the issuer is down,
      the previous keys are used.
    '';

    audience = lib.mkOption {
      type = types.nullOr types.nonEmptyStr;
      default = null;
      example = "https://api.example.org";
      description = ''
        The audience that the `aud` of a token must contain: the issuer's name for this API.
      '';
    };

    jwksUri = url "https://example.eu.auth0.com/.well-known/jwks.json" ''
      The address of the issuer's keys. With `null` it is read from the discovery document,
      {file}`.well-known/openid-configuration` below `issuer`.
    '';

    refreshEvery = lib.mkOption {
      type = timeSpan;
      default = "10min";
      example = "2min";
      description = ''
        How often the keys are fetched, as a time span of {manpage}`systemd.time(7)`. The server
        reads a new file within seconds. Until then, tokens signed with a new key are rejected, and
        those signed with a withdrawn key are accepted. Issuers usually publish a key long before
        they use it.
      '';
    };

    addresses = lib.mkOption {
      type = types.nonEmptyListOf addressRange;
      default = [ "any" ];
      example = [
        "192.0.2.80"
        "192.0.2.53"
      ];
      description = ''
        What the unit that fetches the keys can reach: the addresses of the issuer and of the DNS
        server, for an issuer whose addresses do not change. Nothing else gets a network by this.
      '';
    };

    registration = lib.mkOption {
      type = types.enum [
        "closed"
        "allow-list"
        "open"
      ];
      default = "closed";
      example = "allow-list";
      description = ''
        Who becomes a user by signing in for the first time: with `closed` nobody, with `allow-list`
        those who match an entry of `registrationAllow`, with `open` everybody with an account at
        the issuer. Existing users are not affected.

        A new user's login comes from the token, which must contain one of the claims
        `preferred_username`, `nickname`, `name` and `email`: the server cannot ask the issuer,
        unless `userinfo` allows it. Keycloak's access tokens contain them; Auth0's do not, until an
        Action in the Login flow adds them:

        ```js
        exports.onExecutePostLogin = async (event, api) => {
          for (const claim of ["nickname", "email", "email_verified"]) {
            api.accessToken.setCustomClaim(claim, event.user[claim]);
          }
        };
        ```
      '';
    };

    registrationAllow = lib.mkOption {
      type = types.listOf (types.strMatching "(login|email|email-domain|claim):.+");
      default = [ ];
      example = [
        "login:ada"
        "email-domain:example.org"
        "claim:groups=staff"
      ];
      description = ''
        Who may become a user with `registration = "allow-list"`: those with a login, those with an
        e-mail address in a domain, those whose token has a claim with a value. One match is enough.
        The list is in the Nix store, which every user of the host can read.
      '';
    };

    userinfo = {
      uri = url "https://example.eu.auth0.com/userinfo" ''
        Where the server asks the issuer about a person who signs in for the first time with a token
        that lacks the claims `registration` names. It needs `userinfo.addresses`.
      '';

      addresses = lib.mkOption {
        type = types.listOf addressRange;
        default = [ ];
        example = [
          "192.0.2.80"
          "192.0.2.53"
        ];
        description = ''
          The addresses of the issuer and of the DNS server, for `userinfo.uri`. The server, which
          otherwise has no network at all, gets one that reaches these and nothing else. For an
          issuer whose addresses change it is `[ "any" ]`, which lets a compromised server
          reach the whole Internet; claims in the token are safer.
        '';
      };
    };
  };

  options.services.crick-api.oidc.signIn = {
    clientId = lib.mkOption {
      type = types.nullOr types.nonEmptyStr;
      default = null;
      example = "crick-web";
      description = ''
        The client id of this server at the issuer: people can then sign in at the dashboard with
        the issuer as well as with a token. The issuer must allow the authorization code flow with
        PKCE, and know the redirect address
        `https://<nginx.hostName>/dashboard/sign-in/callback`.

        The server itself must then reach the issuer: see `signIn.addresses`.
      '';
    };

    clientSecretFile = lib.mkOption {
      type = types.nullOr hostFile;
      default = null;
      example = "/run/agenix/crick-api-client-secret";
      description = ''
        File with the client's secret; with `null` it is a public client, which has none. A path on
        the host, readable by root alone, never a file of the Nix store. systemd hands it to the
        server as the credential `oidc-client-secret`. After changing it run
        `systemctl reload crick-api.service`.
      '';
    };

    addresses = lib.mkOption {
      type = types.listOf addressRange;
      default = [ ];
      example = [
        "192.0.2.80"
        "192.0.2.53"
      ];
      description = ''
        The addresses of the issuer and of the DNS server, for `signIn.clientId`. The server, which
        otherwise has no network at all, gets one that reaches these and nothing else. For an issuer
        whose addresses change it is `[ "any" ]`, which lets a compromised server reach the
        whole Internet.
      '';
    };
  };

  config = lib.mkIf cfg.enable {
    services.crick-api.settings = lib.mkIf (oidc.issuer != null) (
      {
        oidc_issuer = oidc.issuer;
        oidc_jwks_file = keys;
        inherit (oidc) registration;
        registration_allow = oidc.registrationAllow;
      }
      // lib.optionalAttrs (oidc.audience != null) { oidc_audience = oidc.audience; }
      // lib.optionalAttrs (oidc.jwksUri != null) { oidc_jwks_uri = oidc.jwksUri; }
      // lib.optionalAttrs (oidc.userinfo.uri != null) { oidc_userinfo_uri = oidc.userinfo.uri; }
      // lib.optionalAttrs (oidc.signIn.clientId != null) { oidc_client_id = oidc.signIn.clientId; }
    );

    # Not the server's user: an attacker who gets into the unit with a network finds no frames.
    users = lib.mkIf (oidc.issuer != null) {
      users.crick-api-jwks = {
        isSystemUser = true;
        group = "crick-api-jwks";
        description = "crick-api, fetching an issuer's keys";
      };
      groups.crick-api-jwks = { };
    };

    systemd.services = lib.mkMerge [
      (lib.mkIf (oidc.issuer != null) {
        crick-api-jwks = {
          description = "crick-api: the keys of the OIDC issuer";
          wants = [ "network-online.target" ];
          after = [ "network-online.target" ];
          # Its timer runs it; a switch must not interrupt it.
          restartIfChanged = false;
          enableDefaultPath = false;
          # No start limit: starting it by hand must not keep the timer from starting it.
          unitConfig.StartLimitIntervalSec = 0;
          environment.SSL_CERT_FILE = authorities;
          serviceConfig =
            import ./hardening.nix {
              inherit lib;
              remoteAddresses = oidc.addresses;
            }
            // {
              Type = "oneshot";
              ExecStart = "${cfg.package}/bin/crick-api-server fetch-jwks --config ${cfg.settingsFile} ${keys}";
              User = "crick-api-jwks";
              Group = "crick-api-jwks";
              StateDirectory = "crick-api-jwks";
              # The keys are public, and the server's user must be able to read them.
              StateDirectoryMode = "0755";
              TimeoutStartSec = 60;
            };
        };
      })
      (lib.mkIf (oidc.userinfo.uri != null || oidc.signIn.clientId != null) (
        lib.genAttrs [ "crick-api" "crick-api-spare" ] (_: {
          environment.SSL_CERT_FILE = authorities;
        })
      ))
    ];

    systemd.timers.crick-api-jwks = lib.mkIf (oidc.issuer != null) {
      description = "crick-api: the keys of the OIDC issuer, regularly";
      wantedBy = [ "timers.target" ];
      # With another issuer, a switch restarts the timer, which fetches immediately.
      restartTriggers = [ oidc.issuer ] ++ lib.optional (oidc.jwksUri != null) oidc.jwksUri;
      timerConfig = {
        OnActiveSec = 0;
        OnUnitActiveSec = oidc.refreshEvery;
        AccuracySec = "1s";
      };
    };

    assertions = [
      {
        assertion = oidc.issuer != null -> oidc.audience != null;
        message = ''
          services.crick-api.oidc.issuer is set, but not for whom its tokens have to be: without an
          audience a token for any other service would sign in here. Set
          services.crick-api.oidc.audience.
        '';
      }
      {
        assertion =
          oidc.issuer == null
          -> (
            oidc.audience == null
            && oidc.jwksUri == null
            && oidc.userinfo.uri == null
            && oidc.signIn.clientId == null
            && oidc.registration == "closed"
          );
        message = ''
          services.crick-api.oidc has no effect without an issuer. Set
          services.crick-api.oidc.issuer, or remove the rest.
        '';
      }
      {
        assertion = oidc.issuer == null -> ownSettings == [ ];
        message = ''
          services.crick-api.settings: ${lib.concatStringsSep ", " ownSettings} alone does not work, because
          the server has no network to fetch the issuer's keys. Set services.crick-api.oidc instead.
        '';
      }
      {
        assertion = oidc.issuer != null && oidc.signIn.clientId == null -> !(cfg.settings ? oidc_client_id);
        message = ''
          services.crick-api.settings.oidc_client_id alone does not work, because the server has no
          network to reach the issuer. Set services.crick-api.oidc.signIn instead.
        '';
      }
      {
        assertion = oidc.issuer != null && oidc.userinfo.uri == null -> !(cfg.settings ? oidc_userinfo_uri);
        message = ''
          services.crick-api.settings.oidc_userinfo_uri alone does not work, because the server has no
          network to reach the issuer. Set services.crick-api.oidc.userinfo instead.
        '';
      }
      {
        assertion = (oidc.registration == "allow-list") == (oidc.registrationAllow != [ ]);
        message = ''
          services.crick-api.oidc: registration = "allow-list" and registrationAllow belong together.
          Set both, or neither.
        '';
      }
      {
        assertion = (oidc.signIn.clientId != null) == (oidc.signIn.addresses != [ ]);
        message = ''
          services.crick-api.oidc: signIn.clientId and signIn.addresses belong together, because the
          server is cut off from the network. Set both, or neither.
        '';
      }
      {
        assertion = oidc.signIn.clientSecretFile != null -> oidc.signIn.clientId != null;
        message = ''
          services.crick-api.oidc.signIn.clientSecretFile is the secret of no client. Set
          services.crick-api.oidc.signIn.clientId, too.
        '';
      }
      {
        assertion = !inStore oidc.signIn.clientSecretFile;
        message = ''
          services.crick-api.oidc.signIn.clientSecretFile is in the Nix store, where everybody can read
          it. Set it to a path on the host as a string, for instance "/run/agenix/client-secret".
        '';
      }
      {
        assertion = (oidc.userinfo.uri != null) == (oidc.userinfo.addresses != [ ]);
        message = ''
          services.crick-api.oidc: userinfo.uri and userinfo.addresses belong together, because the
          server is cut off from the network. Set both, or neither.
        '';
      }
    ];
  };
}
