{ config, ... }:
{
  services.crick-api.listenTcp = "127.0.0.1:7878"; # the API
  services.crick-api.metrics.listenTcp = "127.0.0.1:9187"; # /metrics, for Prometheus
}
