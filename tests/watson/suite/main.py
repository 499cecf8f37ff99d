"""run [OPTIONS]: tests a server with real Watson clients, case by case. See README.md.

Without --url the suite starts this project's server on SQLite and on PostgreSQL. The exit status is 1 if a case failed.
"""

import argparse
import os
import subprocess
import sys
import time
import traceback
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from . import clocks, concurrent, household, late, lost, merged, program, restored, several_servers, tokens, volume  # noqa: F401
from .client import Client, faketime
from .report import failures, skips, summary, table
from .databases import Skipped
from .servers import ENGINES, GivenServer
from .versions import FOLDER, PINS, ROOT, NotInstalled, install
from .world import CASES, World

Result = namedtuple("Result", "verdict detail history")
# The short form covers the newest release, both wire formats, the oldest release and the fork.
SHORT_VERSIONS = ["2.1.0", "1.9.0", "1.5.2", "next-3.1.1"]


def arguments():
    parser = argparse.ArgumentParser(prog="run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given = parser.add_argument_group("a given server")
    given.add_argument("--url", help="what Watson's backend.url would be")
    given.add_argument("--token", action="append", default=[], help="token of a device, all of one user; up to four")
    given.add_argument("--shared-token", action="append", default=[], help="a token for several devices")
    given.add_argument("--token-command", metavar="CMD", help="prints a token, called with USER DEVICE exclusive|shared")
    own = parser.add_argument_group("this project's server")
    own.add_argument("--server", metavar="PATH", help="crick-api-server; default: target/debug, built first")
    own.add_argument("--engines", default=",".join(ENGINES), help="default: %(default)s")
    parser.add_argument("--versions", help=f"of {','.join(PINS)}; default: all")
    parser.add_argument("--cases", default="", help="only cases whose name or group contains one of these words")
    parser.add_argument("--short", action="store_true", help=f"without long cases, with {','.join(SHORT_VERSIONS)}")
    parser.add_argument("--frames", type=int, help="frames of a long first push; default: 60000, short 2000")
    parser.add_argument("--jobs", type=int, default=48, help="cases at the same time; default: %(default)s")
    parser.add_argument("--progress", action="store_true", help="a line on standard error for each case that has ended")
    parser.add_argument("--list", action="store_true", help="only list the cases")
    options = parser.parse_args()
    if options.url and not (options.token or options.token_command):
        parser.error("--url needs --token or --token-command")
    return options


def main():
    options = arguments()
    cases = select_cases(options)
    if options.list:
        print(*(f"{case.group}: {case.name}" for case in cases), sep="\n")
        return 0
    begin = time.monotonic()
    missing = set()
    with ExitStack() as stack:
        clients = start_clients(options, stack, missing)
        servers = start_servers(options, stack, missing)
        pairs = list(pair_up(options, servers, clients))
        results = run_all(options, cases, pairs, clients)
        errors = [line for server in servers for line in server.errors()]
    columns = [column(server, version) for server, version in pairs]
    print(table(results, columns), *skips(results), *failures(results), sep="\n")
    print(*(f"the server's log: {line}" for line in errors[:20]), sep="\n")
    if not faketime():
        missing.add("faketime")
    print(summary(results, time.monotonic() - begin))
    required = set(os.environ.get("CRICK_TEST_REQUIRE", "").split(","))
    failed = any(result.verdict == "FAILED" for result in results.values())
    return 1 if failed or missing & required or not results else 0


def select_cases(options):
    words = [word.strip() for word in options.cases.split(",") if word.strip()]
    named = [case for case in CASES if not words or any(word in f"{case.group}: {case.name}" for word in words)]
    return [case for case in named if not (options.short and case.is_long)]


def start_clients(options, stack, missing):
    names = options.versions.split(",") if options.versions else SHORT_VERSIONS if options.short else list(PINS)
    clients = {}
    for name in names:
        try:
            clients[name] = Client(install(name))
        except NotInstalled as reason:
            print(f"skipped: Watson {name}: {reason}")
            missing.add("watson")
            continue
        stack.callback(clients[name].close)
    return clients


def start_servers(options, stack, missing):
    if options.url:
        return [GivenServer(options.url, options.token, options.shared_token, options.token_command)]
    program = options.server or build()
    servers = []
    for engine in options.engines.split(","):
        try:
            servers.append(stack.enter_context(ENGINES[engine](program)))
        except Skipped as reason:
            print(f"skipped: {engine}: {reason}")
            missing.add(engine)
    return servers


def build():
    subprocess.run(["cargo", "build", "--quiet", "--locked", "--workspace"], cwd=ROOT, check=True)
    return FOLDER.parent / "debug" / "crick-api-server"


def pair_up(options, servers, clients):
    """The servers and versions that are tested together. In the short form, only the newest release meets every server."""
    for number, version in enumerate(clients):
        for position, server in enumerate(servers):
            if not options.short or number == 0 or number % len(servers) == position:
                yield server, version


def run_all(options, cases, pairs, clients):
    """Runs every case on every pair of a server and a version; the results by case and column."""
    size = options.frames or (2_000 if options.short else 60_000)
    jobs = options.jobs if all(server.has_fresh_users for server, _ in pairs) else 1
    with ThreadPoolExecutor(jobs) as pool:
        running = {
            (case.name, column(server, version)): pool.submit(run_case, options, case, server, clients, version, size)
            for case in cases
            for server, version in pairs
        }
        return {key: future.result() for key, future in running.items()}


def column(server, version):
    return f"{version} {server.name}"


def run_case(options, case, server, clients, version, size):
    result = result_of(case, server, clients, version, size)
    if options.progress:
        print(f"{result.verdict}: {case.name}, {column(server, version)}", file=sys.stderr)
    return result


def result_of(case, server, clients, version, size):
    if case.needs_fresh_user and not server.has_fresh_users:
        return Result("skipped", "needs a new user (--token-command)", [])
    world = World(server, clients, version, size)
    try:
        case(world)
        return Result("ok", "", [])
    except Skipped as reason:
        return Result("skipped", str(reason), [])
    except AssertionError as failure:
        return Result("FAILED", str(failure), world.history())
    except Exception:
        return Result("FAILED", traceback.format_exc(), world.history())
    finally:
        world.close()


if __name__ == "__main__":
    sys.exit(main())
