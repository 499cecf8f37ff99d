# Sign-in at the dashboard with the issuer: the server reaches only the issuer, and only the server
# has the client's secret.
{ self }:
let
  authority = "/var/lib/crick-test-authority.pem";
in
{
  nodes.api =
    { lib, nodes, ... }:
    {
      imports = [ (import ./fixture/host.nix { inherit self; }) ];
      services.crick-api.oidc = {
        issuer = "https://issuer";
        audience = "https://api.example.org";
        registration = "open";
        refreshEvery = "3s";
        signIn = {
          clientId = "crick-web";
          clientSecretFile = "/run/crick-test/client-secret";
          addresses = [ nodes.issuer.networking.primaryIPAddress ];
        };
      };
      systemd.services = {
        crick-api-jwks.environment.SSL_CERT_FILE = lib.mkForce authority;
        crick-api.environment.SSL_CERT_FILE = lib.mkForce authority;
        crick-api-spare.environment.SSL_CERT_FILE = lib.mkForce authority;

        # What agenix or sops-nix would do.
        crick-test-secrets = {
          before = [ "crick-api.service" ];
          requiredBy = [ "crick-api.service" ];
          script = ''
            umask 077
            mkdir -p /run/crick-test
            printf 'a secret\n' >/run/crick-test/client-secret
          '';
          serviceConfig = {
            Type = "oneshot";
            RemainAfterExit = true;
          };
        };
      };
    };
  nodes.issuer = ./fixture/issuer.nix;

  testScript = builtins.readFile ./fixture/steps.py + ''
    import time
    import urllib.parse

    ISSUER = "/var/lib/crick-test-issuer"
    BROWSER = "--cookie /tmp/jar --cookie-jar /tmp/jar"

    def visit(path):
        """The status, and the page, as a browser gets it through the proxy."""
        words = f"{BROWSER} --output /tmp/page --write-out '%{{http_code}}'"
        return api.succeed(curl(words, shlex.quote(path))).strip(), api.succeed("cat /tmp/page")

    start_all()
    api.wait_for_unit("multi-user.target")
    issuer.wait_for_unit("nginx.service")
    wait_until_ready(api)
    trusted = shlex.quote(issuer.succeed(f"cat {ISSUER}/authority.pem"))
    api.succeed(f"echo {trusted} >${authority}")
    api.wait_until_succeeds("test -e /var/lib/crick-api-jwks/jwks.json")

    with subtest("a person goes to the issuer, returns, and is signed in"):
        words = f"{BROWSER} --output /dev/null --write-out '%{{redirect_url}}'"
        there = urllib.parse.urlsplit(api.succeed(curl(words, "/dashboard/sign-in/issuer")).strip())
        assert there.netloc == "issuer" and there.path == "/authorize", there
        asked = dict(urllib.parse.parse_qsl(there.query))
        claims = {
            "iss": "https://issuer",
            "aud": "crick-web",
            "sub": "test|1",
            "nickname": "ada",
            "nonce": asked["nonce"],
            "exp": int(time.time()) + 600,
        }
        text = shlex.quote(json.dumps(claims))
        token = issuer.succeed(f"cd {ISSUER} && python3 /etc/crick-test/issuer token first {text}").strip()
        tokens = shlex.quote(json.dumps({"access_token": "opaque", "token_type": "Bearer", "id_token": token}))
        issuer.succeed(f"echo {tokens} >{ISSUER}/public/tokens.json")
        code, page = visit(f"/dashboard/sign-in/callback?code=once&state={asked['state']}")
        assert code == "200", page
        code, page = visit("/")
        assert code == "200" and "ada" in page, page

    with subtest("the next server knows the session"):
        api.succeed("systemctl reload crick-api.service")
        wait_until_ready(api)
        assert visit("/dashboard/devices")[0] == "200"

    with subtest("only the server can read the client's secret"):
        assert api.succeed("stat --format=%a /run/crick-test/client-secret").strip() == "600"
        process = property_of(api, "crick-api.service", "MainPID")
        api.fail(f"grep --quiet 'a secret' /proc/{process}/environ /proc/{process}/cmdline")
        api.fail("journalctl --no-pager | grep --quiet 'a secret'")
        api.fail("runuser -u crick-api-jwks -- cat /run/credentials/crick-api.service/oidc-client-secret")

    with subtest("the server reaches only the issuer"):
        address = issuer.succeed("hostname --all-ip-addresses").split()
        allowed = property_of(api, "crick-api.service", "IPAddressAllow").split()
        assert len(allowed) == 1 and allowed[0].split("/")[0] in address, (allowed, address)
        api.succeed("systemd-analyze security --no-pager --threshold=10 crick-api.service")
  '';
}
