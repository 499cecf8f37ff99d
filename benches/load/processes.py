"""Processes: starting and ending them, and what the kernel has counted for them."""

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


@contextmanager
def running(command, **options):
    process = subprocess.Popen(command, **options)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def wait(is_ready):
    """Polls for up to 30 seconds."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            if is_ready():
                return
        except OSError:
            pass
        time.sleep(0.05)
    sys.exit("a server or a database did not become ready within 30 s")


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def spent(pid, ended=False):
    """Returns the seconds of processor time of a process; if asked, also of its ended children."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        # A connection to PostgreSQL that was closed meanwhile.
        return 0
    # utime, stime, and of children that have ended: cutime, cstime.
    return sum(int(field) for field in fields[11 : 15 if ended else 13]) / TICK


def written(pid):
    """Returns the bytes that a process has passed to write(2), and those sent to the disk."""
    fields = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(fields["wchar"]), int(fields["write_bytes"])
