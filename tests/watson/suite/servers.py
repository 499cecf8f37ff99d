"""The servers under test: this project's own on SQLite or PostgreSQL, or any other by its URL."""

import functools
import itertools
import os
import re
import shlex
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from .client import faketime


class Skipped(Exception):
    """A case that cannot run here, and why."""


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

    def own(self):
        raise Skipped("needs a server that the suite starts itself")


class OwnServer:
    """This project's server on a database of its own."""

    has_fresh_users = True

    def __init__(self, engine, program, dsn, folder, clock=0, name=None):
        self.name, self.engine, self.program, self.dsn, self.folder = name or engine, engine, Path(program), dsn, folder
        self.clock = clock
        self.address, self.process, self.log = "127.0.0.1:0", None, None
        self.numbers = itertools.count()

    @property
    def url(self):
        return f"http://{self.address}/watson"

    def own(self):
        return self

    def environment(self):
        return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "CRICK_DSN": self.dsn}

    def admin(self, *arguments, program="crick-api-server"):
        """Runs a command of the server's program and returns what it prints."""
        command = [self.program.with_name(program), *arguments]
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
        return [line for line in self.log.read_text().splitlines() if '"ERROR"' in line]

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

    @contextmanager
    def another(self, clock=0):
        """Another server on the same database, whose clock is off by `clock` seconds."""
        if clock and not faketime():
            raise Skipped("needs libfaketime")
        with tempfile.TemporaryDirectory(prefix="crick-suite.") as folder:
            server = OwnServer(self.engine, self.program, self.dsn, folder, clock)
            server.start()
            try:
                yield server
            finally:
                server.stop()


    def with_own_database(self):
        """Another server of the same kind, on an empty database, that a case may kill."""
        return (sqlite if self.engine == "SQLite" else postgres)(self.program)


@contextmanager
def sqlite(program):
    with tempfile.TemporaryDirectory(prefix="crick-suite.") as folder:
        server = OwnServer("SQLite", program, f"sqlite:{folder}/crick.db", folder)
        with running(server):
            yield server


@contextmanager
def postgres(program):
    """A private PostgreSQL on a socket in a temporary folder; root runs it as another user."""
    home = postgres_programs()
    account = {"user": "postgres", "group": "postgres"} if os.getuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="crick-suite.") as folder:
        os.chmod(folder, 0o777)
        data = f"{folder}/data"
        initdb = [home / "initdb", "-D", data, "-U", "crick", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        subprocess.run(initdb, check=True, capture_output=True, cwd="/", **account)
        settings = ["-c", "listen_addresses=", "-c", "max_connections=300"]
        serve = [home / "postgres", "-D", data, "-k", folder, *settings]
        with subprocess.Popen(serve, stderr=subprocess.DEVNULL, cwd="/", **account) as process:
            try:
                pid = Path(data, "postmaster.pid")
                while process.poll() is None and "\nready" not in (pid.read_text() if pid.exists() else ""):
                    time.sleep(0.05)
                dsn = f"postgresql://crick@localhost/postgres?host={folder}"
                with running(OwnServer("PostgreSQL", program, dsn, folder)) as server:
                    yield server
            finally:
                process.send_signal(signal.SIGINT)
                process.wait()


def postgres_programs():
    folders = [Path(folder) for folder in os.environ["PATH"].split(":")]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -int(folder.parent.name))
    for folder in folders:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise Skipped("no initdb and postgres on PATH or in /usr/lib/postgresql/*/bin")


@contextmanager
def running(server):
    server.admin("up", program="crick-api-migrate")
    server.start()
    try:
        yield server
    finally:
        server.stop()


ENGINES = {"sqlite": sqlite, "postgres": postgres}
