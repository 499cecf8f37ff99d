"""A database with a password, which only root and the programs that need it can see."""

import glob
import os
import pathlib
import secrets
import unittest

import machine
from machine import MAIN, SPARE, curl, fail, succeed

MIGRATE = "crick-api-migrate.service"
TOML = pathlib.Path("/etc/crick-api/crick-api.toml")
DSN = pathlib.Path("/etc/crick-api/dsn")
OWNER_DSN = pathlib.Path("/etc/crick-api/migration-dsn")
HBA = pathlib.Path(succeed("runuser", "-u", "postgres", "--", "psql", "-tAc", "SHOW hba_file"))


class Credentials(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """The steps of README.md, "A database with a password"."""
        cls.settings, cls.hba = TOML.read_text(), HBA.read_text()
        cls.known = []
        cls.token = machine.new_token("secretive")
        cls.known.append(cls.token)
        machine.sql(
            'CREATE ROLE crick_secret LOGIN IN ROLE "crick-api";'
            ' CREATE ROLE crick_owner LOGIN IN ROLE "crick-api-migrate"'
        )
        HBA.write_text("local all crick_secret,crick_owner scram-sha-256\n" + cls.hba)
        succeed("systemctl", "reload", "postgresql.service")
        lines = [line for line in cls.settings.splitlines() if not line.startswith("dsn")]
        TOML.write_text("\n".join(lines) + "\n")
        cls.new_password("crick_secret", DSN)
        cls.new_password("crick_owner", OWNER_DSN)
        for unit in [MAIN, SPARE]:
            machine.drop_in(unit, f"LoadCredential=dsn:{DSN}")
        machine.drop_in(MIGRATE, "Environment=", f"LoadCredential=dsn:{OWNER_DSN}")
        succeed("systemctl", "reload", MAIN)

    @classmethod
    def tearDownClass(cls):
        TOML.write_text(cls.settings)
        for unit in [MAIN, SPARE, MIGRATE]:
            machine.drop_in(unit)
        succeed("systemctl", "reload", MAIN)
        DSN.unlink()
        OWNER_DSN.unlink()
        HBA.write_text(cls.hba)
        succeed("systemctl", "reload", "postgresql.service")
        machine.settle()

    @classmethod
    def new_password(cls, role, file):
        """Sets the password of a role, and writes it to a credential."""
        password = secrets.token_hex(16)
        cls.known.append(password)
        with open(file, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as dsn:
            dsn.write(f"postgresql://{role}:{password}@localhost/crick-api?host=/run/postgresql\n")
        # Through standard input, because this test searches arguments and the server's log.
        succeed(
            *("runuser", "-u", "postgres", "--", "psql", "--quiet"),
            input=f"SET log_min_duration_statement = -1; ALTER ROLE {role} PASSWORD '{password}';",
        )

    def sync(self):
        """Pushes and pulls with the token, so that it has passed all places."""
        # From a file, because the test searches the arguments of all processes.
        file = pathlib.Path("/run/header")
        file.touch(mode=0o600)
        file.write_text(f"Authorization: Token {self.token}\n")
        words = ["--header", f"@{file}"]
        self.assertEqual(curl("/watson/frames/", *words)[0], 200)
        self.assertEqual(curl("/watson/frames/bulk/", *words, "--data", "[]")[0], 201)
        file.unlink()

    def test_1_the_passwords_are_used(self):
        self.sync()
        users = machine.sql("SELECT DISTINCT usename FROM pg_stat_activity WHERE usename LIKE 'crick%'")
        self.assertEqual(users, "crick_secret")
        # Without the password of the schema's owner, the deploy fails.
        password = OWNER_DSN.read_text()
        OWNER_DSN.write_text(password.replace("crick_owner:", "crick_owner:not"))
        fail("systemctl", "reload", MAIN)
        OWNER_DSN.write_text(password)
        succeed("systemctl", "reload", MAIN)

    def test_2_no_secret_in_arguments_environments_units_and_logs(self):
        self.sync()
        places = glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline")
        for folder in ["/etc/systemd", "/run/systemd/system", "/run/systemd/transient", "/var/log", "/run/log"]:
            places += [file for file in glob.glob(f"{folder}/**", recursive=True) if os.path.isfile(file)]
        texts = {"journal": machine.run("journalctl", "--output=export").stdout}
        texts["units"] = succeed("systemctl", "show", "*", "--all")
        self.assertGreater(len(texts["journal"]), 10000)
        for place in places:
            try:
                texts[place] = pathlib.Path(place).read_bytes().decode("latin-1")
            except OSError:
                continue  # a process that has ended meanwhile
        for secret in self.known:
            for place, text in texts.items():
                self.assertFalse(secret in text, f"a secret is in {place}")

    def test_3_nobody_else_can_read_it(self):
        process = machine.main_process()
        for user in ["nobody", "www-data", "crick-api-migrate"]:
            as_user = ["runuser", "-u", user, "--"]
            fail(*as_user, "cat", DSN)
            fail(*as_user, "cat", OWNER_DSN)
            fail(*as_user, "cat", f"/run/credentials/{MAIN}/dsn")
            fail(*as_user, "cat", f"/proc/{process}/environ")
            fail(*as_user, "ls", "/var/lib/crick-api")
        # Only the web server may connect to the API.
        ask = ["curl", "--silent", "--fail", "--unix-socket", machine.SOCKET, "http://api.crick.io/livez"]
        succeed("runuser", "-u", "www-data", "--", *ask)
        fail("runuser", "-u", "nobody", "--", *ask)

    def test_4_a_new_password_takes_a_reload(self):
        self.new_password("crick_secret", DSN)
        succeed("systemctl", "reload", MAIN)
        machine.settle()
        self.sync()
        self.test_2_no_secret_in_arguments_environments_units_and_logs()

    def test_5_the_operators_command_gets_it_too(self):
        # Also in a folder that the service's user may not enter.
        for folder in ["/", "/root", "/tmp"]:
            self.assertIn("secretive", succeed("crick-api", "user", "list", cwd=folder))
