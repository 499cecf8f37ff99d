# The module without any option: SQLite, its backup, and two servers on one file during a reload.
{ self }:
{
  nodes.api = {
    imports = [ (import ./fixture/host.nix { inherit self; }) ];
    services.crick-api.database.backup.enable = true;
    services.crick-api.database.backup.keep = 2;
  };

  testScript = builtins.readFile ./fixture/steps.py + ''
    api.wait_for_unit("multi-user.target")
    wait_until_ready(api)
    token = new_token(api, "ada")

    with subtest("frames are stored, readable only by their user"):
        code, body = push(api, token, [frame(1), frame(2)])
        assert code == 201, body
        assert len(pull(api, token)) == 2
        assert pull(api, new_token(api, "grace")) == []

    with subtest("only the server can read the database"):
        modes = api.succeed("stat --format='%a %U' /var/lib/crick-api /var/lib/crick-api/crick.db").split("\n")
        assert modes[0] == "700 crick-api", modes
        assert modes[1] == "600 crick-api", modes

    with subtest("reloads under load lose nothing"):
        start_load(api, f"unix:{SOCKET}", "ada")
        for _ in range(5):
            api.succeed("systemctl reload crick-api.service")
        report = stop_load(api)
        assert report["failed"] == 0, report

    def count():
        """How many frames the user has. A pull depends on what its device was sent before."""
        return len(json.loads(crick(api, "export ada")))

    with subtest("a backup is a database that works"):
        code, body = push(api, token, [frame(3)])
        assert code == 201, body
        saved = count()
        for _ in range(3):
            api.succeed("systemctl start crick-api-backup.service")
            # Backups are named by the second.
            api.succeed("sleep 1.1")
        copies = api.succeed("ls /var/lib/crick-api-backup").split()
        assert len(copies) == 2, copies
        code, body = push(api, token, [frame(4)])
        assert code == 201, body
        assert count() == saved + 1

        api.succeed("systemctl stop crick-api.socket crick-api.service")
        api.succeed("rm /var/lib/crick-api/crick.db*")
        api.succeed(
            f"install --owner=crick-api --group=crick-api --mode=600 /var/lib/crick-api-backup/{copies[-1]}"
            + " /var/lib/crick-api/crick.db"
        )
        api.succeed("systemctl start crick-api-migrate.service")
        crick(api, "restored")
        api.succeed("systemctl start crick-api.socket crick-api.service")
        wait_until_ready(api)
        # The device has to start over: it is sent nothing before it has pushed what it has.
        assert pull(api, token) == []
        assert count() == saved
        crick(api, "restored --end")
        api.succeed("systemctl list-timers crick-api-backup.timer | grep crick-api-backup")
  '';
}
