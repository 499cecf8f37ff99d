"""Many frames at once. Watson's own pull takes time in proportion to the square of their number."""

from .databases import Skipped
from .world import assert_nothing_received, assert_project, case, edits_stay

# More than this and only one version pulls.
MOST_FOR_ALL = 5_000


@case("a first push of many frames")
def first_push(world):
    a = world.device("A")
    a.write_frames(world.size)
    synced = a.sync()
    assert len(synced.pushed) == world.size
    assert_nothing_received(a, a.sync())
    id = list(a.frames())[-1]
    for n in range(2):
        a.edit(id, f"edit {n}")
        synced = a.sync()
        assert_nothing_received(a, synced)
        assert set(synced.pushed) == {id}
        assert_project(a, id, f"edit {n}")


@case("a first push of many frames, then a pull of them by a new device")
def first_pull(world):
    if world.size > MOST_FOR_ALL and world.version != "2.1.0":
        raise Skipped(f"a pull of more than {MOST_FOR_ALL} frames takes Watson minutes: only with 2.1.0")
    a, b = world.device("A"), world.device("B")
    a.write_frames(world.size)
    a.sync()
    synced = b.sync()
    assert len(synced.received) >= world.size
    assert a.projects().items() <= b.projects().items()
    assert_nothing_received(b, b.sync())
    edits_stay(b, a, list(a.frames())[-1])
