{ config, ... }:
{
  services.crick-api.database.backup.enable = true; # every night at three
  services.crick-api.database.backup.startAt = "hourly";
}
