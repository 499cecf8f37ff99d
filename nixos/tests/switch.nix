# Switches that change more than the server, fail, or are interrupted: afterwards the running server is
# the installed one, or the switch has failed.
{ self }:
{
  nodes.api =
    {
      config,
      lib,
      pkgs,
      ...
    }:
    let
      versions = import ./fixture/versions.nix {
        inherit pkgs;
        package = self.packages.${pkgs.stdenv.hostPlatform.system}.crick-api;
      };
      # Every version has settings of its own, by which the test recognizes it.
      version = name: package: {
        services.crick-api.package = lib.mkForce package;
        services.crick-api.settings.log = "info,crick_test=${name}";
      };
    in
    {
      imports = [ (import ./fixture/host.nix { inherit self; }) ];
      services.crick-api = {
        database.createLocally = true;
        nginx.enable = true;
        nginx.hostName = "api";
        nginx.holdSockets = true;
        nginx.virtualHost.forceSSL = false;
      };
      system.switch.enable = true;
      virtualisation.cores = 2;
      virtualisation.memorySize = 2048;

      specialisation = {
        # What an update of nixpkgs does: everything that the host runs changes at once.
        bump.configuration = {
          services.crick-api.settings.log = "info,crick_test=debug";
          systemd.services =
            lib.genAttrs
              [
                "crick-api"
                "crick-api-deploy"
                "crick-api-migrate"
                "crick-api-spare"
                "nginx"
                "nginx-config-reload"
                "postgresql"
                "postgresql-setup"
              ]
              (_: {
                environment.CRICK_TEST_NIXPKGS = "next";
              });
        };
        # nginx listens by itself, as it does without our module.
        unheld.configuration.services.crick-api.nginx.holdSockets = lib.mkForce false;
        brokenServer.configuration = version "error" versions.brokenServer;
        brokenMigration.configuration = version "warn" versions.brokenMigration;
        slowMigration.configuration = version "trace" versions.slowMigration;
      };
    };

  testScript = builtins.readFile ./fixture/steps.py + ''
    api.wait_for_unit("multi-user.target")
    api.wait_for_unit("nginx.service")
    wait_until_ready(api)
    token = new_token(api, "ada")
    base = api.succeed("readlink --canonicalize-existing /run/current-system").strip()

    def program(name):
        system = base if name == "base" else f"{base}/specialisation/{name}"
        return f"{system}/bin/switch-to-configuration test"

    def switch(name, words=""):
        """Switches to a system; the exit code and what was printed."""
        code, said = api.execute(f"{words} {program(name)} 2>&1", timeout=300)
        api.log(f"switch to {name}: exit {code}\n{said}")
        return code, said

    def settings_of(process):
        """The settings file that a server was started with."""
        words = api.succeed(f"tr '\\0' '\\n' </proc/{process}/cmdline").split()
        return words[words.index("--config") + 1]

    def is_installed_running():
        process = property_of(api, "crick-api.service", "MainPID")
        return process != "0" and settings_of(process) in property_of(api, "crick-api.service", "ExecStart")

    def settled():
        """The running server is the installed one and alone."""
        wait_until_ready(api)
        assert is_installed_running(), "the installed version does not run"
        api.wait_until_succeeds("test $(systemctl is-active crick-api-spare.service) = inactive")

    def expect(name):
        code, said = switch(name)
        assert code == 0, f"{code} {said}"
        settled()

    with subtest("a switch that changes every unit at once"):
        for turn in range(4):
            start_load(api, "http://api", token)
            expect("bump" if turn % 2 == 0 else "base")
            report = stop_load(api)
            api.log(f"every unit at once: {report}")
            assert report["failed"] == 0, report

    with subtest("a switch that is killed and repeated"):
        for turn, seconds in enumerate([0.5, 1, 1.5, 2]):
            name = "bump" if turn % 2 == 0 else "base"
            start_load(api, "http://api", token)
            code, _ = switch(name, f"timeout --signal=KILL {seconds}")
            assert code == 137, code
            expect(name)
            report = stop_load(api)
            api.log(f"killed after {seconds} s and repeated: {report}")
            # Nothing but the limit on the wait for PostgreSQL ends a request, and it is not reached.
            assert report["failed"] == 0, report

    with subtest("nginx gives its sockets to systemd and gets them back"):
        for name in ["unheld", "base"]:
            start_load(api, "http://api", token)
            expect(name)
            api.log(f"to {name}: {stop_load(api)}")
            api.succeed("curl --silent --fail --max-time 10 http://api/readyz")
        # Without systemd's sockets, requests are refused while nginx is restarted.
        expect("unheld")
        start_load(api, "http://api", token)
        api.succeed("systemctl restart nginx.service")
        api.log(f"nginx without its sockets held: {stop_load(api)}")
        expect("base")

    with subtest("a migration that takes eight seconds"):
        start_load(api, "http://api", token)
        expect("slowMigration")
        report = stop_load(api)
        assert report["failed"] == 0, report

    for name in ["brokenServer", "brokenMigration"]:
        with subtest(f"{name}: the switch fails, also when it is repeated, until the cause is gone"):
            before = property_of(api, "crick-api.service", "MainPID")
            api.succeed("touch /etc/crick-test-broken")
            start_load(api, "http://api", token)
            for attempt in range(2):
                code, said = switch(name)
                assert code == 4, f"attempt {attempt}: {code} {said}"
                assert "crick-api" in said, said
                assert property_of(api, "crick-api.service", "MainPID") == before
            api.succeed("rm /etc/crick-test-broken")
            expect(name)
            report = stop_load(api)
            assert report["failed"] == 0, report
  '';
}
