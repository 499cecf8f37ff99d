# The public virtual host: TLS, limits equal to the server's, and errors in the JSON that clients
# read.
#
# Nothing here names a version of the server, so a deploy leaves nginx alone.
{
  config,
  lib,
  options,
  ...
}:
let
  cfg = config.services.crick-api;
  nginx = cfg.nginx;
  inherit (lib) types;

  inherit (import ./types.nix { inherit lib; }) hostName inStore;

  vhost = config.services.nginx.virtualHosts.${nginx.hostName};
  usesTls = vhost.forceSSL || vhost.addSSL || vhost.onlySSL;
  # A certificate is requested only for a name that the host has set itself.
  isNamed =
    options.services.crick-api.nginx.hostName.highestPrio < (lib.mkOptionDefault null).priority;
  defines =
    name: lib.any (vhost: vhost ? ${name}) options.services.crick-api.nginx.virtualHost.definitions;
  hasOwnCertificate = defines "sslCertificate";
  hasCertificate = vhost.enableACME || vhost.useACMEHost != null || hasOwnCertificate;

  # nginx' own compression, and that of the modules that a host may have added, would weaken the
  # ETag.
  modules = map (module: module.name or "") (
    config.services.nginx.additionalModules ++ config.services.nginx.package.modules or [ ]
  );
  compressions = [ "gzip" ] ++ lib.intersectLists [ "brotli" "zstd" ] modules;

  # The sockets that systemd may hold for nginx, by their unit: the ports that our virtual host is
  # reached at, on the addresses that nginx takes by default.
  heldPorts =
    lib.optionalAttrs (!vhost.onlySSL) { nginx-http = config.services.nginx.defaultHTTPListenPort; }
    // lib.optionalAttrs usesTls { nginx-https = config.services.nginx.defaultSSLListenPort; };
  heldSockets = map (name: "${name}.socket") (lib.attrNames heldPorts);
  heldAddresses = config.services.nginx.defaultListenAddresses;
  heldDescriptors = lib.range 3 (2 + lib.length heldSockets * lib.length heldAddresses);

  largestBody = lib.max cfg.settings.bulk_body_limit cfg.settings.body_limit;

  # Errors of nginx itself. The server's responses pass unchanged.
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
      detail = "The request is larger than ${toString largestBody} bytes; send it in parts.";
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
      detail = "The server does not respond; try again in a minute.";
    };
    "503" = {
      title = "Service Unavailable";
      detail = "The server is busy; try again in a minute.";
    };
    "504" = {
      title = "Gateway Timeout";
      detail = "The server took too long to respond; try again in a minute.";
    };
  };
  respond = status: ''
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
  # server that is about to exit. Requests are never sent twice, because a push is not
  # idempotent. The client's address is the one that nginx sees, not the one that the client claims.
  # Compression is left to the server.
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
        # Without TLS here, another proxy may have it; what it claims affects only its own client.
        if usesTls then "$scheme" else "$http_x_forwarded_proto"
      };
      proxy_set_header X-Request-Id $request_id;
      proxy_send_timeout ${toString (cfg.settings.request_timeout + 15)}s;
      proxy_read_timeout ${toString (cfg.settings.request_timeout + 15)}s;
    ''
    + lib.concatMapStrings (name: "${name} off;\n") compressions;
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
      type = hostName;
      default = "api.crick.io";
      example = "time.example.org";
      description = ''
        Name of the virtual host. With a name that the host sets itself, plain HTTP is redirected to
        HTTPS, with a certificate that ACME gets (this needs `security.acme.acceptTerms` and
        `security.acme.defaults.email`). For the default name no certificate is requested.
      '';
    };

    virtualHost = lib.mkOption {
      # The type of the host's own nginx options.
      type = options.services.nginx.virtualHosts.type.nestedTypes.elemType;
      visible = "shallow";
      default = { };
      example = lib.literalExpression ''
        {
          serverAliases = [ "time.example.org" ];
          useACMEHost = "example.org";
        }
      '';
      description = ''
        Further settings of the virtual host, with the options of
        {option}`services.nginx.virtualHosts.<name>`: another certificate (`useACMEHost`, or
        `sslCertificate` with `sslCertificateKey`), no TLS (`forceSSL = false`), other addresses
        (`listen`), or nginx directives in `extraConfig`. Behind another proxy,
        these directives name the proxy whose client addresses are trusted:

        ```nginx
        set_real_ip_from 192.0.2.1;
        real_ip_header X-Forwarded-For;
        real_ip_recursive on;
        ```

        Otherwise no proxy is trusted: the client's address is that of the connection, and the rate
        limit per address uses it.
      '';
    };

    hsts = lib.mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = ''
        Whether to tell browsers to use only HTTPS for this host for two years
        (`Strict-Transport-Security`). This cannot be revoked earlier.
      '';
    };

    holdSockets = lib.mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = ''
        Whether systemd holds the sockets on which nginx listens, so that connections wait while
        nginx is restarted, which a switch to another version of nginx does. The old nginx finishes
        its requests first, for at most 15 seconds. This is for all virtual hosts of the host on the
        same ports. `systemctl stop nginx.service` then lasts until the next connection; stop
        {file}`nginx-http.socket` and {file}`nginx-https.socket` as well.

        Switching this on or off, or changing the ports, addresses or IPv6 of nginx while it is on,
        takes `systemctl restart nginx-http.socket nginx-https.socket nginx.service` or a reboot.
      '';
    };

    openFirewall = lib.mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = "Whether to open the ports of the virtual host in the firewall.";
    };
  };

  imports =
    let
      removed =
        name: fix:
        lib.mkRemovedOptionModule [
          "services"
          "crick-api"
          "nginx"
          name
        ] "Set services.crick-api.nginx.virtualHost, which has nginx' own options: ${fix}";
    in
    [
      (removed "tls" "forceSSL = false for plain HTTP, useACMEHost or sslCertificate for another certificate.")
      (removed "certificate" "sslCertificate.")
      (removed "certificateKey" "sslCertificateKey.")
      (removed "trustedProxies" "lines with set_real_ip_from in extraConfig, as its description shows.")
    ];

  config = lib.mkIf (cfg.enable && nginx.enable) {
    services.nginx = {
      enable = true;
      # A changed virtual host must not cut the connections of the others.
      enableReload = lib.mkDefault true;
      # Each request that waits for the server takes two connections.
      eventsConfig = lib.mkDefault "worker_connections 8192;";

      virtualHosts.${nginx.hostName} = lib.mkMerge (
        options.services.crick-api.nginx.virtualHost.definitions
        ++ [
          {
            forceSSL = lib.mkDefault (
              (isNamed || hasOwnCertificate || vhost.useACMEHost != null)
              && !(vhost.addSSL || vhost.onlySSL || vhost.rejectSSL)
            );
            enableACME = lib.mkDefault (isNamed && usesTls && vhost.useACMEHost == null && !hasOwnCertificate);

            extraConfig = ''
              client_max_body_size ${toString largestBody};
              # Between two pieces of a body: never less than the server itself waits.
              client_body_timeout ${toString (lib.max 30 cfg.settings.request_timeout)}s;
              ${lib.concatMapStringsSep "\n" (status: "error_page ${status} /crick-api-${status};") (
                lib.attrNames problems
              )}
              # Its own code for a head that is too large.
              error_page 494 =400 /crick-api-400;
            ''
            + lib.optionalString nginx.hsts ''
              add_header Strict-Transport-Security "max-age=63072000" always;
            '';

            locations = {
              "/" = proxy;
              # Calendar feeds. What nginx itself has to say there comes from a place that is not
              # logged either, because the log is written where a request ends.
              "/calendar/" = proxy // {
                extraConfig =
                  proxy.extraConfig + unlogged + "error_page 500 502 503 504 =503 /crick-api-calendar;\n";
              };
              # There is a code of the issuer's in it.
              "= /dashboard/sign-in/callback" = proxy // {
                extraConfig = proxy.extraConfig + unlogged;
              };
              "= /crick-api-calendar".extraConfig = "internal;\n" + unlogged + respond "503";
              # The metrics have a socket of their own; whatever the server does, they are not
              # public.
              "= /metrics".extraConfig = respond "404";
            }
            // lib.mapAttrs' (
              status: _:
              lib.nameValuePair "= /crick-api-${status}" {
                extraConfig =
                  "internal;\n"
                  # What was too large is too large here, too: over HTTP/2 nginx would say so a
                  # second time, in HTML.
                  + lib.optionalString (status == "413") "client_max_body_size 0;\n"
                  + respond status;
              }
            ) problems;
          }
        ]
      );
    };

    systemd.services.nginx = lib.mkMerge [
      {
        serviceConfig = {
          # The socket's group, which is the same with and without nginx: a socket does not change.
          SupplementaryGroups = [ "crick-api" ];
          LimitNOFILE = lib.mkDefault 65536;
        };
      }
      (lib.mkIf nginx.holdSockets {
        requires = heldSockets;
        after = heldSockets;
        # nginx' own way to take sockets over, made for replacing its program.
        environment.NGINX = lib.concatMapStrings (descriptor: "${toString descriptor};") heldDescriptors;
        serviceConfig = {
          Sockets = heldSockets;
          KillSignal = "SIGQUIT";
          TimeoutStopSec = 15;
        };
      })
    ];
    systemd.sockets = lib.mkIf nginx.holdSockets (
      lib.mapAttrs (name: port: {
        description = "Port ${toString port} of nginx";
        wantedBy = [ "sockets.target" ];
        listenStreams = map (address: "${address}:${toString port}") heldAddresses;
        socketConfig = {
          Service = "nginx.service";
          # nginx has a socket of its own for each address family.
          BindIPv6Only = "ipv6-only";
          Backlog = 4096;
          FreeBind = true;
          TriggerLimitIntervalSec = 0;
        };
      }) heldPorts
    );

    networking.firewall.allowedTCPPorts = lib.mkIf nginx.openFirewall (
      if vhost.listen != [ ] then
        lib.unique (lib.filter (port: port != null) (map (listen: listen.port) vhost.listen))
      else
        lib.optional (!vhost.onlySSL) config.services.nginx.defaultHTTPListenPort
        ++ lib.optional usesTls config.services.nginx.defaultSSLListenPort
    );

    warnings = lib.optional (!isNamed && !usesTls) ''
      services.crick-api.nginx.hostName is not set, so ${nginx.hostName} is served without TLS: a
      certificate is requested only for a name that this host has set itself. Set
      services.crick-api.nginx.hostName to the name of this host.
    '';

    assertions = [
      {
        assertion = usesTls -> hasCertificate;
        message = ''
          services.crick-api.nginx.virtualHost uses TLS without a certificate. Set
          services.crick-api.nginx.hostName to the name of this host, for which ACME then gets one, or
          set virtualHost.useACMEHost, or virtualHost.sslCertificate and sslCertificateKey.
        '';
      }
      {
        assertion = hasOwnCertificate == defines "sslCertificateKey";
        message = ''
          services.crick-api.nginx.virtualHost has a certificate without its key, or a key without its
          certificate. Set both sslCertificate and sslCertificateKey.
        '';
      }
      {
        assertion = !(defines "sslCertificateKey" && inStore vhost.sslCertificateKey);
        message = ''
          services.crick-api.nginx.virtualHost.sslCertificateKey is in the Nix store, where every user can
          read it. Set it to a path on the host as a string, for instance "/run/agenix/api.crick.io.key".
        '';
      }
      {
        assertion =
          nginx.holdSockets
          ->
            vhost.listen == [ ] && vhost.listenAddresses == [ ] && config.services.nginx.defaultListen == [ ];
        message = ''
          services.crick-api.nginx.holdSockets holds the sockets at which nginx listens by default. Remove
          listen and listenAddresses of the virtual host and services.nginx.defaultListen, or set
          holdSockets = false.
        '';
      }
      {
        assertion = vhost.basicAuth == { } && vhost.basicAuthFile == null;
        message = ''
          services.crick-api.nginx.virtualHost: basicAuth and basicAuthFile do not work, because clients
          send their tokens in the header that nginx would read a password from. Remove them.
        '';
      }
    ];
  };
}
