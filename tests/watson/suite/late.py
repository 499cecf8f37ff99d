"""Responses that arrive late, or requests that do."""

from .world import assert_edit_arrived, assert_nothing_received, assert_project, case


@case("the response to a push arrives {late} s late", late=[1, 3, 10, 60], is_long=lambda late: late > 10)
def late_push(world, late):
    a = world.device("A")
    edited, removed = a.add("before"), a.add("to be removed")
    a.proxy.next_push(response_delay=late)
    a.sync()
    a.sync()
    a.edit(edited, "after")
    a.remove(removed)
    assert_nothing_received(a, a.sync())
    assert_project(a, edited, "after")
    assert_project(a, removed, None)
    b = world.device("B")
    b.sync()
    assert_edit_arrived(b, edited, "after")
    for _ in range(2):
        assert_nothing_received(a, a.sync())


@case("the response to every push arrives {late} s late", late=[1, 3, 10], is_long=lambda late: late > 3)
def always_late_push(world, late):
    a, b = world.device("A"), world.device("B")
    id = a.add("first")
    for n in range(3):
        a.proxy.next_push(response_delay=late)
        synced = a.sync()
        if n:
            assert_nothing_received(a, synced)
        a.edit(id, f"edit {n}")
    a.sync()
    assert_project(a, id, "edit 2")
    b.sync()
    assert_edit_arrived(b, id, "edit 2")


@case("the response to a pull arrives {late} s late", late=[1, 3, 10, 60], is_long=lambda late: late > 10)
def late_pull(world, late):
    a, b = world.device("A"), world.device("B")
    own = a.add("by A")
    a.sync()
    foreign = []

    def meanwhile():
        foreign.append(b.add("by B meanwhile"))
        b.sync()

    a.proxy.next_pull(response_delay=late, after=meanwhile)
    a.sync()
    a.edit(own, "edited by A")
    synced = a.sync()
    assert set(synced.received) == set(foreign), f"A should receive B's frame alone, not {len(synced.received)}"
    assert_project(a, own, "edited by A")
    assert_nothing_received(a, a.sync())


@case("a push arrives at the server {late} s late", late=[3, 10], is_long=lambda late: late > 3)
def delayed_push(world, late):
    a, b = world.device("A"), world.device("B")
    id = a.add("first")
    a.sync()
    foreign = []

    def meanwhile():
        foreign.append(b.add("by B meanwhile"))
        b.sync()

    a.edit(id, "second")
    a.proxy.next_push(request_delay=late, before=meanwhile)
    a.sync()
    a.edit(id, "third")
    a.sync()
    assert_project(a, foreign[0], "by B meanwhile")
    assert_project(a, id, "third")
    a.sync()
    b.sync()
    assert_edit_arrived(b, id, "third")
    assert_nothing_received(a, a.sync())
