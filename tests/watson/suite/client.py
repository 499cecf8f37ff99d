"""Starts Watson's commands, by way of a fork server for each version."""

import json
import os
import signal
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

FORK_SERVER = Path(__file__).with_name("fork_server.py")
LIBRARY_FOLDERS = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/usr/lib64"]


def faketime():
    """The library that moves a process's clock, or `None`."""
    paths = (Path(folder, "faketime", "libfaketime.so.1") for folder in LIBRARY_FOLDERS)
    return next((path for path in paths if path.exists()), None)


@dataclass(frozen=True)
class Ran:
    """A command that has ended; its exit code is negative if a signal ended it."""

    code: int
    stdout: str
    stderr: str

    @property
    def output(self):
        return self.stdout + self.stderr


class Client:
    """One version of Watson, ready to run commands for any number of devices at the same time."""

    def __init__(self, version):
        self.version = version
        self.folder = tempfile.TemporaryDirectory(prefix="watson-client.")
        self.path = f"{self.folder.name}/socket"
        self.process = subprocess.Popen(
            [version.python, FORK_SERVER, self.path],
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError(f"the fork server of Watson {version.name} did not start")

    def environment(self):
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": self.folder.name}
        library = faketime()
        if library:
            clock = Path(self.folder.name, "clock")
            clock.write_text("+0\n")
            # The library reads the file again whenever it is asked for the time, so a clock can be set at any moment.
            environment |= {"LD_PRELOAD": str(library), "FAKETIME_NO_CACHE": "1", "FAKETIME_TIMESTAMP_FILE": str(clock)}
        return environment

    def start(self, arguments, environment, outputs, killed_at=None):
        """Starts a command; `outputs` is the folder for what it prints."""
        return Command(self, arguments, environment, outputs, killed_at)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.folder.cleanup()


class Command:
    """A command that may still be running."""

    def __init__(self, client, arguments, environment, outputs, killed_at):
        handle, stdout = tempfile.mkstemp(prefix="output.", dir=outputs)
        os.close(handle)
        self.stdout, self.stderr = Path(stdout), Path(f"{stdout}.stderr")
        request = {
            "program": str(client.version.python.with_name("watson")),
            "arguments": arguments,
            "environment": environment,
            "stdout": str(self.stdout),
            "stderr": str(self.stderr),
            "killed_at": killed_at,
        }
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(client.path)
        self.socket.sendall(json.dumps(request).encode() + b"\n")
        self.replies = self.socket.makefile()
        self.pid = int(self.replies.readline())

    def kill(self):
        """Ends the command as `kill -9` does."""
        os.kill(self.pid, signal.SIGKILL)

    def wait(self):
        """Waits for the end."""
        code = self.replies.readline()
        self.replies.close()
        self.socket.close()
        ran = Ran(int(code) if code else -signal.SIGKILL, self.stdout.read_text(), self.stderr.read_text())
        self.stdout.unlink()
        self.stderr.unlink()
        return ran
