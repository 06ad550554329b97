"""The end of the interpreter, with profiles enabled, threads running and finalizers that call decorated functions."""

import os

import pytest

from support import calls_in, run_python

START = """
import asyncio, atexit, builtins, os, sys, threading, time, profstat
from profstat import monitor_profile
def step(): pass
def steps(n):
    for _ in range(n):
        step()
@monitor_profile(path="handle-{n}.stat")
def handle(n, steps=steps):
    steps(n)
@monitor_profile(path="gen-{n}.stat")
def gen(step=step):
    try:
        while True:
            step()
            yield
    finally:
        step()
@monitor_profile(path="agen-{n}.stat")
async def agen(step=step):
    try:
        while True:
            step()
            yield
    finally:
        step()
@monitor_profile(path="coro-{n}.stat")
async def coro(step=step):
    try:
        while True:
            step()
            await asyncio.sleep(0)
    finally:
        step()
def rest():
    # There the interpreter itself crashes now and then when threads wait for its lock at its end.
    if sys.version_info < (3, 11):
        time.sleep(600)
class AtEnd:
    def __init__(self, name, what):
        self.name, self.what = name, what
    def __del__(self, write=os.write, step=step):
        step()
        self.what()
        write(1, self.name)
"""
OPTIONS = ["", "threads=True", "context=True", "timer=time.perf_counter", "paths=False, threads=True", "clock='cpu'"]


def run(script, **options):
    with open("script.py", "w") as file:
        file.write(START + script)
    done = run_python("-W", "ignore", "script.py", **options)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def profiles():
    return sorted(name for name in os.listdir() if name != "script.py")


@pytest.mark.parametrize("options", OPTIONS)
def test_enabled_profiles_and_daemon_threads(here, options):
    script = f"""
import _thread
def spin():
    while True:
        steps(100)
        rest()
def spin_profiled():
    with profstat.Profile() as profile:
        kept.append(profile)
        spin()
kept = []
for target in (spin, spin, spin_profiled, spin_profiled):
    threading.Thread(target=target, daemon=True).start()
_thread.start_new_thread(spin, ())
cycle = AtEnd(b"cycle ", step)
cycle.itself = cycle
sys.at_end = AtEnd(b"sys ", lambda: None)
atexit.register(step)
profile = profstat.Profile({options})
profile.enable()
steps(100)
"""
    for _ in range(3):
        run(script)


@pytest.mark.parametrize("options", OPTIONS)
def test_enabled_and_disabled_at_the_end(here, options):
    """In an atexit callback, in finalizers of the main module, and when that is gone."""
    run(
        f"""
class Holder:
    def __init__(self):
        self.profile = profstat.Profile({options})
        self.profile.enable()
    def __del__(self):
        self.profile.disable()
        self.profile.create_stats()
        self.profile.getstats()
class Enabler:
    def __del__(self, Profile=profstat.Profile, time=time, step=step, kept=sys):
        kept.late = Profile({options})
        kept.late.enable()
        step()
here, sys.here, builtins.here, threading.here = Holder(), Holder(), Holder(), Holder()
enabler, builtins.enabler = Enabler(), Enabler()
kept = profstat.Profile({options})
atexit.register(kept.enable)
"""
    )


def test_decorated_calls_in_atexit_callbacks(here):
    run(
        """
async def later():
    handle(5)
    await asyncio.sleep(0)
atexit.register(handle, 3)
atexit.register(lambda: asyncio.run(later()))
handle(2)
"""
    )
    assert profiles() == [f"handle-{n}.stat" for n in (1, 2, 3)]
    assert [calls_in(name)["step"] for name in profiles()] == [2, 5, 3]


def test_decorated_calls_in_finalizers(here):
    """By then modules may be empty: the functions are called all the same."""
    said = run(
        """
def call(handle=handle, gen=gen, coro=coro):
    handle(3)
    next(gen())
    coro().close()
builtins.call = call
for place in (builtins, threading, profstat, profstat.monitor, os, asyncio):
    place.at_end = AtEnd(place.__name__.encode() + b" ", call)
main = AtEnd(b"main ", call)
profstat.Profile().enable()
"""
    ).split()
    assert "builtins" in said
    assert profiles() == []


@pytest.mark.parametrize("place", ["sys", "builtins", "threading", "asyncio"])
def test_decorated_functions_that_are_suspended(here, place):
    run(
        f"""
def begin(step):
    try:
        step(None)
    except StopIteration:
        pass
    return step
{place}.kept = [begin(each.send) for each in (gen(), coro(), agen().asend(None))]
{place}.unbegun = gen(), coro()
"""
    )


def test_tasks_that_are_pending(here):
    run(
        """
import logging
logging.disable(logging.CRITICAL)
async def main():
    builtins.tasks = [asyncio.ensure_future(coro()) for _ in range(10)]
    await asyncio.sleep(0.01)
asyncio.new_event_loop().run_until_complete(main())
"""
    )


def test_bodies_and_requests_that_nobody_ends(here):
    run(
        """
import profstat.asgi, profstat.wsgi
def application(environ, start_response):
    start_response("200 OK", [])
    return gen()
async def later(scope, receive, send):
    await coro()
for place in (sys, builtins, threading):
    body = profstat.wsgi.ProfilerMiddleware(application, "profiles")({}, print)
    next(iter(body))
    place.body = body
    place.request = profstat.asgi.ProfilerMiddleware(later, "profiles")({"type": "http", "method": "", "path": ""}, 1, 2)
    place.request.send(None)
del body
"""
    )


@pytest.mark.parametrize("keep", ["last", "sum", "slowest"])
def test_daemon_threads_that_call_decorated_functions(here, keep):
    for _ in range(3):
        run(
            f"""
@monitor_profile(keep="{keep}", budget={{"step": 1000000}})
def handle(n):
    steps(n)
def spin():
    while True:
        handle(20)
        rest()
async def spin_later():
    while True:
        await asyncio.gather(*(asyncio.sleep(0) for _ in range(10)))
        handle(20)
        rest()
for target in (spin, spin, spin, lambda: asyncio.run(spin_later())):
    threading.Thread(target=target, daemon=True).start()
while not os.path.exists("handle.stat"):
    time.sleep(0)
"""
        )
    assert calls_in("handle.stat")["step"] == 20 * calls_in("handle.stat")["handle"]


@pytest.mark.parametrize("ending", ["return", "sys.exit()", "os._exit(0)"])
def test_fork_in_a_thread(here, ending):
    said = run(
        f"""
def spin():
    while True:
        steps(10)
        rest()
def forker():
    with profstat.Profile() as profile:
        for _ in range(3):
            step()
            child = os.fork()
            if child == 0:
                handle(3)
                step()
                {ending}
            assert os.waitpid(child, 0)[1] == 0
            os.rename("handle-1.stat", f"child-{{_}}.stat")
    profile.create_stats()
    print([row[1] for label, row in profile.stats.items() if label[2] == "step"])
threading.Thread(target=spin, daemon=True).start()
outer = profstat.Profile(threads=True)
outer.enable()
thread = threading.Thread(target=forker)
thread.start()
thread.join()
"""
    )
    assert said == "[3]\n"
    assert profiles() == ["child-0.stat", "child-1.stat", "child-2.stat"]
    assert {calls_in(name)["step"] for name in profiles()} == {3}


def test_threads_that_outlive_the_main_one(here):
    said = run(
        """
outer = profstat.Profile(threads=True)
outer.enable()
def late():
    threading.main_thread().join()
    found = []
    for options in ({}, {"threads": True}, {"context": True}):
        with profstat.Profile(**options) as profile:
            steps(5)
            handle(2)
        profile.create_stats()
        found += [row[1] for label, row in profile.stats.items() if label[2] == "step"]
    print(found)
threads = [threading.Thread(target=late) for _ in range(3)]
for thread in threads:
    thread.start()
"""
    )
    assert said.count("[") == 3
    assert profiles() == [f"handle-{n}.stat" for n in range(1, 10)]


def test_module_that_was_removed(here):
    run(
        """
profile = profstat.Profile(threads=True)
profile.enable()
threading.Thread(target=time.sleep, args=(0.01,)).start()
for name in [name for name in sys.modules if name.startswith("profstat")]:
    del sys.modules[name]
del profstat
"""
    )
