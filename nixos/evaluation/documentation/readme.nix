{
  services.crick-api.enable = true;
  services.crick-api.database.createLocally = true; # PostgreSQL on this host, without a password
  services.crick-api.nginx.enable = true;
  services.crick-api.nginx.hostName = "api.example.org";
  services.crick-api.nginx.openFirewall = true;
}
