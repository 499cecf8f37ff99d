"""A PostgreSQL of its own for one run: its own defaults, a Unix socket and no network, gone afterwards."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Postgres:
    """One that runs."""

    pid: int
    socket: Path

    def psql(self, database, *options, **run):
        """What psql prints, unaligned and without titles."""
        connect = [find("psql"), "-h", self.socket, "-U", "crick", "-d", database]
        command = [*connect, "-qAtX", "-v", "ON_ERROR_STOP=1", *options]
        return subprocess.run(command, check=True, capture_output=True, text=True, **run).stdout.strip()


@contextmanager
def private_postgres(folder, socket):
    socket = socket or folder / "socket"
    socket.mkdir(exist_ok=True)
    data = folder / "data"
    as_user = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
        for path in (folder, socket):
            shutil.chown(path, "nobody")
    run = dict(check=True, stdout=subprocess.DEVNULL)
    subprocess.run([*as_user, find("initdb"), "-D", data, "-U", "crick", "-A", "trust", "-E", "UTF8", "--locale=C"], **run)
    command = [find("postgres"), "-D", data, "-k", socket, "-c", "listen_addresses="]
    process = subprocess.Popen([*as_user, *command], stderr=open(folder / "postgres.log", "w"))
    try:
        wait(lambda: subprocess.run([find("pg_isready"), "-h", socket], stdout=subprocess.DEVNULL).returncode == 0)
        yield Postgres(process.pid, socket)
    finally:
        process.terminate()
        process.wait()


def find(program):
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), reverse=True)
    found = shutil.which(program) or (str(places[0]) if places else None)
    return found or sys.exit(f"{program} is needed, of PostgreSQL")


def wait(is_there):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            if is_there():
                return
        except OSError:
            pass
        time.sleep(0.05)
    sys.exit("nothing answers")
