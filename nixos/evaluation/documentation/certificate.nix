{ config, ... }:
{
  services.crick-api.nginx.virtualHost.useACMEHost = "example.org";
}
