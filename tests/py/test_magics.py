"""The magics of IPython."""

import pstats

import pytest

from support import calls_in, run_python

pytest.importorskip("IPython")
from IPython.core.error import UsageError  # noqa: E402
from IPython.testing.globalipapp import start_ipython  # noqa: E402

CELL = """
def work(n):
    return n
total = sum([work(n) for n in range(4)])
text = "a  b"
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        shell = start_ipython()
    shell.run_line_magic("load_ext", "profstat")
    return shell


@pytest.fixture
def shell(session, here):
    session.user_ns.pop("total", None)
    session.run_cell("def work(n):\n    return n\n")
    return session


def names(stats):
    return {label[2]: row[1] for label, row in stats.stats.items()}


class TestStatement:
    def test_report(self, shell, capsys):
        assert shell.run_line_magic("profstat", "total = work(3)") is None
        assert shell.user_ns["total"] == 3
        report = capsys.readouterr().out
        assert "2 function calls in" in report and "Ordered by: cumulative time" in report
        assert "(work)" in report and "<profstat>:1(<module>)" in report

    def test_return(self, shell, capsys):
        stats = shell.run_line_magic("profstat", "-q -r [work(n) for n in range(5)]")
        assert isinstance(stats, pstats.Stats)
        assert names(stats)["work"] == 5
        assert "exec" not in "".join(names(stats))
        assert capsys.readouterr().out == ""

    def test_file(self, here, shell, capsys):
        shell.run_line_magic("profstat", "-qD one.stat -D 'the other.stat' work(1)")
        assert calls_in("one.stat")["work"] == 1
        assert (here / "one.stat").read_bytes() == (here / "the other.stat").read_bytes()
        assert capsys.readouterr().out == "Profile written to one.stat.\nProfile written to the other.stat.\n"

    def test_key_and_limits(self, shell, capsys):
        shell.run_line_magic("profstat", '-s calls -s"name" -l "w.rk" -l 1 [work(n) for n in (1, 2)]')
        report = capsys.readouterr().out
        assert "Ordered by: call count, function name" in report
        assert "due to restriction <'w.rk'>" in report and "(<module>)" not in report
        shell.run_line_magic("profstat", "-l 0.5 work(1)")
        assert "List reduced from 2 to 1 due to restriction <0.5>" in capsys.readouterr().out

    def test_the_statement_stays_as_it_is(self, shell):
        shell.run_line_magic("profstat", "-q total = '{work}  $work -s x' + \"-q\"")
        assert shell.user_ns["total"] == "{work}  $work -s x-q"
        shell.run_line_magic("profstat", "-q -1 + work(3)")

    def test_annotations_are_evaluated(self, shell):
        shell.run_cell_magic("profstat", "-q", "def annotated(n: int): pass")
        assert shell.user_ns["annotated"].__annotations__ == {"n": int}

    def test_exceptions(self, here, shell, capsys):
        with pytest.raises(ZeroDivisionError):
            shell.run_line_magic("profstat", "-D failed.stat work(1 / 0)")
        shell.run_line_magic("profstat", "-q -D ended.stat work(1); raise SystemExit")
        assert "SystemExit ended the code that was profiled." in capsys.readouterr().out
        assert calls_in("ended.stat")["work"] == 1

    def test_errors_are_the_programs(self, shell, capsys):
        shell.run_cell("%profstat -q work(1 / 0)")
        assert "ZeroDivisionError" in capsys.readouterr().out

    @pytest.mark.parametrize(
        "line, message",
        [
            ("-s tim3 work(1)", "-s tim3: unknown key .choose from calls, ncalls, cumtime, cumulative"),
            ("-x work(1)", "-x is no option, or lacks its value; usage: %profstat"),
            ("-s", "-s is no option, or lacks its value"),
            ("", "usage: %profstat"),
        ],
    )
    def test_wrong_use(self, shell, line, message):
        with pytest.raises(UsageError, match=message):
            shell.run_line_magic("profstat", line)


class TestCell:
    def test_cell(self, shell, capsys):
        stats = shell.run_cell_magic("profstat", "-q -r", CELL)
        assert names(stats)["work"] == 4
        assert (shell.user_ns["total"], shell.user_ns["text"]) == (6, "a  b")

    def test_statement_above_a_cell(self, shell):
        shell.run_cell_magic("profstat", "-q n = 7", "total = work(n)")
        assert shell.user_ns["total"] == 7

    def test_as_typed(self, shell, capsys):
        assert shell.run_cell("%%profstat -l work\nfor n in range(9):\n    work(n)\n%precision 3").success
        assert "9    " in capsys.readouterr().out


def test_imported_when_asked_for():
    code = "import sys, profstat; print([name for name in sys.modules if 'IPython' in name or 'magics' in name])"
    assert run_python("-c", code).stdout == "[]\n"
