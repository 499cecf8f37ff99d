"""SQLite: one file per server, in the temporary folder of the run."""

import random
import sqlite3
import time
import uuid
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from processes import written

HERE = Path(__file__).resolve().parent
INSERT_ENTRY = "INSERT INTO entries (value) VALUES (hex(randomblob(50)))"
# Commits until SQLite has made its first checkpoint, which it does after 1,000 pages.
WARM_UP = 2000


@dataclass
class Sqlite:
    """The folder of the files, and a connection to a file without a server."""

    folder: Path
    alone: sqlite3.Connection | None = None
    name = "sqlite"
    title = "SQLite"
    times = "server ms"
    bulk = "INSERT"
    # Only our server uses SQLite.
    has_other_servers = False
    # The database is part of the server's process.
    has_own_processor_time = False

    def create(self, database):
        """Returns the address of a file, which the migration creates."""
        return f"sqlite:{self.folder / database}.db"

    def fill(self, database, own, others):
        """Adds frames of the users `load` and `second`, and other users with theirs."""
        values = {"own": own, "others": others, "persons": max(100, others // 10_000)}
        with closing(self.connect(database)) as connection:
            connection.create_function("zipf", 0, lambda: int(41 ** random.random()))
            connection.create_function("uuid", 0, lambda: uuid.uuid4().bytes)
            connection.execute("BEGIN")
            for statement in (HERE / "sqlite.sql").read_text().split(";\n"):
                connection.execute(statement, values)
            connection.execute("COMMIT")

    def connect(self, database):
        """Opens a file as durably as the server does."""
        connection = sqlite3.connect(self.folder / f"{database}.db", isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def processor(self):
        return 0

    def written(self, server):
        """Returns the bytes passed to write(2), responses included, and those sent to the disk."""
        return tuple(map(sum, zip(*(written(pid) for pid in server.processes()))))

    @staticmethod
    def written_cell(wchar, disk):
        return f"{disk:,.0f} bytes to the disk, {wchar:,.0f} by write(2)"

    def insert(self, database, batches, size):
        """Returns the seconds that a prepared INSERT takes for new frames of `second`, with one
        transaction per batch."""
        columns = "user_id, id, project_id, start_at, end_at, tags, seq, updated_at"
        insert = f"INSERT INTO frames ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        start = 1_772_355_600_000_000
        # Far above what pushes have reached.
        seq = random.randrange(10**12, 10**15)
        took = 0.0
        with closing(self.connect(database)) as connection:
            (user,) = connection.execute("SELECT id FROM users WHERE login = 'second'").fetchone()
            projects = connection.execute("SELECT id FROM projects WHERE user_id = ?", (user,))
            projects = [project for (project,) in projects]
            for batch in range(batches):
                rows = []
                for at in range(size):
                    tags = f'["tag {at % 40}"]'
                    times = start, start + 3_600_000_000
                    key = user, uuid.uuid4().bytes, projects[at % 40]
                    rows.append((*key, *times, tags, seq + batch * size + at, start))
                begin = time.monotonic()
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(insert, rows)
                connection.execute("COMMIT")
                took += time.monotonic() - begin
        return took

    def commits(self, seconds):
        """Returns the commits per second of one connection that writes one row per transaction, as
        durably as the server, into a table without indexes on the same disk."""
        if self.alone is None:
            # Stays open: closing the last connection would delete the write-ahead log.
            self.alone = self.connect("commits")
            self.alone.execute("CREATE TABLE entries (id INTEGER PRIMARY KEY, value TEXT NOT NULL)")
            # Appending to the write-ahead log is far slower than overwriting it, which SQLite does
            # after the first checkpoint.
            for _ in range(WARM_UP):
                self.alone.execute(INSERT_ENTRY)
        count, begin = 0, time.monotonic()
        while (took := time.monotonic() - begin) < seconds:
            self.alone.execute(INSERT_ENTRY)
            count += 1
        return count / took


@contextmanager
def sqlite_files(folder, _options):
    engine = Sqlite(folder)
    yield engine
    if engine.alone:
        engine.alone.close()
