"""What is measured: each kind of row answers the cells of its line in the table."""

import json
import os
import random
import re
import statistics
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from servers import children, spent

HERE = Path(__file__).resolve().parent
# A device that has never synced.
EPOCH = "1970-01-01T00:00:00%2B00:00"
PULL = "/watson/frames?last_sync=" + EPOCH
PUSH = "/watson/frames/bulk"
# Copies and pushes in one try of the row that compares them.
BATCHES, BATCH = 5, 10_000


@dataclass
class Requests:
    """Requests a second, and the milliseconds of processor time of the server and its database for each."""

    name: str
    path: str
    pushes: int = 0
    headers: tuple = ()
    bearer: bool = False
    second: bool = False

    def cells(self, servers, postgres, options):
        results = {server.name: [] for server in servers}
        for server in servers:
            self.load(server, postgres, options, seconds=1)
        for _ in range(options.repeat):
            for server in servers:
                results[server.name].append(self.load(server, postgres, options, options.seconds))
        medians = []
        for server in servers:
            if all(results[server.name]):
                rate, *times = (statistics.median(column) for column in zip(*results[server.name]))
                medians.append((rate, *times))
                yield f"{rate:,.{0 if rate >= 10 else 2}f}, {times[0]:.2f} + {times[1]:.2f}"
            else:
                yield "fails"
        if len(medians) == 2:
            (rate, *times), (second_rate, *second_times) = medians
            yield f"{second_rate / rate:.2f} ×"
            yield f"{sum(second_times) / sum(times):.2f} ×"

    def load(self, server, postgres, options, seconds):
        """One try; nothing if the server fails or answers nothing."""
        options_of_wrk = [part for value in self.headers for part in ("-H", value)]
        environment = dict(os.environ)
        script, variables = self.script(server)
        options_of_wrk += script
        environment |= variables
        before = server.processor(), processor(postgres)
        answer = wrk(self, server, options.connections, seconds, options_of_wrk, environment)
        after = server.processor(), processor(postgres)
        requests = re.search(r"(\d+) requests in ([\d.]+)s", answer)
        count = int(requests[1]) if requests else 0
        if not count or "Non-2xx" in answer or "Socket errors" in answer:
            said = "".join(log.read_text()[-2000:] for log in server.logs)
            print(f"{server.name}: {self.name}: {answer}{said}", file=sys.stderr)
            return None
        return count / float(requests[2]), *((late - early) * 1000 / count for early, late in zip(before, after))

    def script(self, server):
        """The script for wrk, and its variables."""
        return (["-s", HERE / "push.lua"], {"FRAMES": str(self.pushes)}) if self.pushes else ([], {})


@dataclass
class Syncs(Requests):
    """The same for syncs of which nothing comes: a pull with a new `last_sync` and an empty push, by devices in turn."""

    def load(self, server, postgres, options, seconds):
        for token in server.devices or [server.token]:
            server.ask(PULL, token)
            server.ask(PUSH, token, b"[]")
        result = super().load(server, postgres, options, seconds)
        # Two requests are a sync.
        return result and (result[0] / 2, result[1] * 2, result[2] * 2)

    def script(self, server):
        return ["-s", HERE / "sync.lua"], {"TOKENS": ",".join(server.devices or [server.token])}


@dataclass
class Pushes(Requests):
    """The same for pushes so large that not many are answered in a try: one after the other, the last to its end."""

    def load(self, server, postgres, options, seconds):
        count, took = 0, 0.0
        before = server.processor(), processor(postgres)
        while took < seconds:
            body = frames(self.pushes)
            begin = time.monotonic()
            try:
                server.ask(self.path, server.second or server.token, body)
            except OSError as error:
                print(f"{server.name}: {self.name}: {error}", file=sys.stderr)
                return None
            took += time.monotonic() - begin
            count += 1
        after = server.processor(), processor(postgres)
        return count / took, *((late - early) * 1000 / count for early, late in zip(before, after))


@dataclass
class Many:
    """A number of clients at once, whatever the option says."""

    name: str
    path: str
    connections: int
    bearer: bool = False
    second: bool = False


class Clients(Many):
    """Very many clients at once: what they were answered."""

    def cells(self, servers, postgres, options):
        for server in servers:
            options_of_wrk = ["-s", HERE / "clients.lua"]
            answer = wrk(self, server, self.connections, options.seconds, options_of_wrk, os.environ)
            yield (re.search("answers: (.*)", answer) or sys.exit(f"{server.name}: {answer}"))[1]


class Memory(Many):
    """MiB of resident memory at rest before the first row, now, and the most in pulls at once."""

    def cells(self, servers, postgres, options):
        for server in servers:
            now = server.kibibytes("VmRSS")
            server.forget_peak()
            wrk(self, server, self.connections, options.seconds, [], os.environ)
            sizes = server.memory, now, server.kibibytes("VmHWM")
            yield ", ".join(f"{size / 1024:.0f}" for size in sizes) + " MiB"


@dataclass
class Copy:
    """Frames a second of pushes one after the other, and of COPY of such frames into the same table."""

    name: str

    def cells(self, servers, postgres, options):
        for server in servers:
            if not server.database:
                yield "–"
                continue
            tries = [(push(server), copy(server, postgres)) for _ in range(options.repeat)]
            pushed, copied = (statistics.median(column) for column in zip(*tries))
            yield f"{pushed:,.0f} and {copied:,.0f}: {pushed / copied:.2f}"


ROWS = {
    "projects": Requests("GET /watson/projects (40)", "/watson/projects"),
    "delta": Requests("empty delta, asked again", "/watson/frames?last_sync={now}"),
    "sync": Syncs("sync of nothing: pull and push", PUSH),
    "pull-1000": Requests("pull of 1,000 frames", PULL, second=True),
    "pull": Requests("pull of everything", PULL),
    "gzip": Requests("the same, gzip", PULL, headers=("Accept-Encoding: gzip",)),
    "page": Requests("GET /frames?limit=50", "/frames?limit=50", bearer=True),
    "clients": Clients("1,000 clients: answers", "/watson/frames?last_sync={now}", 1000),
    "push-1": Requests("push of 1 frame", PUSH, pushes=1, second=True),
    "push-100": Requests("push of 100", PUSH, pushes=100, second=True),
    "push-1000": Pushes("push of 1,000", PUSH, pushes=1000),
    "push-10000": Pushes("push of 10,000", PUSH, pushes=10_000),
    "copy": Copy("push of 10,000 and COPY of the same: frames/s, ratio"),
    "memory": Memory("memory at first, now, and in 64 pulls of everything", PULL, 64),
}


def wrk(row, server, connections, seconds, options, environment):
    """What wrk says after some seconds of a row's requests."""
    if "{now}" in row.path:
        # The state of a device that is in sync: it was told everything, and has pushed nothing.
        server.ask(PULL)
        server.ask(PUSH, body=b"[]")
    now = time.strftime("%Y-%m-%dT%H:%M:%S%%2B00:00", time.gmtime())
    url = server.url + row.path.replace("{now}", now)
    command = ["wrk", "-t", "2", "-c", str(connections), "-d", f"{seconds}s", "--timeout", "60s"]
    command += ["-H", f"Authorization: {server.authorization(row)}", *options, url]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True)
    return ran.stdout + ran.stderr


def processor(postgres):
    """Seconds of processor time of PostgreSQL so far."""
    return spent(postgres.pid, ended=True) + sum(spent(child) for child in children(postgres.pid))


def frames(count):
    """New frames as Watson pushes them."""
    frame = {"begin_at": "2026-03-01T09:00:00Z", "end_at": "2026-03-01T10:00:00Z"}
    names = ({"project": f"project {at % 40 + 1}", "tags": [f"tag {at % 40}"]} for at in range(count))
    return json.dumps([frame | {"id": str(uuid.uuid4())} | rest for rest in names]).encode()


def push(server):
    """Frames a second of some pushes."""
    bodies = [frames(BATCH) for _ in range(BATCHES)]
    begin = time.monotonic()
    for body in bodies:
        server.ask(PUSH, server.second, body)
    return BATCHES * BATCH / (time.monotonic() - begin)


def copy(server, postgres):
    """Frames a second of COPY, a transaction for each batch as a push is one."""
    user = postgres.psql(server.database, "-c", "SELECT id FROM users WHERE login = 'second'")
    of_user = f"FROM projects WHERE user_id = '{user}' AND name LIKE 'project %'"
    projects = postgres.psql(server.database, "-c", f"SELECT id {of_user}").split()
    start = 1_772_355_600_000_000
    # Far above what pushes have reached.
    seq = random.randrange(10**12, 10**15)
    script = ["\\timing on"]
    for batch in range(BATCHES):
        script.append("COPY frames (user_id, id, project_id, start_at, end_at, tags, seq, updated_at) FROM stdin;")
        for at in range(BATCH):
            fields = [user, uuid.uuid4(), projects[at % 40], start, start + 3_600_000_000, f'["tag {at % 40}"]']
            script.append("\t".join(map(str, [*fields, seq + batch * BATCH + at, start])))
        script.append("\\.")
    said = postgres.psql(server.database, input="\n".join(script) + "\n")
    return BATCHES * BATCH * 1000 / sum(float(time) for time in re.findall(r"^Time: ([\d.]+) ms", said, re.MULTILINE))
