"""Interrupted deploys and other commands: in the end one server runs, and nothing is lost.

Each runs under load. `exact` ones may not fail a request; where a server is killed, requests in flight may
fail, but what was answered 201 is in the database.
"""

import os
import signal
import unittest

import clients
import machine
from machine import LIB, MAIN, SPARE, deploy, main_process, show, succeed, wait_for_state, wait_until

MIGRATE = "crick-api-migrate.service"


def kill(process):
    os.kill(process, signal.SIGKILL)


def reload():
    return machine.start("systemctl", "reload", MAIN)


def other_server(before):
    """Waits until a new server serves."""
    wait_until("another server runs", lambda: main_process() not in (0, before))
    machine.settle()


class Interruptions(unittest.TestCase):
    exact = True

    @classmethod
    def setUpClass(cls):
        machine.version("a")
        machine.version("exits", server='echo "this version is broken" >&2; exit 1')
        # Starts slowly, so that it can be interrupted.
        machine.version("slow", server=f'sleep 1; exec {LIB}/first/crick-api-server "$@"')
        clients.tokens()

    def setUp(self):
        self.assertEqual(deploy("a").returncode, 0)
        machine.settle()
        self.before = main_process()
        self.exact = True
        self.under_load = clients.load()
        self.report = self.under_load.__enter__()

    def tearDown(self):
        self.under_load.__exit__(None, None, None)
        machine.settle()
        clients.check_pushes()
        answers = {name: count for name, count in self.report["answers"].items() if "20" not in name}
        print(f"failed {self.report['failed']} of {self.report['sent']} {answers or ''}", end=" ")
        self.assertGreater(self.report["sent"], 0)
        if self.exact:
            self.assertEqual(self.report["failed"], 0, self.report)

    # During a reload.

    def test_the_spare_is_killed_while_it_starts(self):
        succeed("ln", "-sfn", "slow", LIB / "current")
        work = reload()
        wait_for_state(SPARE, "activating")
        kill(int(show(SPARE, "MainPID")))
        self.assertNotEqual(work.wait(60), 0)
        self.assertEqual(main_process(), self.before)

    def test_the_spare_is_killed_while_the_server_drains(self):
        self.exact = False
        with machine.half_push(clients.tokens()[1][0]):
            work = reload()
            wait_for_state(MAIN, "deactivating")
            kill(int(show(SPARE, "MainPID")))
        self.assertEqual(work.wait(60), 0)
        other_server(self.before)

    def test_the_server_is_killed_while_the_spare_starts(self):
        self.exact = False
        succeed("ln", "-sfn", "slow", LIB / "current")
        work = reload()
        wait_for_state(SPARE, "activating")
        kill(self.before)
        work.wait(60)
        other_server(self.before)

    def test_the_server_is_killed_while_it_drains(self):
        self.exact = False
        with machine.half_push(clients.tokens()[1][0]):
            work = reload()
            wait_for_state(MAIN, "deactivating")
            kill(self.before)
        self.assertEqual(work.wait(60), 0)
        other_server(self.before)

    def test_the_new_server_is_killed_while_it_starts(self):
        succeed("ln", "-sfn", "slow", LIB / "current")
        with machine.half_push(clients.tokens()[1][0]):
            work = reload()
            wait_for_state(MAIN, "deactivating")
        new = wait_until("the new server", lambda: main_process() not in (0, self.before) and main_process())
        kill(new)
        # The caller gets an error; systemd restarts the server, and the spare serves until then.
        work.wait(60)
        other_server(self.before)
        self.assertNotEqual(main_process(), new)

    def test_systemctl_is_killed(self):
        succeed("ln", "-sfn", "slow", LIB / "current")
        work = reload()
        wait_for_state(SPARE, "activating")
        work.kill()
        work.wait(10)
        other_server(self.before)

    def test_two_reloads_at_once(self):
        works = [reload(), reload()]
        self.assertEqual([work.wait(60) for work in works], [0, 0])
        other_server(self.before)

    def test_a_second_reload_while_the_spare_starts(self):
        succeed("ln", "-sfn", "slow", LIB / "current")
        first = reload()
        wait_for_state(SPARE, "activating")
        second = reload()
        self.assertEqual([first.wait(60), second.wait(60)], [0, 0])
        other_server(self.before)

    def test_a_restart_while_the_spare_starts(self):
        succeed("ln", "-sfn", "slow", LIB / "current")
        work = reload()
        wait_for_state(SPARE, "activating")
        succeed("systemctl", "restart", MAIN)
        work.wait(60)
        other_server(self.before)

    def test_a_stop_while_the_spare_starts(self):
        succeed("ln", "-sfn", "slow", LIB / "current")
        work = reload()
        wait_for_state(SPARE, "activating")
        # Stopping the service stops the deploy; the spare serves until the service is started again.
        machine.run("systemctl", "stop", MAIN)
        self.assertNotEqual(work.wait(60), 0)
        wait_for_state(SPARE, "active")
        self.assertTrue(machine.is_serving())
        succeed("systemctl", "start", MAIN)
        other_server(self.before)

    def test_the_migrations_are_killed(self):
        machine.version("migrates-slowly", migrate="exec sleep infinity")
        succeed("ln", "-sfn", "migrates-slowly", LIB / "current")
        work = reload()
        wait_for_state(MIGRATE, "activating")
        process = wait_until("the migrations", lambda: int(show(MIGRATE, "MainPID")))
        kill(process)
        self.assertNotEqual(work.wait(60), 0)
        self.assertEqual(main_process(), self.before)

    # Manually, without a deploy.

    def test_the_server_is_killed(self):
        self.exact = False
        kill(self.before)
        other_server(self.before)

    def test_every_signal_to_stop_is_answered_by_a_new_server(self):
        for name in ["HUP", "INT", "TERM"]:
            before = main_process()
            succeed("systemctl", "kill", "--kill-whom=main", f"--signal={name}", MAIN)
            other_server(before)

    def test_restart_and_reload_with_a_spare_that_was_left_behind(self):
        for verb in ["restart", "reload"]:
            succeed("systemctl", "start", SPARE)
            succeed("systemctl", verb, MAIN)
            machine.settle()

    def test_stop_and_start(self):
        # Requests start the server again and may cancel the stop, which is not a failure.
        machine.run("systemctl", "stop", MAIN)
        succeed("systemctl", "start", MAIN)
        other_server(self.before)

    def test_a_deploy_brings_back_a_server_that_is_down(self):
        """The worst case: the link points to a broken version, and the server died."""
        self.exact = False
        succeed("ln", "-sfn", "exits", LIB / "current")
        kill(self.before)
        wait_until("it is started again and again", lambda: int(show(MAIN, "NRestarts")) >= 2)
        self.assertEqual(show("crick-api.socket", "ActiveState"), "active")
        done = deploy("a")
        self.assertEqual(done.returncode, 0, done.stderr)
        other_server(self.before)

    def test_deploys_of_two_operators_at_once_follow_each_other(self):
        works = [machine.start(LIB / "deploy", name) for name in ["first", "exits", "a"]]
        results = sorted(work.wait(120) for work in works)
        self.assertEqual(results, [0, 0, 1])
        self.assertIn(machine.current(), ["first", "a"])
