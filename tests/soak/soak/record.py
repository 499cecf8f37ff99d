"""The history of a device, from which broken promises are found and explained."""

import time
from dataclasses import dataclass, field


@dataclass
class Event:
    """One entry of a device's history."""

    kind: str
    text: str
    frames: frozenset = frozenset()
    # For syncs:
    last_sync: int = 0
    ok: bool = True
    # Frames that the server stored, or may have stored.
    stored: frozenset = frozenset()
    at: float = field(default_factory=time.time)


@dataclass
class Violation:
    """A broken promise; `explained` names the accepted kind that it is shown to be, if it is one."""

    kind: str
    device: str
    frame: str
    text: str
    # What the device was sent, if the violation is about that.
    version: str = ""
    explained: str = ""
    history: list = field(default_factory=list)


class Record:
    """The history of one device."""

    def __init__(self, device):
        self.device = device
        self.events = []
        # Versions of each frame that the device has had in this life. A version is a project name: no name is ever
        # given to the same frame twice.
        self.known = {}
        self.removed = set()
        # The version that the device was sent last; of interest where a client ignores new versions.
        self.told = {}
        # For each version made here: the versions that the device knew then.
        self.ancestors = {}
        self.violations = []

    def note(self, kind, text, frames=(), **details):
        self.events.append(Event(kind, text, frozenset(frames), **details))

    def has(self, frame, version):
        self.known.setdefault(frame, set()).add(version)

    def made(self, frame, version):
        """Notes a version that was created on this device."""
        self.ancestors[frame, version] = frozenset(self.known.get(frame, ()))
        self.has(frame, version)

    def new_life(self, kind, known, text):
        """Notes that the device was wiped or restored to something that knows these versions."""
        self.known = {frame: set(versions) for frame, versions in known.items()}
        self.removed, self.told = set(), {}
        self.note(kind, text)

    def check_sync(self, before, last_sync, synced):
        """Checks what the latest sync was sent. `before`: the device's rows when it began."""
        for frame, wire in synced.received.items():
            version = wire["project"]
            known = version in self.known.get(frame, ())
            row = before.get(frame)
            if row is None:
                if known and frame in self.removed:
                    text = f"is sent {version} of {frame[:4]} again, which it removed"
                    self.violate("undone: removed", frame, text, version)
                continue
            if known and version != row[2] and row[5] > last_sync:
                text = f"is sent {version} of {frame[:4]} again; its edit {row[2]} is waiting"
                self.violate("undone", frame, text, version)
            elif known and version == row[2] and not self.may_be_repeated(last_sync):
                self.violate("sent again", frame, f"is sent {version} of {frame[:4]}, which it has", version)

    def may_be_repeated(self, last_sync):
        """Whether a rule repeats what was sent before: the epoch, or a sync that looks unfinished or restored."""
        earlier = self.events[:-1]
        return last_sync == 0 or any(event.kind == "sync" and event.last_sync == last_sync for event in earlier)

    def save_sync(self, synced):
        """Notes that the device has saved what it was sent."""
        for frame, wire in synced.received.items():
            self.told[frame] = wire["project"]
            self.has(frame, wire["project"])
            self.removed.discard(frame)

    def violate(self, kind, frame, text, version=""):
        violation = Violation(kind, self.device.name, frame, text, version)
        violation.explained = self.explain(kind, frame)
        violation.history = self.history(frame)
        self.violations.append(violation)

    def explain(self, kind, frame):
        """The accepted kind that this violation is shown to be, or an empty string."""
        if kind == "undone: removed" and self.removed_after_lost_response(frame):
            return "removed after a lost response"
        return self.rare_event()

    def removed_after_lost_response(self, frame):
        """The frame was pushed, the response was lost, and the frame was removed before the sync was repeated."""
        unfinished = False
        for event in self.events:
            if event.kind == "sync" and event.ok:
                unfinished = False
            elif event.kind == "sync" and frame in event.stored:
                unfinished = True
            elif event.kind == "remove" and frame in event.frames and unfinished:
                return True
        return False

    def rare_event(self):
        """A rare event since the fifth latest completed sync."""
        completed = 0
        for event in reversed(self.events):
            if event.kind == "sync":
                completed += event.ok
            elif event.kind in ("wipe", "restore", "clock", "half saved", "two processes"):
                return event.kind
            if completed == 5:
                return ""
        return ""

    def history(self, frame):
        """The latest events, and all that concern the frame."""
        first = max(0, len(self.events) - 12)
        begin = self.events[0].at if self.events else 0
        shown = [event for n, event in enumerate(self.events) if n >= first or frame in event.frames]
        return [f"{event.at - begin:7.1f} {self.device.name} {event.text}" for event in shown[-40:]]
