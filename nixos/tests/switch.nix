# Switches that change more than the server, fail, or are interrupted: afterwards the running server
# is the installed one, or the switch has failed.
{ self }:
{
  nodes.api =
    { lib, pkgs, ... }:
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
      environment.etc."crick-test/switch".source = ../../.ci/switch;
      virtualisation.cores = 2;
      virtualisation.memorySize = 2048;

      # What an update of nixpkgs does: everything that the host runs changes at once.
      specialisation.next.configuration = {
        services.crick-api.settings.log = "info,crick_test=debug";
        services.crick-api.package = lib.mkForce (
          import ./fixture/next-version.nix {
            inherit pkgs;
            package = self.packages.${pkgs.stdenv.hostPlatform.system}.crick-api;
          }
        );
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
    };

  testScript =
    builtins.readFile ./fixture/steps.py
    + ''
      api.wait_for_unit("multi-user.target")
      api.wait_for_unit("nginx.service")
      wait_until_ready(api)
      crick(api, "user add ada")
    ''
    + builtins.readFile ./fixture/switches.py
    + ''
      def under_load(what, action, restarts_postgresql=False):
          """No request fails meanwhile. Of PostgreSQL's own restart the pushes in a transaction may learn."""
          start_load(api, "http://api", "ada")
          result = action()
          report = stop_load(api)
          api.log(f"{what}: {report}")
          interrupted = report["answers"].get("POST 503", 0) if restarts_postgresql else 0
          assert interrupted <= 2 and report["failed"] == interrupted, report
          return result

      def process_of(unit):
          return property_of(api, unit, "MainPID")

      def in_turn(turn):
          return "next" if turn % 2 == 0 else "base"

      with subtest("PostgreSQL and nginx restart by themselves"):
          for turn in range(3):
              for unit in ["postgresql", "nginx"]:
                  restart = f"systemctl restart {unit}.service && sleep 2"
                  under_load(f"{unit} restarts", lambda: api.succeed(restart), unit == "postgresql")

      with subtest("a switch that changes every unit at once"):
          for turn in range(4):
              others = {unit: process_of(unit) for unit in ["postgresql.service", "nginx.service"]}
              under_load("every unit at once", lambda: deploys(in_turn(turn)), restarts_postgresql=True)
              for unit, before in others.items():
                  assert process_of(unit) != before, f"{unit} was not restarted"

      with subtest("a switch that is killed and repeated"):
          for turn, seconds in enumerate([0.5, 1, 1.5, 2]):
              name = in_turn(turn)

              def kill_and_repeat():
                  code, _ = switch(name, f"timeout --signal=KILL {seconds}")
                  assert code == 137, code
                  deploys(name)

              under_load(f"killed after {seconds} s and repeated", kill_and_repeat, restarts_postgresql=True)

      with subtest("a migration that takes eight seconds"):
          api.succeed("touch /etc/crick-test-slow-migration")
          under_load("a slow migration", lambda: deploys("next"), restarts_postgresql=True)
          api.succeed("rm /etc/crick-test-slow-migration")
          deploys("base")

      for what in ["migration", "server"]:
          with subtest(f"a broken {what}: the switch fails, and again, until the cause is gone"):

              def fail_twice():
                  api.succeed(f"touch /etc/crick-test-broken-{what}")
                  fails("next")
                  api.succeed("systemctl is-failed crick-api-deploy.service")
                  fails("next")
                  api.succeed(f"rm /etc/crick-test-broken-{what}")
                  deploys("next")

              under_load(f"a broken {what}", fail_twice, restarts_postgresql=True)
              deploys("base")

      with subtest("and a rollback after a failure has nothing to deploy"):
          api.succeed("touch /etc/crick-test-broken-server")
          fails("next")
          before = main_process()
          deploys("base")
          assert main_process() == before
          api.succeed("rm /etc/crick-test-broken-server")

      with subtest("a switch from another machine ends although its connection breaks"):
          # In the place of ssh: the connection breaks at the third command, and once for good.
          api.succeed("mkdir -p /tmp/bin && echo 0 >/tmp/connections")
          api.succeed(
              "printf '%s\\n' '#!/bin/sh' 'while [ \"$1\" = -o ]; do shift 2; done; shift'"
              + " 'n=$(($(cat /tmp/connections) + 1)); echo $n >/tmp/connections; [ $n != 3 ] || exit 255'"
              + " 'exec sh -c \"$*\"' >/tmp/bin/ssh && chmod +x /tmp/bin/ssh"
          )
          ci_switch = "PATH=/tmp/bin:$PATH bash /etc/crick-test/switch api"
          # A test has no bootloader.
          api.succeed("mkdir -p /tmp/next/bin && ln -s /tmp/next/switch /tmp/next/bin/switch-to-configuration")
          api.succeed(f"printf '%s\\n' '#!/bin/sh' 'exec {program('next')}' >/tmp/next/switch && chmod +x /tmp/next/switch")
          under_load("a broken connection", lambda: api.succeed(f"{ci_switch} /tmp/next"), restarts_postgresql=True)
          assert settings_of(main_process()) in property_of(api, "crick-api.service", "ExecStart")
          deploys("base")

          before = main_process()
          api.execute(f"timeout --signal=KILL 1.5 sh -c '{ci_switch} /tmp/next'")
          api.wait_until_succeeds(f"test $(systemctl show --value --property=MainPID crick-api.service) != {before}")
          # Until it ends, the switch holds a lock.
          api.wait_until_fails("systemctl list-units --state=running 'crick-api-switch-*' | grep crick-api-switch")
          deploys("base")

          api.succeed("touch /etc/crick-test-broken-server")
          code, said = api.execute(f"{ci_switch} /tmp/next 2>&1", timeout=300)
          assert code == 4 and "crick-api-deploy.service" in said, f"{code} {said}"
          api.succeed("rm /etc/crick-test-broken-server")
          deploys("base")
    '';
}
