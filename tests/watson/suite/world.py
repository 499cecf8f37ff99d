"""One user with devices for each case, and the list of all cases."""

import time
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count

from .client import faketime
from .device import Device
from .databases import Skipped

# The devices of one user live in these zones, in this order.
ZONES = ["UTC", "Europe/Paris", "Asia/Tokyo", "America/New_York"]
CASES = []


@dataclass(frozen=True)
class Case:
    """One promise, with the values of its parameters."""

    name: str
    group: str
    run: object
    parameters: dict
    # A case that takes longer than a minute is not part of the short form.
    is_long: bool
    # The case needs a token that was never used, or a user without frames.
    needs_fresh_user: bool

    def __call__(self, world):
        self.run(world, **self.parameters)


def case(name, is_long=False, needs_fresh_user=False, **parameters):
    """Declares a case, or one for each value of its parameter."""
    (key, values), *_ = [*parameters.items(), (None, [None])]

    def declare(run):
        group = run.__module__.rpartition(".")[2]
        for value in values:
            chosen = {} if key is None else {key: value}
            long = is_long(value) if callable(is_long) else is_long
            CASES.append(Case(name.format(**chosen), group, run, chosen, long, needs_fresh_user))
        return run

    return declare


class World:
    """One user of a server, and their devices."""

    def __init__(self, server, clients, version, size):
        self.server, self.clients, self.version = server, clients, version
        # How many frames a case about many frames uses.
        self.size = size
        self.journal, self.stack, self.positions = [], ExitStack(), count()
        self.login = server.new_user()

    @property
    def client(self):
        return self.clients[self.version]

    def token(self, device="shared", shared=False):
        return self.server.token(self.login, device, next(self.positions), shared)

    def device(self, name, clock=0, token=None, version=None, zone=None, settle=True, server=None):
        """A new device. Unless `settle` is false, one with a used token first receives what its user has."""
        if clock and not faketime():
            raise Skipped("needs libfaketime")
        if token is None:
            token = self.token(name)
        zone = zone or ZONES[(ord(name[0]) - ord("A")) % len(ZONES)]
        client = self.clients[version or self.version]
        device = Device(name, client, (server or self.server).url, token, zone, clock, self.journal)
        self.stack.callback(device.close)
        if settle and not self.server.has_fresh_users:
            for _ in range(3):
                device.sync()
        return device

    def wait(self, seconds):
        time.sleep(seconds)

    def history(self):
        """What happened so far, with the seconds since the beginning."""
        if not self.journal:
            return []
        begin = self.journal[0][0]
        return [f"{at - begin:6.1f} {device} {event}" for at, device, event in self.journal]

    def close(self):
        self.stack.close()


def until_quiet(*devices, rounds=6):
    """Syncs in turn until no device receives or pushes anything."""
    for _ in range(rounds):
        outcomes = [device.sync() for device in devices]
        if not any(synced.received or synced.pushed for synced in outcomes):
            return
    raise AssertionError(f"the devices still exchange frames after {rounds} syncs each")


def edits_stay(device, other, id, times=2):
    """The device edits a frame it has, several times: no edit is undone, each is pushed and reaches the other device."""
    first = device.sync()
    assert id not in first.received, f"{device.name} is sent {first.received[id]['project']!r} again"
    for n in range(times):
        project = f"checked {n}"
        device.edit(id, project)
        synced = device.sync()
        assert_nothing_received(device, synced)
        assert set(synced.pushed) == {id}, f"{device.name} pushes {names(synced.pushed)}"
        assert_project(device, id, project)
    other.sync()
    assert_edit_arrived(other, id, project)
    assert_nothing_received(device, device.sync())


def assert_has_all(device, expected):
    """The device has these frames, with these projects unless it keeps versions of its own."""
    missing = [project for id, project in expected.items() if device.project(id) is None]
    assert not missing, f"{device.name} lacks {len(missing)} frames: {', '.join(missing[:5])}"
    for id, project in expected.items():
        assert_edit_arrived(device, id, project)


def assert_nothing_received(device, synced):
    """Asserts that nothing was received, for cases with nothing new for the device."""
    assert not synced.received, f"{device.name} is sent what it has already: {names(synced.received)}"


def assert_project(device, id, expected):
    actual = device.project(id)
    assert actual == expected, f"{device.name} has {actual!r} instead of {expected!r}"


def assert_edit_arrived(device, id, expected):
    """Asserts that another device's edit arrived, if the client replaces its own frames at all."""
    if device.client.version.overwrites:
        assert_project(device, id, expected)
    else:
        assert device.project(id) is not None, f"{device.name} lacks {expected!r}"


def names(frames):
    shown = [frame.get("project") for frame in list(frames.values())[:5]]
    return f"{len(frames)} frames ({', '.join(shown)}{', …' if len(frames) > 5 else ''})"
