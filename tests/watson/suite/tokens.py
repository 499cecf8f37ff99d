"""Tokens that several devices use, and tokens that are replaced."""

from .databases import Skipped
from .world import assert_has_all, assert_nothing_received, assert_project, case, edits_stay, until_quiet


# Seconds between the syncs of two devices: long and short ones, so that they do not look like those of one device whose
# clock is slow, and of different lengths, so that they do not look like those of a timer.
SPANS = [6, 10, 40, 14, 18, 52, 22, 26]


@case("a copied folder: two devices with one exclusive token miss nothing permanently", is_long=True)
def copied_folder(world):
    token = world.token("laptop")
    a = world.device("A", token=token)
    expected = {a.add("first"): "first"}
    a.sync()
    b = world.device("B", token=token, settle=False)
    b.replace_folder(a.backup())
    for n in range(12):
        expected |= {a.add(f"by A {n}"): f"by A {n}", b.add(f"by B {n}"): f"by B {n}"}
        for position, device in enumerate((a, b)):
            world.wait(SPANS[(2 * n + position) % len(SPANS)])
            device.sync()
        # The server has detected it when the first device has frames of the second.
        if any(project.startswith("by B") for project in a.projects().values()):
            break
    a.note(f"(found after {2 * n + 2} syncs)")
    for _ in range(4):
        for device in (a, b):
            world.wait(2)
            device.sync()
    assert_has_all(a, expected)
    assert_has_all(b, expected)


@case("two devices with one shared token, {apart} s apart, lose no frame", apart=[2, 7], is_long=lambda apart: apart > 2)
def shared(world, apart):
    token = world.token(shared=True)
    a = world.device("A", token=token, zone="Europe/Paris")
    b = world.device("B", token=token, zone="America/New_York")
    expected = {}
    for n in range(3):
        expected |= {a.add(f"by A {n}"): f"by A {n}", b.add(f"by B {n}"): f"by B {n}"}
        for device in (a, b):
            device.sync()
            world.wait(apart)
    edited = next(iter(expected))
    a.edit(edited, "edited")
    expected[edited] = "edited"
    for device in (a, b, a):
        device.sync()
        world.wait(apart)
    assert_has_all(a, expected)
    assert_has_all(b, expected)


@case("two devices with one shared token, {apart} s apart: no edit is undone", apart=[3, 7], is_long=lambda apart: apart > 3)
def shared_edits(world, apart):
    token = world.token(shared=True)
    a, b = world.device("A", token=token), world.device("B", token=token)
    of_a, of_b = a.add("by A"), b.add("by B")
    for device in (a, b) * 2:
        device.sync()
        world.wait(apart)
    for n in range(4):
        for device, id in ((a, of_a), (b, of_b)):
            device.edit(id, f"edit {n}")
            device.sync()
            assert_project(device, id, f"edit {n}")
            world.wait(apart)


@case("a token that is revoked and created again for the same device")
def renewed(world):
    server = world.server.own()
    a, b = world.device("A"), world.device("B")
    own = a.add("by A")
    a.sync()
    server.admin("token", "revoke", world.login, "--device", "A")
    assert not a.try_sync().ok
    foreign = b.add("by B")
    b.sync()
    a.edit(own, "edited without a token")
    a.watson("config", "backend.token", world.token("A"))
    until_quiet(a)
    assert_project(a, foreign, "by B")
    assert_project(a, own, "edited without a token")
    assert_nothing_received(a, a.sync())
    edits_stay(a, b, own)


@case("a device that has lost frames unnoticed is sent everything on request")
def resend(world):
    server = world.server.own()
    if not server.can_resend:
        raise Skipped("the server has no `token resend`")
    a, b = world.device("A"), world.device("B")
    expected = {a.add("one"): "one", a.add("two"): "two", b.add("by B"): "by B"}
    b.sync()
    a.sync()
    for id in list(expected):
        a.remove(id)
    a.sync()
    server.admin("token", "resend", world.login, "--device", "A")
    until_quiet(a, b)
    assert_has_all(a, expected)
    edits_stay(a, b, next(iter(expected)))
