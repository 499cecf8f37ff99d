"""The machine under test: commands, units, versions, users and load."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import uuid

LIB = pathlib.Path("/usr/local/lib/crick-api")
SOCKET = "/run/crick-api/http.sock"
MAIN = "crick-api.service"
SPARE = "crick-api-spare.service"
HERE = pathlib.Path(__file__).parent


def run(*words, **more):
    """Runs a command. Returns the finished process."""
    return subprocess.run([str(word) for word in words], text=True, capture_output=True, timeout=120, **more)


def succeed(*words, **more):
    """Runs a command that must succeed. Returns its output."""
    done = run(*words, **more)
    assert done.returncode == 0, f"{words}: exit {done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


def fail(*words, **more):
    """Runs a command that must fail. Returns its messages."""
    done = run(*words, **more)
    assert done.returncode != 0, f"{words} has succeeded: {done.stdout}"
    return done.stdout + done.stderr


def show(unit, name):
    """A property of a unit."""
    return succeed("systemctl", "show", "--value", f"--property={name}", unit)


def main_process():
    return int(show(MAIN, "MainPID"))


def wait_until(what, holds, seconds=30.0):
    """Waits for a condition. Fails with its name on a timeout."""
    end = time.monotonic() + seconds
    while not (result := holds()):
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.02)
    return result


def wait_for_state(unit, *states):
    return wait_until(f"{unit} is {' or '.join(states)}", lambda: show(unit, "ActiveState") in states)


def curl(path, *words, at=SOCKET):
    """Sends a request to a server's socket. Returns status (0 for none), head and body."""
    done = run(
        *("curl", "--silent", "--max-time", "20", "--include", "--write-out", "\n%{http_code}"),
        *("--unix-socket", at, *words, f"http://api.crick.io{path}"),
    )
    text, _, status = done.stdout.rpartition("\n")
    head, _, body = text.partition("\n\n" if "\r\n\r\n" not in text else "\r\n\r\n")
    return int(status), head.lower(), body


def frame(number, project="demo"):
    """A frame as Watson sends it."""
    return {
        "id": str(uuid.UUID(int=int(number))),
        "begin_at": "2026-11-02T09:00:00+00:00",
        "end_at": "2026-11-02T10:00:00+00:00",
        "project": project,
        "tags": ["test"],
    }


def push(token, frames):
    """Pushes directly to the server. Returns status, head and body."""
    file = pathlib.Path("/run/frames.json")
    file.write_text(json.dumps(frames))
    return curl(
        "/watson/frames/bulk/",
        *("--header", f"Authorization: Token {token}", "--data-binary", f"@{file}"),
    )


def start(*words):
    """A command that runs in the background."""
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def connection():
    """A connection to the server."""
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.settimeout(60)
    client.connect(SOCKET)
    return client


@contextlib.contextmanager
def half_push(token):
    """Sends half of a push, with which a server cannot exit. Returns the connection and the rest."""
    body = json.dumps([frame(2)]).encode()
    head = "POST /watson/frames/bulk/ HTTP/1.1\r\nHost: api.crick.io\r\nExpect: 100-continue\r\n"
    head += f"Authorization: Token {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    with connection() as client:
        client.sendall(head.encode())
        begin = client.recv(65536)
        assert begin.startswith(b"HTTP/1.1 100 "), begin
        client.sendall(body[:20])
        yield client, body[20:]


def fail_closed():
    raise EOFError("the server has closed the connection")


def answer(client):
    """Reads the next response, which has a Content-Length."""
    text = b""
    while b"\r\n\r\n" not in text:
        text += client.recv(65536) or fail_closed()
    head, _, body = text.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += client.recv(65536) or fail_closed()
    return head + b"\r\n\r\n" + body


def is_serving():
    return curl("/readyz")[0] == 200


def settle():
    """Waits for the final state: the main server serves, and there is no spare."""
    wait_for_state(MAIN, "active")
    wait_until("the server is ready", is_serving)
    wait_for_state(SPARE, "inactive", "failed")
    # A failed spare remains visible to the operator, but has no process.
    assert show(SPARE, "MainPID") == "0"


def drop_in(unit, *lines):
    """Adds settings to a unit, or removes them."""
    file = pathlib.Path(f"/run/systemd/system/{unit}.d/test.conf")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(["[Service]", *lines, ""]))
    succeed("systemctl", "daemon-reload")


def version(name, server=None, migrate=None):
    """Adds a version; either program may be a script instead of the real one."""
    folder = LIB / name
    folder.mkdir(exist_ok=True)
    for program, script in [("crick-api-server", server), ("crick-api-migrate", migrate)]:
        file = folder / program
        file.unlink(missing_ok=True)
        if script is None:
            os.link(LIB / "first" / program, file)
        else:
            file.write_text(f"#!/bin/sh\n{script}\n")
            file.chmod(0o755)


def deploy(name):
    return run(str(LIB / "deploy"), name)


def current():
    return os.readlink(LIB / "current")


def new_token(login, device="laptop"):
    """Creates a token of a user, who is added if necessary."""
    run("crick-api", "user", "add", login)
    return succeed("crick-api", "token", "create", login, "--device", device)


def sql(statement):
    return succeed(
        *("runuser", "-u", "postgres", "--"),
        *("psql", "--quiet", "--no-align", "--tuples-only", "-v", "ON_ERROR_STOP=1"),
        *("--dbname=crick-api", f"--command={statement}"),
    )


@contextlib.contextmanager
def load(groups, *words):
    """Runs a load during the block; the dictionary contains its report afterwards."""
    report = {}
    process = subprocess.Popen(
        [HERE / "load.py", *(",".join(tokens) for tokens in groups), *words],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "loading\n"
        yield report
    finally:
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=150)
        assert process.returncode == 0, process.returncode
        report.update(json.loads(output))


def check_record(path):
    """Checks that each push with status 201 is stored, and every other one completely or not at all."""
    stored = set(sql("SELECT id FROM frames").splitlines())
    pushes = [json.loads(line) for line in pathlib.Path(path).read_text().splitlines()]
    lost = [each for each in pushes if each["answer"] == 201 and not stored.issuperset(each["ids"])]
    halves = [each for each in pushes if 0 < len(stored.intersection(each["ids"])) < len(each["ids"])]
    assert not lost, f"{len(lost)} of {len(pushes)} pushes were accepted and lost"
    assert not halves, f"{len(halves)} of {len(pushes)} pushes are stored partially"
    return pushes
