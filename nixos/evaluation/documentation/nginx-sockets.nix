{ config, ... }:
{
  services.crick-api.nginx.holdSockets = true;
}
