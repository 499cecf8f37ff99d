"""Runs Watson's commands without starting an interpreter for each of them.

    PYTHON fork_server.py SOCKET

PYTHON belongs to a virtual environment with Watson in it. The process imports Watson once and forks for every command,
so a command runs Watson's own code from its entry point on. It ends when its standard input does. A request is one line
of JSON on the socket; the reply is the child's process id and, if it exits by itself, its exit code.
"""

import json
import os
import select
import signal
import socket
import sys
import time
import traceback


def main(path):
    # Watson imports requests only when it syncs; imported here, it need not be loaded for every sync.
    import requests  # noqa: F401
    from watson import cli

    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    # The kernel reaps the children: nothing here waits for them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    while True:
        readable, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in readable:
            return
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            run(cli.cli, connection)
        connection.close()


def run(program, connection):
    """Runs one command in this process, which ends with it."""
    request = json.loads(connection.makefile().readline())
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    connection.sendall(f"{os.getpid()}\n".encode())
    os.environ.update(request["environment"])
    time.tzset()
    for descriptor, file in ((0, os.devnull), (1, request["stdout"]), (2, request["stderr"])):
        opened = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    # click shows the name of the program in messages.
    sys.argv = [request["program"], *request["arguments"]]
    if request["killed_at"]:
        kill_when_saving(request["killed_at"])
    code = exit_code(program)
    sys.stdout.flush()
    sys.stderr.flush()
    connection.sendall(f"{code}\n".encode())
    os._exit(code)


def exit_code(program):
    """Runs the program as the interpreter would run it."""
    try:
        program()
    except SystemExit as exit:
        if exit.code is None or isinstance(exit.code, int):
            return exit.code or 0
        print(exit.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def kill_when_saving(name):
    """Kills the process when it would save the file `name`, or any file if `name` is "first file"."""
    from watson import watson

    save = watson.safe_save

    def save_or_die(path, *arguments, **options):
        if name in ("first file", os.path.basename(path)):
            os.kill(os.getpid(), signal.SIGKILL)
        return save(path, *arguments, **options)

    watson.safe_save = save_or_die


if __name__ == "__main__":
    main(sys.argv[1])
