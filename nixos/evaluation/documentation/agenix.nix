{ config, ... }:
{
  age.secrets.crick-api-dsn.file = ./secrets/crick-api-dsn.age;
  services.crick-api.dsnFile = config.age.secrets.crick-api-dsn.path;
}
