# Limits on requests count by the address that nginx saw, not by the one that a client claims.
{ self }:
{
  nodes.api = {
    imports = [ (import ./fixture/host.nix { inherit self; }) ];
    services.crick-api = {
      settings.rate_limit_address = 20;
      nginx.enable = true;
      nginx.hostName = "api";
      nginx.virtualHost.forceSSL = false;
      nginx.openFirewall = true;
    };
  };
  nodes.laptop =
    { pkgs, ... }:
    {
      environment.systemPackages = [ pkgs.curl ];
    };

  testScript = builtins.readFile ./fixture/steps.py + ''
    start_all()
    for machine in [api, laptop]:
        machine.wait_for_unit("multi-user.target")
    api.wait_for_unit("nginx.service")
    wait_until_ready(api)
    ASK = "curl --silent --max-time 10 --write-out '%{http_code}\\n' http://api/watson/projects/"

    with subtest("an address with too many requests gets 429, whatever address it claims"):
        codes = laptop.succeed(
            "for each in $(seq 100); do"
            + f" {ASK} --output /tmp/answer.json --dump-header /tmp/head --header \"X-Forwarded-For: 192.0.2.$each\"; done"
        ).split()
        assert codes[0] == "401" and codes[-1] == "429", codes
        # A tenth of the requests of an address may lack valid credentials.
        assert 2 <= codes.count("401") < 20, codes
        assert json.loads(laptop.succeed("cat /tmp/answer.json"))["status"] == 429
        laptop.succeed("grep --ignore-case '^retry-after: [1-9]' /tmp/head")

    with subtest("others are not affected"):
        assert api.succeed(f"{ASK} --output /dev/null").strip() == "401"
  '';
}
