"""A forked child begins its profiles anew; those of the parent are untouched."""

import os
import threading

import pytest

import profstat
from support import calls_in, run_python

OPTIONS = [{}, {"threads": True}, {"context": True}, {"paths": False}]


def step():
    pass


def work(count):
    for _ in range(count):
        step()


def counts(profile):
    profile.snapshot_stats()
    return {label[2]: row[:2] for label, row in profile.stats.items() if label[2] in ("step", "work")}


def in_child(action):
    """What it returns in a forked child."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, repr(action()).encode())
        except BaseException as error:
            os.write(writer, repr(error).encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader, "rb") as file:
        return eval(file.read())


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("options", OPTIONS)
def test_fork_within_a_profile(options):
    stop, running = threading.Event(), threading.Event()

    def other():
        work(1)
        running.set()
        stop.wait()

    thread = threading.Thread(target=other)
    profile = profstat.Profile(**options)
    outer = profstat.Profile()

    def forked():
        work(5)
        with profstat.Profile() as inner:
            work(1)
        profile.disable()
        again = counts(profile)
        with profile:
            work(7)
        return again, counts(outer), counts(inner), counts(profile)

    with outer, profile:
        thread.start()
        running.wait()
        work(3)
        child = in_child(forked)
        work(4)
        stop.set()
        thread.join()
    five, seven, one = ({"work": (n, n), "step": (m, m)} for n, m in ((2, 6), (3, 13), (1, 1)))
    assert child == (five, seven, one, seven)
    theirs = 1 if options.get("threads") else 0
    assert counts(profile) == {"work": (2 + theirs, 2 + theirs), "step": (7 + theirs, 7 + theirs)}
    assert counts(outer) == {"work": (2, 2), "step": (7, 7)}


def test_fork_within_a_call(here):
    @profstat.monitor_profile(path="inner.{pid}.stat")
    def inner(count):
        work(count)
        return os.getpid()

    @profstat.monitor_profile(path="outer.{pid}.stat")
    def outer():
        work(3)
        child = in_child(lambda: inner(5))
        work(4)
        return child

    child = outer()
    assert sorted(os.listdir(here)) == sorted([f"inner.{child}.stat", f"outer.{os.getpid()}.stat"])
    assert calls_in(f"inner.{child}.stat")["step"] == 5
    assert calls_in(f"outer.{os.getpid()}.stat")["step"] == 7


def test_sixteen_children_of_a_profile_nested_three_deep():
    profiles = [profstat.Profile(threads=number == 0) for number in range(3)]
    found = []

    def forked():
        work(2)
        return [counts(profile)["step"] for profile in profiles]

    for profile in profiles:
        profile.enable()
        work(10)
    found = [in_child(forked) for _ in range(16)]
    for profile in reversed(profiles):
        profile.disable()
    assert found == [[(2, 2)] * 3] * 16
    assert [counts(profile)["step"] for profile in profiles] == [(30, 30), (20, 20), (10, 10)]
