# Two people's machines with the real Watson, TLS by nginx, PostgreSQL without a password.
{ self }:
let
  client =
    { pkgs, ... }:
    {
      environment.systemPackages = [ pkgs.watson ];
    };
in
{
  nodes.api = {
    imports = [
      (import ./fixture/host.nix { inherit self; })
      (import ./fixture/certificate.nix { hostName = "api"; })
    ];
    services.crick-api = {
      database.createLocally = true;
      nginx.enable = true;
      nginx.hostName = "api";
      nginx.hsts = true;
      nginx.holdSockets = true;
      nginx.openFirewall = true;
    };
  };
  nodes.laptop = client;
  nodes.desktop = client;

  testScript = builtins.readFile ./fixture/steps.py + ''
    start_all()
    api.wait_for_unit("multi-user.target")
    api.wait_for_unit("nginx.service")
    wait_until_ready(api)
    certificate = api.succeed("cat /var/lib/crick-test-certificate/certificate.pem")

    crick(api, "user add ada")
    for machine in [laptop, desktop]:
        machine.wait_for_unit("multi-user.target")
        machine.succeed(f"echo {shlex.quote(certificate)} >/tmp/certificate.pem")
        token = crick(api, f"token create ada --device {machine.name}")
        machine.succeed("watson config backend.url https://api/watson")
        machine.succeed(f"watson config backend.token {token}")

    def sync(machine):
        return machine.succeed("REQUESTS_CA_BUNDLE=/tmp/certificate.pem watson sync 2>&1")

    def frames_of(machine):
        return machine.succeed("watson log --from 2026-11-01 --to 2026-11-30 --no-pager 2>&1")

    with subtest("a frame of one machine reaches the other"):
        laptop.succeed("watson add --from '2026-11-02 09:00' --to '2026-11-02 10:00' apollo +guidance && sleep 1.1")
        sync(laptop)
        sync(desktop)
        assert "apollo" in frames_of(desktop), frames_of(desktop)
        assert "guidance" in frames_of(desktop), frames_of(desktop)

    with subtest("and back, and syncing again changes nothing"):
        # Watson leaves out what was changed within the second of its sync.
        desktop.succeed("sleep 1.1 && watson add --from '2026-11-02 11:00' --to '2026-11-02 12:00' gemini && sleep 1.1")
        for machine in [desktop, laptop, desktop, laptop]:
            sync(machine)
        for machine in [laptop, desktop]:
            assert len(json.loads(machine.succeed("watson log --json --from 2026-11-01 --to 2026-11-30"))) == 2

    with subtest("nginx with held sockets loses no request of TLS when it restarts"):
        start_load(api, "https://api", "ada")
        for _ in range(3):
            api.succeed("systemctl restart nginx.service && sleep 1")
        report = stop_load(api)
        assert report["failed"] == 0, report

    with subtest("a wrong token is refused with a message, not a stack trace"):
        desktop.succeed("watson config backend.token nonsense")
        output = desktop.fail("REQUESTS_CA_BUNDLE=/tmp/certificate.pem watson sync 2>&1")
        assert "Traceback" not in output, output

    with subtest("plain HTTP is redirected, and browsers are told to use TLS"):
        redirect = api.succeed("curl --silent --head http://api/readyz")
        assert "301" in redirect and "https://api/readyz" in redirect, redirect
        headers = api.succeed("curl --silent --insecure --dump-header - --output /dev/null https://api/readyz")
        assert "strict-transport-security: max-age=63072000" in headers.lower(), headers

    def problem(command):
        """The status in nginx's own answer, which is JSON."""
        answer = json.loads(api.succeed(f"curl --silent --insecure {command}"))
        return answer["status"]

    with subtest("nginx's own errors are JSON, and the metrics are not public"):
        assert problem("https://api/metrics") == 404
        api.succeed("head --bytes=34000000 /dev/zero >/tmp/large")
        assert problem("--data-binary @/tmp/large https://api/watson/frames/bulk/") == 413
        api.succeed("systemctl stop crick-api.socket crick-api.service")
        assert problem("https://api/readyz") == 502
        api.succeed("systemctl start crick-api.socket crick-api.service")
        wait_until_ready(api)

    with subtest("the metrics are on their own socket"):
        metrics = api.succeed("curl --silent --fail --max-time 10 --unix-socket /run/crick-api/metrics.sock http://localhost/metrics")
        assert "# TYPE" in metrics, metrics
  '';
}
