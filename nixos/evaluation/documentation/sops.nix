{ config, ... }:
{
  sops.secrets."crick-api/dsn".reloadUnits = [ "crick-api.service" ];
  services.crick-api.dsnFile = config.sops.secrets."crick-api/dsn".path;
}
