"""Runs wrk, the program that sends the requests."""

import os
import re
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
# What a device that has never synced presents.
EPOCH = "1970-01-01T00:00:00%2B00:00"
# A `last_sync` as strftime(3) formats it.
INSTANT = "%Y-%m-%dT%H:%M:%S%%2B00:00"
PULL = "/watson/frames?last_sync=" + EPOCH
PUSH = "/watson/frames/bulk"


def wrk(row, server, connections, seconds, threads=2, options=(), script=None, variables=()):
    """Sends the requests of a row for some seconds, and returns what wrk prints."""
    if "{now}" in row.path:
        # The state of a device that is in sync: it has pulled everything and pushed nothing.
        server.ask(PULL)
        server.ask(PUSH, body=b"[]")
    now = time.strftime(INSTANT, time.gmtime())
    url = server.url + row.path.replace("{now}", now)
    command = ["wrk", "-t", str(threads), "-c", str(connections), "-d", f"{seconds}s"]
    command += ["--timeout", "60s", "-H", f"Authorization: {server.authorization(row)}", *options]
    command += ["-s", HERE / script, url] if script else [url]
    ran = subprocess.run(command, env=os.environ | dict(variables), capture_output=True, text=True)
    return ran.stdout + ran.stderr


def requests(output):
    """Returns the number of requests and the seconds they took, or `None` if any of them failed."""
    counted = re.search(r"(\d+) requests in ([\d.]+)s", output)
    if not counted or counted[1] == "0" or "Non-2xx" in output or "Socket errors" in output:
        return None
    return int(counted[1]), float(counted[2])
