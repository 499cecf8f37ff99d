# Sign-in with the tokens of an OIDC issuer: a timer fetches its keys for a server without a
# network, and they remain when the issuer is down.
{ self }:
let
  authority = "/var/lib/crick-test-authority.pem";
in
{
  nodes.api =
    { lib, ... }:
    {
      imports = [ (import ./fixture/host.nix { inherit self; }) ];
      services.crick-api.oidc = {
        issuer = "https://issuer";
        audience = "https://api.example.org";
        registration = "open";
        refreshEvery = "3s";
      };
      systemd.services.crick-api-jwks.environment.SSL_CERT_FILE = lib.mkForce authority;
    };
  nodes.issuer = ./fixture/issuer.nix;

  testScript = builtins.readFile ./fixture/steps.py + ''
    import time

    KEYS = "/var/lib/crick-api-jwks/jwks.json"
    ISSUER = "/var/lib/crick-test-issuer"

    def publish(kids):
        """The issuer shows these keys."""
        issuer.succeed(f"cd {ISSUER} && python3 /etc/crick-test/issuer keys {kids} >public/jwks.json")

    def jwt(kid="first", **claims):
        """A token of the issuer for Ada, with other claims or a key as the test wants it."""
        now = int(time.time())
        usual = {
            "iss": "https://issuer",
            "aud": "https://api.example.org",
            "sub": "test|1",
            "nickname": "ada",
            "iat": now,
            "exp": now + 3600,
        }
        text = shlex.quote(json.dumps({**usual, **claims}))
        return issuer.succeed(f"cd {ISSUER} && python3 /etc/crick-test/issuer token {kid} {text}").strip()

    def asks_who(token):
        words = f"--header 'Authorization: Bearer {token}' --output /tmp/me.json --write-out '%{{http_code}}'"
        return curl(words, "/users/me")

    def who_am_i(token):
        """The status, and the answer."""
        code = api.succeed(asks_who(token)).strip()
        return code, json.loads(api.succeed("cat /tmp/me.json"))

    with subtest("without an issuer, and without its keys, the server starts and Watson syncs"):
        api.start()
        api.wait_for_unit("multi-user.target")
        wait_until_ready(api)
        code, body = push(api, new_token(api, "grace"), [frame(1)])
        assert code == 201, body
        api.fail(f"test -e {KEYS}")

    with subtest("an issuer with an untrusted certificate is rejected, and sign-in fails"):
        issuer.start()
        issuer.wait_for_unit("nginx.service")
        api.fail("systemctl start crick-api-jwks.service")
        api.wait_until_succeeds("journalctl --unit=crick-api-jwks.service | grep --ignore-case certificate")
        api.fail(f"test -e {KEYS}")
        code, answer = who_am_i(jwt())
        assert code == "503", (code, answer)

    with subtest("the timer fetches the keys, which the server can read and cannot write"):
        trusted = shlex.quote(issuer.succeed(f"cat {ISSUER}/authority.pem"))
        api.succeed(f"echo {trusted} >${authority}")
        api.wait_until_succeeds(f"test -e {KEYS}")
        assert api.succeed(f"stat --format='%a %U' {KEYS}").strip() == "644 crick-api-jwks"
        published = json.loads(issuer.succeed(f"cat {ISSUER}/public/jwks.json"))
        assert json.loads(api.succeed(f"cat {KEYS}")) == published
        api.fail(f"runuser -u crick-api -- touch {KEYS}")

    with subtest("a person with a token of the issuer signs in, and is the same user the next time"):
        code, ada = who_am_i(jwt())
        assert code == "200" and ada["login"] == "ada", (code, ada)
        assert who_am_i(jwt(nickname="countess")) == ("200", ada)

    with subtest("an expired token, or one of another issuer, audience or key, is rejected"):
        for refused in [
            jwt(exp=int(time.time()) - 3600),
            jwt(iss="https://elsewhere"),
            jwt(aud="https://other.example.org"),
            jwt(kid="stranger"),
            "nonsense",
        ]:
            code, answer = who_am_i(refused)
            assert code == "401", (code, answer)

    with subtest("a new key of the issuer arrives automatically, and a withdrawn one disappears"):
        publish("first second")
        api.wait_until_succeeds(f"grep second {KEYS}")
        for kid in ["first", "second"]:
            assert who_am_i(jwt(kid)) == ("200", ada)
        publish("second")
        api.wait_until_succeeds(f"test $({asks_who(jwt('first'))}) = 401")
        assert who_am_i(jwt("second")) == ("200", ada)

    with subtest("while the issuer is down or broken the last keys are used, also by new servers"):
        before = api.succeed(f"cat {KEYS}")
        issuer.succeed("systemctl stop nginx.service")
        api.fail("systemctl start crick-api-jwks.service")
        for verb in ["reload", "restart"]:
            api.succeed(f"systemctl {verb} crick-api.service")
            wait_until_ready(api)
            assert who_am_i(jwt("second")) == ("200", ada)
        issuer.succeed(f"echo nonsense >{ISSUER}/public/jwks.json && systemctl start nginx.service")
        api.fail("systemctl start crick-api-jwks.service")
        assert api.succeed(f"cat {KEYS}") == before
        publish("second third")
        api.wait_until_succeeds(f"grep third {KEYS}")
        assert who_am_i(jwt("third")) == ("200", ada)

    with subtest("the server has no network, and the unit that has one cannot read frames"):
        process = property_of(api, "crick-api.service", "MainPID")
        interfaces = api.succeed(f"cat /proc/{process}/net/dev").splitlines()[2:]
        assert [line.split(":")[0].strip() for line in interfaces] == ["lo"], interfaces
        api.succeed("systemd-analyze security --no-pager --threshold=2 crick-api.service")
        api.succeed("systemd-analyze security --no-pager --threshold=10 crick-api-jwks.service")
        api.fail("runuser -u crick-api-jwks -- ls /var/lib/crick-api")
  '';
}
