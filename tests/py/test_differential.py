"""Profile against cProfile: the same program under the same clock gives the same dictionary.

Two things are put aside.  The rows of the profilers' own Python methods are in other files.  And where functions share
a label cProfile keeps one of them; here its entries are summed.
"""

import cProfile
import gc
import itertools
import random
import sys
import threading

import pytest

import profstat
from workloads import PROGRAMS, STEERED, leaf, steered
from workloads.calls import recursion_to_the_limit
from workloads.suspended import count_up

OPTIONS = {
    "default": {},
    "no_subcalls": {"subcalls": False},
    "no_builtins": {"builtins": False},
    "neither": {"subcalls": False, "builtins": False},
}
RECORDS = {
    "paths": {},
    "no_paths": {"paths": False},
    "tiny_tree": {"max_path_bytes": 2048},
    "no_tree": {"max_path_bytes": 0},
}


def fake_clock():
    """Integers that grow by a different amount at each reading, the same ones each time."""
    choose = random.Random(7)
    return itertools.accumulate(itertools.cycle([choose.randrange(1, 1000) for _ in range(997)])).__next__


def label_of(code):
    """The label of an entry, with the profilers' own files made equal."""
    if isinstance(code, str):
        return ("~", 0, code)
    if code.co_filename in (cProfile.__file__, profstat.profile.__file__):
        return ("profiler", 0, code.co_name)
    return (code.co_filename, code.co_firstlineno, code.co_name)


def added(a, b):
    return tuple(x + y for x, y in zip(a, b))


def summed(entries):
    """The pstats dictionary of the entries of getstats()."""
    stats = {}
    for entry in entries:
        label = label_of(entry.code)
        row = (entry.callcount - entry.reccallcount, entry.callcount, entry.inlinetime, entry.totaltime)
        callers = stats.get(label, (0, 0, 0, 0, {}))[4]
        stats[label] = (*added(stats.get(label, (0, 0, 0, 0))[:4], row), callers)
    codes = {id(entry.code) for entry in entries}
    for entry in entries:
        caller = label_of(entry.code)
        for sub in entry.calls or ():
            if id(sub.code) not in codes:
                continue
            callers = stats[label_of(sub.code)][4]
            row = (sub.callcount, sub.callcount - sub.reccallcount, sub.inlinetime, sub.totaltime)
            callers[caller] = added(callers.get(caller, (0, 0, 0, 0)), row)
    return stats


def relabelled(stats):
    """A dictionary from the profiler itself, with the labels of `summed`."""

    def rename(label):
        file, line, name = label
        if file in (cProfile.__file__, profstat.profile.__file__):
            return ("profiler", 0, name)
        return label

    return {
        rename(label): (*row[:4], {rename(caller): edge for caller, edge in row[4].items()})
        for label, row in stats.items()
    }


def rounded(stats):
    """Sums of seconds, free of the order in which they were added."""

    def digits(row):
        return tuple(round(x, 9) for x in row)

    return {
        label: (*digits(row[:4]), {caller: digits(edge) for caller, edge in row[4].items()})
        for label, row in stats.items()
    }


@pytest.fixture(autouse=True)
def no_garbage_collection():
    """Finalizers then run when a program has them run."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def run(make, workload):
    """The profiler after the workload, which it may have switched by itself."""
    profiler = make()
    try:
        workload(profiler)
    finally:
        profiler.disable()
    return profiler


def enabled_around(program):
    def workload(profiler):
        profiler.enable()
        try:
            program()
        finally:
            profiler.disable()

    return workload


WORKLOADS = {**{name: enabled_around(program) for name, program in PROGRAMS.items()}, **STEERED}


def flattened(entries):
    """The entries of getstats() as a sorted list of plain values."""

    def plain(entry):
        times = round(entry.totaltime, 9), round(entry.inlinetime, 9)
        return (label_of(entry.code), entry.callcount, entry.reccallcount, *times)

    return sorted((*plain(entry), sorted(map(plain, entry.calls or ())), entry.calls is None) for entry in entries)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("name", WORKLOADS)
def test_same_as_cprofile(name, options):
    workload, options = WORKLOADS[name], OPTIONS[options]
    workload(cProfile.Profile())  # fills caches of the library
    expected = run(lambda: cProfile.Profile(fake_clock(), 0.001, **options), workload).getstats()
    for record, settings in RECORDS.items():
        ours = run(lambda: profstat.Profile(fake_clock(), 0.001, **options, **settings), workload)
        ours.create_stats()
        assert rounded(relabelled(ours.stats)) == rounded(summed(expected)), record
        assert flattened(ours.getstats()) == flattened(expected), record


def test_expectation_is_cprofiles_own_dictionary():
    """Where no labels are equal, `summed` gives what cProfile gives."""
    theirs = run(lambda: cProfile.Profile(fake_clock(), 0.001), WORKLOADS["mutual_recursion"])
    theirs.create_stats()
    assert rounded(relabelled(theirs.stats)) == rounded(summed(theirs.getstats()))


# ---- clocks ----


def ticking(step, start=0):
    state = [start]

    def timer():
        state[0] += step
        return state[0]

    return timer


@pytest.mark.parametrize(
    "timer, unit",
    [
        (lambda: ticking(1), 0.0),
        (lambda: ticking(1), 1),
        (lambda: ticking(3), 0.5),
        (lambda: ticking(0.25), 0.0),
        (lambda: ticking(0.25), 0.001),
        (lambda: ticking(1, start=2**40), 1e-6),
        (lambda: ticking(-2, start=100), 0.001),
        (lambda: ticking(True), 0.1),
        (lambda: ticking(1e-7, start=1e9), 0.0),
    ],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_timers_and_units(timer, unit):
    def seen_by(kind):
        profiler = run(lambda: kind(timer(), unit), WORKLOADS["recursion"])
        return rounded(summed(profiler.getstats()))

    assert seen_by(profstat.Profile) == seen_by(cProfile.Profile)


class Troubled:
    """A timer that does something at the given reading, and goes on as before."""

    def __init__(self, at, action):
        self.at, self.action, self.now, self.profiler = at, action, 0, None

    def __call__(self):
        self.now += 1
        if self.now == self.at:
            return self.action(self.profiler)
        return self.now


def raises(profiler):
    raise ZeroDivisionError("in the timer")


TROUBLES = {
    "raises": raises,
    "text": lambda profiler: "noon",
    "none": lambda profiler: None,
    "huge": lambda profiler: 1 << 80,
    "disable": lambda profiler: profiler.disable(),
    "clear": lambda profiler: profiler.clear(),
    "enable": lambda profiler: profiler.enable(),
}


@pytest.mark.parametrize("at", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_timer_in_trouble_harms_nobody(trouble, at):
    """The program runs on; what the timer raised is reported as unraisable; calls are still counted."""
    timer = Troubled(at, TROUBLES[trouble])
    profiler = timer.profiler = profstat.Profile(timer, 0.001)
    reports = []
    hook, sys.unraisablehook = sys.unraisablehook, reports.append
    try:
        profiler.enable()
        result = [leaf(n) for n in count_up(4)]
        profiler.disable()
    finally:
        sys.unraisablehook = hook
    assert result == [0, 1, 2, 3]
    expected = {"raises": ZeroDivisionError, "text": TypeError, "none": TypeError, "huge": OverflowError}
    if trouble in expected:
        assert [report.exc_type for report in reports] == [expected[trouble]]
    elif trouble == "disable" or sys.version_info >= (3, 13):
        assert [report.exc_type for report in reports] in ([RuntimeError], [RuntimeError, TypeError], [TypeError])
    calls = {entry.code.co_name: entry.callcount for entry in profiler.getstats() if not isinstance(entry.code, str)}
    assert calls["leaf"] == 8 and calls["count_up"] == 5


# ---- what cannot be compared ----


def test_deleted_while_enabled():
    def inner():
        nonlocal profiler
        del profiler

    profiler = profstat.Profile(fake_clock())
    profiler.enable()
    inner()
    leaf()
    assert profstat.Profile().runcall(leaf, 3) == 3


def test_snapshot_while_enabled_counts_completed_calls():
    profiler = profstat.Profile(fake_clock())

    def outer():
        leaf()
        profiler.snapshot_stats()
        return {label[2]: row[1] for label, row in profiler.stats.items() if label[0] != "~"}

    profiler.enable()
    seen = outer()
    profiler.disable()
    profiler.create_stats()
    assert seen == {"leaf": 1}
    assert {label[2] for label in profiler.stats} >= {"outer", "leaf"}


def test_recursion_to_the_limit():
    """Without a timer, which would reach the limit itself."""

    def calls(kind):
        profiler = run(kind, enabled_around(recursion_to_the_limit))
        return {label_of(entry.code)[2]: entry.callcount for entry in profiler.getstats()}

    assert calls(profstat.Profile) == calls(cProfile.Profile)


def test_another_thread_is_not_recorded():
    """cProfile mixes up the threads from CPython 3.12 on."""

    def workload(profiler):
        thread = threading.Thread(target=PROGRAMS["recursion"])
        profiler.enable()
        thread.start()
        leaf()
        thread.join()
        profiler.disable()

    functions = {label_of(entry.code)[2]: entry.callcount for entry in run(profstat.Profile, workload).getstats()}
    assert functions["leaf"] == 1
    assert "factorial" not in functions


@pytest.mark.parametrize("name", ["enabled_twice", "enabled_again_inside_a_call"])
def test_enabled_twice(name):
    """Compared with cProfile above where that allows it; here for the other versions."""
    profiler = run(lambda: profstat.Profile(builtins=False), getattr(steered, name))
    calls = {label_of(entry.code)[2]: entry.callcount for entry in profiler.getstats()}
    assert calls == {"enabled_twice": {"leaf": 2}, "enabled_again_inside_a_call": {"inner": 2, "leaf": 4}}[name]


def test_two_profilers_at_once_see_the_same():
    first, second = profstat.Profile(fake_clock()), profstat.Profile(fake_clock())

    def both():
        second.enable()
        PROGRAMS["recursion"]()
        second.disable()

    first.enable()
    both()
    first.disable()
    alone = run(lambda: profstat.Profile(fake_clock()), WORKLOADS["recursion"])

    def functions(profiler):
        return {label: row[:2] for label, row in relabelled(profiler._stats()).items() if label[0] != "~"}

    assert functions(second) == functions(alone)
    assert functions(alone).items() <= functions(first).items()


def test_cprofile_and_profile_at_once():
    """Up to CPython 3.11 there is one profile function a thread, and cProfile leaves no other in its place."""
    theirs, ours = cProfile.Profile(), profstat.Profile()
    for outer, inner in ((theirs, ours), (ours, theirs))[: 1 if sys.version_info < (3, 12) else 2]:
        theirs.clear()
        ours.clear()
        outer.enable()
        inner.enable()
        leaf()
        inner.disable()
        leaf()
        outer.disable()
        calls = [
            {label_of(entry.code)[2]: entry.callcount for entry in profiler.getstats()}.get("leaf")
            for profiler in (outer, inner)
        ]
        assert calls == [2, 1]
