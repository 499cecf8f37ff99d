"""Syncs that do not finish: lost responses, broken connections, killed processes."""

from .world import assert_edit_arrived, assert_nothing_received, assert_project, case, edits_stay


@case("a first push's response is lost, clock {off:+} s off", needs_fresh_user=True, off=[0, 3, -3, 10, -10, 3600, -3600])
def first_response(world, off):
    a, b = world.device("A", clock=off), world.device("B")
    id = a.add("first")
    a.proxy.next_push(drop=True)
    assert not a.try_sync().ok
    a.edit(id, "second")
    assert_nothing_received(a, a.sync())
    edits_stay(a, b, id, times=4)


@case("a push's response is {lost}", lost=["lost", "cut"])
def push_response(world, lost):
    a, b = world.device("A"), world.device("B")
    id = a.add("first")
    a.sync()
    a.edit(id, "second")
    a.proxy.next_push(drop=lost == "lost", cut=lost == "cut")
    assert not a.try_sync().ok
    a.edit(id, "third")
    foreign = b.add("by B")
    b.sync()
    synced = a.sync()
    assert set(synced.received) == {foreign}, "A should receive B's frame alone"
    assert_project(a, id, "third")
    edits_stay(a, b, id)


@case("a pull's response is {lost}", lost=["lost", "cut"])
def pull_response(world, lost):
    a, b = world.device("A"), world.device("B")
    id = a.add("by A")
    a.sync()
    foreign = b.add("by B")
    b.sync()
    a.edit(id, "edited by A")
    for _ in range(2):
        a.proxy.next_pull(drop=lost == "lost", cut=lost == "cut")
        assert not a.try_sync().ok
        assert_project(a, foreign, None)
    a.sync()
    assert_project(a, foreign, "by B")
    assert_project(a, id, "edited by A")
    edits_stay(a, b, id)


@case("the connection breaks between pull and push")
def broken_between(world):
    a, b = world.device("A"), world.device("B")
    a.sync()
    foreign = b.add("by B")
    b.sync()
    own = a.add("by A")
    for _ in range(2):
        a.proxy.next_push(refuse=True)
        synced = a.try_sync()
        assert not synced.ok
        assert "Traceback" not in synced.output, synced.output
        assert_project(a, foreign, None)
    a.sync()
    b.sync()
    assert_project(a, foreign, "by B")
    assert_project(b, own, "by A")
    edits_stay(a, b, foreign)


@case("Watson is killed before it saves anything")
def killed_before_saving(world):
    a, b = world.device("A"), world.device("B")
    own = a.add("by A")
    a.sync()
    foreign = b.add("by B")
    b.sync()
    a.edit(own, "edited")
    assert not a.try_sync(killed_at="first file").ok
    assert_project(a, foreign, None)
    a.edit(own, "edited again")
    a.sync()
    b.sync()
    assert_project(a, foreign, "by B")
    assert_edit_arrived(b, own, "edited again")
    edits_stay(a, b, own)


@case("Watson is killed between saving its frames and last_sync")
def half_saved(world):
    a, b = world.device("A"), world.device("B")
    own = a.add("by A")
    a.sync()
    foreign = b.add("by B")
    b.sync()
    a.edit(own, "edited")
    assert not a.try_sync(killed_at="last_sync").ok
    assert_project(a, foreign, "by B")
    later = b.add("by B, later")
    b.sync()
    a.sync()
    a.sync()
    assert_project(a, foreign, "by B")
    assert_project(a, later, "by B, later")
    assert_project(a, own, "edited")
    edits_stay(a, b, own)


@case("the server is killed after it has stored a push")
def killed_server(world):
    with world.server.own().with_own_database() as server:
        killed_after_push(world, server)


def killed_after_push(world, server):
    """On a server of its own: other cases use the one of this world at the same time."""
    login = server.new_user()
    a = world.device("A", server=server, token=server.token(login, "a", 0, shared=False))
    b = world.device("B", server=server, token=server.token(login, "b", 1, shared=False))
    own, foreign = a.add("by A"), b.add("by B")
    a.sync()
    a.edit(own, "edited")
    a.proxy.next_push(after=server.kill, drop=True)
    assert not a.try_sync().ok
    assert not b.try_sync().ok
    server.start()
    b.sync()
    a.edit(own, "edited again")
    a.sync()
    assert_project(a, own, "edited again")
    assert_project(a, foreign, "by B")
    # And after a sync of nothing, whose notes the server may write late.
    b.sync()
    a.sync()
    server.kill()
    server.start()
    edits_stay(a, b, own)
