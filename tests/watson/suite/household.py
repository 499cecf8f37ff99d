"""Devices with exclusive tokens in four time zones, without faults."""

from .device import sync_all
from .world import assert_edit_arrived, assert_nothing_received, assert_project, case, edits_stay, until_quiet


def four(world):
    return [world.device(name) for name in "ABCD"]


@case("a frame reaches every device, and a second one")
def add(world):
    a, *others = four(world)
    for project in ("first", "second"):
        id = a.add(project)
        a.sync()
        sync_all(*others)
        for device in others:
            assert_project(device, id, project)


@case("an edit reaches every device")
def edit(world):
    a, *others = four(world)
    id = a.add("to be edited")
    a.sync()
    sync_all(*others)
    a.edit(id, "edited")
    synced = a.sync()
    assert_nothing_received(a, synced)
    assert set(synced.pushed) == {id}
    sync_all(*others)
    a.sync()
    assert_project(a, id, "edited")
    for device in others:
        assert_edit_arrived(device, id, "edited")


@case("a second edit, before the other device has synced")
def edit_twice(world):
    a, b = world.device("A"), world.device("B")
    id = a.add("first")
    a.sync()
    for project in ("second", "third"):
        a.edit(id, project)
        a.sync()
    b.sync()
    assert_project(b, id, "third")
    assert_project(a, id, "third")


@case("one device edits and syncs, then another")
def edits_in_turn(world):
    a, b, c = world.device("A"), world.device("B"), world.device("C")
    id = a.add("first")
    a.sync()
    sync_all(b, c)
    a.edit(id, "by A")
    a.sync()
    sync_all(b, c)
    b.edit(id, "by B")
    b.sync()
    sync_all(a, c)
    assert_project(b, id, "by B")
    for device in (a, c):
        assert_edit_arrived(device, id, "by B")


@case("two devices edit before they sync: all agree")
def conflict(world):
    a, b, c = world.device("A"), world.device("B"), world.device("C")
    id = a.add("first")
    a.sync()
    sync_all(b, c)
    a.edit(id, "by A")
    b.edit(id, "by B")
    a.sync()
    b.sync()
    sync_all(a, c)
    winner = "by A" if a.client.version.overwrites else "by B"
    for device in (a, b, c):
        assert_edit_arrived(device, id, winner)


@case("a removed frame stays removed on the device")
def remove(world):
    a, b = world.device("A"), world.device("B")
    id, other = a.add("to be removed"), a.add("to be edited")
    a.sync()
    b.sync()
    a.remove(id)
    a.sync()
    b.edit(other, "edited by B")
    b.sync()
    b.remove(id)
    for _ in range(2):
        a.sync()
        b.sync()
    assert_project(a, id, None)
    assert_project(b, id, None)


@case("a renamed project is renamed everywhere")
def rename(world):
    a, *others = four(world)
    ids = [a.add("old name"), a.add("old name")]
    a.sync()
    sync_all(*others)
    a.rename("old name", "new name")
    for _ in range(2):
        assert_nothing_received(a, a.sync())
    sync_all(*others)
    for id in ids:
        assert_project(a, id, "new name")
        for device in others:
            if a.client.version.pushes_renames:
                assert_edit_arrived(device, id, "new name")
    edits_stay(a, others[0], ids[0])


@case("another device pushes between pull and push")
def overlap(world):
    a, b, c = world.device("A"), world.device("B"), world.device("C")
    id = b.add("in between")
    a.proxy.next_push(before=b.sync)
    a.sync()
    assert_project(a, id, None)
    sync_all(a, c)
    assert_project(a, id, "in between")
    assert_project(c, id, "in between")


@case("nothing new: nothing is exchanged")
def nothing_new(world):
    devices = four(world)
    devices[0].add("first")
    until_quiet(*devices)
    for device in devices:
        for _ in range(3):
            synced = device.sync()
            assert_nothing_received(device, synced)
            assert not synced.pushed


@case("an old and a new Watson understand each other")
def mixed(world):
    other = "1.9.0" if world.version != "1.9.0" else "2.1.0"
    if other not in world.clients:
        other = next(version for version in world.clients)
    a, b = world.device("A"), world.device("B", version=other)
    of_a, of_b = a.add("from A"), b.add("from B")
    a.sync()
    b.sync()
    b.edit(of_a, "edited by B")
    a.sync()
    a.edit(of_b, "edited by A")
    b.sync()
    a.sync()
    b.sync()
    assert_edit_arrived(a, of_a, "edited by B")
    assert_edit_arrived(b, of_b, "edited by A")
    own = {id: row[:5] for id, row in a.frames().items() if id == of_b}
    assert own == {id: row[:5] for id, row in b.frames().items() if id == of_b}
