{ config, ... }:
{
  services.crick-api.nginx.virtualHost.extraConfig = ''
    set_real_ip_from 192.0.2.1;
    real_ip_header X-Forwarded-For;
    real_ip_recursive on;
  '';
}
