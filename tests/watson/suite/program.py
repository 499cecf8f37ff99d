"""The fork server runs Watson's commands as its program does."""

import os
import re
import subprocess

from .world import case

COMMANDS = [
    ["--version"],
    ["no-such-command"],
    ["sync", "--no-such-option"],
    ["start", "apollo", "+moon"],
    ["stop"],
    ["projects"],
    ["log", "--no-pager", "--no-current"],
    ["rename", "project", "apollo", "gemini"],
    ["rename", "project", "apollo", "gemini"],
    ["edit", "-1"],
    ["sync"],
    ["remove", "-f", "-1"],
    ["remove", "-f", "-1"],
    ["frames"],
    ["config", "backend.token", "wrong"],
    ["sync"],
    ["config", "backend.url", "http://127.0.0.1:1"],
    ["sync"],
]


@case("the suite's way of running Watson does what its program does", needs_fresh_user=True)
def same_as_program(world):
    by_fork = world.device("A")
    # Of another user, so that it is not sent what the first one pushes.
    token = world.server.token(world.server.new_user(), "A", 0, shared=False)
    by_program = world.device("A", token=token)
    for command in COMMANDS:
        for device in (by_fork, by_program):
            device.wait_for_new_second()
        forked = by_fork.start(*command, EDITOR=f"sh {by_fork.editor}", NEW_PROJECT="mercury").wait()
        ran = run_program(by_program, command)
        said = [masked(forked.stdout), masked(forked.stderr)]
        assert forked.code == ran.returncode, f"{command}: exit code {forked.code}, by the program {ran.returncode}"
        assert said == [masked(ran.stdout), masked(ran.stderr)], f"{command}: {said}, by the program {ran}"
        assert files(by_fork) == files(by_program), f"{command}: {files(by_fork)}, by the program {files(by_program)}"


def run_program(device, command):
    """Starts the program itself, in the same environment."""
    python = device.client.version.python
    environment = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "HOME": device.home.name,
        "WATSON_DIR": str(device.folder),
        "TZ": device.zone,
        "EDITOR": f"sh {device.editor}",
        "NEW_PROJECT": "mercury",
    }
    program = [python.with_name("watson"), *command]
    return subprocess.run(program, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def masked(text):
    """Without what differs from run to run: ids, times, ports."""
    text = re.sub(r"0x[0-9a-f]+", "ADDRESS", text)
    text = re.sub(r"\b[0-9a-f]{7,32}\b", "ID", text)
    text = re.sub(r"just now|instantly|(a |\d+ )?seconds? ago", "AGO", text)
    return re.sub(r"\d+", "N", text)


def files(device):
    return {path.name: masked(path.read_text()) for path in device.folder.iterdir() if "config" not in path.name}
