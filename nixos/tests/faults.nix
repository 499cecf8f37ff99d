# Faults around the server, and what its users can rely on.
{ self }:
{
  nodes.api = {
    imports = [ (import ./fixture/host.nix { inherit self; }) ];
    services.crick-api.database.createLocally = true;
  };
  nodes.small = {
    imports = [ (import ./fixture/host.nix { inherit self; }) ];
    # A disk for the database that is soon full.
    systemd.mounts = [
      {
        what = "tmpfs";
        where = "/var/lib/crick-api";
        type = "tmpfs";
        options = "size=3M,mode=700";
        requiredBy = [
          "crick-api.service"
          "crick-api-migrate.service"
        ];
        before = [
          "crick-api.service"
          "crick-api-migrate.service"
        ];
      }
    ];
  };

  testScript = builtins.readFile ./fixture/steps.py + ''
    start_all()
    for machine in [api, small]:
        machine.wait_for_unit("multi-user.target")
        wait_until_ready(machine)
    token = new_token(api, "ada")

    with subtest("without PostgreSQL the response is 503 in JSON, and afterwards requests succeed"):
        process = property_of(api, "crick-api.service", "MainPID")
        api.succeed("systemctl stop postgresql.service")
        api.wait_until_succeeds(
            f"test $({curl('--output /tmp/ready.json --write-out %{http_code}', '/readyz')}) = 503"
        )
        assert json.loads(api.succeed("cat /tmp/ready.json")), "no reason given"
        assert status(api, "/livez") == "200"
        code, body = push(api, token, [frame(1)])
        assert code == 503 and json.loads(body)["status"] == 503, (code, body)
        api.succeed("systemctl start postgresql.target")
        wait_until_ready(api)
        code, body = push(api, token, [frame(1)])
        assert code == 201, body
        assert property_of(api, "crick-api.service", "MainPID") == process, "the server did not survive"

    with subtest("kill -9 under a load of pushes: accepted batches are stored, and none in part"):
        start_load(api, f"unix:{SOCKET}", "ada", "--batch 40 --rate 60 --record /tmp/pushes")
        for _ in range(5):
            api.succeed("sleep 2")
            api.succeed("systemctl kill --signal=KILL crick-api.service")
        api.succeed("sleep 2")
        stop_load(api)
        wait_until_ready(api)
        stored = {kept["id"] for kept in pull(api, token)}
        pushes = [json.loads(line) for line in api.succeed("cat /tmp/pushes").splitlines()]
        assert len(pushes) > 50, len(pushes)
        assert any(not sent["accepted"] for sent in pushes), "no push met a dying server"
        for sent in pushes:
            count = len(stored.intersection(sent["ids"]))
            assert count == 40 or (count == 0 and not sent["accepted"]), (count, sent["accepted"])

    with subtest("a full disk: the push is refused in JSON, stored frames remain, reads work"):
        token = new_token(small, "ada")
        code, number = 201, 0
        accepted = 0
        while code == 201:
            assert number < 100000, "the disk did not fill"
            batch = [frame(each, "project-" + "x" * 100) for each in range(number, number + 200)]
            number += 200
            code, body = push(small, token, batch)
            if code == 201:
                accepted += 200
        assert code >= 500 and json.loads(body)["status"] == code, (code, body)
        words = f"--header 'Authorization: Token {token}' --output /dev/null --write-out '%{{http_code}}'"
        # A pull is refused, too, because what a device was sent is stored.
        assert small.succeed(curl(words, "/watson/projects/")).strip() == "200"
        assert status(small, "/livez") == "200"
        small.succeed("mount -o remount,size=30M /var/lib/crick-api")
        code, body = push(small, token, batch)
        assert code == 201, body
        assert len(json.loads(crick(small, "export ada"))) == accepted + 200
  '';
}
