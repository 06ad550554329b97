"""monitor_profile and the middlewares in a process that gevent has patched: each call's profile is its own."""

import pytest

from support import run_python

pytest.importorskip("gevent")

PROGRAM = """
from gevent import monkey
monkey.patch_all()

import glob, marshal, threading, time
import gevent
import profstat
from profstat.wsgi import ProfilerMiddleware

def get_db_user():
    time.sleep(0.0001)

def users(n):
    for _ in range(n):
        get_db_user()

@profstat.monitor_profile(path="decorated-{n}.stat", budget={"get_db_user": 1000})
def handle(n):
    users(n)
    gevent.spawn(users, n).join()

def app(environ, start_response):
    users(int(environ["PATH_INFO"][1:]))
    for _ in range(3):
        users(1)
        yield b""

middleware = ProfilerMiddleware(app, "profiles")

def request(n):
    body = middleware({"PATH_INFO": f"/{n}", "REQUEST_METHOD": "GET"}, None)
    for _ in body:
        time.sleep(0.0001)
    body.close()

def calls(path):
    with open(path, "rb") as file:
        return {label[2]: row[1] for label, row in marshal.load(file).items()}["get_db_user"]

gevent.joinall([gevent.spawn(handle, n) for n in range(1, 101)], raise_error=True)
print(sorted(map(calls, glob.glob("decorated-*.stat"))) == [2 * n for n in range(1, 101)])
gevent.joinall([gevent.spawn(request, n) for n in range(1, 101)], raise_error=True)
print([calls(f"profiles/GET.{n}.stat") for n in range(1, 101)] == [n + 3 for n in range(1, 101)])
print(profstat.stats()[:3])
"""


def test_concurrent_greenlets(here):
    done = run_python("-c", PROGRAM)
    assert (done.stdout, done.stderr) == ("True\nTrue\n(200, 0, 0)\n", "")


def test_skipped_calls_are_counted_one_by_one(here):
    code = PROGRAM.split("@profstat")[0] + (
        "@profstat.monitor_profile(every=10)\n"
        "def handle(n):\n    users(n)\n"
        "gevent.joinall([gevent.spawn(handle, 3) for _ in range(100)], raise_error=True)\n"
        "print(profstat.stats()[:3])\n"
    )
    assert run_python("-c", code).stdout == "(10, 90, 0)\n"
