"""A database that is restored from a backup: later changes come back from the devices."""

from .databases import Skipped
from .world import assert_edit_arrived, assert_has_all, assert_project, case, edits_stay, until_quiet


@case("the database is restored from a backup, {first} syncs first", first=["the device that edited", "another device"])
def restored_database(world, first):
    with world.server.own().with_own_database() as server:
        if not server.can_merge:
            raise Skipped("the server has no command `restored`")
        login = server.new_user()
        a = world.device("A", server=server, token=server.token(login, "A", 0, shared=False))
        b = world.device("B", server=server, token=server.token(login, "B", 1, shared=False))
        merge(server, a, b, first)


def merge(server, a, b, first):
    edited, untouched = a.add("first"), a.add("untouched")
    until_quiet(a, b)
    copy = server.back_up()
    a.note("(the database is backed up)")
    a.edit(edited, "edited after the backup")
    expected = {a.add("by A after the backup"): "by A after the backup"}
    a.sync()
    expected |= {b.add("by B after the backup"): "by B after the backup"}
    b.sync()
    server.restore(copy)
    server.admin("restored")
    server.start()
    a.note("(the database is restored)")
    for device in (a, b) if first == "the device that edited" else (b, a):
        start_over(device)
    until_quiet(a, b)
    until_quiet(a, b)
    for device in (a, b):
        assert_has_all(device, expected)
        assert_edit_arrived(device, edited, "edited after the backup")
        assert_project(device, untouched, "untouched")
    edits_stay(a, b, edited)


def start_over(device):
    """Does what Watson tells its user."""
    told = device.try_sync()
    assert not told.ok, "a device of a restored database should be told to start over"
    assert "last_sync" in told.output and "Traceback" not in told.output, told.output
    (device.folder / "last_sync").unlink()
    device.note("removes last_sync")
    device.sync()
