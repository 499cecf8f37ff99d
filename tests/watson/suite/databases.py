"""Databases for this project's server, each in a temporary folder of its own."""

import os
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path


class Skipped(Exception):
    """A case that cannot run here, and why."""


class SqliteDatabase:
    """A file."""

    engine = "SQLite"

    def __init__(self, folder):
        self.data = Path(folder, "data")
        self.data.mkdir()
        self.dsn = f"sqlite:{self.data}/crick.db"

    def start(self):
        pass

    def stop(self):
        pass


class PostgresDatabase:
    """A private PostgreSQL on a socket in the folder; root runs it as another user."""

    engine = "PostgreSQL"

    def __init__(self, folder):
        self.home = postgres_programs()
        self.account = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
        os.chmod(folder, 0o777)
        self.folder, self.data, self.process = folder, Path(folder, "data"), None
        options = ["-U", "crick", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        initdb = [self.home / "initdb", "-D", self.data, *options]
        subprocess.run(initdb, check=True, capture_output=True, cwd="/", **self.account)
        self.dsn = f"postgresql://crick@localhost/postgres?host={folder}"

    def start(self):
        settings = ["-c", "listen_addresses=", "-c", "max_connections=300"]
        serve = [self.home / "postgres", "-D", self.data, "-k", self.folder, *settings]
        self.process = subprocess.Popen(serve, stderr=subprocess.DEVNULL, cwd="/", **self.account)
        pid = self.data / "postmaster.pid"
        while self.process.poll() is None and "\nready" not in (pid.read_text() if pid.exists() else ""):
            time.sleep(0.05)

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()


def postgres_programs():
    folders = [Path(folder) for folder in os.environ["PATH"].split(":")]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -int(folder.parent.name))
    for folder in folders:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise Skipped("no initdb and postgres on PATH or in /usr/lib/postgresql/*/bin")


@contextmanager
def new_database(kind):
    """A running, empty database and its folder."""
    with tempfile.TemporaryDirectory(prefix="crick-suite.") as folder:
        database = kind(folder)
        database.start()
        try:
            yield database, folder
        finally:
            database.stop()
