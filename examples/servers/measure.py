"""Runs the card table on real servers under load: without profiles, with @monitor_profile on the handler for every 100th
and for every request, and with ProfilerMiddleware around the application for every request.

`measure.py [-n REQUESTS] [-c CONNECTIONS] [SERVER...]`.  Looks at every response and at every profile that is kept: it
has to have as many calls of get_db_user as its request asked for.  Prints requests a second (the median of the
turns but the first), and the memory of the server and how it grew after the first tenth of the requests: of 10,000 or
more by no more than 5 %.  Exits with 1 when something was wrong.
"""

import argparse
import collections
import contextlib
import marshal
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from cards import MOST_PLAYERS
from load import Load

HERE = pathlib.Path(__file__).resolve().parent
GUNICORN = ["gunicorn", "--log-level", "warning", "--keep-alive", "60", "--bind", "127.0.0.1:{port}", "-w", "2"]
GTHREAD = [*GUNICORN, "-k", "gthread", "--threads", "16"]
UVICORN = ["uvicorn", "--log-level", "warning", "--timeout-keep-alive", "60", "--port", "{port}"]
# The command, the path to ask for, and the request as the middleware names it.
SERVERS = {
    "flask-gthread": ([*GTHREAD, "flask_app:app"], "/table/{}", "GET.table._int_count_"),
    "flask-gevent": ([*GUNICORN, "-k", "gevent", "flask_app:app"], "/table/{}", "GET.table._int_count_"),
    "asgi-uvicorn": ([*UVICORN, "asgi_app:app"], "/table/{}", "GET.table.{}"),
    "django-gthread": ([*GTHREAD, "django_app:application"], "/table/{}", "GET.table._int_count_"),
    "django-uvicorn": ([*UVICORN, "django_app:asgi"], "/later/{}", "GET.later._int_count_"),
}
TURNS = 10
ENOUGH_FOR_MEMORY, MOST_GROWTH = 10_000, 0.05
# What cards.py finds in its environment.
MODES = {"without": {}, "every=100": {"HANDLER": "100"}, "every=1": {"HANDLER": "1"}, "middleware": {"REQUEST": "1"}}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=10_000, dest="requests")
    parser.add_argument("-c", type=int, default=32, dest="connections")
    parser.add_argument("servers", nargs="*", metavar="SERVER", help=", ".join(SERVERS))
    options = parser.parse_args()
    for name in options.servers:
        if name not in SERVERS:
            parser.error(f"no server {name!r} (choose from {', '.join(SERVERS)})")
    print(f"{options.requests} requests over {options.connections} connections", flush=True)
    print(f"{'':15}{'':>11}{'requests/s':>12}{'profiles':>10}{'MiB':>7}{'growth':>8}", flush=True)
    faults = []
    for name in options.servers or SERVERS:
        faults += measure(name, options.requests, options.connections)
    print("\n".join(faults) if faults else "Every response and every profile is right.")
    sys.exit(1 if faults else 0)


def measure(name, requests, connections):
    """Prints a row for each mode; what was wrong.  The modes take turns, so that other programs disturb all alike."""
    with contextlib.ExitStack() as stack:
        runs = [stack.enter_context(Run(name, mode, connections)) for mode in MODES]
        for _ in range(TURNS):
            for run in runs:
                run.take_turn(requests // TURNS)
        return [f"{name} {run.mode}: {fault}" for run in runs for fault in run.end()]


class Run:
    """A server in one mode, under load."""

    def __init__(self, name, mode, connections):
        self.name = name
        self.mode = mode
        self.stack = contextlib.ExitStack()
        self.profiles = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.process, port = self.stack.enter_context(server(name, mode, self.profiles))
        self.load = Load(port, SERVERS[name][1], MOST_PLAYERS, connections)
        self.rates = []
        self.memory = []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stack.close()

    def take_turn(self, requests):
        self.rates.append(requests / self.load.run(requests))
        self.memory.append(resident_kib(self.process.pid))

    def end(self):
        """Prints the row; what was wrong."""
        stop(self.process)
        found, faults = check_profiles(self.profiles, SERVERS[self.name][2] if self.mode == "middleware" else "handler")
        faults += check_kept(found, self.load.asked, *map(int, MODES[self.mode].values()))
        faults += [f"wrong response: {response}" for response in self.load.wrong[:10]]
        growth = self.memory[-1] / self.memory[0] - 1
        if sum(self.load.asked.values()) >= ENOUGH_FOR_MEMORY and growth > MOST_GROWTH:
            faults.append(f"memory grew by {growth:.1%}")
        rate = statistics.median(self.rates[1:])
        row = f"{self.name:15}{self.mode:>11}{rate:>12,.0f}{sum(found.values()):>10,}"
        print(f"{row}{self.memory[-1] / 1024:>7.0f}{growth:>8.1%}", flush=True)
        return faults


@contextlib.contextmanager
def server(name, mode, profiles):
    """Its process and port; it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", *(part.format(port=port) for part in SERVERS[name][0])]
    environment = {**os.environ, **MODES[mode], "PROFILES": profiles}
    with subprocess.Popen(command, cwd=HERE, env=environment) as process:
        try:
            wait_for_answer(port)
            yield process, port
        finally:
            stop(process)


def wait_for_answer(port):
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def stop(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def resident_kib(pid):
    """Of a process and its children."""
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    own = int(status.split("VmRSS:")[1].split()[0])
    return own + sum(resident_kib(int(child)) for child in children)


def check_profiles(folder, name):
    """({number of players asked for: profiles}, what is wrong with them); `name` is what their names begin with."""
    found, faults = collections.Counter(), []
    for path in sorted(pathlib.Path(folder).iterdir()):
        with open(path, "rb") as file:
            stats = marshal.load(file)
        asked = [label[1] for label, row in stats.items() if label[2] == "asked_for" for _ in range(row[1])]
        users = sum(row[1] for label, row in stats.items() if label[2] in ("get_db_user", "get_db_user_now"))
        found.update(asked[:1])
        if asked != [users]:
            faults.append(f"{path.name} is of requests for {asked} and has {users} calls of get_db_user")
        elif not path.name.startswith(name.format(*asked) + "."):
            faults.append(f"{path.name} is of a request for {asked[0]}")
    return found, faults[:10] + [f"... {len(faults)} such profiles"] * (len(faults) > 10)


def check_kept(found, asked, every=0):
    if every == 1 and found != asked:
        return [f"profiles for {sorted(found.items())}, requests for {sorted(asked.items())}"]
    # Each of the processes counts for itself.
    kept, all_requests = sum(found.values()), sum(asked.values())
    if every and not all_requests // every - 2 < kept <= all_requests // every:
        return [f"{kept} profiles of {all_requests} requests"]
    return []


if __name__ == "__main__":
    main()
