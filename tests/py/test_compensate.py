"""Profile(compensate=True): what tracing adds is measured once and taken off."""

import pytest

import profstat
from profstat import overhead
from support import facts_of, run_python


def callee():
    return len("a")


def caller():
    for _ in range(100):
        callee()


def entries(**options):
    profile = profstat.Profile(**options)
    profile.enable()
    caller()
    profile.disable()
    return {entry.code: entry for entry in profile.getstats()}


@pytest.fixture
def measured(monkeypatch):
    """Sets what overhead.measure() gives, and keeps what it was asked."""

    def set_seconds(*seconds):
        asked = []
        monkeypatch.setattr(overhead, "measure", lambda *arguments: asked.append(arguments) or seconds)
        return asked

    return set_seconds


@pytest.mark.parametrize("options", [{}, {"paths": False}, {"max_path_bytes": 1}])
def test_times_do_not_pass_below_zero(measured, options):
    measured(*[10.0] * 6, 0.0)
    found = entries(compensate=True, **options)
    assert found[callee.__code__].callcount == 100
    assert {(entry.inlinetime, entry.totaltime) for entry in found.values()} == {(0.0, 0.0)}


@pytest.mark.parametrize("options", [{}, {"paths": False}])
def test_each_part_falls_on_whom_it_was_charged_to(measured, options):
    """What is added outside a Python function is its caller's: the callee's own time stays."""
    measured(0.0, 10.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    found = entries(compensate=True, **options)
    assert found[caller.__code__].inlinetime == 0.0
    assert found[callee.__code__].inlinetime > 0.0
    assert found["<built-in method builtins.len>"].inlinetime > 0.0


@pytest.mark.parametrize("options", [{}, {"paths": False}])
def test_slower_code_is_taken_off_python_functions_alone(measured, options):
    """A factor of a billion leaves nothing of them, and C functions as they were."""
    measured(*[0.0] * 6, 1e9)
    found = entries(compensate=True, **options)
    assert found[caller.__code__].inlinetime == pytest.approx(0.0, abs=1e-9)
    assert found[callee.__code__].inlinetime == pytest.approx(0.0, abs=1e-9)
    inside = found["<built-in method builtins.len>"].inlinetime
    assert inside > 0.0
    assert found[caller.__code__].totaltime == pytest.approx(inside, rel=1e-3)


def test_counts_are_the_same():
    plain, compensated = entries(), entries(compensate=True)
    assert {code: (entry.callcount, entry.reccallcount) for code, entry in plain.items()} == {
        code: (entry.callcount, entry.reccallcount) for code, entry in compensated.items()
    }


@pytest.mark.parametrize(("clock", "builtins"), [("wall", True), ("cpu", False)])
def test_it_is_measured_for_the_kind_of_profiler(measured, clock, builtins):
    asked = measured(*[0.0] * 7)
    profstat.Profile(compensate=True, clock=clock, builtins=builtins)
    assert asked == [(clock, builtins)]
    profstat.Profile(clock=clock)
    assert len(asked) == 1


@pytest.fixture
def unmeasured(monkeypatch):
    """Nothing has been measured yet."""
    monkeypatch.setattr(overhead, "_measured", {})


def test_the_measure_is_not_traced(unmeasured):
    profile = profstat.Profile()
    profile.enable()
    profstat.Profile(compensate=True)
    profile.disable()
    measured = overhead.measure("wall", True)
    assert len(measured) == 7 and min(measured) >= 0.0 and max(measured) > 0.0
    names = {getattr(entry.code, "co_name", entry.code) for entry in profile.getstats()}
    assert names == {"<method 'disable' of '_lsprof.Profiler' objects>"}


def test_the_measure_is_taken_again_now_and_then(unmeasured, monkeypatch):
    """What was measured while the processor was slow is mended later."""
    slow = {loop: overhead._Run(2.0, 4.0, 2.0, (10, 0, 0)) for loop in overhead._LOOPS}
    fast = {loop: overhead._Run(1.0, 2.0, 1.0, (10, 0, 0)) for loop in overhead._LOOPS}
    given = [slow, fast, slow, slow, fast]
    now = 0.0
    monkeypatch.setattr(overhead, "_runs", lambda clock, builtins: given.pop(0))
    monkeypatch.setattr(overhead.time, "monotonic", lambda: now)
    costs = []
    for now in (10.0, 10.5, 11.5, 13.0, 14.5, 16.0, 17.5, 19.0):
        costs.append(overhead.measure("wall", True))
    assert costs[0] == costs[1] == overhead._costs(slow)
    assert set(costs[2:]) == {overhead._costs(fast)} != {costs[0]}
    assert given == []


def test_a_timer_cannot_be_compensated():
    with pytest.raises(ValueError, match="built-in clock"):
        profstat.Profile(lambda: 0.0, compensate=True)


@pytest.mark.parametrize("compensate", [False, True])
def test_the_file_says_so(here, compensate):
    profile = profstat.Profile(compensate=compensate)
    profile.runcall(caller)
    profile.dump_stats("x.stat")
    assert facts_of("x.stat")["compensated"] == compensate


def test_the_decorator_takes_it(here):
    @profstat.monitor_profile(compensate=True)
    def handler():
        return callee()

    assert handler() == 1
    assert facts_of("handler.stat")["compensated"] == 1


def test_the_command_takes_it(here):
    (here / "script.py").write_text("print(len('abc'))")
    done = run_python("-m", "profstat", "--compensate", "-o", "x.stat", "script.py")
    assert (done.returncode, done.stdout) == (0, "3\n"), done.stderr
    assert facts_of("x.stat")["compensated"] == 1


def test_it_works_in_a_fresh_process():
    done = run_python("-c", "import profstat; p = profstat.Profile(compensate=True); p.runcall(len, ''); print(p.getstats())")
    assert done.returncode == 0, done.stderr
    assert "builtins.len" in done.stdout or "disable" in done.stdout
