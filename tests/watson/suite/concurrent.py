"""Concurrent processes and requests of one device."""

import threading

from .world import assert_edit_arrived, assert_nothing_received, assert_project, case, edits_stay


@case("two processes of one device sync at the same time")
def two_processes(world):
    a, b = world.device("A"), world.device("B")
    own = a.add("by A")
    a.sync()
    second_done, foreign = threading.Event(), []

    def person():
        """B pushes, then the second process of A does a whole sync, while the first still waits for its pull."""
        foreign.append(b.add("by B"))
        b.sync()
        a.note("(a second process)")
        a.sync()
        second_done.set()

    a.proxy.next_pull(after=person)
    a.sync()
    assert second_done.is_set()
    # The first process has saved last, without B's frame.
    a.sync()
    assert_project(a, foreign[0], "by B")
    edits_stay(a, b, own)


@case("a push whose client has disconnected is {outcome} after the next sync has begun", outcome=["completed", "cancelled"])
def abandoned_push(world, outcome):
    a, b = world.device("A"), world.device("B")
    id = a.add("first")
    a.sync()
    a.edit(id, "second")
    release = threading.Event()
    a.proxy.next_push(abandon=lambda: release.wait(60), close=outcome == "cancelled")
    assert not a.try_sync().ok
    a.edit(id, "third")
    # The server may refuse this sync because another one is running, but must not lose the edit.
    tried = a.start_sync()
    world.wait(3)
    release.set()
    tried.wait()
    for _ in range(5):
        if a.try_sync().ok:
            break
        world.wait(2)
    b.sync()
    assert_edit_arrived(b, id, "third")
    a.sync()
    assert_project(a, id, "third")
    edits_stay(a, b, id)


@case("a person edits during a slow sync")
def edit_during_sync(world):
    a, b = world.device("A"), world.device("B")
    id = a.add("first")
    a.sync()
    world.wait(1)
    # Watson will not push this edit: it is later than the pull and earlier than the new last_sync.
    a.proxy.next_push(before=lambda: a.edit(id, "second", wait=False), request_delay=1, response_delay=1.1)
    a.sync()
    for _ in range(2):
        assert_nothing_received(a, a.sync())
        assert_project(a, id, "second")
    edits_stay(a, b, id)


@case("two syncs within one second, the second receives a frame")
def same_second(world):
    a, b = world.device("A"), world.device("B")
    a.sync()
    for n in range(3):
        id = b.add(f"by B {n}")
        world.wait(1)
        a.wait_until(int(a.now()) + 1)
        a.try_sync(wait=False)
        b.sync()
        a.try_sync(wait=False)
        a.sync()
        assert_project(a, id, f"by B {n}")
        a.edit(id, f"edited by A {n}")
        assert_nothing_received(a, a.sync())
        assert_project(a, id, f"edited by A {n}")
        b.sync()
        assert_edit_arrived(b, id, f"edited by A {n}")
