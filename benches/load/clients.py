"""Rows about very many clients at once."""

import re
import sys
from dataclasses import dataclass

from throughput import ENGINES
from wrk import wrk


@dataclass
class Many:
    """A fixed number of clients, whatever `--connections` says."""

    name: str
    path: str
    connections: int
    bearer: bool = False
    second: bool = False
    engines: tuple = ENGINES

    def title(self, _engine):
        return self.name


class Clients(Many):
    """The responses that they receive."""

    def cells(self, servers, engine, options):
        for server in servers:
            output = wrk(self, server, self.connections, options.seconds, script="clients.lua")
            counted = re.search("^clients: (.*)", output, re.MULTILINE)
            yield counted[1] if counted else sys.exit(f"{server.name}: {output}")


class Memory(Many):
    """Resident memory in MiB before the first row, now, and the peak while they pull."""

    def cells(self, servers, engine, options):
        for server in servers:
            now = server.kibibytes("VmRSS")
            server.forget_peak()
            wrk(self, server, self.connections, options.seconds)
            sizes = server.memory, now, server.kibibytes("VmHWM")
            yield ", ".join(f"{size / 1024:.0f}" for size in sizes) + " MiB"
