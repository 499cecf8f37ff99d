"""Devices that are restored from a backup or wiped, and keep their token."""

from .world import ZONES, assert_has_all, assert_nothing_received, assert_project, case, edits_stay, until_quiet


@case("a backup that is {age} syncs old is restored", age=[1, 2, 5, 20], is_long=lambda age: age > 5)
def old_backup(world, age):
    a, b = world.device("A"), world.device("B")
    edited = a.add("first")
    a.sync()
    b.sync()
    backup = a.backup()
    for n in range(age):
        a.add(f"after the backup {n}")
        if n % 2 == 0:
            a.edit(edited, f"edit {n}")
        if n % 3 == 1:
            b.add(f"by B {n}")
            b.sync()
        a.sync()
    expected = a.projects()
    a.restore(backup)
    until_quiet(a, b)
    assert_has_all(a, expected)
    assert_has_all(b, expected)
    edits_stay(a, b, edited)


@case("a backup with an edit that waits to be pushed is restored")
def backup_with_edit(world):
    a, b = world.device("A"), world.device("B")
    id = a.add("first")
    a.sync()
    a.edit(id, "second")
    backup = a.backup()
    a.sync()
    added = a.add("after the backup")
    a.sync()
    a.restore(backup)
    until_quiet(a, b)
    assert_project(a, id, "second")
    assert_project(a, added, "after the backup")
    edits_stay(a, b, id)


@case("a device is wiped three times, in {zone}", zone=ZONES)
def wiped(world, zone):
    a, b = world.device("A", zone=zone), world.device("B")
    a.write_frames(31)
    edited = a.add("own")
    a.sync()
    b.sync()
    expected = a.projects()
    for _ in range(3):
        # A device is not set up again within the second of its last sync.
        world.wait(1)
        a.wipe()
        # If the device was wiped right after its first sync, the server sees that only when the second one pushes nothing.
        a.sync()
        a.sync()
        assert_has_all(a, expected)
    until_quiet(a, b)
    if a.client.version.pushes_renames:
        a.rename("many", "few")
        assert_nothing_received(a, a.sync())
        assert list(a.projects().values()).count("few") == 31, "the rename is undone"
    for _ in range(3):
        assert_nothing_received(a, a.sync())
    edits_stay(a, b, edited)


@case("a device is wiped right after its first sync", needs_fresh_user=True)
def wiped_after_first_sync(world):
    a, b = world.device("A"), world.device("B")
    ids = {a.add("one"): "one", a.add("two"): "two"}
    a.sync()
    world.wait(1)
    a.wipe()
    until_quiet(a, b)
    assert_has_all(a, ids)
    edits_stay(a, b, next(iter(ids)))


@case("a new device gets everything, and a wiped one what it removed")
def everything(world):
    a, b = world.device("A"), world.device("B")
    kept, removed = a.add("kept"), a.add("removed")
    a.sync()
    b.sync()
    b.remove(removed)
    for _ in range(2):
        b.sync()
    assert_project(b, removed, None)
    b.wipe()
    world.wait(1)
    until_quiet(b)
    assert_project(b, kept, "kept")
    assert_project(b, removed, "removed")
