"""The backup of PostgreSQL by the timer, and its restoration."""

import pathlib
import unittest

import machine
from machine import succeed

COPIES = pathlib.Path("/var/lib/crick-api-backup")


class Backup(unittest.TestCase):
    def tearDown(self):
        machine.settle()

    def test_a_copy_restores_what_was_there_with_its_owner_and_rights(self):
        token = machine.new_token("keeper")
        self.assertEqual(machine.push(token, [machine.frame(1)])[0], 201)
        succeed("systemctl", "start", "crick-api-backup.service")
        (copy,) = COPIES.glob("crick-*.dump")
        self.assertEqual(copy.stat().st_mode & 0o077, 0, "others can read the copy")
        self.assertEqual(machine.push(token, [machine.frame(2)])[0], 201)

        succeed("systemctl", "stop", "crick-api.socket", "crick-api.service", "crick-api-spare.service")
        postgres = ("runuser", "-u", "postgres", "--")
        succeed(*postgres, "dropdb", "crick-api")
        succeed(*postgres, "createdb", "--owner=crick-api-migrate", "crick-api")
        with copy.open() as file:
            succeed(*postgres, "pg_restore", "--exit-on-error", "--dbname=crick-api", stdin=file)
        succeed("systemctl", "start", "crick-api.socket", "crick-api.service")
        machine.settle()
        self.assertEqual(machine.sql(
            "SELECT count(*) FROM frames f JOIN users u ON u.id = f.user_id"
            " WHERE u.login = 'keeper' AND f.id IN (%s)" % ", ".join(
            f"'{machine.frame(number)['id']}'" for number in (1, 2)
        )), "1")
        # Owner and rights are restored: deploys and pushes succeed.
        succeed("systemctl", "reload", machine.MAIN)
        self.assertEqual(machine.push(token, [machine.frame(2)])[0], 201)
