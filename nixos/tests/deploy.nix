# Twenty switches under load, every second one to a version that cannot start: no request fails, and
# the slowest takes hardly longer than without switches.
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
        nginx.virtualHost.forceSSL = false;
      };
      system.switch.enable = true;
      virtualisation.cores = 2;
      virtualisation.memorySize = 2048;

      specialisation.next.configuration.services.crick-api = {
        settings.log = "info,crick_api=debug";
        package = lib.mkForce (
          import ./fixture/next-version.nix {
            inherit pkgs;
            package = self.packages.${pkgs.stdenv.hostPlatform.system}.crick-api;
          }
        );
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
      nginx = property_of(api, "nginx.service", "MainPID")

      with subtest("without switches"):
          start_load(api, "http://api", "ada")
          api.succeed("sleep 30")
          quiet = stop_load(api)
          assert quiet["failed"] == 0, quiet

      with subtest("with switches"):
          start_load(api, "http://api", "ada")
          for turn in range(5):
              api.succeed("touch /etc/crick-test-broken-server")
              fails("next")
              fails("next")
              api.succeed("rm /etc/crick-test-broken-server")
              before = main_process()
              deploys("next")
              assert main_process() != before, "the old version is still there"
              before = main_process()
              deploys("base")
              assert main_process() != before, "the old version is still there"
          busy = stop_load(api)
          assert busy["failed"] == 0, busy
          assert is_as_fast(busy, quiet), (quiet, busy)

      with subtest("one server remains"):
          api.succeed("systemctl is-active crick-api.service crick-api.socket")
          assert property_of(api, "crick-api.service", "NRestarts") == "0"
          assert property_of(api, "nginx.service", "MainPID") == nginx, "nginx was restarted"

      with subtest("nginx reloads for a changed virtual host"):
          start_load(api, "http://api", "ada")
          for turn in range(10):
              api.succeed("systemctl reload nginx.service && sleep 0.5")
          reloads = stop_load(api)
          assert reloads["failed"] == 0, reloads

      with subtest("nginx itself refuses connections while it is restarted"):
          start_load(api, "http://api", "ada")
          api.succeed("systemctl restart nginx.service && sleep 1")
          api.log(f"a restart of nginx: {stop_load(api)}")
    '';
}
