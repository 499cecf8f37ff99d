"""Draws the steps of a device from the seed."""

import random
from collections import Counter
from dataclasses import dataclass

ACTIONS = {"sync": 50, "edit": 30, "add": 4, "remove": 5, "rename": 5, "wait": 6}
# With --rare also events that the rules cannot always tell apart from others; see docs/protocol.md.
RARE_ACTIONS = {"backup": 3, "restore": 1, "wipe": 0.5, "set clock": 2, "two processes": 1.5}
# What goes wrong in a sync, and how often.
FAULTS = {
    "none": 55,
    "pull refused": 4,
    "pull's response dropped": 5,
    "pull's response cut": 3,
    "pull's response late": 6,
    "push refused": 5,
    "push's response dropped": 8,
    "push's response cut": 3,
    "push late": 3,
    "push's response late": 8,
    # The client disconnects in the middle of its push; the server still receives the rest, or not.
    "push abandoned": 2,
    "push abandoned and closed": 2,
    "killed before it saves": 3,
}
RARE_FAULTS = {"killed between saving frames and last_sync": 3}
# Seconds; most delays are short, so that the test gets through many steps.
DELAYS = {0.1: 30, 0.7: 30, 1.3: 20, 2.5: 12, 5: 6, 15: 1.5, 40: 0.5}


@dataclass(frozen=True)
class Step:
    action: str
    fault: str
    delay: float
    # Which frame: a fraction of those that the device has.
    choice: float
    # A fraction of a second to wait before the step.
    pause: float


class Steps:
    """Draws the same steps for the same seed and device."""

    def __init__(self, seed, device, rare):
        self.rng = random.Random(f"{seed} {device}")
        self.actions = ACTIONS | (RARE_ACTIONS if rare else {})
        self.faults = FAULTS | (RARE_FAULTS if rare else {})

    def draw(self):
        return Step(
            self.weighted(self.actions),
            self.weighted(self.faults),
            self.weighted(DELAYS),
            self.rng.random(),
            self.rng.random() ** 4,
        )

    def weighted(self, weights):
        (chosen,) = self.rng.choices(list(weights), list(weights.values()))
        return chosen


class Tally:
    """Counts steps, syncs and faults of all devices."""

    def __init__(self):
        self.actions, self.faults = Counter(), Counter()

    def text(self, counter):
        return ", ".join(f"{name} {n}" for name, n in counter.most_common()) or "none"
