{ config, ... }:
{
  services.crick-api = {
    enable = true;
    dsnFile = "/etc/crick-api/dsn"; # postgresql://crick:…@db.example.org/crick
    migrationDsnFile = "/etc/crick-api/migration-dsn"; # postgresql://crick_owner:…@db.example.org/crick
    database.grantTo = "crick"; # the migrations let this role read and write
    # The database, and the DNS server for its name.
    database.remoteAddresses = [
      "192.0.2.17"
      "192.0.2.53"
    ];
  };
}
