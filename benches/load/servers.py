"""The servers to measure: ours, with one instance or several behind nginx, and any other."""

import os
import shlex
import subprocess
import sys
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nginx import free_ports, nginx
from processes import children, running, spent, wait

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# The devices that sync and the users that push, each with a connection of its own.
DEVICES = 16
OURS = "crick-api=target/dist/crick-api-server"


@dataclass
class Server:
    """A server that is running."""

    name: str
    url: str
    # All programs that belong to it; their children count, too.
    pids: list
    # Of the user who pulls.
    token: str
    # For routes that are not Watson's, if a server requires a JWT there; unset: the token.
    bearer: str = ""
    # Of a user with 1,000 frames at first, who pushes.
    second: str = ""
    # Of users who push at the same time, one each.
    pushers: list = field(default_factory=list)
    # Of devices of the second user, if it is one of ours.
    devices: list = field(default_factory=list)
    # The name of its database, if it is one of ours.
    database: str = ""
    # KiB of resident memory before the first row.
    memory: int = 0
    # Its log files, if it is one of ours.
    logs: list = field(default_factory=list)

    def authorization(self, row):
        if row.bearer and self.bearer:
            return f"Bearer {self.bearer}"
        return f"Token {self.second or self.token if row.second else self.token}"

    def ask(self, path, token=None, body=None):
        headers = {
            "Authorization": f"Token {token or self.token}",
            "Content-Type": "application/json",
        }
        request = urllib.request.Request(self.url + path, body, headers)
        with urllib.request.urlopen(request) as response:
            return response.read()

    def processes(self):
        return [process for pid in self.pids for process in (pid, *children(pid))]

    def processor(self):
        """Returns the seconds of processor time so far."""
        return sum(spent(pid) for pid in self.processes())

    def kibibytes(self, name):
        """Returns the sum of a field of proc_pid_status(5)."""
        lines = (line for pid in self.processes()
                 for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        return sum(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))

    def forget_peak(self):
        """Resets `VmHWM` to what is in use now."""
        for pid in self.processes():
            Path(f"/proc/{pid}/clear_refs").write_text("5")


def other(text):
    """Parses NAME=URL,PID,TOKEN[,BEARER[,SECOND[,PUSHER…]]]."""
    name, rest = text.strip().split("=", 1)
    url, pid, token, *tokens = rest.split(",")
    bearer, second, *pushers = tokens + [""] * (2 - len(tokens))
    server = Server(name, url, [int(pid)], token, bearer, second, pushers)
    server.memory = server.kibibytes("VmRSS")
    return server


@contextmanager
def started(command, postgres, options):
    """Starts a server with a command once PostgreSQL runs."""
    sizes = [str(options.own), str(options.others)]
    arguments = [*shlex.split(command), str(postgres.socket), *sizes]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    try:
        yield other(process.stdout.readline() or sys.exit(f"{command} printed nothing"))
    finally:
        process.terminate()
        process.wait()


@contextmanager
def ours(text, number, engine, options, folder):
    """Starts NAME=PROGRAM, or NAME=PROGRAM,INSTANCES behind nginx."""
    name, program, instances = built(text)
    server, environment = filled(name, program, f"crick{number}", engine, options)
    *ports, in_front = free_ports(int(instances or 1) + 1)
    with ExitStack() as stack:
        for port in ports:
            log = stack.enter_context(open(folder / f"{name}-{port}.log", "w"))
            server.logs.append(Path(log.name))
            listening = environment | {"CRICK_LISTEN": f"127.0.0.1:{port}"}
            server.pids.append(stack.enter_context(running([program], env=listening, stderr=log)))
            server.url = f"http://127.0.0.1:{port}"
            wait(lambda: server.ask("/readyz"))
        if instances:
            server.pids.append(stack.enter_context(nginx(in_front, ports, folder)))
            server.url = f"http://127.0.0.1:{in_front}"
            wait(lambda: server.ask("/readyz"))
        server.memory = server.kibibytes("VmRSS")
        yield server


def built(text):
    """Parses NAME=PROGRAM[,INSTANCES], and builds the program if it is the workspace's own."""
    name, rest = text.split("=", 1)
    program, _, instances = rest.partition(",")
    program = Path(program)
    if program.resolve() == ROOT / OURS.partition("=")[2]:
        build = ["cargo", "build", "--profile", "dist", "--workspace", "--locked"]
        subprocess.run(build, cwd=ROOT, check=True)
    return name, program, instances


def filled(name, program, database, engine, options):
    """Creates a database with users, tokens and frames. Returns its server, which is not started
    yet, and the environment to start it with."""
    environment = {
        "PATH": os.environ["PATH"],
        "CRICK_DSN": engine.create(database),
        "CRICK_RATE_LIMIT_TOKEN": "0",
        "CRICK_RATE_LIMIT_ADDRESS": "0",
        "CRICK_LOG": "warn",
    }
    run = dict(env=environment, check=True, capture_output=True, text=True)
    subprocess.run([program.with_name("crick-api-migrate"), "up"], **run)

    def token(login, device):
        scopes = ["--scopes", "sync,read,write", "--quiet"]
        create = [program, "token", "create", login, "--device", device, *scopes]
        return subprocess.run(create, **run).stdout.strip()

    for login in ("load", "second"):
        subprocess.run([program, "user", "add", login], **run)
    engine.fill(database, options.own, options.others)
    server = Server(name, "", [], token("load", "load"), database=database)
    server.second = token("second", "load")
    server.devices = [token("second", f"device {number}") for number in range(DEVICES)]
    server.pushers = [token(f"person {number + 1}", "load") for number in range(DEVICES)]
    return server, environment
