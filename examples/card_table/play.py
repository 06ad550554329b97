"""Plays an evening at the card table and reads the profiles it leaves behind.

Starts the server in a process of its own, logs seven players in over HTTP, one after the other, and shows with
`pstat` what the `login` of the second and of the seventh did.  Works in the current directory.
"""

from __future__ import annotations

import contextlib
import http.client
import pstats
import shlex
import shutil
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

PLAYERS = ("Ada", "Blaise", "Chen", "Dorothea", "Emil", "Fatima", "Grace")
FEW, MANY = 2, len(PLAYERS)
REPORT = ("-s", "cumulative", "-p", "0.1")
CALLERS = ("--callers", "get_db_user")
PATIENCE = 30  # seconds


@contextlib.contextmanager
def serving(requests: int) -> Iterator[str]:
    """Runs the server and gives its address, HOST:PORT; the server has ended when the block is left."""
    command = [sys.executable, str(Path(__file__).with_name("serve.py")), str(requests)]
    with Path("server.log").open("w") as log:
        server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            address = server.stdout.readline().strip()
            if not address:
                sys.exit("the server did not start:\n" + Path("server.log").read_text())
            yield address
        finally:
            server.terminate()
            server.wait(PATIENCE)
            server.stdout.close()


def log_in(address: str, name: str) -> str:
    """Logs a player in at the first table and returns the page."""
    connection = http.client.HTTPConnection(address, timeout=PATIENCE)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with contextlib.closing(connection):
        connection.request("POST", "/tables/1/login", urllib.parse.urlencode({"name": name}), form)
        return connection.getresponse().read().decode()


def pstat(*arguments: str) -> None:
    """Shows a pstat command and its output."""
    print("$", shlex.join(["pstat", *arguments]), flush=True)
    subprocess.run(["pstat", *arguments], check=True)


def calls_and_share(path: str) -> tuple[int, float]:
    """How often get_db_user was called in a profile, and its share of the time of `login`."""
    rows = {name: row for (_file, _line, name), row in pstats.Stats(path).stats.items()}
    _primitive, calls, _tottime, cumtime, _callers = rows["get_db_user"]
    return calls, cumtime / rows["login"][3]


def main() -> None:
    with serving(requests=MANY) as address:
        for seated, name in enumerate(PLAYERS, start=1):
            page = log_in(address, name)
            if page.count("<li>") != seated:
                sys.exit(f"{seated} players should sit at the table:\n{page}")
            if seated == FEW:
                shutil.copyfile("login.stat", f"login-{FEW}.stat")

    print(f"What the login of player {MANY} did, the top 10 % of the rows by cumulative time:\n")
    pstat("-f", "login.stat", *REPORT)
    print("Who calls get_db_user, in the newest profile here:\n")
    pstat(*CALLERS)
    shutil.copyfile("login.stat", f"login-{MANY}.stat")
    for seated in (FEW, MANY):
        print(f"The same two reports with {seated} players at the table:\n")
        pstat("-f", f"login-{seated}.stat", *REPORT)
        pstat("-f", f"login-{seated}.stat", *CALLERS)

    few_calls, few_share = calls_and_share(f"login-{FEW}.stat")
    many_calls, many_share = calls_and_share(f"login-{MANY}.stat")
    print(f"get_db_user: {few_calls} calls with {FEW} players, {many_calls} calls with {MANY}: one for each player.")
    print(f"Its share of the time of login went from {few_share:.0%} to {many_share:.0%}.")


if __name__ == "__main__":
    main()
