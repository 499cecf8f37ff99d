# The sandbox: systemd's own score, and what the running server can really do.
{ self }:
{
  nodes.api = {
    imports = [ (import ./fixture/host.nix { inherit self; }) ];
    services.crick-api = {
      database.createLocally = true;
      listenTcp = "127.0.0.1:7878";
    };
  };

  testScript = builtins.readFile ./fixture/steps.py + ''
    api.wait_for_unit("multi-user.target")
    wait_until_ready(api)

    with subtest("systemd finds at most 0.2 of 10 exposed"):
        for unit in ["crick-api", "crick-api-spare", "crick-api-migrate", "crick-api-tcp"]:
            api.succeed(f"systemd-analyze security --no-pager --threshold=2 {unit}.service")
        # Root, which asks systemd to deploy.
        api.succeed("systemd-analyze security --no-pager --threshold=20 crick-api-deploy.service")

    process = property_of(api, "crick-api.service", "MainPID")

    with subtest("no capability, no new privileges, a filter on system calls"):
        about = dict(
            line.split(":\t", 1) for line in api.succeed(f"cat /proc/{process}/status").splitlines() if ":\t" in line
        )
        for capabilities in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]:
            assert int(about[capabilities], 16) == 0, about[capabilities]
        assert about["NoNewPrivs"] == "1"
        assert about["Seccomp"] == "2"

    with subtest("no network except its inherited sockets"):
        interfaces = api.succeed(f"cat /proc/{process}/net/dev").splitlines()[2:]
        assert [line.split(":")[0].strip() for line in interfaces] == ["lo"], interfaces
        api.succeed("curl --silent --fail --max-time 10 http://127.0.0.1:7878/readyz")

    server = "--setuid $(id --user crick-api) --setgid $(id --group crick-api)"
    inside = f"nsenter --target {process} --mount {server} --"

    with subtest("only its own directory is writable"):
        for folder in ["", "/etc", "/var", "/var/lib", "/run", "/run/crick-api", "/usr", "/dev/shm"]:
            api.fail(f"{inside} touch {folder}/crick-test")
        api.succeed(f"{inside} touch /var/lib/crick-api/crick-test")

    with subtest("no home directories, no devices"):
        api.succeed("mkdir -p /home/ada && touch /home/ada/secret")
        api.fail(f"{inside} ls /home/ada")
        api.fail(f"{inside} ls /dev/sda /dev/vda /dev/mem")
  '';
}
