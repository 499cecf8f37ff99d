"""Clocks that are wrong, that are set, and values of `last_sync` that go back."""

from .world import ZONES, assert_edit_arrived, assert_nothing_received, assert_project, case, edits_stay


@case("the device's clock is {off:+} s off", off=[600, 5, -5, -600])
def wrong_clock(world, off):
    a, b = world.device("A", clock=off), world.device("B")
    a.sync()
    foreign = b.add("by B")
    b.sync()
    a.sync()
    assert_project(a, foreign, "by B")
    edits_stay(a, b, foreign)
    own = a.add("by A")
    a.sync()
    b.sync()
    assert_project(b, own, "by A")


@case("the clock is set back by {back} s", back=[3, 10, 3600])
def set_back(world, back):
    a, b = world.device("A"), world.device("B")
    id = a.add("first")
    a.sync()
    a.edit(id, "second")
    a.sync()
    a.set_clock(-back)
    assert_nothing_received(a, a.sync())
    edits_stay(a, b, id)


@case("the clock is set back while an edit waits")
def set_back_with_edit(world):
    a, b = world.device("A"), world.device("B")
    id = a.add("first")
    a.sync()
    a.edit(id, "second")
    # Watson does not push an edit whose time is in the future.
    a.set_clock(-3600)
    synced = a.sync()
    assert_nothing_received(a, synced)
    assert not synced.pushed
    assert_project(a, id, "second")
    a.set_clock(0)
    assert_nothing_received(a, a.sync())
    b.sync()
    assert_edit_arrived(b, id, "second")
    edits_stay(a, b, id)


@case("the clock is set forward by {ahead} s", ahead=[3, 10, 86400])
def set_forward(world, ahead):
    a, b = world.device("A"), world.device("B")
    id = a.add("first")
    a.sync()
    a.set_clock(ahead)
    assert_nothing_received(a, a.sync())
    edits_stay(a, b, id)


@case("the clock is a day ahead for one sync, in {zone}", zone=ZONES)
def future_for_a_while(world, zone):
    a, b = world.device("A", zone=zone), world.device("B")
    a.write_frames(31)
    own = a.add("own")
    a.sync()
    a.set_clock(86400)
    a.sync()
    a.set_clock(0)
    a.sync()
    for _ in range(2):
        assert_nothing_received(a, a.sync())
    if a.client.version.pushes_renames:
        a.rename("many", "few")
        synced = a.sync()
        assert_nothing_received(a, synced)
        assert len(synced.pushed) == 31, f"31 renamed frames, {len(synced.pushed)} pushed"
        assert list(a.projects().values()).count("few") == 31, "the rename is undone"
    edits_stay(a, b, own)


@case("the clock is set during a sync, by {step:+} s", step=[-3600, 10])
def set_during_sync(world, step):
    a, b = world.device("A"), world.device("B")
    id = a.add("first")
    a.sync()
    world.wait(1)
    a.edit(id, "second")
    a.proxy.next_push(before=lambda: a.set_clock(step))
    a.sync()
    assert_nothing_received(a, a.sync())
    edits_stay(a, b, id)


@case("the clock runs fast")
def runs_fast(world):
    a, b = world.device("A"), world.device("B")
    id = a.add("first")
    for n in range(4):
        a.sync()
        a.set_clock(n * 7)
        a.edit(id, f"edit {n}")
    assert_nothing_received(a, a.sync())
    b.sync()
    assert_edit_arrived(b, id, "edit 3")
    edits_stay(a, b, id)
