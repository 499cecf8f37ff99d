# Twenty switches under load, every second one to a version that cannot start: no request fails, and
# the slowest takes hardly longer than without switches.
{ self }:
let
  # A version that passes the check of its settings and then does not come up.
  broken =
    pkgs: package:
    pkgs.runCommandLocal "crick-api-broken" { meta.mainProgram = "crick-api-server"; } ''
      mkdir -p $out/bin
      ln -s ${package}/bin/crick-api-migrate $out/bin/
      cat >$out/bin/crick-api-server <<'END'
      #!${pkgs.runtimeShell}
      case $1 in
        serve) echo "this version is broken" >&2; exit 1 ;;
        *) exec ${package}/bin/crick-api-server "$@" ;;
      esac
      END
      chmod +x $out/bin/crick-api-server
    '';
in
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

      specialisation.next.configuration.services.crick-api.settings.log = "info,crick_api=debug";
      specialisation.broken.configuration.services.crick-api.package = lib.mkForce (
        broken pkgs self.packages.${pkgs.stdenv.hostPlatform.system}.crick-api
      );
    };

  testScript = builtins.readFile ./fixture/steps.py + ''
    api.wait_for_unit("multi-user.target")
    api.wait_for_unit("nginx.service")
    wait_until_ready(api)
    token = new_token(api, "ada")
    base = api.succeed("readlink --canonicalize-existing /run/current-system").strip()
    generations = {
        "base": base,
        "next": f"{base}/specialisation/next",
        "broken": f"{base}/specialisation/broken",
    }

    def switch(name):
        """What the switch says, with its exit code."""
        return api.execute(f"{generations[name]}/bin/switch-to-configuration test 2>&1", timeout=300)

    def main_process():
        return property_of(api, "crick-api.service", "MainPID")

    nginx = property_of(api, "nginx.service", "MainPID")

    with subtest("without switches"):
        start_load(api, "http://api", token)
        api.succeed("sleep 30")
        quiet = stop_load(api)
        assert quiet["failed"] == 0, quiet

    with subtest("with switches"):
        start_load(api, "http://api", token)
        for turn in range(10):
            before = main_process()
            code, said = switch("broken")
            assert code == 4, f"a switch to a version that does not start must fail: {code} {said}"
            assert "crick-api" in said, said
            assert main_process() == before, "the old version has been replaced"

            code, said = switch("next" if turn % 2 == 0 else "base")
            assert code == 0, f"{code} {said}"
            assert main_process() != before, "the old version is still there"
        busy = stop_load(api)
        assert busy["failed"] == 0, busy
        assert busy["slowest"] < quiet["slowest"] + 1, (quiet, busy)

    with subtest("what is left is one server"):
        api.wait_until_succeeds("test $(systemctl is-active crick-api-spare.service) = inactive")
        api.succeed("systemctl is-active crick-api.service crick-api.socket")
        assert property_of(api, "crick-api.service", "NRestarts") == "0"
        assert property_of(api, "nginx.service", "MainPID") == nginx, "nginx was restarted"
  '';
}
