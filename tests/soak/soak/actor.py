"""Performs a device's steps with the real Watson, and records them."""

import time

from suite.device import RunningSync

# Adding more frames only makes Watson slower.
MOST_FRAMES = 60


class Actor:
    """A device and its user."""

    def __init__(self, device, record, steps, tally, new_version):
        self.device, self.record, self.steps, self.tally = device, record, steps, tally
        self.new_version = new_version
        self.backups = []

    def perform(self, step):
        time.sleep(step.pause)
        self.tally.actions[step.action] += 1
        getattr(self, step.action.replace(" ", "_"))(step)

    def chosen_frame(self, step):
        frames = sorted(self.device.frames())
        return frames[int(step.choice * len(frames))] if frames else None

    def add(self, step):
        if len(self.device.frames()) >= MOST_FRAMES:
            return
        version = self.new_version()
        frame = self.device.add(version)
        self.record.made(frame, version)
        self.record.note("add", f"adds {version} ({frame[:4]})", [frame])

    def edit(self, step):
        frame = self.chosen_frame(step)
        if frame is None:
            self.add(step)
            return
        version = self.new_version()
        old = self.device.project(frame)
        self.device.edit(frame, version)
        self.record.made(frame, version)
        self.record.note("edit", f"edits {frame[:4]}: {old} → {version}", [frame])

    def rename(self, step):
        frame = self.chosen_frame(step)
        if frame is None:
            return
        old, new = self.device.project(frame), self.new_version()
        before = self.device.projects()
        self.device.rename(old, new)
        renamed = [id for id, project in before.items() if project == old]
        for id in renamed:
            self.record.made(id, new)
        self.record.note("rename", f"renames {old} → {new} ({', '.join(id[:4] for id in renamed)})", renamed)

    def remove(self, step):
        frame = self.chosen_frame(step)
        if frame is None:
            return
        version = self.device.project(frame)
        self.device.remove(frame)
        self.record.removed.add(frame)
        self.record.note("remove", f"removes {version} ({frame[:4]})", [frame])

    def wait(self, step):
        time.sleep(min(step.delay, 3))

    # Syncs

    def sync(self, step):
        self.tally.faults[step.fault] += 1
        self.sync_once(step.fault, step.delay)

    def sync_once(self, fault="none", delay=0.0):
        """Syncs with a fault; returns what the sync did."""
        device, record = self.device, self.record
        killed_at = self.plan(fault, delay)
        device.wait_for_new_second()
        before, last_sync = device.frames(), device.last_sync()
        synced = RunningSync(device, killed_at).wait()
        device.proxy.clear()
        after = device.frames()
        is_saved = synced.ok or after != before
        if is_saved and not synced.ok:
            record.note("half saved", "is killed between saving frames and last_sync")
        record.note(
            "sync",
            f"syncs from {last_sync}: receives {brief(synced.received)}, pushes {brief(synced.pushed)}"
            + (f" [{fault}, {delay} s]" if fault != "none" else "")
            + ("" if synced.ok else f", fails: {' '.join(synced.output.split())[-90:]}"),
            {*synced.received, *synced.pushed},
            last_sync=last_sync,
            ok=synced.ok,
            stored=may_be_stored(synced),
        )
        if is_saved:
            record.check_sync(before, last_sync, synced)
            record.save_sync(synced)
        self.check_file(before, after, synced.received if is_saved else {})
        return synced

    def check_file(self, before, after, received):
        """Checks this test's own model of Watson: the file is as before, with what was sent."""
        expected = {frame: row[2] for frame, row in before.items()}
        for frame, wire in received.items():
            if self.device.client.version.overwrites or frame not in expected:
                expected[frame] = wire["project"]
        actual = {frame: row[2] for frame, row in after.items()}
        assert actual == expected, f"{self.device.name} has {actual} instead of {expected}"

    def plan(self, fault, delay):
        """Plans a fault; returns the file at whose saving Watson is to be killed."""
        proxy = self.device.proxy
        exchange, _, what = fault.partition("'s response ")
        if what:
            consequence = {"dropped": {"drop": True}, "cut": {"cut": True}, "late": {"response_delay": delay}}[what]
            (proxy.next_pull if exchange == "pull" else proxy.next_push)(**consequence)
        elif fault == "pull refused":
            proxy.next_pull(refuse=True)
        elif fault == "push refused":
            proxy.next_push(refuse=True)
        elif fault == "push late":
            proxy.next_push(request_delay=delay)
        elif fault in ("push abandoned", "push abandoned and closed"):
            proxy.next_push(abandon=lambda: time.sleep(delay), close=fault.endswith("closed"))
        elif fault == "killed before it saves":
            return "first file"
        elif fault == "killed between saving frames and last_sync":
            return "last_sync"
        return None

    # With --rare

    def backup(self, step):
        known = {frame: set(self.record.known[frame]) for frame in self.device.frames()}
        self.backups = [*self.backups[-3:], (self.device.backup(), known)]
        self.record.note("backup", f"is backed up at {self.device.last_sync()}")

    def restore(self, step):
        if self.backups:
            backup, known = self.backups[int(step.choice * len(self.backups))]
            self.device.restore(backup)
            text = f"is restored to its backup at {self.device.last_sync()}: {len(known)} frames"
            self.record.new_life("restore", known, text)

    def wipe(self, step):
        self.device.wipe()
        self.record.new_life("wipe", {}, "is wiped")

    def set_clock(self, step):
        self.set_clock_to([-3600, -10, -3, 0, 3, 10, 3600][int(step.choice * 7)])

    def set_clock_to(self, offset):
        if offset == self.device.clock:
            return
        self.device.set_clock(offset)
        self.record.note("clock", f"sets its clock {offset:+} s")

    def two_processes(self, step):
        """Two syncs of one device at the same time."""
        device, record = self.device, self.record
        before, last_sync = device.frames(), device.last_sync()
        device.proxy.next_pull(response_delay=0.3)
        running = [RunningSync(device, None), RunningSync(device, None)]
        outcomes = [sync.wait() for sync in running]
        device.proxy.clear()
        record.note("two processes", f"syncs twice at once from {last_sync}")
        for synced in outcomes:
            frames = {*synced.received, *synced.pushed}
            text = f"one of two: receives {brief(synced.received)}, pushes {brief(synced.pushed)}"
            stored = may_be_stored(synced)
            record.note("sync", text, frames, last_sync=last_sync, ok=synced.ok, stored=stored)
            record.check_sync(before, last_sync, synced)
            record.save_sync(synced)
        # The process that saved last decides what the device has.
        for frame in record.known.keys() - device.frames().keys() - record.removed:
            del record.known[frame]


def may_be_stored(synced):
    """The frames of pushes that the server accepted, or whose response was lost."""
    pushes = [exchange for exchange in synced.exchanges if exchange.kind == "push" and exchange.status in (0, 201)]
    return frozenset(frame for push in pushes for frame in push.sent)


def brief(frames):
    return ", ".join(f"{wire['project']} ({frame[:4]})" for frame, wire in frames.items()) or "nothing"
