"""Rows that compare a server with its database alone, and rows of the bytes written to the disk."""

import statistics
import time
from dataclasses import dataclass

from throughput import ENGINES, Requests, frames
from wrk import PUSH

# Transactions in one try of the row that compares large pushes, and frames in each.
BATCHES, BATCH = 5, 10_000


@dataclass
class Bulk:
    """Frames per second of large pushes, and of the database's own way to insert such frames."""

    name: str
    engines: tuple = ENGINES

    def title(self, engine):
        return self.name.format(engine.bulk)

    def cells(self, servers, engine, options):
        for server in servers:
            if not server.database:
                yield "–"
                continue
            yield ratio([(push(server), insert(server, engine)) for _ in range(options.repeat)])


@dataclass
class Commits:
    """Requests per second of a row, and commits per second of SQLite alone on the same disk."""

    name: str
    row: Requests
    engines: tuple = ("sqlite",)

    def title(self, _engine):
        return self.name

    def cells(self, servers, engine, options):
        for server in servers:
            self.row.load(server, engine, options, seconds=1)
            tries = []
            for _ in range(options.repeat):
                figures = self.row.load(server, engine, options, options.seconds)
                tries.append(figures and (figures[0], engine.commits(options.seconds)))
            yield ratio(tries) if all(tries) else "fails"


@dataclass
class Written:
    """Bytes written per request of a row, also those written up to `--settle` seconds later."""

    name: str
    row: Requests
    engines: tuple = ENGINES

    def title(self, _engine):
        return self.name

    def cells(self, servers, engine, options):
        for server in servers:
            if not self.row.applies_to(server):
                yield "–"
                continue
            self.row.prepare(server)
            self.row.send(server, options, seconds=1)
            time.sleep(options.settle)
            before = engine.written(server)
            counted = self.row.send(server, options, options.seconds)
            time.sleep(options.settle)
            after = engine.written(server)
            if counted:
                each = ((new - old) / counted[0] for old, new in zip(before, after))
                yield engine.written_cell(*each)
            else:
                yield "fails"


def push(server):
    """Returns the frames per second of large pushes one after the other."""
    bodies = [frames(BATCH) for _ in range(BATCHES)]
    begin = time.monotonic()
    for body in bodies:
        server.ask(PUSH, server.second, body)
    return BATCHES * BATCH / (time.monotonic() - begin)


def insert(server, engine):
    """Returns the frames per second that the database inserts by itself."""
    return BATCHES * BATCH / engine.insert(server.database, BATCHES, BATCH)


def ratio(tries):
    first, second = (statistics.median(column) for column in zip(*tries))
    return f"{first:,.0f} and {second:,.0f}: {first / second:.2f}"
