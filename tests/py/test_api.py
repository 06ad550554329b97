"""The face of Profile: every public name of cProfile's, with its signature, its results and its errors."""

import cProfile
import gc
import inspect
import io
import marshal
import os
import pstats
import subprocess
import sys
import threading
import time
import weakref
from contextlib import redirect_stdout

import pytest

import profstat
from profstat import _profstat
from support import calls_in, run_python, stats_of
from workloads import PROGRAMS, leaf

PUBLIC_METHODS = [name for name in dir(cProfile.Profile) if not name.startswith("_")]


def counted(profile):
    """{name: (primitive calls, calls)} of what the profile recorded."""
    profile.create_stats()
    return {label[2]: row[:2] for label, row in profile.stats.items()}


def own_rows(stats):
    """The dictionary without times."""
    return {
        label[2]: (*row[:2], {caller[2]: edge[:2] for caller, edge in row[4].items()}) for label, row in stats.items()
    }


class TestNames:
    def test_package(self):
        assert set(cProfile.__all__) < set(profstat.__all__)
        assert sorted(profstat.__all__) == ["Profile", "__version__", "monitor_profile", "run", "runctx"]
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


class TestResults:
    @pytest.fixture
    def profile(self):
        profile = profstat.Profile()
        profile.runcall(PROGRAMS["mutual_recursion"])
        return profile

    def test_no_stats_before_they_are_made(self, profile):
        with pytest.raises(AttributeError):
            profile.stats

    def test_create_stats_disables(self):
        profile = profstat.Profile()
        profile.enable()
        leaf()
        profile.create_stats()
        assert not profile.enabled

    def test_snapshot_does_not(self):
        profile = profstat.Profile()
        profile.enable()
        leaf()
        profile.snapshot_stats()
        assert profile.enabled
        leaf()
        profile.disable()
        assert own_rows(profile.stats)["leaf"][:2] == (1, 1)
        assert counted(profile)["leaf"] == (2, 2)

    def test_types(self, profile):
        profile.create_stats()
        for label, row in profile.stats.items():
            assert [type(x) for x in label] == [str, int, str]
            assert [type(x) for x in row] == [int, int, float, float, dict]
            for caller, edge in row[4].items():
                assert [type(x) for x in caller] == [str, int, str]
                assert [type(x) for x in edge] == [int, int, float, float]

    def test_first_call_comes_first(self, profile):
        profile.create_stats()
        names = [label[2] for label in profile.stats if label[0] != "~"]
        assert names[:3] == ["mutual_recursion", "even", "leaf"]

    def test_totals_add_up(self, profile):
        profile.create_stats()
        whole = {label[2]: row for label, row in profile.stats.items()}
        own = sum(row[2] for row in whole.values())
        disable = whole["<method 'disable' of '_lsprof.Profiler' objects>"]
        assert own == pytest.approx(whole["mutual_recursion"][3] + disable[3])
        for row in whole.values():
            if row[4]:
                assert sum(edge[0] for edge in row[4].values()) == row[1]

    def test_pstats_takes_the_profile(self, profile):
        stats = pstats.Stats(profile, stream=io.StringIO())
        assert stats.total_calls == sum(row[1] for row in stats.stats.values())
        assert stats.sort_stats("name").fcn_list[0][2].startswith("<")

    @pytest.mark.parametrize("sort", [-1, 2, "calls", ("cumulative", "name"), "tottime"])
    def test_print_stats(self, sort):
        def printed(module):
            ticks = iter(range(10**6))
            profile = module.Profile(lambda: next(ticks), 0.001)
            profile.runcall(PROGRAMS["recursion"])
            with redirect_stdout(io.StringIO()) as output:
                if isinstance(sort, tuple) and module is cProfile and sys.version_info < (3, 13):
                    pstats.Stats(profile).strip_dirs().sort_stats(*sort).print_stats()
                else:
                    profile.print_stats(sort)
            return output.getvalue()

        ours, theirs = printed(profstat), printed(cProfile)
        assert ours.partition("ncalls")[0] == theirs.partition("ncalls")[0]
        assert sorted(ours.splitlines()) == sorted(theirs.splitlines())  # ties have no order in cProfile

    def test_print_stats_errors(self, profile):
        with pytest.raises(KeyError):
            profile.print_stats("colour")
        with pytest.raises(TypeError):
            profstat.Profile().print_stats()


class TestDump:
    @pytest.fixture
    def profile(self):
        profile = profstat.Profile()
        profile.runcall(PROGRAMS["recursion"])
        return profile

    @pytest.mark.parametrize(
        "kind", [str, os.fsencode, lambda path: path, lambda path: os.open(path, os.O_CREAT | os.O_WRONLY)],
        ids=["str", "bytes", "path", "descriptor"],
    )  # fmt: skip
    def test_kinds_of_file(self, profile, here, kind):
        profile.dump_stats(kind(here / "out.stat"))
        assert stats_of("out.stat") == profile.stats
        with open("out.stat", "rb") as file:
            assert marshal.load(file) == profile.stats
        assert os.listdir(here) == ["out.stat"]

    def test_descriptor_is_closed_and_written_from_where_it_stands(self, profile, here):
        descriptor = os.open("out.stat", os.O_CREAT | os.O_RDWR)
        os.write(descriptor, b"before")
        profile.dump_stats(descriptor)
        with pytest.raises(OSError):
            os.fstat(descriptor)
        content = (here / "out.stat").read_bytes()
        assert content[:6] == b"before"
        assert marshal.loads(content[6:]) == profile.stats

    def test_pipe(self, profile):
        code = "import marshal, sys; print(len(marshal.load(sys.stdin.buffer)))"
        with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            profile.dump_stats(f"/dev/fd/{process.stdin.fileno()}")
            process.stdin.close()
            assert int(process.stdout.read()) == len(profile.stats)

    def test_names_of_any_kind(self, profile, here):
        name = os.fsdecode("é\udcff ".encode("utf-8", "surrogatepass")) + "名.stat"
        profile.dump_stats(name)
        assert os.listdir(here) == [name]

    def test_code_names_of_any_kind(self, here):
        namespace = {}
        exec(compile("def été(): return '名'\ndef 名前(): été()", "d\udcffr/é.py", "exec"), namespace)
        profile = profstat.Profile()
        profile.runcall(namespace["名前"])
        profile.dump_stats("out.stat")
        assert stats_of("out.stat") == profile.stats
        assert ("d\udcffr/é.py", 2, "名前") in profile.stats

    def test_disables(self, here):
        profile = profstat.Profile()
        profile.enable()
        leaf()
        profile.dump_stats("out.stat")
        assert not profile.enabled
        assert calls_in("out.stat")["leaf"] == 1

    def test_equal_profiles_give_equal_dictionaries_in_bytes(self, here):
        def content(name):
            ticks = iter(range(10**6))
            profile = profstat.Profile(lambda: next(ticks), 0.001)
            profile.runcall(PROGRAMS["recursion"])
            profile.dump_stats(name)
            with open(name, "rb") as file:
                marshal.load(file)
                size = file.tell()
                file.seek(0)
                return file.read(size)

        assert content("a.stat") == content("b.stat")

    @pytest.mark.parametrize(
        "path, error", [("missing/x.stat", FileNotFoundError), (".", IsADirectoryError), ("file/x", NotADirectoryError)]
    )
    def test_errors(self, profile, here, path, error):
        (here / "file").touch()
        with pytest.raises(error) as caught:
            profile.dump_stats(path)
        assert caught.value.filename == path
        assert caught.value.errno
        with pytest.raises((TypeError, ValueError)):
            profile.dump_stats(None)

    def test_existing_file_is_replaced_with_its_permissions(self, profile, here):
        (here / "out.stat").write_text("old")
        os.chmod("out.stat", 0o640)
        (here / "link.stat").symlink_to("out.stat")
        profile.dump_stats("link.stat")
        assert os.path.islink("link.stat")
        assert os.stat("out.stat").st_mode & 0o777 == 0o640
        assert stats_of("out.stat") == profile.stats

    def test_at_most_as_large_as_marshal_makes_it(self, profile, here):
        profile.dump_stats("out.stat")
        with open("out.stat", "rb") as file:
            marshal.load(file)
            size = file.tell()
        assert size <= len(marshal.dumps(profile.stats))

    def test_own_stats_of_a_subclass_are_written(self, here):
        class Filtered(profstat.Profile):
            def snapshot_stats(self):
                super().snapshot_stats()
                self.stats = {label: row for label, row in self.stats.items() if label[2] == "leaf"}

        profile = Filtered()
        profile.runcall(leaf)
        profile.dump_stats("out.stat")
        assert set(calls_in("out.stat")) == {"leaf"}


class TestFunctions:
    def test_run_prints(self, capsys):
        profstat.run("int('1')")
        ours = capsys.readouterr().out
        cProfile.run("int('1')")
        theirs = capsys.readouterr().out
        assert [line.split()[-1:] for line in ours.splitlines()] == [line.split()[-1:] for line in theirs.splitlines()]

    def test_runctx_writes(self, here):
        profstat.runctx("leaf()", {"leaf": leaf}, None, "out.stat")
        assert calls_in("out.stat")["leaf"] == 1

    def test_exit_is_quiet_and_exceptions_pass(self, here):
        profstat.runctx("leaf(); raise SystemExit(3)", {"leaf": leaf}, None, "exit.stat")
        with pytest.raises(KeyError):
            profstat.runctx("leaf(); raise KeyError", {"leaf": leaf}, None, "error.stat")
        assert calls_in("exit.stat")["leaf"] == calls_in("error.stat")["leaf"] == 1

    def test_sort(self, capsys):
        profstat.run("int('1')", sort=("tottime", "stdname"))
        assert "Ordered by: internal time, standard name" in capsys.readouterr().out


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
