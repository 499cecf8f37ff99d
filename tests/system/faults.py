"""Faults around the server, and what users can rely on."""

import json
import os
import pathlib
import signal
import time
import unittest

import clients
import machine
from machine import MAIN, curl, main_process, succeed, wait_until

class Faults(unittest.TestCase):
    def tearDown(self):
        machine.settle()

    def test_without_postgresql_503_and_when_it_is_back_all_is_well(self):
        token = machine.new_token("ada")
        before = main_process()
        succeed("systemctl", "stop", "postgresql.service")
        try:
            status, head, body = wait_until("503", lambda: (a := curl("/readyz"))[0] == 503 and a)
            self.assertIn("retry-after:", head)
            self.assertIn("database", json.loads(body)["detail"])
            self.assertEqual(curl("/livez")[0], 200)
            start = time.monotonic()
            status, head, body = machine.push(token, [machine.frame(1)])
            self.assertEqual(status, 503, body)
            self.assertIn("retry-after:", head)
            self.assertIn("application/problem+json", head)
            self.assertEqual(json.loads(body)["status"], 503)
            # It waits first, because PostgreSQL may be restarting.
            self.assertLess(time.monotonic() - start, 15)
            # A deploy during the outage fails, and the old server stays.
            machine.fail("systemctl", "reload", MAIN)
            self.assertEqual(main_process(), before)
        finally:
            succeed("systemctl", "start", "postgresql.service")
        start = time.monotonic()
        wait_until("the server is ready again", machine.is_serving)
        print(f"ready {time.monotonic() - start:.1f} s after PostgreSQL", end=" ")
        self.assertEqual(machine.push(token, [machine.frame(1)])[0], 201)
        self.assertEqual(main_process(), before, "the server did not survive")

    def test_postgresql_restarts_under_load_and_nothing_that_was_accepted_is_lost(self):
        before = main_process()
        with clients.load() as report:
            time.sleep(1)
            succeed("systemctl", "restart", "postgresql.service")
            wait_until("the server is ready again", machine.is_serving)
            time.sleep(1)
        print(report["answers"], end=" ")
        # Requests get 503 during the outage, except lists in progress.
        kinds = {answer for answer in report["answers"] if answer.split()[1] not in ("200", "201", "503")}
        self.assertLessEqual(kinds, {"pull IncompleteReadError"}, report)
        clients.check_pushes()
        self.assertEqual(main_process(), before)

    def test_kill_9_under_pushes_loses_nothing_that_was_accepted(self):
        kills = 0
        with clients.load("--only-pushes", "--batch=300", "--rate=50") as report:
            # A kill may fall between two pushes.
            while kills < 5 or not clients.has_failed_push() and kills < 40:
                before = main_process()
                time.sleep(1)
                os.kill(before, signal.SIGKILL)
                kills += 1
                wait_until("another server", lambda: main_process() not in (0, before))
                machine.settle()
        pushes = clients.check_pushes()
        print(kills, "kills:", report["answers"], end=" ")
        self.assertGreater(len(pushes), 200)
        self.assertTrue(any(each["answer"] != 201 for each in pushes), "no push met a dying server")
        # The clients push again, and each frame is stored once.
        self.assertGreater(report["answers"]["push 201"], 100)

    def test_kill_9_of_postgresql_loses_nothing_that_was_accepted(self):
        with clients.load("--only-pushes", "--batch=40", "--rate=50") as report:
            time.sleep(1)
            files = pathlib.Path("/var/lib/postgresql").glob("*/main/postmaster.pid")
            os.kill(int(next(files).read_text().split()[0]), signal.SIGKILL)
            machine.run("systemctl", "kill", "--signal=KILL", "postgresql@*.service")
            wait_until("503", lambda: curl("/readyz")[0] == 503)
            succeed("systemctl", "restart", "postgresql.service")
            wait_until("the server is ready again", machine.is_serving)
            time.sleep(1)
        print(report["answers"], end=" ")
        clients.check_pushes()
