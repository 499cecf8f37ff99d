# The two programs, for `nix run`.
{ crick-api }:
let
  serve = {
    type = "app";
    program = "${crick-api}/bin/crick-api-server";
    meta.description = "Serve the API";
  };
in
{
  inherit serve;
  default = serve;
  migrate = {
    type = "app";
    program = "${crick-api}/bin/crick-api-migrate";
    meta.description = "Bring the database to the schema of this version";
  };
}
