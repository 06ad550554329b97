"""What Profile tells: its dictionary, its report and its file."""

import cProfile
import io
import marshal
import os
import pstats
import subprocess
import sys
from contextlib import redirect_stdout

import pytest

import profstat
from support import calls_in, counted, facts_of, own_rows, stats_of, trailer_of
from workloads import PROGRAMS, leaf


@pytest.mark.parametrize(
    ("options", "state"), [({}, "all"), ({"max_path_bytes": 0}, "cut"), ({"paths": False}, "none")]
)
def test_call_paths_are_in_the_file_where_they_are_wanted(here, options, state):
    profile = profstat.Profile(**options)
    profile.runcall(PROGRAMS["mutual_recursion"])
    profile.dump_stats("x.stat")
    assert facts_of("x.stat")["paths"] == state
    assert bool(trailer_of("x.stat").get("trees")) == (state == "all")


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
