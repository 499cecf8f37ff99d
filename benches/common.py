"""What the measurements share: a PostgreSQL of their own, and a database in it that one of our servers can be started on."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What is measured unless something else is said.
OURS = "crick-api=target/release/crick-api-server"


@contextmanager
def private_postgres(folder, socket=None):
    """A PostgreSQL with its own defaults on a socket; yields its process and the socket's folder."""
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
        yield process.pid, socket
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


def built(text):
    """The name and the program of NAME=PROGRAM; the workspace's own is built."""
    name, program = text.split("=", 1)
    program = Path(program)
    if program.resolve() == ROOT / "target/release/crick-api-server":
        subprocess.run(["cargo", "build", "--release", "--workspace", "--locked"], cwd=ROOT, check=True)
    return name, program


def prepare(program, socket, database):
    """Makes a database for a program, and somebody in it; answers the program's environment and a token."""
    subprocess.run([find("createdb"), "-h", socket, "-U", "crick", database], check=True)
    environment = {
        "PATH": os.environ["PATH"],
        "CRICK_DSN": f"host={socket} user=crick dbname={database}",
        "CRICK_RATE_LIMIT_TOKEN": "0",
        "CRICK_RATE_LIMIT_ADDRESS": "0",
        "CRICK_LOG": "warn",
    }
    subprocess.run([program.with_name("crick-api-migrate"), "up"], env=environment, check=True, stdout=subprocess.DEVNULL)
    create = [program, "token", "create", "load", "--device", "load", "--scopes", "sync,read,write", "--quiet"]
    subprocess.run([program, "user", "add", "load"], env=environment, check=True, capture_output=True)
    token = subprocess.run(create, env=environment, check=True, capture_output=True, text=True).stdout.strip()
    return environment, token


def seed(socket, database, own, others):
    """Gives the only user so many frames, and other people so many."""
    psql = [find("psql"), "-h", socket, "-U", "crick", "-d", database, "-qAtX", "-v", "ON_ERROR_STOP=1"]
    user = subprocess.run([*psql, "-c", "SELECT id FROM users"], check=True, capture_output=True, text=True).stdout.strip()
    values = [part for value in (f"user={user}", f"own={own}", f"others={others}") for part in ("-v", value)]
    subprocess.run([*psql, *values, "-f", ROOT / "benches/load/seed.sql"], check=True, stdout=subprocess.DEVNULL)
