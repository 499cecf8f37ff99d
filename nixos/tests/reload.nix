# The hand-over without a switch: reloads under load, and everything that an operator or an accident
# can do during one.
{ self }:
{
  nodes.api =
    { pkgs, ... }:
    {
      imports = [ (import ./fixture/host.nix { inherit self; }) ];
      services.crick-api = {
        database.createLocally = true;
        nginx.enable = true;
        nginx.hostName = "api";
        nginx.virtualHost.forceSSL = false;
        listenTcp = "127.0.0.1:7878";
        metrics.listenTcp = "127.0.0.1:9187";
      };
      environment.etc."crick-test/broken".source = pkgs.writeShellScript "broken" ''
        echo "this version is broken" >&2
        exit 1
      '';
    };

  testScript = builtins.readFile ./fixture/steps.py + ''
    api.wait_for_unit("multi-user.target")
    api.wait_for_unit("nginx.service")
    wait_until_ready(api)
    crick(api, "user add ada")

    def main_process():
        return property_of(api, "crick-api.service", "MainPID")

    def install(lines):
        """Another version of the server's unit, in the place of the one that was."""
        for unit in ["crick-api", "crick-api-spare"]:
            folder = f"/run/systemd/system/{unit}.service.d"
            api.succeed(f"mkdir -p {folder}")
            api.succeed(f"printf '[Service]\\n{lines}\\n' >{folder}/version.conf")
        api.succeed("systemctl daemon-reload")

    def spare_is_gone():
        api.wait_until_succeeds("test $(systemctl is-active crick-api-spare.service) = inactive")

    with subtest("without reloads"):
        start_load(api, "http://api", "ada")
        api.succeed("sleep 20")
        quiet = stop_load(api)
        assert quiet["failed"] == 0, quiet

    with subtest("twenty reloads under load, every second one to a version that does not start"):
        start_load(api, "http://api", "ada")
        for turn in range(10):
            before = main_process()
            install("ExecStart=\\nExecStart=/etc/crick-test/broken")
            api.fail("systemctl reload crick-api.service")
            assert main_process() == before, "the old version has been replaced"
            install(f"Environment=CRICK_TEST_TURN={turn}")
            api.succeed("systemctl reload crick-api.service")
            assert main_process() != before, "the old version is still there"
        busy = stop_load(api)
        assert busy["failed"] == 0, busy
        assert is_as_fast(busy, quiet), (quiet, busy)
        spare_is_gone()
        assert property_of(api, "crick-api.service", "NRestarts") == "0"

    with subtest("a migration that fails changes nothing"):
        before = main_process()
        api.succeed("mkdir -p /run/systemd/system/crick-api-migrate.service.d")
        api.succeed(
            "printf '[Service]\\nExecStart=\\nExecStart=/etc/crick-test/broken\\n'"
            + " >/run/systemd/system/crick-api-migrate.service.d/broken.conf"
        )
        api.succeed("systemctl daemon-reload")
        api.fail("systemctl reload crick-api.service")
        assert main_process() == before
        api.succeed("rm /run/systemd/system/crick-api-migrate.service.d/broken.conf")
        api.succeed("systemctl daemon-reload")

    with subtest("accidents and other systemctl commands lose no request that can wait"):
        start_load(api, "http://api", "ada")
        api.succeed("systemctl restart crick-api.service")
        api.succeed("systemctl reload crick-api.service & systemctl reload crick-api.service; wait")
        api.succeed("systemctl start crick-api-spare.service")
        api.succeed("systemctl reload crick-api.service")
        api.succeed("systemctl start crick-api-spare.service")
        api.succeed("systemctl restart crick-api.service")
        report = stop_load(api)
        assert report["failed"] == 0, report
        spare_is_gone()

    with subtest("a reload finishes although the systemctl that started it is killed"):
        start_load(api, "http://api", "ada")
        before = main_process()
        api.execute("timeout --signal=KILL 0.5 systemctl reload crick-api.service")
        api.wait_until_succeeds(f"test $(systemctl show --value --property=MainPID crick-api.service) != {before}")
        spare_is_gone()
        api.succeed("systemctl is-active crick-api.service")
        report = stop_load(api)
        assert report["failed"] == 0, report

    with subtest("a server that is killed comes back, and so does one whose spare is killed"):
        api.succeed("systemctl kill --signal=KILL crick-api.service")
        api.wait_until_succeeds("systemctl is-active crick-api.service")
        wait_until_ready(api)
        spare_is_gone()
        api.succeed("systemctl start crick-api-spare.service")
        api.succeed("systemctl kill --signal=KILL crick-api-spare.service")
        wait_until_ready(api)
        api.succeed("systemctl is-active crick-api.service")
        api.succeed("systemctl reload crick-api.service")
        spare_is_gone()

    with subtest("a main server killed while the spare runs is restarted, and the spare stops"):
        api.succeed("systemctl start crick-api-spare.service")
        before = main_process()
        api.succeed("systemctl kill --signal=KILL crick-api.service")
        api.wait_until_succeeds(f"test $(systemctl show --value --property=MainPID crick-api.service) -gt {before}")
        spare_is_gone()
        wait_until_ready(api)

    with subtest("a server that does not start leaves the socket open, and requests wait"):
        install("ExecStart=\\nExecStart=/etc/crick-test/broken")
        api.succeed("systemctl kill --signal=KILL crick-api.service")
        api.succeed(f"({curl('--fail', '/readyz')} >/tmp/waited) >/dev/null 2>&1 &")
        api.wait_until_succeeds("test $(systemctl show --value --property=NRestarts crick-api.service) -gt 6")
        api.succeed("systemctl is-active crick-api.socket")
        install("Environment=CRICK_TEST_TURN=better")
        api.wait_until_succeeds("grep ready /tmp/waited")
        spare_is_gone()

    with subtest("stopping the socket stops everything, a request starts a stopped server"):
        api.succeed("systemctl stop crick-api.socket")
        api.wait_until_succeeds("test $(systemctl is-active crick-api.service) = inactive")
        api.succeed("systemctl start crick-api.socket")
        wait_until_ready(api)
        api.wait_until_succeeds("systemctl is-active crick-api.service")

    with subtest("the TCP addresses lead to the sockets, each to its own"):
        api.succeed("curl --silent --fail --max-time 10 http://127.0.0.1:7878/readyz")
        metrics = api.succeed("curl --silent --fail --max-time 10 http://127.0.0.1:9187/metrics")
        assert "# TYPE" in metrics, metrics
        api.fail("curl --silent --fail --max-time 10 http://127.0.0.1:7878/metrics")
  '';
}
