"""The face of Profile: every public name of cProfile's, with its signature, its behaviour and its errors."""

import cProfile
import gc
import inspect
import os
import sys
import threading
import time
import weakref

import pytest

import profstat
from profstat import _profstat
from support import counted, own_rows, run_python
from workloads import PROGRAMS, leaf

PUBLIC_METHODS = [name for name in dir(cProfile.Profile) if not name.startswith("_")]


class TestNames:
    def test_package(self):
        assert set(cProfile.__all__) < set(profstat.__all__)
        own = {"CallCounts", "MonitorStats", "__version__", "monitor_profile", "stats"}
        assert set(profstat.__all__) == {"Profile", "run", "runctx"} | own
        for name in profstat.__all__:
            assert hasattr(profstat, name)

    def test_version_is_that_of_the_distribution(self):
        metadata = pytest.importorskip("importlib.metadata")
        try:
            installed = metadata.version("profstat")
        except metadata.PackageNotFoundError:
            pytest.skip("run from a build tree")
        assert profstat.__version__ == installed

    @pytest.mark.parametrize("name", PUBLIC_METHODS)
    def test_method(self, name):
        ours, theirs = getattr(profstat.Profile, name), getattr(cProfile.Profile, name)
        assert callable(ours) == callable(theirs)
        assert ours.__doc__
        if inspect.isfunction(theirs):
            given = [(p.name, p.kind, p.default) for p in inspect.signature(theirs).parameters.values()]
            assert [(p.name, p.kind, p.default) for p in inspect.signature(ours).parameters.values()] == given

    @pytest.mark.parametrize("name", ["run", "runctx"])
    def test_function(self, name):
        ours, theirs = getattr(profstat, name), getattr(cProfile, name)
        given = [(p.name, p.kind, p.default) for p in inspect.signature(theirs).parameters.values()]
        assert [(p.name, p.kind, p.default) for p in inspect.signature(ours).parameters.values()] == given
        assert ours.__doc__

    def test_entries_have_cprofiles_fields(self):
        def fields_of(profile):
            profile.runcall(PROGRAMS["recursion"])
            entry = next(entry for entry in profile.getstats() if entry.calls)
            return [
                [name for name in dir(value) if not name.startswith(("_", "n_")) and name not in ("count", "index")]
                for value in (entry, entry.calls[0])
            ], [len(entry), len(entry.calls[0])]

        assert fields_of(profstat.Profile()) == fields_of(cProfile.Profile())

    def test_entry_is_a_struct_sequence(self):
        profile = profstat.Profile()
        profile.runcall(leaf)
        entry = next(entry for entry in profile.getstats() if not isinstance(entry.code, str))
        assert entry[0] is entry.code is leaf.__code__
        assert tuple(entry) == (
            entry.code, entry.callcount, entry.reccallcount, entry.totaltime, entry.inlinetime, entry.calls
        )  # fmt: skip
        assert type(entry) is _profstat.profiler_entry


class TestConstructor:
    def test_positions_of_cprofile(self):
        ticks = iter(range(1000))
        profile = profstat.Profile(lambda: next(ticks), 0.5, False, False)
        profile.runcall(len, [])
        assert profile.getstats() == []

    @pytest.mark.parametrize("options", [{"clock": "sun"}, {"clock": ""}, {"max_path_bytes": -1}])
    def test_values_out_of_range(self, options):
        with pytest.raises(ValueError):
            profstat.Profile(**options)

    @pytest.mark.parametrize("options", [{"clock": 1}, {"colour": 1}, {"timeunit": "s"}, {"max_path_bytes": "1"}])
    def test_wrong_types(self, options):
        with pytest.raises(TypeError):
            profstat.Profile(**options)

    def test_timer_and_processor_time_exclude_each_other(self):
        with pytest.raises(ValueError, match="exclude"):
            profstat.Profile(time.perf_counter, clock="cpu")

    def test_initialised_again(self):
        profile = profstat.Profile(builtins=False)
        profile.enable()
        profile.__init__()
        assert not profile.enabled
        assert profile.getstats() == []
        profile.runcall(leaf)
        assert "<method 'disable' of '_lsprof.Profiler' objects>" in counted(profile)


class TestClocks:
    @staticmethod
    def total(profile):
        profile.create_stats()
        return sum(row[2] for row in profile.stats.values())

    def test_wall_time_counts_sleep(self):
        profile = profstat.Profile()
        before = time.perf_counter()
        profile.runcall(time.sleep, 0.05)
        elapsed = time.perf_counter() - before
        assert 0.05 <= self.total(profile) <= elapsed

    def test_processor_time_does_not(self):
        profile = profstat.Profile(clock="cpu")
        profile.runcall(time.sleep, 0.2)
        assert 0 <= self.total(profile) < 0.1

    def test_processor_time_counts_work(self):
        def spin():
            end = time.thread_time() + 0.03
            while time.thread_time() < end:
                pass

        profile = profstat.Profile(clock="cpu")
        profile.runcall(spin)
        assert 0.03 <= self.total(profile)


class TestEnabled:
    def test_attribute(self):
        profile = profstat.Profile()
        assert profile.enabled is False
        profile.enable()
        assert profile.enabled is True
        profile.disable()
        assert profile.enabled is False
        with pytest.raises(AttributeError):
            profile.enabled = True

    def test_context_manager(self):
        profile = profstat.Profile()
        with profile as entered:
            assert entered is profile
            assert profile.enabled
            leaf()
        assert not profile.enabled
        assert counted(profile)["leaf"] == (1, 1)

    def test_exception_leaves_the_context_manager(self):
        profile = profstat.Profile()
        with pytest.raises(KeyError), profile:
            raise KeyError
        assert not profile.enabled

    def test_options_hold_until_they_are_given_again(self):
        profile = profstat.Profile(builtins=False, subcalls=False)
        profile.runcall(lambda: leaf(len([])))
        assert set(own_rows(profile._stats())) == {"<lambda>", "leaf"}
        assert all(not row[2] for row in own_rows(profile._stats()).values())

    def test_accumulates_and_clears(self):
        profile = profstat.Profile()
        profile.runcall(leaf)
        profile.runcall(leaf)
        assert counted(profile)["leaf"] == (2, 2)
        profile.clear()
        assert profile.getstats() == []
        profile.create_stats()
        assert profile.stats == {}

    def test_in_another_thread(self):
        profile = profstat.Profile()
        profile.enable()
        errors = []

        def elsewhere():
            try:
                profile.enable()
            except RuntimeError as error:
                errors.append(str(error))

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        profile.disable()
        assert errors == ["this profiler is enabled in another thread"]

    def test_thread_that_ends_while_enabled(self):
        profile = profstat.Profile()

        def work():
            profile.enable()
            leaf()

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        del thread
        gc.collect()
        profile.disable()
        assert counted(profile)["leaf"] == (1, 1)

    def test_disable_from_another_thread(self):
        profile = profstat.Profile()
        ready, done = threading.Event(), threading.Event()

        def work():
            profile.enable()
            leaf()
            ready.set()
            done.wait(10)
            leaf()

        thread = threading.Thread(target=work)
        thread.start()
        ready.wait(10)
        profile.disable()
        done.set()
        thread.join()
        assert counted(profile)["leaf"] == (1, 1)

    @pytest.mark.skipif(sys.version_info >= (3, 12) and _profstat.hook == "monitoring", reason="no profile function")
    def test_profile_function_of_the_program_is_kept(self):
        events = []
        sys.setprofile(lambda frame, event, argument: events.append(event))
        try:
            profile = profstat.Profile()
            profile.enable()
            assert sys.getprofile() is profile
            leaf()
            profile.disable()
            leaf()
            assert sys.getprofile() is not None
        finally:
            sys.setprofile(None)
        assert counted(profile)["leaf"] == (1, 1)
        assert events.count("call") >= 2

    @pytest.mark.skipif(sys.version_info < (3, 12), reason="no sys.monitoring before CPython 3.12")
    def test_tool_ids_are_given_back(self):
        before = [sys.monitoring.get_tool(number) for number in range(6)]
        with profstat.Profile():
            during = [sys.monitoring.get_tool(number) for number in range(6)]
        assert [sys.monitoring.get_tool(number) for number in range(6)] == before
        assert during.count("profstat") == (_profstat.hook == "monitoring")

    def test_deleted_while_enabled_is_released(self):
        class Timer:
            def __call__(self):
                Timer.readings += 1
                return Timer.readings

        Timer.readings = 0
        profile = profstat.Profile(Timer())
        profile.enable()
        del profile
        profstat.Profile().disable()
        before = Timer.readings
        leaf()
        assert Timer.readings == before


class TestRunning:
    def test_runcall(self):
        profile = profstat.Profile()
        assert profile.runcall(divmod, 7, 2) == (3, 1)
        assert profile.runcall(dict, self=1, func=2) == {"self": 1, "func": 2}
        assert set(counted(profile)) == {
            "<built-in method builtins.divmod>",
            "<method 'disable' of '_lsprof.Profiler' objects>",
        }

    def test_runctx(self):
        profile = profstat.Profile()
        namespace = {"leaf": leaf}
        assert profile.runctx("answer = leaf(42)", {}, namespace) is profile
        assert namespace["answer"] == 42
        assert set(counted(profile)) == {
            "<built-in method builtins.exec>",
            "<module>",
            "leaf",
            "<method 'disable' of '_lsprof.Profiler' objects>",
        }

    def test_run_uses_main(self):
        import __main__

        __main__.profiled_value = [1]
        try:
            profile = profstat.Profile()
            assert profile.run("profiled_value.append(2)") is profile
            assert __main__.profiled_value == [1, 2]
        finally:
            del __main__.profiled_value

    def test_statements_inherit_no_future_feature(self):
        namespace = {}
        profstat.Profile().runctx("def f(a: 1): pass", namespace, None)
        profstat.runctx("def g(a: 1): pass", namespace, None, os.devnull)
        assert namespace["f"].__annotations__ == namespace["g"].__annotations__ == {"a": 1}

    @pytest.mark.parametrize("method", ["runcall", "runctx"])
    def test_exception_passes(self, method):
        def fail():
            raise LookupError("x")

        profile = profstat.Profile()
        with pytest.raises(LookupError):
            profile.runcall(fail) if method == "runcall" else profile.runctx("fail()", {"fail": fail}, None)
        assert not profile.enabled
        assert counted(profile)["fail"] == (1, 1)

    def test_same_rows_as_cprofile(self):
        def rows(module):
            profile = module.Profile()
            profile.runctx("leaf(); leaf(len('a'))", {"leaf": leaf}, {})
            profile.runcall(leaf, 1)
            profile.create_stats()
            return own_rows(profile.stats)

        assert rows(profstat) == rows(cProfile)


class TestSubclass:
    def test_attributes_and_overrides(self):
        class Named(profstat.Profile):
            def __init__(self, name, **options):
                super().__init__(**options)
                self.name = name
                self.calls = []

            def enable(self, *arguments, **keywords):
                self.calls.append("enable")
                super().enable(*arguments, **keywords)

            def disable(self):
                self.calls.append("disable")
                super().disable()

        profile = Named("x", builtins=False)
        with profile:
            leaf()
        profile.runcall(leaf)
        assert (profile.name, profile.calls) == ("x", ["enable", "disable"] * 2)
        assert counted(profile)["leaf"] == (2, 2)

    def test_subclass_of_the_type_in_c(self):
        class Bare(_profstat.Profiler):
            pass

        profiler = Bare()
        profiler._call(leaf)
        assert [entry.code for entry in profiler.getstats()] == [leaf.__code__]

    def test_cycles_are_collected(self):
        class Marked(profstat.Profile):
            pass

        profile = Marked()
        profile.itself = profile
        profile.runcall(leaf)
        reference = weakref.ref(profile)
        del profile
        gc.collect()
        assert reference() is None


class TestHidden:
    def test_call_adds_no_row(self):
        profile = profstat.Profile()
        assert profile._call(leaf, n=3) == 3
        assert counted(profile) == {"leaf": (1, 1)}

    def test_call_when_enabled_only_calls(self):
        profile = profstat.Profile()
        profile.enable()
        profile._call(leaf)
        assert profile.enabled
        profile.disable()
        assert counted(profile)["leaf"] == (1, 1)

    def test_untraced(self):
        profile = profstat.Profile()
        profile.enable()
        assert _profstat.untraced(leaf, 3) == 3
        with pytest.raises(ValueError):
            _profstat.untraced(int, "x")
        leaf()
        profile.disable()
        assert counted(profile)["leaf"] == (1, 1)


class TestImport:
    def test_bad_hook_is_an_error_that_names_the_choices(self):
        done = run_python("-c", "import profstat", env={**os.environ, "PROFSTAT_HOOK": "magic"})
        assert done.returncode == 1
        assert "ValueError: PROFSTAT_HOOK is 'magic'" in done.stderr
        assert "setprofile" in done.stderr

    def test_no_heavy_imports(self):
        code = "import sys; before = set(sys.modules); import profstat; print(*sorted(set(sys.modules) - before))"
        imported = run_python("-c", code).stdout.split()
        assert "profstat" in imported
        assert not {"pstats", "optparse", "asyncio", "tempfile", "subprocess", "importlib.metadata"} & set(imported)
