"""The sandbox: systemd's score, and the abilities of the running server."""

import pathlib
import unittest

import machine
from machine import MAIN, SPARE, fail, succeed

UNITS = [MAIN, SPARE, "crick-api-migrate.service", "crick-api-backup.service"]
# The only service with a network, which fetches an issuer's keys.
JWKS = "crick-api-jwks.service"


def exposure(unit):
    """systemd's exposure level, from 0 (safe) to 10."""
    last = succeed("systemd-analyze", "security", "--no-pager", unit).splitlines()[-1]
    return float(last.rpartition(": ")[2].split()[0])


class Hardening(unittest.TestCase):
    def test_systemd_finds_at_most_0_2_of_10_exposed(self):
        scores = {unit: exposure(unit) for unit in UNITS}
        print(scores, end=" ", flush=True)
        for unit, score in scores.items():
            self.assertLessEqual(score, 0.2, unit)

    def test_the_unit_that_fetches_keys_has_a_network_and_little_else(self):
        self.assertLessEqual(exposure(JWKS), 1.0)
        self.assertEqual(machine.show(JWKS, "PrivateNetwork"), "no")
        families = machine.show(JWKS, "RestrictAddressFamilies").split()
        self.assertEqual(sorted(families), ["AF_INET", "AF_INET6", "AF_UNIX"])

    def test_every_setting_is_understood(self):
        files = [f"/etc/systemd/system/{unit}" for unit in [*UNITS, JWKS, "crick-api-jwks.timer"]]
        files += [f"/etc/systemd/system/crick-api{name}.socket" for name in ["", "-metrics"]]
        done = machine.run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *files)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_no_capability_no_new_privileges_and_a_filter_on_system_calls(self):
        text = pathlib.Path(f"/proc/{machine.main_process()}/status").read_text()
        about = dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
        for name in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]:
            self.assertEqual(int(about[name], 16), 0, name)
        self.assertEqual(about["NoNewPrivs"], "1")
        self.assertEqual(about["Seccomp"], "2")

    def test_no_network_but_the_sockets_it_was_given(self):
        text = pathlib.Path(f"/proc/{machine.main_process()}/net/dev").read_text()
        names = [line.split(":")[0].strip() for line in text.splitlines()[2:]]
        self.assertEqual(names, ["lo"])

    def test_nothing_to_write_but_its_own_folder(self):
        inside = ["nsenter", f"--target={machine.main_process()}", "--mount"]
        inside += [f"--setuid={succeed('id', '-u', 'crick-api')}"]
        inside += [f"--setgid={succeed('id', '-g', 'crick-api')}", "--"]
        for folder in ["", "/etc", "/var", "/var/lib", "/run", "/run/crick-api", "/usr", "/dev/shm"]:
            fail(*inside, "touch", f"{folder}/crick-test")
        fail(*inside, "touch", machine.LIB / machine.current() / "crick-api-server")
        succeed(*inside, "touch", "/var/lib/crick-api/crick-test")
        succeed(*inside, "rm", "/var/lib/crick-api/crick-test")
        fail(*inside, "ls", "/root", "/home")

    def test_the_servers_role_cannot_change_the_schema(self):
        for statement in ["CREATE TABLE mine (id int)", "DROP TABLE frames", "TRUNCATE frames"]:
            said = fail(
                *("runuser", "-u", "crick-api", "--"),
                *("psql", "--dbname=crick-api", f"--command={statement}"),
            )
            self.assertRegex(said, "permission denied|must be owner")
