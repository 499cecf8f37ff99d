"""Rows of requests per second, with the processor time of server and database per request."""

import json
import statistics
import sys
import time
import uuid
from dataclasses import dataclass

from servers import DEVICES
from wrk import EPOCH, INSTANT, PULL, PUSH, requests, wrk

ENGINES = ("postgres", "sqlite")


@dataclass
class Requests:
    """Requests of one path, by `--connections` clients with one token."""

    name: str
    path: str
    pushes: int = 0
    headers: tuple = ()
    bearer: bool = False
    second: bool = False
    engines: tuple = ENGINES

    def title(self, _engine):
        return self.name

    def cells(self, servers, engine, options):
        results = {server.name: [] for server in servers if self.applies_to(server)}
        measured = [server for server in servers if server.name in results]
        for server in measured:
            self.prepare(server)
            self.load(server, engine, options, seconds=1)
        for _ in range(options.repeat):
            for server in measured:
                results[server.name].append(self.load(server, engine, options, options.seconds))
        medians = [median(results.get(server.name, [])) for server in servers]
        for server, figures in zip(servers, medians):
            missing = "fails" if server in measured else "–"
            yield cell(*figures, engine) if figures else missing
        *others, last = medians
        for other in others:
            if last and other:
                yield f"{last[0] / other[0]:.2f} ×"
                yield f"{sum(last[1:]) / sum(other[1:]):.2f} ×"
            else:
                yield from ("", "")

    def applies_to(self, _server):
        """Returns whether the server has what the requests need."""
        return True

    def prepare(self, server):
        """Does what must happen once before the first request."""
        if self.pushes:
            sync(server, server.second or server.token)

    def load(self, server, engine, options, seconds):
        """Returns requests per second, and the milliseconds of processor time of the server and of
        the database for each; `None` if a request fails."""
        before = server.processor(), engine.processor()
        counted = self.send(server, options, seconds)
        after = server.processor(), engine.processor()
        if not counted:
            return None
        count, took = counted
        return count / took, *((late - early) * 1000 / count for early, late in zip(before, after))

    def send(self, server, options, seconds):
        """Sends the requests of one try. Returns their number and seconds; `None` if one fails."""
        headers = [part for value in self.headers for part in ("-H", value)]
        script = "push.lua" if self.pushes else None
        variables = {"FRAMES": str(self.pushes)}
        output = wrk(self, server, options.connections, seconds, 2, headers, script, variables)
        return requests(output) or self.complain(server, output)

    def complain(self, server, output):
        logged = "".join(log.read_text()[-2000:] for log in server.logs)
        print(f"{server.name}: {self.name}: {output}{logged}", file=sys.stderr)


@dataclass
class UserPushes(Requests):
    """Pushes by several users, with one connection each."""

    def applies_to(self, server):
        return bool(server.pushers)

    def prepare(self, server):
        for token in server.pushers:
            sync(server, token)

    def send(self, server, options, seconds):
        variables = {"FRAMES": str(self.pushes), "TOKENS": ",".join(server.pushers)}
        # wrk divides its connections among its threads, so each thread has one.
        output = wrk(self, server, DEVICES, seconds, DEVICES, (), "push.lua", variables)
        return requests(output) or self.complain(server, output)


@dataclass
class Syncs(Requests):
    """Syncs without changes: a pull with a new `last_sync`, then an empty push. Each device has one
    connection, so that its requests never overlap."""

    # The first `last_sync` of a try. Later tries continue above it, because a server may treat an
    # earlier `last_sync` as that of a restored backup. No device syncs 10,000 times in a try.
    newest: int = 0

    def prepare(self, server):
        for token in self.tokens(server):
            sync(server, token)

    def send(self, server, options, seconds):
        self.newest = max(self.newest + 10_000, int(time.time()))
        variables = {"LAST_SYNC": str(self.newest), "TOKENS": ",".join(self.tokens(server))}
        output = wrk(self, server, DEVICES, seconds, DEVICES, (), "sync.lua", variables)
        counted = requests(output)
        # Two requests are a sync.
        return (counted[0] / 2, counted[1]) if counted else self.complain(server, output)

    @staticmethod
    def tokens(server):
        return server.devices or [server.second or server.token]


@dataclass
class LargePushes(Requests):
    """Pushes so large that few fit into a try: one after the other, the last one to its end."""

    def send(self, server, options, seconds):
        count, took = 0, 0.0
        while took < seconds:
            body = frames(self.pushes)
            begin = time.monotonic()
            try:
                server.ask(self.path, server.second or server.token, body)
            except OSError as error:
                return self.complain(server, f"{error}\n")
            took += time.monotonic() - begin
            count += 1
        return count, took


def sync(server, token):
    """Syncs as a device does for the first time, so that what follows is not part of a sync whose
    response was lost: earlier rows pull without pushing."""
    server.ask(PULL, token)
    server.ask(PUSH, token, b"[]")
    server.ask(PULL.replace(EPOCH, time.strftime(INSTANT, time.gmtime())), token)


def frames(count):
    """Returns new frames as Watson pushes them."""
    frame = {"begin_at": "2026-03-01T09:00:00Z", "end_at": "2026-03-01T10:00:00Z"}
    return json.dumps([
        frame | {
            "id": str(uuid.uuid4()),
            "project": f"project {number % 40 + 1}",
            "tags": [f"tag {number % 40}"],
        }
        for number in range(count)
    ]).encode()


def median(tries):
    """Returns the median of each figure, or `None` if there is no try or one failed."""
    return tuple(map(statistics.median, zip(*tries))) if tries and all(tries) else None


def cell(rate, server, database, engine):
    times = f"{server:.2f}" + (f" + {database:.2f}" if engine.has_own_processor_time else "")
    return f"{rate:,.{0 if rate >= 10 else 2}f}, {times}"
