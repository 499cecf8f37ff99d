# A database of the previous version is migrated with its data; one of a newer version is served or
# refused, as that version has recorded.
{ self }:
{
  nodes.api =
    { config, pkgs, ... }:
    {
      imports = [ (import ./fixture/host.nix { inherit self; }) ];
      services.crick-api.database.createLocally = true;
      environment.etc."crick-test/serve".source = pkgs.writeShellScript "serve" ''
        exec runuser -u crick-api -- ${config.services.crick-api.package}/bin/crick-api-server serve \
          --config ${config.services.crick-api.settingsFile} --listen 127.0.0.1:7878
      '';
    };

  testScript = builtins.readFile ./fixture/steps.py + ''
    api.wait_for_unit("multi-user.target")
    wait_until_ready(api)
    token = new_token(api, "ada")
    code, body = push(api, token, [frame(number) for number in range(100)])
    assert code == 201, body
    before = pull(api, token)

    def stop():
        api.succeed("systemctl stop crick-api.socket crick-api.service")

    def start():
        api.succeed("systemctl start crick-api.socket crick-api.service")
        wait_until_ready(api)

    def sql(statement):
        api.succeed(f"echo {shlex.quote(statement)} >/tmp/statement")
        api.succeed(
            "runuser -u crick-api-migrate -- psql --quiet -h /run/postgresql -d crick-api"
            + " -v ON_ERROR_STOP=1 -f /tmp/statement"
        )

    with subtest("the server refuses the schema of the previous version, with a message"):
        stop()
        api.succeed("/etc/crick-test/crick-api-migrate down 1")
        assert "missing" in api.succeed("/etc/crick-test/crick-api-migrate status")
        said = api.fail("timeout 30 /etc/crick-test/serve 2>&1")
        assert "migrate" in said and "panicked" not in said, said

    with subtest("its unit migrates it first, and the data is there"):
        start()
        assert "missing" not in api.succeed("/etc/crick-test/crick-api-migrate status")
        assert pull(api, token) == before

    with subtest("a newer schema that says it is compatible is served"):
        sql(
            "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m99991231_000001_later', 0);"
            + " INSERT INTO schema_compatibility SELECT 'm99991231_000001_later', max(oldest_level) FROM schema_compatibility;"
        )
        api.succeed("systemctl restart crick-api.service")
        wait_until_ready(api)
        api.succeed("systemctl reload crick-api.service")
        assert pull(api, token) == before

    with subtest("one that says it is not is refused, and a reload to it leaves the old server alone"):
        process = property_of(api, "crick-api.service", "MainPID")
        sql("UPDATE schema_compatibility SET oldest_level = 9999 WHERE step = 'm99991231_000001_later'")
        api.fail("systemctl reload crick-api.service")
        assert property_of(api, "crick-api.service", "MainPID") == process
        said = api.fail("timeout 30 /etc/crick-test/serve 2>&1")
        assert "m99991231_000001_later" in said, said

    with subtest("after the newer version is undone, everything works"):
        sql(
            "DELETE FROM seaql_migrations WHERE version = 'm99991231_000001_later';"
            + " DELETE FROM schema_compatibility WHERE step = 'm99991231_000001_later';"
        )
        api.succeed("systemctl reload crick-api.service")
        assert pull(api, token) == before
  '';
}
