"""A private PostgreSQL for one run: default settings, a Unix socket, no network."""

import os
import random
import re
import shutil
import subprocess
import sys
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from processes import children, running, spent, wait

HERE = Path(__file__).resolve().parent


@dataclass
class Postgres:
    """A PostgreSQL that is running."""

    pid: int
    socket: Path
    name = "postgres"
    title = "PostgreSQL"
    times = "server + database ms"
    bulk = "COPY"
    # `--other` and `--with`: the database may be another server's, too.
    has_other_servers = True
    has_own_processor_time = True

    def psql(self, database, *options, **run):
        """Returns what psql prints, unaligned and without headings."""
        connect = [find("psql"), "-h", self.socket, "-U", "crick", "-d", database]
        command = [*connect, "-qAtX", "-v", "ON_ERROR_STOP=1", *options]
        ran = subprocess.run(command, check=True, capture_output=True, text=True, **run)
        return ran.stdout.strip()

    def create(self, database):
        """Creates a database and returns its address for CRICK_DSN."""
        subprocess.run([find("createdb"), "-h", self.socket, "-U", "crick", database], check=True)
        return f"host={self.socket} user=crick dbname={database}"

    def fill(self, database, own, others):
        """Adds frames of the users `load` and `second`, and other users with theirs."""
        values = "-v", f"own={own}", "-v", f"others={others}"
        self.psql(database, *values, "-f", HERE / "postgres.sql")

    def processor(self):
        """Returns the seconds of processor time of all of PostgreSQL's processes so far."""
        return spent(self.pid, ended=True) + sum(spent(child) for child in children(self.pid))

    def written(self, _server):
        """Returns the bytes of write-ahead log so far. Backends report theirs after ten idle
        seconds at the latest."""
        return (int(self.psql("postgres", "-c", "SELECT wal_bytes FROM pg_stat_wal")),)

    @staticmethod
    def written_cell(wal):
        return f"{wal:,.0f} bytes of WAL"

    def insert(self, database, batches, size):
        """Returns the seconds that COPY takes for new frames of `second`, with one transaction per
        batch."""
        user = self.psql(database, "-c", "SELECT id FROM users WHERE login = 'second'")
        of_user = f"FROM projects WHERE user_id = '{user}' AND name LIKE 'project %'"
        projects = self.psql(database, "-c", f"SELECT id {of_user}").split()
        start = 1_772_355_600_000_000
        # Far above what pushes have reached.
        seq = random.randrange(10**12, 10**15)
        columns = "user_id, id, project_id, start_at, end_at, tags, seq, updated_at"
        script = ["\\timing on"]
        for batch in range(batches):
            script.append(f"COPY frames ({columns}) FROM stdin;")
            for at in range(size):
                tags = f'["tag {at % 40}"]'
                fields = [user, uuid.uuid4(), projects[at % 40], start, start + 3_600_000_000, tags]
                script.append("\t".join(map(str, [*fields, seq + batch * size + at, start])))
            script.append("\\.")
        output = self.psql(database, input="\n".join(script) + "\n")
        times = re.findall(r"^Time: ([\d.]+) ms", output, re.MULTILINE)
        return sum(map(float, times)) / 1000


@contextmanager
def private_postgres(folder, options):
    socket = options.postgres or folder / "socket"
    socket.mkdir(exist_ok=True)
    data = folder / "data"
    as_user = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        for path in (folder, socket):
            shutil.chown(path, "nobody")
    initdb = [find("initdb"), "-D", data, "-U", "crick", "-A", "trust", "-E", "UTF8", "--locale=C"]
    subprocess.run([*as_user, *initdb], check=True, stdout=subprocess.DEVNULL)
    command = [*as_user, find("postgres"), "-D", data, "-k", socket, "-c", "listen_addresses="]
    ready = [find("pg_isready"), "-q", "-h", socket]
    with open(folder / "postgres.log", "w") as log, running(command, stderr=log) as pid:
        wait(lambda: subprocess.run(ready).returncode == 0)
        yield Postgres(pid, socket)


def find(program):
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)
    found = shutil.which(program) or (str(places[0]) if places else None)
    return found or sys.exit(f"{program} not found: install PostgreSQL")
