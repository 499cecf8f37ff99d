{ config, ... }:
{
  services.crick-api.dsnFile = "/etc/crick-api/dsn.cred";
  services.crick-api.dsnFilesEncrypted = true;
}
