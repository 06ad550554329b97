"""Runs the card table on real servers under load, with @monitor_profile for every request, for every 100th and without.

`measure.py [-n REQUESTS] [-c CONNECTIONS] [SERVER...]`.  Looks at every response and at every profile that is kept: it
has to have as many calls of get_db_user as its request asked for.  Prints requests a second, and the memory of the
server and how it grew after the first tenth of the requests: of 10,000 or more by no more than 5 %.  Exits with 1 when
something was wrong.
"""

import argparse
import collections
import contextlib
import marshal
import os
import pathlib
import signal
import socket
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
SERVERS = {
    "flask-gthread": ([*GTHREAD, "flask_app:app"], "/table/{}"),
    "flask-gevent": ([*GUNICORN, "-k", "gevent", "flask_app:app"], "/table/{}"),
    "asgi-uvicorn": ([*UVICORN, "asgi_app:app"], "/table/{}"),
    "django-gthread": ([*GTHREAD, "django_app:application"], "/table/{}"),
    "django-uvicorn": ([*UVICORN, "django_app:asgi"], "/later/{}"),
}
ENOUGH_FOR_MEMORY, MOST_GROWTH = 10_000, 0.05
MODES = {"without": 0, "every=100": 100, "every=1": 1}


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
        for mode in MODES:
            faults += measure(name, mode, options.requests, options.connections)
    print("\n".join(faults) if faults else "Every response and every profile is right.")
    sys.exit(1 if faults else 0)


def measure(name, mode, requests, connections):
    """Prints a row; what was wrong."""
    with tempfile.TemporaryDirectory() as profiles, server(name, MODES[mode], profiles) as (process, port):
        load = Load(port, SERVERS[name][1], MOST_PLAYERS, connections)
        load.run(requests // 10)
        before = resident_kib(process.pid)
        rate = (requests - requests // 10) / load.run(requests - requests // 10)
        after = resident_kib(process.pid)
        stop(process)
        found, faults = check_profiles(profiles)
    faults += check_kept(found, load.asked, MODES[mode])
    faults += [f"wrong response: {response}" for response in load.wrong[:10]]
    growth = after / before - 1
    if requests >= ENOUGH_FOR_MEMORY and growth > MOST_GROWTH:
        faults.append(f"memory grew by {growth:.1%}")
    row = f"{name:15}{mode:>11}{rate:>12,.0f}{sum(found.values()):>10,}{after / 1024:>7.0f}{growth:>8.1%}"
    print(row, flush=True)
    return [f"{name} {mode}: {fault}" for fault in faults]


@contextlib.contextmanager
def server(name, every, profiles):
    """Its process and port; it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", *(part.format(port=port) for part in SERVERS[name][0])]
    environment = {**os.environ, "EVERY": str(every), "PROFILES": profiles}
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


def check_profiles(folder):
    """({number of players asked for: profiles}, what is wrong with them)."""
    found, faults = collections.Counter(), []
    for path in sorted(pathlib.Path(folder).iterdir()):
        with open(path, "rb") as file:
            stats = marshal.load(file)
        asked = [label[1] for label, row in stats.items() if label[2] == "asked_for" for _ in range(row[1])]
        users = sum(row[1] for label, row in stats.items() if label[2] in ("get_db_user", "get_db_user_now"))
        found.update(asked[:1])
        if asked != [users]:
            faults.append(f"{path.name} is of requests for {asked} and has {users} calls of get_db_user")
    return found, faults[:10] + [f"... {len(faults)} such profiles"] * (len(faults) > 10)


def check_kept(found, asked, every):
    if every == 1 and found != asked:
        return [f"profiles for {sorted(found.items())}, requests for {sorted(asked.items())}"]
    # Each of the processes counts for itself.
    kept, all_requests = sum(found.values()), sum(asked.values())
    if every and not all_requests // every - 2 < kept <= all_requests // every:
        return [f"{kept} profiles of {all_requests} requests"]
    return []


if __name__ == "__main__":
    main()
