# TCP addresses in front of the two Unix sockets.
#
# Each is a separate unit that forwards bytes. So a switch can add, change and remove an address
# while the server keeps its sockets, and the server needs no network.
{
  config,
  lib,
  ...
}:
let
  cfg = config.services.crick-api;
  inherit (lib) types;
  inherit (import ./types.nix { inherit lib; }) portOf tcpAddress;

  address =
    example: description:
    lib.mkOption {
      type = types.nullOr tcpAddress;
      default = null;
      inherit example;
      description = ''
        ${description}
        An IPv4 address or an IPv6 address in brackets, with a port; or a port alone for all
        addresses. There is no TLS here. The firewall is not opened.
      '';
    };

  hardening = import ./hardening.nix { inherit lib; };

  door = listen: target: {
    socket = {
      description = "crick-api on ${listen}";
      wantedBy = [ "sockets.target" ];
      listenStreams = [ listen ];
      socketConfig.Backlog = 4096;
      # At boot the address may not exist yet.
      socketConfig.FreeBind = true;
    };
    service = {
      description = "crick-api on ${listen}";
      requires = [ "${target}.socket" ];
      after = [ "${target}.socket" ];
      # Always running, so that a switch to another address finds it and restarts its socket, too.
      wantedBy = [ "multi-user.target" ];
      restartTriggers = [ listen ];
      serviceConfig = hardening // {
        Type = "notify";
        ExecStart = "${config.systemd.package}/lib/systemd/systemd-socket-proxyd --connections-max=4096 ${
          config.systemd.sockets.${target}.socketConfig.ListenStream
        }";
        DynamicUser = true;
        SupplementaryGroups = [ "crick-api" ];
        LimitNOFILE = 65536;
      };
    };
  };
  api = door cfg.listenTcp "crick-api";
  metrics = door cfg.metrics.listenTcp "crick-api-metrics";
  ports = map portOf (
    lib.filter (listen: listen != null) [
      cfg.listenTcp
      cfg.metrics.listenTcp
    ]
  );
  taken = lib.optionals config.services.nginx.enable (
    lib.unique (
      [
        config.services.nginx.defaultHTTPListenPort
        config.services.nginx.defaultSSLListenPort
      ]
      ++ lib.concatMap (
        vhost: lib.filter (port: port != null) (map (listen: listen.port) vhost.listen)
      ) (lib.attrValues config.services.nginx.virtualHosts)
    )
  );
in
{
  options.services.crick-api = {
    listenTcp = address "127.0.0.1:7878" ''
      Address at which the API is reached without nginx. The server itself always listens on
      {file}`/run/crick-api/http.sock`, for members of the group `crick-api`. The
      server trusts the `X-Forwarded-For` of everything that connects to this address.
    '';

    metrics.listenTcp = address "127.0.0.1:9187" ''
      Address at which Prometheus reads `/metrics`. Without it the metrics are at
      {file}`/run/crick-api/metrics.sock`, for members of the group `crick-api`.
    '';
  };

  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (lib.mkIf (cfg.listenTcp != null) {
        systemd.sockets.crick-api-tcp = api.socket;
        systemd.services.crick-api-tcp = api.service;
      })
      (lib.mkIf (cfg.metrics.listenTcp != null) {
        systemd.sockets.crick-api-metrics-tcp = metrics.socket;
        systemd.services.crick-api-metrics-tcp = metrics.service;
      })
      {
        assertions = [
          {
            assertion = lib.allUnique (ports ++ taken);
            message = ''
              services.crick-api: listenTcp and metrics.listenTcp need a port each, which nginx does not
              have. Set them to other ports.
            '';
          }
        ];
      }
    ]
  );
}
