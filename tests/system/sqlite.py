"""SQLite: migrations as the server's user, backup, deploys, and a full disk."""

import contextlib
import json
import pathlib
import sqlite3
import unittest

import machine
from machine import MAIN, curl, succeed

TOML = pathlib.Path("/etc/crick-api/crick-api.toml")
STATE = pathlib.Path("/var/lib/crick-api")
# The file in contrib/debian, and its path on a host.
DROP_INS = {
    f"sqlite-{unit}.conf": pathlib.Path(f"/etc/systemd/system/crick-api-{unit}.service.d/sqlite.conf")
    for unit in ["migrate", "backup"]
}


def frame(number):
    return machine.frame(number, "project-" + "x" * 100)


class Sqlite(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """The steps of README.md, "SQLite instead", on a small disk."""
        cls.settings = TOML.read_text()
        lines = [line for line in cls.settings.splitlines() if not line.startswith("dsn")]
        TOML.write_text("\n".join([f'dsn = "sqlite:{STATE}/crick.db"', *lines, ""]))
        for file, drop_in in DROP_INS.items():
            drop_in.parent.mkdir(exist_ok=True)
            drop_in.write_text(pathlib.Path("/share/debian", file).read_text())
        succeed("systemctl", "daemon-reload")
        succeed("mount", "-t", "tmpfs", "-o", "size=4M,mode=700", "tmpfs", STATE)
        succeed("systemctl", "reload", MAIN)
        cls.token = machine.new_token("ada")

    @classmethod
    def tearDownClass(cls):
        TOML.write_text(cls.settings)
        for drop_in in DROP_INS.values():
            drop_in.unlink()
        succeed("systemctl", "daemon-reload")
        succeed("systemctl", "reload", MAIN)
        machine.settle()
        succeed("umount", "--lazy", STATE)

    def push(self, frames):
        return machine.push(self.token, frames)

    def pull(self):
        status, _, body = curl("/watson/frames/", "--header", f"Authorization: Token {self.token}")
        self.assertEqual(status, 200)
        return {each["id"] for each in json.loads(body)}

    def test_1_the_file_is_the_servers_alone(self):
        self.assertEqual(self.push([frame(1)])[0], 201)
        for file in STATE.iterdir():
            self.assertEqual((file.owner(), file.stat().st_mode & 0o777), ("crick-api", 0o600), file)

    def test_2_a_deploy_changes_the_server_and_keeps_the_frames(self):
        machine.version("a")
        before = machine.main_process()
        self.assertEqual(machine.deploy("a").returncode, 0)
        self.assertNotEqual(machine.main_process(), before)
        self.assertIn(frame(1)["id"], self.pull())

    def test_3_a_backup_is_a_whole_database(self):
        self.assertEqual(self.push([frame(1)])[0], 201)
        succeed("systemctl", "start", "crick-api-backup.service")
        copies = list(pathlib.Path("/var/lib/crick-api-backup").glob("*.db"))
        self.assertEqual(len(copies), 1)
        with contextlib.closing(sqlite3.connect(copies[0])) as copy:
            self.assertEqual(copy.execute("PRAGMA integrity_check").fetchone(), ("ok",))
            self.assertGreater(copy.execute("SELECT count(*) FROM frames").fetchone()[0], 0)

    def test_4_a_full_disk_refuses_a_push_as_a_whole_and_goes_on(self):
        status, number = 201, 1000
        accepted = set(self.pull())
        while status == 201:
            self.assertLess(number, 100000, "the disk did not fill")
            batch = [frame(each) for each in range(number, number + 200)]
            number += 200
            status, _, body = self.push(batch)
            if status == 201:
                accepted.update(each["id"] for each in batch)
        print(f"{status} {json.loads(body)['detail']!r}", end=" ")
        self.assertIn(status, [500, 503, 507])
        self.assertEqual(json.loads(body)["status"], status)
        self.assertEqual(self.pull(), accepted)
        self.assertEqual(curl("/livez")[0], 200)
        # Twice again: a connection with a failed commit must not be reused.
        for _ in range(2):
            self.assertIn(self.push(batch)[0], [500, 503, 507])
        succeed("mount", "-o", "remount,size=40M", STATE)
        self.assertEqual(self.push(batch)[0], 201)
        self.assertEqual(self.push([frame(number)])[0], 201)
        accepted |= {each["id"] for each in batch} | {frame(number)["id"]}
        self.assertEqual(self.pull(), accepted)
        succeed("systemctl", "kill", "--signal=KILL", "--kill-whom=main", "crick-api.service")
        machine.wait_until("the server answers", lambda: curl("/livez")[0] == 200)
        self.assertEqual(self.pull(), accepted)
