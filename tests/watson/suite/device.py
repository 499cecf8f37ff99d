"""A device with Watson on it: a folder, a time zone, a clock that may be wrong, and a proxy to the server."""

import json
import shutil
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from .proxy import Proxy

EDITOR = """sed -i 's/"project": ".*"/"project": "'"$NEW_PROJECT"'"/' "$1"\n"""


@dataclass(frozen=True)
class Synced:
    """What a sync did, as seen on the wire."""

    code: int
    output: str
    # Frames by id.
    received: dict
    pushed: dict
    exchanges: list

    @property
    def ok(self):
        return self.code == 0


class Device:
    """Watson in a folder of its own."""

    def __init__(self, name, client, target, token, zone="UTC", clock=0, journal=None):
        self.name, self.client, self.zone = name, client, zone
        self.journal = journal if journal is not None else []
        self.home = tempfile.TemporaryDirectory(prefix="watson-device.")
        self.folder = Path(self.home.name, "watson")
        self.clock_file = Path(self.home.name, "clock")
        self.editor = Path(self.home.name, "editor")
        self.editor.write_text(EDITOR)
        self.proxy = Proxy(target)
        # Every value of last_sync that a sync has saved.
        self.saved_last_syncs = set()
        self.set_clock(clock)
        self.watson("config", "backend.url", self.proxy.url)
        self.watson("config", "backend.token", token)

    def close(self):
        self.proxy.close()
        self.home.cleanup()

    # The clock

    def set_clock(self, offset):
        """Sets the clock so many seconds ahead of this machine's, also for a command that is running."""
        self.clock = offset
        if offset:
            self.note(f"clock {offset:+} s")
        temporary = self.clock_file.with_suffix(".new")
        temporary.write_text(f"{offset:+}\n")
        temporary.rename(self.clock_file)

    def now(self):
        return time.time() + self.clock

    def wait_for_new_second(self):
        """Watson does not push what changed in the second of its last sync."""
        self.wait_until(self.last_sync() + 1)

    def wait_until(self, moment):
        """Waits until the device's clock shows `moment`, unless it is far from it: a clock that was set back."""
        left = moment - self.now()
        if 0 < left <= 2:
            time.sleep(left + 0.01)

    def wait_for_unused_second(self):
        """After the clock was set back: a sync must not end in a second in which an earlier one has ended.

        The server would take the device for one that is restored from a backup.
        """
        while any(0 <= saved - int(self.now()) <= 4 for saved in self.saved_last_syncs - {self.last_sync()}):
            time.sleep(0.2)

    # Watson's commands

    def start(self, *arguments, killed_at=None, **environment):
        environment |= {
            "HOME": self.home.name,
            "TMPDIR": self.home.name,
            "WATSON_DIR": str(self.folder),
            "TZ": self.zone,
            "FAKETIME_TIMESTAMP_FILE": str(self.clock_file),
        }
        return self.client.start(list(arguments), environment, self.home.name, killed_at)

    def watson(self, *arguments, **environment):
        """Runs a command that must succeed."""
        ran = self.start(*arguments, **environment).wait()
        assert ran.code == 0, f"{self.name}: watson {' '.join(arguments)} failed: {ran.output}"
        return ran

    def add(self, project, tag="moon"):
        """Adds a frame and returns its id."""
        self.wait_for_new_second()
        before = self.frames()
        if self.client.version.has_add:
            moments = ["--from", "2026-03-01 10:00:00", "--to", "2026-03-01 11:00:00"]
            self.watson("add", *moments, project, f"+{tag}")
        else:
            self.watson("start", project, f"+{tag}")
            self.watson("stop")
        (new,) = self.frames().keys() - before.keys()
        self.note(f"adds {project} ({new[:4]})")
        return new

    def edit(self, id, project, wait=True):
        """Changes a frame's project in the editor."""
        if wait:
            self.wait_for_new_second()
        self.note(f"edits {id[:4]}: {self.project(id)} → {project}")
        self.watson("edit", id, EDITOR=f"sh {self.editor}", NEW_PROJECT=project)
        assert self.project(id) == project, f"{self.name}: watson edit did not edit"

    def rename(self, old, new):
        self.wait_for_new_second()
        self.note(f"renames project {old} → {new}")
        self.watson("rename", "project", old, new)

    def remove(self, id):
        self.note(f"removes {id[:4]} ({self.project(id)})")
        self.watson("remove", "-f", id)

    def sync(self):
        """Syncs; this must succeed."""
        synced = self.try_sync()
        assert synced.ok, f"{self.name}: watson sync failed: {synced.output}"
        return synced

    def try_sync(self, wait=True, killed_at=None):
        """Syncs, whatever the outcome."""
        return self.start_sync(wait, killed_at).wait()

    def start_sync(self, wait=True, killed_at=None):
        """Starts a sync that may be waited for later."""
        if wait:
            self.wait_for_new_second()
            self.wait_for_unused_second()
        return RunningSync(self, killed_at)

    # The folder

    def wipe(self):
        """Loses everything but the configuration."""
        self.note("is wiped")
        for file in self.folder.iterdir():
            if file.name != "config":
                file.unlink()

    def backup(self):
        """Copies the folder."""
        self.note(f"is backed up at {self.last_sync()}")
        copy = tempfile.mkdtemp(prefix="backup.", dir=self.home.name)
        return Path(shutil.copytree(self.folder, Path(copy, "watson")))

    def restore(self, backup):
        """Replaces the folder with a copy; the configuration stays."""
        self.replace_folder(backup)
        self.note(f"is restored to the backup at {self.last_sync()}")

    def replace_folder(self, source):
        config = (self.folder / "config").read_text()
        shutil.rmtree(self.folder)
        shutil.copytree(source, self.folder)
        (self.folder / "config").write_text(config)

    def write_frames(self, count, project="many"):
        """Writes frames into its file as if they had been added there."""
        self.note(f"gets {count} frames")
        now = int(self.now())
        start = 1_700_000_000
        rows = [[start + n * 60, start + n * 60 + 30, project, uuid.uuid4().hex, [], now] for n in range(count)]
        (self.folder / "frames").write_text(json.dumps([*self.frames().values(), *rows]))
        self.wait_until(now + 1)

    def frames(self):
        """The rows of its file by id: start, stop, project, id, tags, updated_at."""
        try:
            text = (self.folder / "frames").read_text()
        except FileNotFoundError:
            return {}
        return {row[3]: row for row in json.loads(text or "[]")}

    def projects(self):
        """The project of every frame."""
        return {id: row[2] for id, row in self.frames().items()}

    def project(self, id):
        """The project of a frame, or `None`."""
        return self.projects().get(id)

    def last_sync(self):
        try:
            return int((self.folder / "last_sync").read_text() or 0)
        except FileNotFoundError:
            return 0

    def note(self, event):
        self.journal.append((time.time(), self.name, event))


class RunningSync:
    """A sync in progress."""

    def __init__(self, device, killed_at):
        self.device = device
        self.began_at = device.last_sync()
        self.first = len(device.proxy.exchanges)
        self.command = device.start("sync", killed_at=killed_at)

    def kill(self):
        self.command.kill()

    def wait(self):
        ran = self.command.wait()
        self.device.saved_last_syncs.add(self.device.last_sync())
        exchanges = self.device.proxy.exchanges[self.first :]
        received = {id: frame for exchange in exchanges for id, frame in exchange.received.items()}
        pushed = {id: frame for exchange in exchanges for id, frame in exchange.sent.items()}
        synced = Synced(ran.code, ran.output, received, pushed, exchanges)
        outcome = "" if synced.ok else f", exit code {ran.code}: {' '.join(ran.output.split())[:200]}"
        self.device.note(f"syncs from {self.began_at}: receives {brief(received)}, pushes {brief(pushed)}{outcome}")
        return synced


def brief(frames):
    named = [f"{frame.get('project')} ({id[:4]})" for id, frame in list(frames.items())[:4]]
    more = [f"… {len(frames)} frames"] if len(frames) > 4 else []
    return ", ".join(named + more) or "nothing"


def sync_all(*devices):
    """Syncs devices at the same time."""
    failures = []

    def sync(device):
        try:
            device.sync()
        except AssertionError as failure:
            failures.append(failure)

    threads = [threading.Thread(target=sync, args=[device]) for device in devices]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[0]
