# The public virtual host: TLS, limits equal to the server's, and errors in the JSON that clients read.
#
# Nothing here names a version of the server, so a deploy leaves nginx alone.
{
  config,
  lib,
  ...
}:
let
  cfg = config.services.crick-api;
  nginx = cfg.nginx;
  inherit (lib) types;

  inStore = path: path != null && (lib.isPath path || lib.hasPrefix builtins.storeDir path);

  # What nginx itself may have to say. The server's own answers pass unchanged.
  problems = {
    "400" = {
      title = "Bad Request";
      detail = "The request could not be understood.";
    };
    "404" = {
      title = "Not Found";
      detail = "There is nothing here.";
    };
    "408" = {
      title = "Request Timeout";
      detail = "The request took too long to arrive.";
    };
    "413" = {
      title = "Content Too Large";
      detail = "The request is larger than ${toString cfg.settings.bulk_body_limit} bytes; send it in parts.";
    };
    "414" = {
      title = "URI Too Long";
      detail = "The address of the request is too long.";
    };
    "500" = {
      title = "Internal Server Error";
      detail = "The request could not be handled; nothing was changed.";
    };
    "502" = {
      title = "Bad Gateway";
      detail = "The server does not answer; try again in a minute.";
    };
    "503" = {
      title = "Service Unavailable";
      detail = "The server is busy; try again in a minute.";
    };
    "504" = {
      title = "Gateway Timeout";
      detail = "The server took too long to answer; try again in a minute.";
    };
  };
  answer = status: ''
    default_type application/problem+json;
    return ${status} '${
      builtins.toJSON (
        {
          type = "about:blank";
          status = lib.toInt status;
        }
        // problems.${status}
      )
    }';
  '';

  # The address is written out instead of an `upstream`, which would keep idle connections to a
  # server that is about to exit. Nothing is sent twice: a push is not idempotent. The client's
  # address is nginx' own finding, whatever the client says it is. Compression is left to the server:
  # nginx' own would weaken the ETag.
  proxy = {
    proxyPass = "http://unix:${config.systemd.sockets.crick-api.socketConfig.ListenStream}:";
    recommendedProxySettings = false;
    extraConfig = ''
      proxy_http_version 1.1;
      proxy_next_upstream off;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Host $host;
      proxy_set_header X-Forwarded-Proto ${
        # Without TLS here, another proxy may have it, and its word affects nobody but its own client.
        if nginx.tls == "none" then "$http_x_forwarded_proto" else "$scheme"
      };
      proxy_set_header X-Request-Id $request_id;
      proxy_send_timeout ${toString (cfg.settings.request_timeout + 15)}s;
      proxy_read_timeout ${toString (cfg.settings.request_timeout + 15)}s;
      gzip off;
    '';
  };

  # For addresses that are secrets.
  unlogged = ''
    access_log off;
    error_log /dev/null crit;
  '';
in
{
  options.services.crick-api.nginx = {
    enable = lib.mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = "Whether to publish the API by a virtual host of nginx.";
    };

    hostName = lib.mkOption {
      type = types.str;
      default = "api.crick.io";
      example = "time.example.org";
      description = ''
        Name of the virtual host. More about it can be set in
        `services.nginx.virtualHosts.<hostName>`.
      '';
    };

    tls = lib.mkOption {
      type = types.enum [
        "acme"
        "files"
        "none"
      ];
      default = "acme";
      example = "files";
      description = ''
        Where the certificate comes from: `acme` gets one (this needs `security.acme.acceptTerms` and
        `security.acme.defaults.email`), `files` takes `certificate` and `certificateKey`, `none`
        serves plain HTTP, for tests and behind another proxy. With TLS plain HTTP is redirected.
      '';
    };

    certificate = lib.mkOption {
      type = types.nullOr types.path;
      default = null;
      example = "/var/lib/certificates/api.crick.io.pem";
      description = "Certificate chain on the host, for `tls = \"files\"`.";
    };

    certificateKey = lib.mkOption {
      type = types.nullOr types.path;
      default = null;
      example = "/run/agenix/api.crick.io.key";
      description = "Its private key on the host, readable by nginx, for `tls = \"files\"`.";
    };

    hsts = lib.mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = ''
        Whether to tell browsers to use nothing but HTTPS for this host for two years
        (`Strict-Transport-Security`). It cannot be taken back before.
      '';
    };

    trustedProxies = lib.mkOption {
      type = types.listOf types.str;
      default = [ ];
      example = [
        "192.0.2.1"
        "2001:db8::/64"
      ];
      description = ''
        Proxies in front of nginx, whose word on the client's address (`X-Forwarded-For`) is taken.
        With none, nobody's word is: the client is who has connected, and the limit on requests from
        one address counts by that.
      '';
    };

    openFirewall = lib.mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = "Whether to open ports 80 and, with TLS, 443 in the firewall.";
    };
  };

  config = lib.mkIf (cfg.enable && nginx.enable) {
    services.nginx = {
      enable = true;
      # A changed virtual host must not cut the connections of the others.
      enableReload = lib.mkDefault true;
      # Each request that waits for the server takes two connections.
      eventsConfig = lib.mkDefault "worker_connections 8192;";

      virtualHosts.${nginx.hostName} = {
        forceSSL = nginx.tls != "none";
        enableACME = nginx.tls == "acme";
        sslCertificate = lib.mkIf (nginx.tls == "files") nginx.certificate;
        sslCertificateKey = lib.mkIf (nginx.tls == "files") nginx.certificateKey;

        extraConfig = ''
          client_max_body_size ${toString cfg.settings.bulk_body_limit};
          # Between two pieces of a body: never less than the server itself waits.
          client_body_timeout ${toString (lib.max 30 cfg.settings.request_timeout)}s;
          ${lib.concatMapStringsSep "\n" (status: "error_page ${status} /crick-api-${status};") (
            lib.attrNames problems
          )}
          # Its own code for a head that is too large.
          error_page 494 =400 /crick-api-400;
        ''
        + lib.optionalString (nginx.trustedProxies != [ ]) ''
          ${lib.concatMapStringsSep "\n" (proxy: "set_real_ip_from ${proxy};") nginx.trustedProxies}
          real_ip_header X-Forwarded-For;
          real_ip_recursive on;
        ''
        + lib.optionalString nginx.hsts ''
          add_header Strict-Transport-Security "max-age=63072000" always;
        '';

        locations = {
          "/" = proxy;
          # Calendar feeds. What nginx itself has to say there comes from a place that is not logged
          # either, because the log is written where a request ends.
          "/calendar/" = proxy // {
            extraConfig =
              proxy.extraConfig
              + unlogged
              + "error_page 500 502 503 504 =503 /crick-api-calendar;\n";
          };
          # There is a code of the issuer's in it.
          "= /dashboard/sign-in/callback" = proxy // {
            extraConfig = proxy.extraConfig + unlogged;
          };
          "= /crick-api-calendar".extraConfig = "internal;\n" + unlogged + answer "503";
          # The metrics have a socket of their own; whatever the server does, they are not public.
          "= /metrics".extraConfig = answer "404";
        }
        // lib.mapAttrs' (
          status: _:
          lib.nameValuePair "= /crick-api-${status}" {
            extraConfig =
              "internal;\n"
              # What was too large is too large here, too: over HTTP/2 nginx would say so a second time, in HTML.
              + lib.optionalString (status == "413") "client_max_body_size 0;\n"
              + answer status;
          }
        ) problems;
      };
    };

    systemd.services.nginx.serviceConfig = {
      # The socket's group, which is the same with and without nginx: a socket does not change.
      SupplementaryGroups = [ "crick-api" ];
      LimitNOFILE = lib.mkDefault 65536;
    };

    networking.firewall.allowedTCPPorts = lib.mkIf nginx.openFirewall (
      [ 80 ] ++ lib.optional (nginx.tls != "none") 443
    );

    assertions = [
      {
        assertion = nginx.tls == "files" -> (nginx.certificate != null && nginx.certificateKey != null);
        message = ''
          services.crick-api.nginx.tls = "files" needs both services.crick-api.nginx.certificate and
          services.crick-api.nginx.certificateKey. Set them, or use tls = "acme".
        '';
      }
      {
        assertion = !inStore nginx.certificateKey;
        message = ''
          services.crick-api.nginx.certificateKey is in the Nix store, where everybody can read it.
          Set it to a path on the host as a string, for instance "/run/agenix/api.crick.io.key".
        '';
      }
    ];
  };
}
