"""The servers that are measured: ours, one or several behind nginx, each on a database of its own, and any other."""

import os
import shlex
import socket
import subprocess
import sys
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from postgres import find, wait

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TICK = os.sysconf("SC_CLK_TCK")
# As many as wrk has connections, unless something else is said.
DEVICES = 16
# What is measured unless something else is said.
OURS = "crick-api=target/dist/crick-api-server"


@dataclass
class Server:
    """A server that is measured."""

    name: str
    url: str
    # Of every program that belongs to it; their children count, too.
    pids: list
    # Of the user who reads.
    token: str
    # For what is not Watson's, where a server wants a JWT there; empty: the token.
    bearer: str = ""
    # Of a user with 1,000 frames at first, who pushes.
    second: str = ""
    # KiB at rest, before the first row.
    memory: int = 0
    # The name of the database, if it is one of ours.
    database: str = ""
    # Tokens of devices of the second user, if it is one of ours.
    devices: list = field(default_factory=list)
    # What it has logged, if it is one of ours.
    logs: list = field(default_factory=list)

    def authorization(self, row):
        if row.bearer and self.bearer:
            return f"Bearer {self.bearer}"
        return f"Token {self.second or self.token if row.second else self.token}"

    def ask(self, path, token=None, body=None):
        headers = {"Authorization": f"Token {token or self.token}", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(self.url + path, body, headers)) as answer:
            return answer.read()

    def processes(self):
        return [process for pid in self.pids for process in (pid, *children(pid))]

    def processor(self):
        """Seconds of processor time so far."""
        return sum(spent(pid) for pid in self.processes())

    def kibibytes(self, field):
        """The sum of a field of proc_pid_status(5)."""
        lines = (line for pid in self.processes() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        return sum(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))

    def forget_peak(self):
        """Makes `VmHWM` what is in use now."""
        for pid in self.processes():
            Path(f"/proc/{pid}/clear_refs").write_text("5")


def other(text):
    """Reads NAME=URL,PID,TOKEN[,BEARER[,SECOND]]."""
    name, rest = text.strip().split("=", 1)
    url, pid, *tokens = rest.split(",")
    server = Server(name, url, [int(pid)], *tokens)
    server.memory = server.kibibytes("VmRSS")
    return server


@contextmanager
def started(command, postgres, options):
    """A server that a command starts once PostgreSQL runs."""
    arguments = [*shlex.split(command), str(postgres.socket), str(options.own), str(options.others)]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    try:
        yield other(process.stdout.readline() or sys.exit(f"{command} printed nothing"))
    finally:
        process.terminate()
        process.wait()


@contextmanager
def ours(text, at, postgres, options, folder):
    """NAME=PROGRAM, or NAME=PROGRAM,INSTANCES behind nginx."""
    name, program, instances = built(text)
    server, environment = filled(name, program, f"crick{at}", postgres, options)
    *ports, in_front = free_ports(int(instances or 1) + 1)
    with ExitStack() as stack:
        for port in ports:
            log = open(folder / f"{name}-{port}.log", "w")
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
    """Reads NAME=PROGRAM[,INSTANCES]; builds the program if it is the workspace's own."""
    name, rest = text.split("=", 1)
    program, _, instances = rest.partition(",")
    program = Path(program)
    if program.resolve() == ROOT / OURS.partition("=")[2]:
        subprocess.run(["cargo", "build", "--profile", "dist", "--workspace", "--locked"], cwd=ROOT, check=True)
    return name, program, instances


def filled(name, program, database, postgres, options):
    """A server that has not been started, with users, their tokens and frames in its database; its environment."""
    environment = {
        "PATH": os.environ["PATH"],
        "CRICK_DSN": f"host={postgres.socket} user=crick dbname={database}",
        "CRICK_RATE_LIMIT_TOKEN": "0",
        "CRICK_RATE_LIMIT_ADDRESS": "0",
        "CRICK_LOG": "warn",
    }
    subprocess.run([find("createdb"), "-h", postgres.socket, "-U", "crick", database], check=True)
    run = dict(env=environment, check=True, capture_output=True, text=True)
    subprocess.run([program.with_name("crick-api-migrate"), "up"], **run)

    def token(login, device):
        create = [program, "token", "create", login, "--device", device, "--scopes", "sync,read,write", "--quiet"]
        return subprocess.run(create, **run).stdout.strip()

    tokens, users = {}, []
    for login in ("load", "second"):
        subprocess.run([program, "user", "add", login], **run)
        tokens[login] = token(login, "load")
        users.append(postgres.psql(database, "-c", f"SELECT id FROM users WHERE login = '{login}'"))
    values = [f"user={users[0]}", f"second={users[1]}", f"own={options.own}", f"others={options.others}"]
    postgres.psql(database, *(part for value in values for part in ("-v", value)), "-f", HERE / "seed.sql")
    devices = [token("second", f"device {number}") for number in range(DEVICES)]
    server = Server(name, "", [], tokens["load"], second=tokens["second"], database=database, devices=devices)
    return server, environment


@contextmanager
def nginx(port, ports, folder):
    """One nginx that passes requests on to several ports in turn; yields its process."""
    upstream = " ".join(f"server 127.0.0.1:{instance};" for instance in ports)
    # Its worker gives up root, as PostgreSQL does, and writes to the same folder.
    user = "user nobody nogroup;" if os.geteuid() == 0 else ""
    temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log; {user}
events {{ worker_connections 4096; }}
http {{
  access_log off; {temporary}
  client_max_body_size 0; client_body_buffer_size 2m; keepalive_requests 1000000;
  upstream crick {{ {upstream} keepalive 64; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://crick; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_max_temp_file_size 0;
    }}
  }}
}}
""")
    with running(["nginx", "-e", folder / "nginx.log", "-c", folder / "nginx.conf"]) as pid:
        yield pid


def free_ports(count):
    """Ports that nobody listens on."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]


@contextmanager
def running(command, **options):
    process = subprocess.Popen(command, **options)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def spent(pid, ended=False):
    """Seconds of processor time of a process; of its children that have ended, too."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        # A connection to PostgreSQL that was closed meanwhile.
        return 0
    # utime, stime, and of children that have ended: cutime, cstime.
    return sum(int(field) for field in fields[11 : 15 if ended else 13]) / TICK
