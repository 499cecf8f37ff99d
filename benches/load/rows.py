"""The rows of the table."""

from clients import Clients, Memory
from database import Bulk, Commits, Written
from servers import DEVICES
from throughput import LargePushes, Requests, Syncs, UserPushes
from wrk import PULL, PUSH

SYNC = Syncs("sync of nothing: pull and push", PUSH)
PUSH_1 = Requests("push of 1 frame", PUSH, pushes=1, second=True)
PUSH_1_USERS = UserPushes(f"push of 1 frame, {DEVICES} users", PUSH, pushes=1)

ROWS = {
    "projects": Requests("GET /watson/projects (40)", "/watson/projects"),
    "delta": Requests("empty delta, asked again", "/watson/frames?last_sync={now}"),
    "sync": SYNC,
    "sync-bytes": Written("sync of nothing: written", SYNC),
    "pull-1000": Requests("pull of 1,000 frames", PULL, second=True),
    "pull": Requests("pull of everything", PULL),
    "gzip": Requests("the same, gzip", PULL, headers=("Accept-Encoding: gzip",)),
    "page": Requests("GET /frames?limit=50", "/frames?limit=50", bearer=True),
    "clients": Clients("1,000 clients: responses", "/watson/frames?last_sync={now}", 1000),
    "push-1": PUSH_1,
    "push-1-bytes": Written("push of 1 frame: written", PUSH_1),
    "push-1-users": PUSH_1_USERS,
    "commits": Commits("the same, and SQLite alone: commits/s, ratio", PUSH_1_USERS),
    "push-1-users-bytes": Written(f"push of 1 frame, {DEVICES} users: written", PUSH_1_USERS),
    "push-100": Requests("push of 100", PUSH, pushes=100, second=True),
    "push-1000": LargePushes("push of 1,000", PUSH, pushes=1000),
    "push-10000": LargePushes("push of 10,000", PUSH, pushes=10_000),
    "bulk": Bulk("push of 10,000 and {} of the same: frames/s, ratio"),
    "memory": Memory("memory at first, now, and in 64 pulls of everything", PULL, 64),
}
