# The address at which a role reaches the PostgreSQL of this machine, by peer authentication.
{ config, lib }:
role:
let
  # system-manager has no PostgreSQL, and the module then says so.
  port = config.services.postgresql.settings.port or 5432;
in
"postgresql://${role}@localhost"
+ lib.optionalString (port != 5432) ":${toString port}"
+ "/crick-api?host=/run/postgresql"
