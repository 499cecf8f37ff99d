"""The users of the load: some who read, some who write, and some with slow pushes."""

import functools
import json
import pathlib
import uuid

import machine

RECORD = "/run/pushes"


@functools.cache
def tokens():
    """Tokens of the readers, the writers and the slow users."""
    groups = [
        [machine.new_token(f"{name}{number}") for number in range(8)]
        for name in ["reader", "writer", "slow"]
    ]
    for token in groups[0]:
        machine.push(token, [machine.frame(uuid.uuid4()) for _ in range(20)])
    # The database is slow, so that the request is in progress in the server all the time.
    machine.sql(
        "CREATE FUNCTION slow_down() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN PERFORM pg_sleep(1.5); RETURN NEW; END';"
        " CREATE TRIGGER slow_down BEFORE INSERT ON frames FOR EACH ROW WHEN"
        f" (NEW.user_id IN ({user_ids('slow')})) EXECUTE FUNCTION slow_down()"
    )
    return groups


def user_ids(prefix):
    ids = machine.sql(f"SELECT id FROM users WHERE login LIKE '{prefix}%'").split()
    return ", ".join(f"'{each}'" for each in ids)


def load(*words):
    """The load of all clients while the block runs."""
    return machine.load(tokens(), "--record", RECORD, *words)


def has_failed_push():
    """Whether a push of the running load has failed."""
    lines = pathlib.Path(RECORD).read_text().splitlines()
    return any(json.loads(line)["answer"] != 201 for line in lines)


def check_pushes():
    """Checks that accepted pushes of the load are in the database. Returns the pushes."""
    return machine.check_record(RECORD)
