"""The servers under test: this project's own on SQLite or PostgreSQL, or any other by its URL."""

import functools
import itertools
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from .client import faketime
from .databases import PostgresDatabase, Skipped, SqliteDatabase, new_database


class GivenServer:
    """A running server that speaks Watson's protocol. Its tokens are given, or a command creates them."""

    name = "given"

    def __init__(self, url, tokens, shared_tokens, command):
        self.url, self.tokens, self.shared_tokens, self.command = url.rstrip("/"), tokens, shared_tokens, command
        # With given tokens all cases run on one user, one after another.
        self.has_fresh_users = command is not None
        self.logins = (f"u{os.getpid()}x{n}" for n in itertools.count())

    def new_user(self):
        return next(self.logins)

    def token(self, login, device, position, shared):
        """The token of a device; `position` counts the devices of its user."""
        if self.command:
            kind = "shared" if shared else "exclusive"
            ran = subprocess.run([*shlex.split(self.command), login, device, kind], capture_output=True, text=True)
            if ran.returncode != 0 or not ran.stdout.strip():
                raise RuntimeError(f"the token command failed: {ran.stderr.strip()}")
            return ran.stdout.strip()
        if shared and self.shared_tokens:
            return self.shared_tokens[0]
        # A single token is used by every device.
        if len(self.tokens) == 1:
            return self.tokens[0]
        if position >= len(self.tokens):
            raise Skipped(f"needs {position + 1} tokens")
        return self.tokens[position]

    def errors(self):
        return []

    def own(self):
        raise Skipped("needs a server that the suite starts itself")


class OwnServer:
    """This project's server on a database of its own."""

    has_fresh_users = True

    def __init__(self, database, program, folder, clock=0):
        self.database, self.program, self.folder, self.clock = database, Path(program), folder, clock
        self.name = self.engine = database.engine
        self.address, self.process, self.log = "127.0.0.1:0", None, None
        self.numbers, self.admin_lock = itertools.count(), threading.Lock()

    @property
    def url(self):
        return f"http://{self.address}/watson"

    def own(self):
        return self

    def environment(self):
        return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "CRICK_DSN": self.database.dsn}

    def admin(self, *arguments, program="crick-api-server"):
        """Runs a command of the server's program and returns what it prints."""
        command = [self.program.with_name(program), *arguments]
        # One at a time: otherwise many cases that begin together wait too long for each other's turn in SQLite.
        with self.admin_lock:
            ran = subprocess.run(command, env=self.environment(), capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if ran.returncode != 0:
            raise RuntimeError(f"{program} {' '.join(arguments)} failed: {ran.stderr.strip()}")
        return ran.stdout.strip()

    def start(self):
        """Starts the server, on the same port as before if it ran before."""
        environment = self.environment()
        library = faketime()
        if self.clock and library:
            environment |= {"LD_PRELOAD": str(library), "FAKETIME": f"{self.clock:+}"}
        limits = ["--rate-limit-token", "0", "--rate-limit-address", "0"]
        command = [self.program, "--listen", self.address, "--log-format", "json", *limits]
        self.log = Path(self.folder, f"log{next(self.numbers)}")
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        self.address = self.wait_until_listening()

    def wait_until_listening(self):
        deadline = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < deadline:
            found = re.search(r'"message":"listening","address":"([^"]+)"', self.log.read_text())
            if found:
                return found.group(1)
            time.sleep(0.02)
        raise RuntimeError(f"the server did not start: {self.log.read_text()}")

    def kill(self):
        """Ends the server as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()

    def errors(self):
        """What the server logged about failures of its own."""
        lines = self.log.read_text().splitlines()
        return [f"{self.name}: {line}" for line in lines if '"ERROR"' in line or '"WARN"' in line]

    def new_user(self):
        login = f"user{next(self.numbers)}"
        self.admin("user", "add", login)
        return login

    def token(self, login, device, position, shared):
        kind = ["--shared"] if shared and self.has_shared_tokens else []
        return self.admin("token", "create", login, "--device", device, *kind)

    @functools.cached_property
    def has_shared_tokens(self):
        return "--shared" in self.admin("token", "create", "--help")

    @functools.cached_property
    def can_resend(self):
        return "resend" in self.admin("token", "--help")

    @functools.cached_property
    def can_merge(self):
        return "restored" in self.admin("--help")

    @contextmanager
    def another(self, clock=0):
        """Another server on the same database, whose clock is off by `clock` seconds."""
        if clock and not faketime():
            raise Skipped("needs libfaketime")
        with tempfile.TemporaryDirectory(prefix="crick-suite.") as folder:
            server = OwnServer(self.database, self.program, folder, clock)
            server.start()
            try:
                yield server
            finally:
                server.stop()


    def with_own_database(self):
        """Another server of the same kind, on an empty database, that a case may kill."""
        return own_server(type(self.database), self.program)

    def back_up(self):
        """Copies the database while nothing runs."""
        self.stop()
        self.database.stop()
        copy = Path(self.folder, f"copy{next(self.numbers)}")
        subprocess.run(["cp", "-a", self.database.data, copy], check=True)
        self.database.start()
        self.start()
        return copy

    def restore(self, copy):
        """Replaces the database by a copy. The server is not started."""
        self.kill()
        self.database.stop()
        shutil.rmtree(self.database.data)
        subprocess.run(["cp", "-a", copy, self.database.data], check=True)
        self.database.start()


@contextmanager
def own_server(kind, program):
    """This project's server on an empty database."""
    with new_database(kind) as (database, folder):
        server = OwnServer(database, program, folder)
        server.admin("up", program="crick-api-migrate")
        server.start()
        try:
            yield server
        finally:
            server.stop()


ENGINES = {
    "sqlite": lambda program: own_server(SqliteDatabase, program),
    "postgres": lambda program: own_server(PostgresDatabase, program),
}
