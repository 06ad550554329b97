"""Profile(threads=True): every thread, each with its own stack; the sum in the statistics."""

import gc
import sys
import threading
import time
import weakref

import pytest

import profstat
from profstat._profstat import hook
from support import facts_of, run_python, stats_of, trailer_of


def leaf():
    pass


def work(count):
    for _ in range(count):
        leaf()


def ncalls(profile, name):
    profile.snapshot_stats()
    return sum(row[1] for label, row in profile.stats.items() if label[2] == name)


def run_threads(*targets, **names):
    threads = [threading.Thread(target=target, args=arguments) for target, *arguments in targets]
    threads += [threading.Thread(target=target, args=arguments, name=n) for n, (target, *arguments) in names.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.fixture
def early():
    """A thread that runs already: set() has it call work(500), and wait until it has."""
    go = threading.Event()
    done = threading.Event()

    def run():
        go.wait()
        work(500)
        done.set()

    def finish():
        go.set()
        done.wait()

    thread = threading.Thread(target=run, name="early")
    thread.start()
    yield finish
    finish()
    thread.join()


def test_threads_that_run_and_threads_that_start(early):
    profile = profstat.Profile(threads=True)
    with profile:
        run_threads(*[(work, 100)] * 32)
        early()
        work(7)
    assert ncalls(profile, "leaf") == 32 * 100 + 500 + 7
    assert ncalls(profile, "work") == 32 + 1 + 1
    rows = {label[2]: row for label, row in profile.stats.items()}
    assert rows["leaf"][0] == rows["leaf"][1], "no recursion where there is none"
    assert rows["leaf"][4][next(label for label in profile.stats if label[2] == "work")][:2] == (3707, 3707)


def test_without_it_other_threads_are_left_alone(early):
    profile = profstat.Profile()
    with profile:
        run_threads((work, 100))
        early()
        work(7)
    assert ncalls(profile, "leaf") == 7


def test_getstats_adds_the_threads_up():
    profile = profstat.Profile(threads=True)
    with profile:
        run_threads((work, 100), (work, 20))
        work(3)
    entries = {entry.code: entry for entry in profile.getstats()}
    assert entries[leaf.__code__].callcount == 123
    callees = {callee.code: callee.callcount for callee in entries[work.__code__].calls}
    assert callees[leaf.__code__] == 123
    profile.create_stats()
    assert {label[2]: row[1] for label, row in profile.stats.items() if label[2] in ("work", "leaf")} == {
        "work": 3,
        "leaf": 123,
    }


def test_each_thread_has_its_call_tree_under_its_name(here, early):
    profile = profstat.Profile(threads=True)
    with profile:
        run_threads(first=(work, 10), second=(work, 20))
        early()
        work(1)
    profile.dump_stats("x.stat")
    trailer = trailer_of("x.stat")
    assert sorted(tree["thread"] for tree in trailer["trees"]) == ["MainThread", "early", "first", "second"]
    assert facts_of("x.stat")["paths"] == "all"
    assert {label[2]: row[1] for label, row in stats_of("x.stat").items() if label[2] == "leaf"} == {"leaf": 531}


def test_profiles_of_one_thread_within_it():
    found = []

    def inner():
        profile = profstat.Profile()
        with profile:
            work(5)
        found.append(ncalls(profile, "leaf"))

    outer = profstat.Profile(threads=True)
    with outer:
        run_threads(*[(inner,)] * 8)
    assert found == [5] * 8
    assert ncalls(outer, "leaf") == 40


def test_two_profiles_of_all_threads(early):
    outer, inner = profstat.Profile(threads=True), profstat.Profile(threads=True, builtins=False)
    with outer:
        with inner:
            run_threads((work, 11))
        run_threads((work, 100))
        early()
    assert (ncalls(outer, "leaf"), ncalls(inner, "leaf")) == (611, 11)


def test_enabled_again_it_goes_on(early):
    profile = profstat.Profile(threads=True)
    with profile:
        run_threads((work, 10))
    run_threads((work, 1000))
    with profile:
        run_threads((work, 5))
        early()
    assert ncalls(profile, "leaf") == 515
    profile.clear()
    assert ncalls(profile, "leaf") == 0
    with profile:
        run_threads((work, 2))
    assert ncalls(profile, "leaf") == 2


def test_disabled_it_is_enabled_no_more():
    profile = profstat.Profile(threads=True)
    assert not profile.enabled
    profile.enable()
    assert profile.enabled
    run_threads((profile.disable,))
    assert not profile.enabled
    work(5)
    assert ncalls(profile, "leaf") == 0


def test_each_thread_has_its_own_cpu_time(here):
    """The clock of another thread cannot be read: each call is measured by its own thread's."""

    def burn():
        for _ in range(300_000):
            pass

    profile = profstat.Profile(threads=True, clock="cpu")
    with profile:
        run_threads((burn,), (burn,), (time.sleep, 0.2))
    profile.dump_stats("x.stat")
    assert facts_of("x.stat")["clock"] == "cpu"
    seconds = {label[2]: row[2] for label, row in profile.stats.items()}
    assert seconds["burn"] > seconds["<built-in method time.sleep>"]


def test_the_hook_of_threading_is_put_back():
    before = threading._profile_hook
    seen = []
    threading.setprofile(lambda *event: seen.append(event[1]))
    try:
        mine = threading._profile_hook
        profile = profstat.Profile(threads=True)
        with profile:
            run_threads((work, 3))
        assert threading._profile_hook is mine
    finally:
        threading.setprofile(before)
    assert ncalls(profile, "leaf") == 3
    assert seen.count("call") >= 4, "the other profile function goes on seeing events"


def test_a_thread_that_has_a_profile_function_keeps_it(early):
    seen = []
    go, done = threading.Event(), threading.Event()

    def run():
        sys.setprofile(lambda *event: seen.append((event[1], event[0].f_code.co_name)))
        go.wait()
        work(5)
        done.set()

    thread = threading.Thread(target=run)
    thread.start()
    profile = profstat.Profile(threads=True)
    with profile:
        go.set()
        done.wait()
    thread.join()
    assert ncalls(profile, "leaf") == 5
    assert seen.count(("call", "leaf")) == 5


def test_a_profile_that_is_dropped_ends():
    profile = profstat.Profile(threads=True)
    run_threads((work, 3))
    gone = weakref.ref(profile)
    del profile
    gc.collect()
    assert gone() is None
    run_threads((work, 3))


def test_threads_that_end_after_it_is_disabled():
    go = threading.Event()
    thread = threading.Thread(target=lambda: (work(3), go.wait(), work(4)))
    profile = profstat.Profile(threads=True)
    with profile:
        thread.start()
        while ncalls(profile, "leaf") < 3:
            pass
    go.set()
    thread.join()
    assert ncalls(profile, "leaf") == 3


FINALIZERS = """
import threading
import profstat

class Resource:
    def __del__(self):
        leaf()

def leaf():
    pass

def work():
    local.resource = Resource()
    leaf()

local = threading.local()
profile = profstat.Profile(threads=True)
for _ in range(3):
    profile.enable()
    for _ in range(10):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    profile.disable()
(entry,) = [entry for entry in profile.getstats() if entry.code is leaf.__code__]
print(30 <= entry.callcount <= 60)
"""


def test_finalizers_that_run_while_a_thread_is_cleared(tmp_path):
    script = tmp_path / "finalizers.py"
    script.write_text(FINALIZERS)
    done = run_python(str(script))
    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


@pytest.mark.parametrize("action", ["clear", "disable", "__init__"])
def test_a_timer_that_changes_the_profile_from_another_thread(action):
    main = threading.get_ident()
    refused = []

    def timer():
        if threading.get_ident() != main:
            try:
                getattr(profile, action)()
            except RuntimeError as error:
                refused.append(str(error))
        return time.perf_counter()

    profile = profstat.Profile(timer, threads=True)
    with profile:
        run_threads((work, 10))
    assert ncalls(profile, "leaf") == 10
    assert len(set(refused)) == 1 and "while its timer is running" in refused[0]


@pytest.mark.parametrize("options", [{}, {"threads": True}])
@pytest.mark.parametrize("action", ["clear", "disable"])
def test_a_timer_that_runs_in_another_thread_is_waited_for(options, action):
    entered, go = threading.Event(), threading.Event()
    main = threading.get_ident()

    def timer():
        if threading.get_ident() != main and not entered.is_set():
            entered.set()
            go.wait()
        return time.perf_counter()

    def run():
        profile.enable()
        work(5)

    profile = profstat.Profile(timer, **options)
    thread = threading.Thread(target=run)
    thread.start()
    entered.wait()
    threading.Timer(0.01, go.set).start()
    getattr(profile, action)()
    thread.join()
    profile.disable()
    assert ncalls(profile, "leaf") <= 5


def test_a_profile_that_is_dropped_leaves_an_exception_alone():
    profiles = []

    def run():
        profiles.append(profstat.Profile(threads=True))
        profiles[0].enable()

    run_threads((run,))
    with pytest.raises(TypeError, match="has no len"):
        len(profiles.pop())


AUDITED = """
import sys, threading, time
import profstat

def hook(event, arguments):
    if event == "sys.setprofile":
        time.sleep(0)

def start_threads():
    while not done:
        for thread in [threading.Thread(target=time.sleep, args=(0,)) for _ in range(8)]:
            thread.start()
            threads.append(thread)
        while threads:
            threads.pop().join()

threads, done = [], False
sys.setswitchinterval(1e-5)
sys.addaudithook(hook)
starter = threading.Thread(target=start_threads)
starter.start()
for _ in range(300):
    profile = profstat.Profile(threads=True)
    profile.enable()
    profile.disable()
done = True
starter.join()
print("fine")
"""


@pytest.mark.skipif(
    sys.version_info >= (3, 12) and hook == "setprofile",
    reason="CPython 3.12 and later itself goes on with the thread that ended while its audit hook ran",
)
def test_threads_that_end_while_an_audit_hook_runs(tmp_path):
    script = tmp_path / "audited.py"
    script.write_text(AUDITED)
    done = run_python(str(script))
    # CPython 3.10 and 3.11 refuse a second thread that sets its profile function meanwhile, and report that.
    assert (done.returncode, done.stdout) == (0, "fine\n")
