# Unusual option values on running machines: what nixos/evaluation/values.nix accepts works.
{ self }:
let
  values = import ../evaluation/text-values.nix;
in
{
  nodes.api = {
    imports = [ (import ./fixture/host.nix { inherit self; }) ];
    services.crick-api = {
      database.createLocally = true;
      database.backup.enable = true;
      database.backup.startAt = "Mon..Fri 22:30";
      # The address comes after boot, as that of a VPN does.
      listenTcp = "10.99.0.1:7878";
      metrics.listenTcp = "[fd99::1]:9187";
      memoryMax = "768M";
      settings.watson_path = "/sync/v1";
      settings.log = "info,crick_api::store=debug";
      settings.drain_grace = 1;
      nginx.enable = true;
      nginx.hostName = "time.example.org";
      nginx.virtualHost = {
        forceSSL = false;
        default = true;
        listen = [
          {
            addr = "0.0.0.0";
            port = 8080;
          }
        ];
        extraConfig = ''
          set_real_ip_from 10.99.0.2;
          real_ip_header X-Forwarded-For;
        '';
      };
    };
    services.postgresql.settings.port = 5433;
    # A host whose other databases are not Unicode.
    services.postgresql.initdbArgs = [
      "--locale=C"
      "--encoding=LATIN1"
    ];
    # A host whose other databases want passwords.
    services.postgresql.authentication = ''
      local all postgres peer map=postgres
      local all all scram-sha-256
    '';
  };
  nodes.file = {
    imports = [ (import ./fixture/host.nix { inherit self; }) ];
    services.crick-api.settings.dsn = "sqlite:///var/lib/crick-api/other.db";
  };

  testScript = builtins.readFile ./fixture/steps.py + ''
    for machine in [api, file]:
        machine.wait_for_unit("multi-user.target")
        wait_until_ready(machine)

    with subtest("a TCP address that did not exist at boot"):
        for socket in ["crick-api-tcp.socket", "crick-api-metrics-tcp.socket"]:
            api.succeed(f"systemctl is-active {socket}")
        api.fail("curl --silent --max-time 2 http://10.99.0.1:7878/readyz")
        api.succeed("ip address add 10.99.0.1/32 dev lo && ip address add fd99::1/128 dev lo nodad")
        api.succeed("curl --silent --fail --max-time 10 http://10.99.0.1:7878/readyz")
        api.succeed("curl --silent --fail --max-time 10 'http://[fd99::1]:9187/metrics' | grep '# TYPE'")

    with subtest("another path for Watson's routes, behind a virtual host with other ports"):
        token = new_token(api, "ada")
        api.succeed(
            f"curl --silent --fail --max-time 10 --header 'Authorization: Token {token}'"
            + " http://localhost:8080/sync/v1/projects/"
        )
        api.fail("curl --silent --fail --max-time 10 http://localhost:8080/watson/projects/")
        api.fail("curl --silent --max-time 10 http://localhost:80/readyz")

    with subtest("a limit on memory, for both servers"):
        for unit in ["crick-api.service", "crick-api-spare.service"]:
            assert property_of(api, unit, "MemoryMax") == str(768 * 2**20)

    with subtest("a backup of PostgreSQL on another port, at another time"):
        api.succeed("systemctl start crick-api-backup.service")
        api.succeed("ls /var/lib/crick-api-backup/crick-*.dump")
        assert "22:30" in property_of(api, "crick-api-backup.timer", "NextElapseUSecRealtime")

    with subtest("a Unicode database in which no other role may create tables, as before PostgreSQL 15"):
        def psql(words):
            return f"runuser --user postgres -- psql --port 5433 --no-psqlrc --set ON_ERROR_STOP=1 --dbname crick-api {words} 2>&1"

        said = api.succeed(psql("--tuples-only --command 'SHOW server_encoding'"))
        assert said.strip() == "UTF8", said
        api.succeed(psql("--command 'GRANT CREATE ON SCHEMA public TO PUBLIC'"))
        api.succeed("systemctl restart postgresql-setup.service")
        api.succeed(psql("--command 'CREATE ROLE guest'"))
        said = api.fail(psql("--command 'SET ROLE guest; CREATE TABLE mine (id int)'"))
        assert "permission denied" in said, said
        api.succeed("systemctl reload crick-api.service")

    with subtest("systemd takes every text that the types of the options accept"):
        SETTINGS = {
            "addressRange": ("service", "IPAddressAllow"),
            "memorySize": ("service", "MemoryMax"),
            "tcpAddress": ("socket", "ListenStream"),
            "calendar": ("timer", "OnCalendar"),
            "timeSpan": ("timer", "OnUnitActiveSec"),
        }

        def verdict(values):
            """What systemd says of units with these values."""
            units = {
                "service": ["[Service]", "ExecStart=/bin/sh"],
                "socket": ["[Socket]"],
                "timer": ["[Timer]"],
            }
            for name, texts in values.items():
                kind, setting = SETTINGS[name]
                units[kind] += [f"{setting}={text}" for text in texts]
            for kind, lines in units.items():
                text = shlex.quote("\n".join(lines) + "\n")
                api.succeed(f"printf %s {text} >/tmp/crick-test-types.{kind}")
            said = api.succeed("cd /tmp && systemd-analyze verify --man=no ./crick-test-types.* 2>&1 || true")
            return [line for line in said.splitlines() if "crick-test-types" in line and ":" in line]

        accepted = json.loads("""${builtins.toJSON values.accepted}""")
        assert verdict(accepted) == [], verdict(accepted)
        for time in accepted["calendar"]:
            assert "never" not in api.succeed(f"systemd-analyze calendar {shlex.quote(time)}"), time
        # And it would say so of others.
        for name, text in {
            "addressRange": "db.example.org",
            "memorySize": "lots",
            "tcpAddress": "localhost:7878",
            "calendar": "Fri..Mon 03:00",
            "timeSpan": "often",
        }.items():
            assert verdict({name: [*accepted[name], text]}) != [], (name, text)

    with subtest("another SQLite file"):
        token = new_token(file, "ada")
        code, body = push(file, token, [frame(1)])
        assert code == 201, body
        file.succeed("test -e /var/lib/crick-api/other.db")
        file.fail("test -e /var/lib/crick-api/crick.db")
  '';
}
