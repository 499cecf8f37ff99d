#!/usr/bin/python3
"""load.py READERS WRITERS SLOW: a constant load until SIGTERM; prints a report as one JSON object.

Open loop: requests leave when they are due, whatever became of the earlier ones, and their latency counts
from then. The arguments are tokens, separated by commas. Through nginx go pulls and lists of the readers, who
never get more, pushes of the writers, and pushes of the slow users, each of which works for SLOW seconds in
the database. Straight to the server's socket go pushes whose body trickles in, and clients
that keep their connection for as long as the server does. Latency is the excess over a request's own work.
--record FILE receives one line of JSON per push: the ids of its frames and the status.
"""

import argparse
import asyncio
import collections
import gc
import itertools
import json
import signal
import time
import uuid

SLOW = 1.5
UPLOAD = 1.0
SOCKET = "/run/crick-api/http.sock"
PERSISTENT = 4

parser = argparse.ArgumentParser()
for group in ["readers", "writers", "slow"]:
    parser.add_argument(group, type=lambda tokens: itertools.cycle(tokens.split(",")))
parser.add_argument("--rate", type=float, default=200)
parser.add_argument("--batch", type=int, default=3)
parser.add_argument("--record", default="/dev/null")
parser.add_argument("--only-pushes", action="store_true")
options = parser.parse_args()

answers = collections.Counter()
excesses = []
failures = []
record = open(options.record, "w", buffering=1)


def frames(count):
    return [
        {
            "id": str(uuid.uuid4()),
            "begin_at": "2026-11-02T09:00:00+00:00",
            "end_at": "2026-11-02T10:00:00+00:00",
            "project": "load",
            "tags": ["test"],
        }
        for _ in range(count)
    ]


def head(method, path, token, length=0, keep=False):
    return (
        f"{method} {path} HTTP/1.1\r\nHost: api.crick.io\r\nAuthorization: Token {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n"
        f"Connection: {'keep-alive' if keep else 'close'}\r\n\r\n"
    ).encode()


async def answer(reader):
    """Reads a response. Returns its status and whether the server keeps the connection."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    if fields.get("transfer-encoding") == "chunked":
        # A truncated list ends without the last chunk, of size 0.
        while size := int(await reader.readuntil(b"\n"), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
    else:
        await reader.readexactly(int(fields["content-length"]))
    return int(lines[0].split()[1]), fields.get("connection") != "close"


def note(kind, outcome, good, latency, work=0.0):
    answers[f"{kind} {outcome}"] += 1
    excesses.append(latency - work)
    if outcome != good and len(failures) < 20:
        failures.append(f"{time.strftime('%T')} {kind} {outcome} after {latency:.3f} s")


async def exchange(connect, parts):
    """Sends the parts, some of which are seconds to wait. Returns the status."""
    reader, writer = await connect
    try:
        for part in parts:
            if isinstance(part, bytes):
                writer.write(part)
                await writer.drain()
            else:
                await asyncio.sleep(part)
        return (await answer(reader))[0]
    finally:
        writer.close()


def proxy():
    return asyncio.open_connection("127.0.0.1", 80)


def server():
    return asyncio.open_unix_connection(SOCKET)


ERRORS = (OSError, EOFError, ValueError, KeyError, asyncio.LimitOverrunError)


async def ask(kind, due, connect, parts, good, work=0.0, pushed=None):
    try:
        outcome = await asyncio.wait_for(exchange(connect(), parts), 120)
    except ERRORS as error:
        outcome = type(error).__name__
    note(kind, outcome, good, time.monotonic() - due, work)
    if pushed:
        line = {"ids": [frame["id"] for frame in pushed], "answer": outcome}
        record.write(json.dumps(line) + "\n")


def request(number, due):
    """The next request."""
    kind = "push" if options.only_pushes else KINDS[number % len(KINDS)]
    if kind == "list":
        return ask(kind, due, proxy, [head("GET", "/watson/projects/", next(options.readers))], 200)
    if kind == "pull":
        path = "/watson/frames/?last_sync=2037-01-01T00:00:00%2B00:00"
        return ask(kind, due, proxy, [head("GET", path, next(options.readers))], 200)
    pushed = frames(1 if kind == "slow" else options.batch)
    body = json.dumps(pushed).encode()
    path = "/watson/frames/bulk/"
    if kind == "push":
        parts = [head("POST", path, next(options.writers), len(body)), body]
        return ask(kind, due, proxy, parts, 201, pushed=pushed)
    if kind == "slow":
        parts = [head("POST", path, next(options.slow), len(body)), body]
        return ask(kind, due, proxy, parts, 201, SLOW, pushed)
    half = len(body) // 2
    parts = [head("POST", path, next(options.writers), len(body)), body[:half], UPLOAD, body[half:]]
    return ask(kind, due, server, parts, 201, UPLOAD, pushed)


# The cycle has 100 requests.
KINDS = (["list", "pull", "push", "list", "list"] * 20)[:98] + ["slow", "upload"]


async def persist(stopped):
    """A client that keeps its connection until the server closes it."""
    connection = None
    for turn in itertools.count():
        if stopped.is_set():
            break
        start = time.monotonic()
        pushed = frames(1) if turn % 4 == 0 else []
        body = json.dumps(pushed).encode() if pushed else b""
        method, path = ("POST", "/watson/frames/bulk/") if pushed else ("GET", "/watson/projects/")
        try:
            reader, writer = connection or await server()
            writer.write(head(method, path, next(options.writers), len(body), keep=True) + body)
            outcome, kept = await asyncio.wait_for(answer(reader), 120)
            connection = (reader, writer) if kept else None
            if not kept:
                writer.close()
        except ERRORS as error:
            outcome, connection = type(error).__name__, None
        note("kept", outcome, 201 if pushed else 200, time.monotonic() - start)
        if pushed:
            line = {"ids": [frame["id"] for frame in pushed], "answer": outcome}
            record.write(json.dumps(line) + "\n")
        await asyncio.sleep(0.05)


async def main():
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    tasks = set()
    if not options.only_pushes:
        tasks.update(asyncio.create_task(persist(stopped)) for _ in range(PERSISTENT))
    first = time.monotonic()
    print("loading", flush=True)
    for number in itertools.count():
        due = first + number / options.rate
        delay = due - time.monotonic()
        if delay > 0:
            await asyncio.sleep(delay)
        elif number % 50 == 0:
            await asyncio.sleep(0)
        if stopped.is_set():
            break
        task = asyncio.create_task(request(number, due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)


gc.disable()
asyncio.run(main())
record.close()
excesses.sort()
good = sum(count for kind, count in answers.items() if kind.split()[1] in ("200", "201"))
print(
    json.dumps(
        {
            "sent": len(excesses),
            "failed": len(excesses) - good,
            "p50": excesses[len(excesses) // 2] * 1000,
            "p999": excesses[int(len(excesses) * 0.999)] * 1000,
            "max": excesses[-1] * 1000,
            "answers": answers,
            "failures": failures,
        }
    )
)
