# A password from a file of the host: only root and the programs that need it can see it, anywhere.
{ self }:
{
  nodes.api =
    { config, pkgs, ... }:
    {
      imports = [ (import ./fixture/host.nix { inherit self; }) ];
      services.crick-api = {
        dsnFile = "/run/crick-test/50%dsn";
        migrationDsnFile = "/run/crick-test/migration-dsn";
        database.remoteAddresses = [ "127.0.0.1" ];
        database.grantTo = "crick";
      };

      # What agenix or sops-nix would do, with passwords that this test makes up.
      services.postgresql.enable = true;
      systemd.services.crick-test-secrets = {
        after = [ "postgresql.target" ];
        before = [
          "crick-api.service"
          "crick-api-migrate.service"
        ];
        requiredBy = [
          "crick-api.service"
          "crick-api-migrate.service"
        ];
        path = [
          config.services.postgresql.package
          pkgs.openssl
          pkgs.util-linux
        ];
        script = ''
          umask 077
          mkdir -p /run/crick-test
          cd /run/crick-test
          server=$(openssl rand -hex 16)
          owner=$(openssl rand -hex 16)
          echo "$server" >password
          echo "$owner" >migration-password
          echo "postgresql://crick:$server@127.0.0.1/crick" >"50%dsn"
          echo "postgresql://crick_owner:$owner@127.0.0.1/crick" >migration-dsn
          runuser -u postgres -- psql -d postgres -v ON_ERROR_STOP=1 <<END
            CREATE ROLE crick LOGIN PASSWORD '$server';
            CREATE ROLE crick_owner LOGIN PASSWORD '$owner';
            CREATE DATABASE crick OWNER crick_owner;
          END
        '';
        serviceConfig = {
          Type = "oneshot";
          RemainAfterExit = true;
        };
      };
    };

  testScript = builtins.readFile ./fixture/steps.py + ''
    api.wait_for_unit("multi-user.target")
    wait_until_ready(api)
    token = new_token(api, "ada")
    code, body = push(api, token, [frame(1)])
    assert code == 201, body

    def secrets():
        return [
            token,
            api.succeed("cat /run/crick-test/password").strip(),
            api.succeed("cat /run/crick-test/migration-password").strip(),
        ]

    def nowhere():
        for secret in secrets():
            assert len(secret) >= 20, secret
            # grep would find itself by its own arguments.
            api.succeed(f"echo {secret} >/root/secret")
            for place in [
                "/proc/[0-9]*/environ /proc/[0-9]*/cmdline",
                "-r /etc/systemd/system /run/systemd/system /run/systemd/transient",
                "-r /var/log /run/log",
                "-r /nix/store/*crick* /nix/store/*unit-*",
            ]:
                api.fail(f"grep --quiet --text --no-messages --file=/root/secret {place}")
            api.fail("journalctl --output=export | grep --quiet --text --file=/root/secret")
            api.fail("systemctl show '*' | grep --quiet --text --file=/root/secret")

    with subtest("no secret in arguments, environments, units, logs or the store"):
        nowhere()

    with subtest("no other user can read the credential or connect to the server"):
        for unit in ["crick-api", "crick-api-spare", "crick-api-migrate"]:
            api.fail(f"runuser -u nobody -- cat /run/credentials/{unit}.service/dsn")
        api.fail("runuser -u crick-api-migrate -- cat /run/credentials/crick-api.service/dsn")
        api.fail("runuser -u nobody -- ls /var/lib/crick-api")
        api.fail("runuser -u nobody -- " + curl("", "/readyz"))
        process = property_of(api, "crick-api.service", "MainPID")
        api.fail(f"runuser -u nobody -- cat /proc/{process}/environ")

    with subtest("the server's role cannot change the schema"):
        password = secrets()[1]
        for statement in ["CREATE TABLE mine (id int)", "DROP TABLE frames", "TRUNCATE frames"]:
            api.succeed(f"echo {shlex.quote(statement)} >/tmp/statement")
            output = api.fail(f"PGPASSWORD={password} psql -h 127.0.0.1 -U crick -d crick -f /tmp/statement -v ON_ERROR_STOP=1 2>&1")
            assert "permission denied" in output or "must be owner" in output, output

    with subtest("the operator's commands use the same secrets, each its own"):
        assert "ada" in crick(api, "user list")
        assert "missing" not in api.succeed("/etc/crick-test/crick-api-migrate status")
        nowhere()

    with subtest("a new password takes a reload"):
        api.succeed(
            "cd /run/crick-test && umask 077 && openssl rand -hex 16 >password"
            + " && echo postgresql://crick:$(cat password)@127.0.0.1/crick >'50%dsn'"
            + " && echo \"ALTER ROLE crick PASSWORD '$(cat password)'\" | runuser -u postgres -- psql -d postgres"
        )
        api.succeed("systemctl reload crick-api.service")
        wait_until_ready(api)
        assert len(pull(api, token)) == 1
        nowhere()
  '';
}
