"""Deploys under load, which must not fail or delay a request."""

import os
import pathlib
import re
import time
import unittest

import clients
import machine
from machine import MAIN, SPARE

# Seconds of the reference load.
QUIET = 20
DEPLOYS = 20
RESTARTS = 5
# Milliseconds by which the slowest request may be slower than without deploys: less than the duration
# of the slowest request, for which others would wait during a restart.
SLOWER = 700
WAYS = {}


def say_table():
    print(f"\n{'':28}{'sent':>8}{'failed':>8}{'p50 ms':>9}{'p99.9 ms':>10}{'max ms':>9}")
    for way, seen in WAYS.items():
        times = f"{seen['p50']:>9.1f}{seen['p999']:>10.1f}{seen['max']:>9.1f}"
        print(f"{way:28}{seen['sent']:>8}{seen['failed']:>8}{times}", flush=True)


class Deploy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        machine.version("a")
        machine.version("b")
        machine.version("exits", server='echo "this version is broken" >&2; exit 1')
        machine.version("hangs", server="exec sleep infinity")
        machine.version("migrates-not", migrate='echo "this step is broken" >&2; exit 1')
        # A shorter timeout for a version that never becomes ready.
        machine.drop_in(SPARE, "TimeoutStartSec=3")
        clients.tokens()

    @classmethod
    def tearDownClass(cls):
        machine.drop_in(SPARE)
        say_table()

    def program(self):
        return machine.succeed("readlink", f"/proc/{machine.main_process()}/exe")

    def test_1_no_deploy(self):
        with clients.load() as report:
            time.sleep(QUIET)
        WAYS["no deploy"] = report
        self.assertEqual(report["failed"], 0, report)
        clients.check_pushes()

    def test_2_main_and_spare(self):
        broken = ["exits", "hangs", "migrates-not"]
        with clients.load() as report:
            for turn in range(DEPLOYS // 2):
                before, program = machine.main_process(), machine.current()
                name = broken[turn % len(broken)]
                self.assertNotEqual(machine.deploy(name).returncode, 0, f"{name} was accepted")
                self.assertEqual(machine.main_process(), before, f"{name} has replaced the server")
                self.assertEqual(machine.current(), program)

                name = "ab"[turn % 2]
                done = machine.deploy(name)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertNotEqual(machine.main_process(), before, "the old server is still there")
                self.assertEqual(self.program(), str(machine.LIB / name / "crick-api-server"))
        WAYS[f"{DEPLOYS} deploys, every 2nd broken"] = report
        self.assertEqual(report["failed"], 0, report)
        clients.check_pushes()
        machine.settle()
        self.assertEqual(machine.show(MAIN, "NRestarts"), "0")
        journal = machine.succeed("journalctl", f"--unit={MAIN}", "--output=cat")
        self.assertNotIn("Failed with result", journal, "systemd takes a deploy for a failure")
        quiet = WAYS["no deploy"]
        self.assertLess(report["p999"], quiet["p999"] + SLOWER / 2, (quiet, report))
        self.assertLess(report["max"], quiet["max"] + SLOWER, (quiet, report))

    def test_3_a_lone_request_is_answered_after_every_kind_of_deploy(self):
        """Without load, because the next client would wake a server that blocks in accept()."""
        for name in ["exits", "a", "hangs", "migrates-not", "b"]:
            machine.deploy(name)
            machine.settle()
            for _ in range(4):
                self.assertEqual(machine.curl("/readyz", "--max-time", "5")[0], 200, f"after {name}")
            self.assertEqual(self.blocking_sockets(), [], f"after {name}")

    def blocking_sockets(self):
        """The listening sockets of the server without O_NONBLOCK, a flag shared with the spare."""
        folder = pathlib.Path(f"/proc/{machine.main_process()}/fdinfo")
        flags = {fd: re.search(r"flags:\s*(\d+)", (folder / fd).read_text()) for fd in ["3", "4"]}
        return [fd for fd, found in flags.items() if not int(found[1], 8) & os.O_NONBLOCK]

    def test_4_restart(self):
        with clients.load() as report:
            for _ in range(RESTARTS):
                machine.succeed("systemctl", "restart", MAIN)
                time.sleep(1)
        WAYS[f"{RESTARTS} systemctl restart"] = report
        self.assertEqual(report["failed"], 0, report)
        clients.check_pushes()

    def test_5_stopping_the_socket_too_does_fail_requests(self):
        """The default of NixOS, which shows that this load detects a bad deploy."""
        units = ["crick-api.socket", "crick-api-metrics.socket", MAIN]
        with clients.load() as report:
            for _ in range(RESTARTS):
                machine.succeed("systemctl", "stop", *units)
                machine.succeed("systemctl", "start", *units)
                time.sleep(1)
        WAYS[f"{RESTARTS} stops with socket, starts"] = report
        self.assertGreater(report["failed"], 0, report)
        clients.check_pushes()
        machine.settle()
