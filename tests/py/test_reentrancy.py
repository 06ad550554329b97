"""What foreign code may do to a profiler from within: finalizers, weak references, other tools, other interpreters."""

import gc
import sys
import threading
import time
import weakref

import pytest

import profstat
from profstat import _profstat
from support import run_python

NEEDS_MONITORING = pytest.mark.skipif(_profstat.hook != "monitoring", reason="the setprofile hook uses no tool id")


def function():
    return len("a")


def calls(profile, name="function"):
    return sum(entry.callcount for entry in profile.getstats() if getattr(entry.code, "co_name", None) == name)


def profile_of_temporary_code():
    """A profile that holds the last reference but one to a code object, and that one."""
    code = compile("1", "temporary", "exec")
    profile = profstat.Profile()
    profile.enable()
    exec(code, {})
    profile.disable()
    return profile, code


@pytest.mark.parametrize("action", ["clear", "getstats", "enable", "disable", "__init__"])
@pytest.mark.parametrize("trigger", ["clear", "__init__"])
def test_forgetting_code_may_use_the_profiler(trigger, action):
    profile, code = profile_of_temporary_code()
    seen = []
    reference = weakref.ref(code, lambda _: seen.append(getattr(profile, action)()))
    del code
    getattr(profile, trigger)()
    assert reference() is None and len(seen) == 1
    profile.disable()
    profile.enable()
    function()
    profile.disable()
    assert calls(profile) == 1


def test_an_old_timer_may_use_the_profiler_when_it_goes():
    class Timer:
        def __call__(self):
            return 0.0

        def __del__(self):
            profile.enable()

    profile = profstat.Profile(Timer())
    profile.__init__()
    function()
    profile.disable()
    assert calls(profile) == 1


def test_a_finalizer_may_clear_while_entries_are_made():
    class Cycle:
        def __init__(self):
            self.itself = self

        def __del__(self):
            profile.clear()

    profile = profstat.Profile()
    profile.enable()
    for i in range(3000):
        exec(compile("1", f"file{i}", "exec"), {})
    profile.disable()
    gc.collect()
    Cycle()
    files = [entry.code.co_filename for entry in profile.getstats() if not isinstance(entry.code, str)]
    assert len([file for file in files if file.startswith("file")]) == 3000


def test_pauses_nest():
    now = [0]
    profile = profstat.Profile(lambda: now[0], 1.0)

    def advance(ticks):
        now[0] += ticks

    def outer():
        _profstat.untraced(advance_around, 100)

    def advance_around(ticks):
        advance(ticks)
        _profstat.untraced(advance, ticks)
        advance(ticks)

    profile.enable()
    outer()
    profile.disable()
    assert {entry.code.co_name: entry.totaltime for entry in profile.getstats() if not isinstance(entry.code, str)} == {
        "outer": 0.0
    }


def test_edges_of_either_kind_stay_apart_beside_hidden_functions(here):
    @profstat.monitor_profile(path="hidden.stat")
    def hidden():
        pass

    def callee():
        pass

    def caller():
        callee()
        callee()

    profile = profstat.Profile()
    for subcalls, times in ((True, 1), (False, 2)):
        profile.enable(subcalls=subcalls)
        hidden()
        for _ in range(times):
            caller()
        profile.disable()
    callees = [entry for entry in profile.getstats() if entry.code is caller.__code__][0].calls
    assert [(entry.code, entry.callcount) for entry in callees] == [(callee.__code__, 2)]


def test_cpu_time_of_a_thread_disabled_by_another_is_not_negative():
    profile = profstat.Profile(clock="cpu")
    ready, done = threading.Event(), threading.Event()

    def running():
        sum(range(200000))
        ready.set()
        done.wait()

    def traced():
        profile.enable()
        running()

    thread = threading.Thread(target=traced)
    thread.start()
    ready.wait()
    profile.disable()
    done.set()
    thread.join()
    entries = {entry.code: entry for entry in profile.getstats()}
    total = entries["<built-in method builtins.sum>"].totaltime
    assert 0 < total <= entries[running.__code__].totaltime
    assert all(entry.inlinetime >= 0 for entry in entries.values())


def test_clear_forgets_how_long_it_was_enabled():
    import marshal
    import zlib

    profile = profstat.Profile()
    profile.enable()
    time.sleep(0.1)
    profile.clear()
    profile.disable()
    content = profile._encode()
    trailer = content[content.index(b"\nprofst\n") + 24 :]
    assert marshal.loads(zlib.decompress(trailer))["facts"]["enabled"] < 0.1


@pytest.mark.skipif(sys.version_info >= (3, 12) and _profstat.hook == "monitoring", reason="needs a profile function")
def test_a_displaced_profile_function_is_given_back_when_the_thread_ends():
    def watcher(frame, event, argument):
        pass

    def enable_and_end():
        sys.setprofile(watcher)
        profstat.Profile().enable()

    before = sys.getrefcount(watcher)
    for _ in range(20):
        thread = threading.Thread(target=enable_and_end)
        thread.start()
        thread.join()
    gc.collect()
    assert sys.getrefcount(watcher) - before < 5


@NEEDS_MONITORING
def test_a_freed_tool_id_leaves_no_events_on():
    profile = profstat.Profile()
    profile.enable()
    ours = next(i for i in range(6) if sys.monitoring.get_tool(i) == "profstat")
    sys.monitoring.free_tool_id(ours)
    profile.disable()
    assert sys.monitoring.get_tool(ours) is None
    sys.monitoring.use_tool_id(ours, "test")
    try:
        assert sys.monitoring.get_events(ours) == 0
    finally:
        sys.monitoring.free_tool_id(ours)


@NEEDS_MONITORING
def test_a_refused_callback_loses_no_tool_id(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import sys, profstat\n"
        "refuse = [True]\n"
        "def audit(event, arguments):\n"
        "    if refuse[0] and event == 'sys.monitoring.register_callback':\n"
        "        raise RuntimeError('refused')\n"
        "sys.addaudithook(audit)\n"
        "sys.unraisablehook = lambda _: None\n"
        "for _ in range(8):\n"
        "    try:\n"
        "        profstat.Profile().enable()\n"
        "    except RuntimeError as error:\n"
        "        assert str(error) == 'refused', error\n"
        "refuse[0] = False\n"
        "with profstat.Profile():\n"
        "    pass\n"
        "print([sys.monitoring.get_tool(i) for i in range(6)] == [None] * 6)\n"
    )
    done = run_python(str(program))
    assert (done.returncode, done.stdout.strip()) == (0, "True"), done.stderr


@NEEDS_MONITORING
def test_a_tool_that_took_our_id_keeps_it():
    profile = profstat.Profile()
    profile.enable()
    ours = next(i for i in range(6) if sys.monitoring.get_tool(i) == "profstat")
    sys.monitoring.free_tool_id(ours)
    sys.monitoring.use_tool_id(ours, "other")
    try:
        sys.monitoring.set_events(ours, sys.monitoring.events.LINE)
        profile.disable()
        assert sys.monitoring.get_tool(ours) == "other"
        assert sys.monitoring.get_events(ours) == sys.monitoring.events.LINE
    finally:
        sys.monitoring.set_events(ours, 0)
        sys.monitoring.free_tool_id(ours)


def test_a_second_copy_of_the_module_counts_once(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\n"
        "def f(): pass\n"
        "profiles = []\n"
        "for _ in range(2):\n"
        "    import profstat\n"
        "    profiles.append(profstat.Profile())\n"
        "    for name in [name for name in sys.modules if name.startswith('profstat')]:\n"
        "        del sys.modules[name]\n"
        "for profile in profiles: profile.enable()\n"
        "f()\n"
        "for profile in profiles: profile.disable()\n"
        "print([e.callcount for p in profiles for e in p.getstats() if getattr(e.code, 'co_name', '') == 'f'])\n"
    )
    done = run_python(str(program))
    assert (done.returncode, done.stdout.strip()) == (0, "[1, 1]"), done.stderr


@NEEDS_MONITORING
def test_calls_of_c_functions_are_events_only_while_somebody_wants_them():
    def wanted():
        ours = next(i for i in range(6) if sys.monitoring.get_tool(i) == "profstat")
        return bool(sys.monitoring.get_events(ours) & sys.monitoring.events.CALL)

    without, other = profstat.Profile(builtins=False), profstat.Profile()
    without.enable()
    seen = [wanted()]
    other.enable()
    seen.append(wanted())
    other.disable()
    seen.append(wanted())
    without.enable(builtins=True)
    seen.append(wanted())
    without.enable(builtins=False)
    seen.append(wanted())
    without.disable()
    assert seen == [False, True, False, True, False]
    assert calls(without, "wanted") == 5
