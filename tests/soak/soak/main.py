"""run [OPTIONS]: four real Watson clients of one user, each with its own token, against a server that is killed now and
then, over a network that delays, cuts and drops. At the end every promise is checked. See ../watson/README.md.

The exit status is 1 if a promise was broken, except in a way that is shown to be one of the accepted kinds.
"""

import argparse
import random
import sys
import threading
import time
import traceback
from collections import Counter
from contextlib import ExitStack
from itertools import count

from suite.client import Client, faketime
from suite.device import Device
from suite.main import build
from suite.servers import ENGINES, GivenServer
from suite.versions import PINS, install

from .actor import Actor
from .record import Record
from .steps import Steps, Tally
from .verdict import all_violations, check_end, is_unexplained

ZONES = ["UTC", "Europe/Paris", "Asia/Tokyo", "America/New_York"]
# Histories printed of each kind of violation; one of each accepted kind is always printed.
MOST_SHOWN = 5
# Seconds by which the devices' clocks are wrong.
CLOCKS = [0, 7, -95, 0]


def arguments():
    parser = argparse.ArgumentParser(prog="run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=None, help="default: a new one, which is printed")
    parser.add_argument("--steps", type=int, default=400, help="steps of all devices together; default: %(default)s")
    parser.add_argument("--minutes", type=float, help="instead of --steps")
    parser.add_argument("--server", metavar="PATH", help="crick-api-server; default: target/debug, built first")
    parser.add_argument("--url", help="test a given server instead, which is not killed; needs --token-command")
    parser.add_argument("--token-command", metavar="CMD", help="prints a token, called with USER DEVICE exclusive")
    parser.add_argument("--engine", choices=ENGINES, default="sqlite", help="default: %(default)s")
    parser.add_argument("--versions", default="2.1.0,1.9.0,1.5.2,next-3.1.1", help=f"four of {','.join(PINS)}")
    parser.add_argument("--kill", type=float, default=20, help="seconds between kills of the server, on average")
    parser.add_argument("--rare", action="store_true", help="also restores, wipes, clock steps, half-saved folders …")
    parser.add_argument("--verbose", action="store_true", help="print several histories of accepted violations, too")
    options = parser.parse_args()
    if options.url and not options.token_command:
        parser.error("--url needs --token-command")
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1_000_000)
    return options


class Soak:
    """The server, the devices, and the threads that act."""

    def __init__(self, options, server, stack):
        self.options, self.server = options, server
        self.tally, self.stopping, self.failures = Tally(), threading.Event(), []
        self.kills = 0
        versions = count(1)
        lock = threading.Lock()

        def new_version():
            with lock:
                return f"v{next(versions)}"

        login = server.new_user()
        clients = {}
        self.actors = []
        for position, version in enumerate(options.versions.split(",")):
            if version not in clients:
                clients[version] = Client(install(version))
                stack.callback(clients[version].close)
            name = "ABCDEFGH"[position]
            clock = CLOCKS[position % 4] if faketime() else 0
            token = server.token(login, name, position, shared=False)
            device = Device(name, clients[version], server.url, token, ZONES[position % 4], clock)
            stack.callback(device.close)
            steps = Steps(options.seed, name, options.rare)
            self.actors.append(Actor(device, Record(device), steps, self.tally, new_version))
        token = server.token(login, "reference", len(self.actors), shared=False)
        self.reference = Device("reference", next(iter(clients.values())), server.url, token)
        stack.callback(self.reference.close)

    @property
    def records(self):
        return [actor.record for actor in self.actors]

    def run(self):
        threads = [threading.Thread(target=self.act, args=[actor]) for actor in self.actors]
        killer = threading.Thread(target=self.kill_server)
        for thread in threads if self.options.url else [*threads, killer]:
            thread.start()
        for thread in threads:
            thread.join()
        self.stopping.set()
        if killer.is_alive():
            killer.join()
        if self.failures:
            raise RuntimeError("\n".join(self.failures))

    def act(self, actor):
        """Performs one device's share of the steps."""
        deadline = time.monotonic() + self.options.minutes * 60 if self.options.minutes else None
        share = self.options.steps // len(self.actors)
        done = 0
        try:
            while not self.stopping.is_set() and (time.monotonic() < deadline if deadline else done < share):
                actor.perform(actor.steps.draw())
                done += 1
        except Exception:
            history = "\n".join(event.text for event in actor.record.events[-20:])
            self.failures.append(f"{actor.device.name}: {traceback.format_exc()}\n{history}")
            self.stopping.set()

    def kill_server(self):
        rng = random.Random(f"{self.options.seed} server")
        while not self.stopping.wait(rng.expovariate(1 / self.options.kill)):
            self.server.kill()
            time.sleep(rng.choice([0, 0.2, 1]))
            self.server.start()
            self.kills += 1

    def settle(self):
        """Syncs without faults until no device receives or pushes anything. Returns the number of rounds."""
        if self.options.rare:
            for actor in self.actors:
                actor.set_clock_to(0)
                time.sleep(1)
        for round in range(1, 16):
            outcomes = [actor.sync_once() for actor in self.actors]
            failed = [synced.output for synced in outcomes if not synced.ok]
            if failed:
                raise RuntimeError(f"a sync failed without a fault: {failed[0]}")
            if not any(synced.received or synced.pushed for synced in outcomes):
                break
        else:
            self.blame_restless(outcomes)
        return round

    def blame_restless(self, outcomes):
        for actor, synced in zip(self.actors, outcomes):
            for frame in {*synced.received, *synced.pushed}:
                actor.record.violate("not quiet", frame, f"exchanges {frame[:4]} in every sync")


def main():
    options = arguments()
    print(f"soak: seed {options.seed}", flush=True)
    begin = time.monotonic()
    with ExitStack() as stack:
        if options.url:
            server = GivenServer(options.url, [], [], options.token_command)
        else:
            server = stack.enter_context(ENGINES[options.engine](options.server or build()))
        soak = Soak(options, server, stack)
        soak.run()
        rounds = soak.settle()
        soak.reference.sync()
        unpushed = check_end(soak.records, soak.reference.projects())
        violations = all_violations(soak.records)
        report(options, soak, rounds, unpushed, violations, time.monotonic() - begin)
    return 1 if any(is_unexplained(violation) for violation in violations) else 0


def report(options, soak, rounds, unpushed, violations, seconds):
    shown = Counter()
    for violation in violations:
        kind = violation.explained or "NOT ACCEPTED"
        shown[violation.kind, kind] += 1
        if shown[violation.kind, kind] <= (MOST_SHOWN if is_unexplained(violation) or options.verbose else 1):
            print(f"\n{violation.kind} ({kind}): {violation.device} {violation.text}", *violation.history, sep="\n  ")
    exchanges = [exchange for record in soak.records for exchange in record.device.proxy.exchanges]
    syncs = [event for record in soak.records for event in record.events if event.kind == "sync"]
    statuses = Counter(f"{exchange.kind} {exchange.status or 'without response'}" for exchange in exchanges)
    devices = [f"{a.device.name} {a.device.client.version.name} {a.device.zone} {a.device.clock:+} s" for a in soak.actors]
    kinds = Counter(f"{v.kind}, {v.explained or 'NOT ACCEPTED'}" for v in violations)
    tally = soak.tally
    print(
        f"\nsoak: seed {options.seed}, {sum(tally.actions.values())} steps in {seconds:.0f} s on {soak.server.name}",
        f"devices: {'; '.join(devices)}",
        f"steps: {tally.text(tally.actions)}",
        f"syncs: {len(syncs)}, completed {sum(event.ok for event in syncs)}; server killed {soak.kills} times",
        f"faults of syncs: {tally.text(tally.faults)}",
        f"exchanges: {tally.text(statuses)}",
        f"frames received: {sum(len(e.received) for e in exchanges)}, pushed: {sum(len(e.sent) for e in exchanges)}",
        f"quiet after {rounds} rounds; frames on the server: {len(soak.reference.frames())};"
        f" edits that Watson never pushes: {unpushed}",
        f"violations: {tally.text(kinds)}",
        sep="\n",
    )


if __name__ == "__main__":
    sys.exit(main())
