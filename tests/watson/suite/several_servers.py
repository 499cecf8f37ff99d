"""Several servers on one database, whose clocks differ."""

from .databases import Skipped
from .world import assert_nothing_received, assert_project, case, edits_stay


@case("two servers whose clocks are {apart} s apart", apart=[5, -5, 3600])
def alternate(world, apart):
    own = world.server.own()
    if own.engine == "SQLite":
        raise Skipped("a SQLite database has one server")
    a, b = world.device("A"), world.device("B")
    with own.another(clock=apart) as other:
        id = a.add("first")
        urls = [own.url, other.url]
        for n in range(6):
            a.proxy.target = urls[n % 2]
            if n % 3 == 2:
                # The pull reaches one server and the push the other.
                a.proxy.next_pull(after=lambda url=urls[(n + 1) % 2]: set_target(a, url))
            assert_nothing_received(a, a.sync())
            a.edit(id, f"edit {n}")
        b.proxy.target = other.url
        foreign = b.add("by B")
        b.sync()
        a.proxy.target = own.url
        a.sync()
        assert_project(a, id, "edit 5")
        assert_project(a, foreign, "by B")
        a.proxy.target = other.url
        for _ in range(3):
            assert_nothing_received(a, a.sync())
        edits_stay(a, b, id)


def set_target(device, url):
    device.proxy.target = url
