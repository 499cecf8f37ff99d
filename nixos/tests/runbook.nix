# The commands in docs/deploy.md: users and tokens, a log line by its request, a backup of
# PostgreSQL and its restoration.
{ self }:
{
  nodes.api = {
    imports = [ (import ./fixture/host.nix { inherit self; }) ];
    services.crick-api = {
      database.createLocally = true;
      database.backup.enable = true;
      nginx.enable = true;
      nginx.hostName = "api";
      nginx.virtualHost.forceSSL = false;
      nginx.openFirewall = true;
    };
  };
  nodes.laptop =
    { pkgs, ... }:
    {
      environment.systemPackages = [ pkgs.watson ];
    };

  testScript = builtins.readFile ./fixture/steps.py + ''
    start_all()
    for machine in [api, laptop]:
        machine.wait_for_unit("multi-user.target")
    api.wait_for_unit("nginx.service")
    wait_until_ready(api)

    def status_with(token):
        words = f"--header 'Authorization: Token {token}' --output /dev/null --write-out '%{{http_code}}'"
        return api.succeed(curl(words, "/watson/projects/")).strip()

    with subtest("a device gets a token, loses it, and gets another"):
        first = new_token(api, "ada")
        assert crick(api, "user list").split() == ["ada"]
        assert crick(api, "token list ada").startswith("laptop\t")
        assert status_with(first) == "200"
        crick(api, "token revoke ada --device laptop")
        assert status_with(first) == "401"
        token = crick(api, "token create ada --device laptop")
        assert status_with(token) == "200"
        brief = crick(api, "token create ada --device guest --expires-in-days 1")
        assert status_with(brief) == "200"

    with subtest("a deleted user is gone with all data"):
        other = new_token(api, "grace")
        api.fail("/etc/crick-test/crick-api user remove grace")
        crick(api, "user remove grace --yes")
        assert status_with(other) == "401"
        assert crick(api, "user list").split() == ["ada"]

    with subtest("frames of Watson are imported and exported"):
        laptop.succeed("watson add --from '2026-11-02 09:00' --to '2026-11-02 10:00' apollo +guidance")
        frames = laptop.succeed("cat ~/.config/watson/frames")
        api.succeed(f"echo {shlex.quote(frames)} >/root/frames && chmod 600 /root/frames")
        api.succeed("install --owner=crick-api --mode=600 /root/frames /tmp/ada-frames")
        crick(api, "import ada /tmp/ada-frames")
        api.succeed("rm /tmp/ada-frames")
        assert [kept["project"] for kept in pull(api, token)] == ["apollo"]
        exported = json.loads(crick(api, "export ada"))
        assert [kept[2:5] for kept in exported] == [kept[2:5] for kept in json.loads(frames)]

    with subtest("a request is found in the log by its id"):
        api.succeed(curl("--fail --header 'X-Request-Id: crick-test-7'", "/livez"))
        api.wait_until_succeeds(
            "journalctl --unit=crick-api.service --unit=crick-api-spare.service --output=cat --grep=crick-test-7 | grep '\"status\":200'"
        )
        api.succeed("journalctl --unit='crick-api*' --priority=warning --boot")

    def projects():
        """The projects of all frames that the server has."""
        return sorted(kept[2] for kept in json.loads(crick(api, "export ada")))

    def sync():
        return laptop.succeed("sleep 1.1 && watson sync 2>&1")

    with subtest("a backup replaces the database, and devices bring back the rest"):
        laptop.succeed("watson config backend.url http://api/watson")
        laptop.succeed(f"watson config backend.token {token}")
        sync()
        assert projects() == ["apollo"]
        api.succeed("systemctl start crick-api-backup.service")
        # Watson leaves out what was changed within the second of its sync.
        laptop.succeed("sleep 1.1 && watson add --from '2026-11-03 09:00' --to '2026-11-03 10:00' gemini")
        laptop.succeed("watson rename project apollo artemis")
        sync()
        assert projects() == ["artemis", "gemini"]

        api.succeed("systemctl stop crick-api.socket crick-api.service crick-api-spare.service")
        api.succeed("runuser --user postgres -- dropdb crick-api")
        api.succeed("runuser --user postgres -- createdb --owner crick-api-migrate crick-api")
        copy = api.succeed("ls /var/lib/crick-api-backup/crick-*.dump").strip()
        api.succeed(f"runuser --user postgres -- pg_restore --exit-on-error --dbname crick-api <{copy}")
        api.succeed("systemctl start crick-api-migrate.service")
        crick(api, "restored")
        api.succeed("systemctl start crick-api.socket crick-api.service")
        wait_until_ready(api)
        assert projects() == ["apollo"]
        assert status_with(token) == "200"

        refused = laptop.fail("sleep 1.1 && watson sync 2>&1")
        assert "last_sync" in refused and "Traceback" not in refused, refused
        assert crick(api, "restored --list").split() == ["ada", "laptop"]
        laptop.succeed("rm ~/.config/watson/last_sync")
        sync()
        sync()
        assert projects() == ["artemis", "gemini"]
        assert crick(api, "restored --list") == ""
        crick(api, "restored --end")

        # The restored database is one that deploys: owner and rights are what they were.
        api.succeed("systemctl reload crick-api.service")
        assert len(projects()) == 2
  '';
}
