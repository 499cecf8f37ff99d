"""Checks every promise when all devices are quiet."""

from dataclasses import dataclass

from .record import Violation

UNKNOWN = float("inf")


@dataclass(frozen=True)
class Push:
    """One version of a frame in one push."""

    device: str
    version: str
    begin: float
    # When the server had stored it; unknown if it was killed.
    end: float
    acknowledged: bool


def pushes_by_frame(records):
    pushes = {}
    for record in records:
        for exchange in record.device.proxy.exchanges:
            if exchange.kind != "push" or exchange.status not in (0, 201) or not exchange.forwarded_at:
                continue
            end = exchange.responded_at if exchange.status == 201 else UNKNOWN
            acknowledged = exchange.status == 201 and exchange.delivered
            for frame, wire in exchange.sent.items():
                push = Push(record.device.name, wire["project"], exchange.forwarded_at, end, acknowledged)
                pushes.setdefault(frame, []).append(push)
    return pushes


def check_end(records, server):
    """Checks what devices have against what the server has, `server`: the project of every frame."""
    pushes = pushes_by_frame(records)
    unpushed = 0
    for record in records:
        unpushed += check_device(record, server, pushes)
    ancestors = {key: known for record in records for key, known in record.ancestors.items()}
    by_name = {record.device.name: record for record in records}
    for frame, stored in pushes.items():
        check_acknowledged(frame, stored, server.get(frame), ancestors, by_name)
    for violation in all_violations(records):
        violation.explained = violation.explained or pushed_again(violation, pushes.get(violation.frame, ()))
    return unpushed


def pushed_again(violation, stored):
    """Whether another device pushed its version again, after the response to its first push was lost."""
    between = [push for push in stored if push.version != violation.version]
    others = [push for push in stored if push.device != violation.device and push.version == violation.version]
    for first in others:
        for second in others:
            is_repeat = first.device == second.device and first.begin < second.begin
            if is_repeat and any(first.begin < push.begin < second.end for push in between):
                return "pushed again after a lost response"
    return ""


def check_device(record, server, pushes):
    """Checks that the device has every frame of the server. Returns how many edits Watson does not push."""
    unpushed = 0
    rows, last_sync = record.device.frames(), record.device.last_sync()
    for frame, version in server.items():
        row = rows.get(frame)
        if row is None:
            if frame not in record.removed:
                record.violate("missing", frame, f"never gets {version} of {frame[:4]}")
            continue
        if row[2] == version or record.told.get(frame) == version and not record.device.client.version.overwrites:
            continue
        if any(push.version == row[2] for push in pushes.get(frame, ())):
            record.violate("stale", frame, f"keeps {row[2]} of {frame[:4]}, the server has {version}")
        elif row[5] > last_sync:
            record.violate("not pushed", frame, f"keeps its edit {row[2]} of {frame[:4]} to itself")
        else:
            unpushed += 1
    for frame, row in rows.items():
        if frame not in server:
            record.violate("lost", frame, f"has {row[2]} of {frame[:4]}, which the server lacks")
    return unpushed


def check_acknowledged(frame, stored, final, ancestors, records):
    """Checks that an acknowledged version is stored, or was replaced by a later one that is no ancestor."""
    finals = [push for push in stored if push.version == final]
    for push in stored:
        if not push.acknowledged or push.version == final:
            continue
        if final in ancestors.get((frame, push.version), ()):
            text = f"{push.version} of {frame[:4]} was acknowledged, and its predecessor {final} took its place"
        elif not any(later.end >= push.begin for later in finals):
            text = f"{push.version} of {frame[:4]} was acknowledged, and {final} was not pushed after it"
        else:
            continue
        records[push.device].violate("lost", frame, text)


def all_violations(records):
    return [violation for record in records for violation in record.violations]


def is_unexplained(violation: Violation):
    return not violation.explained
