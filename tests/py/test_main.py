"""`python -m profstat`: the program runs as under plain python, and its profile comes out."""

import os
import re
import signal
import subprocess
import sys
import textwrap
import zipfile

import pytest

from support import calls_in, facts_of, run_python, stats_of

RECORD = """
import json, sys
main = sys.modules["__main__"]
print(json.dumps({
    "attributes": {name: repr(type(value)) if name in ("__loader__", "__builtins__", "__spec__") else value
                   for name, value in globals().items() if name.startswith("__")},
    "order": [name for name in globals() if name.startswith("__")],
    "spec": __spec__ and (__spec__.name, __spec__.origin, __spec__.parent, __spec__.cached),
    "is_main": main.__dict__ is globals(),
    "argv": sys.argv,
    "path": sys.path,
    "file": (lambda: 0).__code__.co_filename,
}))
"""

PICKLES = """
import pickle

class Card:
    def __init__(self, rank):
        self.rank = rank

def deal():
    return pickle.loads(pickle.dumps(Card(7))).rank, pickle.loads(pickle.dumps(deal)) is deal

if __name__ == "__main__":
    print(deal())
"""

WORKERS = """
import multiprocessing, os, sys

def square(n):
    return n * n, sys.getprofile() is None, os.getpid()

if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    with context.Pool(2) as pool:
        answers = pool.map(square, range(6))
    process = context.Process(target=square, args=(3,))
    process.start()
    process.join()
    print([n for n, _, _ in answers], all(quiet for _, quiet, _ in answers), process.exitcode)
    print(os.getpid() in [pid for _, _, pid in answers])
"""


@pytest.fixture
def script(here):
    """Writes a file in the working directory and tells its name."""

    def write(source, name="script.py"):
        path = here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        return name

    return write


def profstat(*arguments, **options):
    return run_python("-m", "profstat", *arguments, **options)


def report_of(output):
    """(what the program printed, {name: calls}) of a run without -o."""
    printed, _, report = re.split(r"^( +\d+ function calls.*)$", output, maxsplit=1, flags=re.MULTILINE)
    rows = re.findall(r"^ +(\d+)(?:/\d+)? .* (?:\{(.*)\}|.*\((.*)\))$", report, re.MULTILINE)
    return printed, {c_name or name: int(calls) for calls, c_name, name in rows}


class TestReport:
    def test_rows_are_those_of_the_program(self, script):
        done = profstat(script("def f(): return len('')\nf(); f()\n"))
        assert (done.returncode, done.stderr) == (0, "")
        printed, rows = report_of(done.stdout)
        assert printed == ""
        assert rows == {"<module>": 1, "f": 2, "built-in method builtins.len": 2}

    def test_default_order_and_layout_are_those_of_cprofile(self, script):
        ours = profstat(script("print('hello')")).stdout.splitlines()
        theirs = run_python("-m", "cProfile", "-s", "cumulative", "script.py").stdout.splitlines()
        assert ours[0] == theirs[0] == "hello"
        assert re.fullmatch(r" +2 function calls in \d\.\d{3} seconds", ours[1])
        columns = "   ncalls  tottime  percall  cumtime  percall filename:lineno(function)"
        assert ours[2:6] == theirs[2:6] == ["", "   Ordered by: cumulative time", "", columns]

    @pytest.mark.parametrize(
        "key, words", [("calls", "call count"), ("stdname", "standard name"), ("tottime", "internal time")]
    )
    def test_order(self, script, key, words):
        assert f"Ordered by: {words}" in profstat("-s", key, script("pass")).stdout

    def test_file(self, script, here):
        done = profstat("-o", "out.stat", script("def f(): pass\nf()\nprint(7)"))
        assert (done.returncode, done.stdout, done.stderr) == (0, "7\n", "")
        assert calls_in("out.stat") == {"<module>": 1, "f": 1, "<built-in method builtins.print>": 1}
        assert {label[0] for label in stats_of("out.stat")} == {"~", str(here / "script.py")}
        assert sorted(os.listdir(here)) == ["out.stat", "script.py"]

    def test_facts(self, script):
        profstat("-o", "out.stat", script("pass"), "a b", "c")
        facts = facts_of("out.stat")
        assert facts["command"] == "script.py 'a b' c"
        assert facts["python"] == sys.version.split()[0]

    def test_options_after_the_script_are_its_own(self, script):
        done = profstat("-o", "out.stat", script("import sys; print(sys.argv)"), "-o", "x", "-m", "--", "-s", "y")
        assert done.stdout == "['script.py', '-o', 'x', '-m', '--', '-s', 'y']\n"

    def test_program_that_changes_directory(self, script, here):
        (here / "sub").mkdir()
        assert profstat("-o", "out.stat", script("import os; os.chdir('sub')")).returncode == 0
        assert calls_in(here / "out.stat")["<built-in method posix.chdir>"] == 1

    def test_program_that_replaces_standard_output(self, script):
        done = profstat(script("import io, sys; sys.stdout = io.StringIO(); print('lost')"))
        assert done.returncode == 0
        assert report_of(done.stdout)[0] == ""

    def test_program_that_closes_standard_output(self, script):
        done = profstat(script("import sys; print('last'); sys.stdout.close()"))
        assert (done.returncode, done.stdout) == (0, "last\n")
        note, rows = report_of(done.stderr)
        assert note == "profstat: the program closed standard output; this is its report:\n"
        assert rows["<module>"] == 1

    def test_reader_that_goes_away(self, script):
        script("print('first', flush=True); input()")
        with subprocess.Popen(
            [sys.executable, "-m", "profstat", "script.py"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            assert process.stdout.readline() == b"first\n"
            process.stdout.close()
            process.stdin.write(b"\n")
            process.stdin.close()
            assert process.stderr.read() == b""
            assert process.wait(60) == 1

    def test_full_disk(self, script):
        with open("/dev/full", "w") as full:
            done = profstat(script("pass"), stdout=full, capture_output=False, stderr=subprocess.PIPE)
        assert done.returncode == 1
        assert done.stderr == "profstat: cannot write the report to standard output: No space left on device\n"

    def test_cprofile_in_the_program(self, script):
        done = profstat(script("import cProfile\ndef f(): pass\ncProfile.run('f()')\nprint('fine')"))
        assert done.returncode == 0, done.stderr
        assert "fine\n" in done.stdout


class TestErrors:
    def test_sort_key(self):
        done = profstat("-s", "demo")
        assert done.returncode == 2
        assert "option -s: invalid choice: 'demo'" in done.stderr
        assert "'cumulative'" in done.stderr

    @pytest.mark.parametrize("arguments", [(), ("-m",), ("-o", "x.stat"), ("-o",), ("--unknown", "x.py")])
    def test_usage(self, here, arguments):
        done = profstat(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("Usage: profstat [-o FILE] [-s KEY] (-m MODULE | SCRIPT) [ARG...]\n")
        assert os.listdir(here) == []

    def test_help_and_version(self):
        import profstat as package

        assert "-o FILE, --outfile=FILE" in profstat("--help").stdout
        assert profstat("--version").stdout == f"profstat {package.__version__}\n"

    def test_missing_script(self, here):
        done = profstat("nothing.py")
        assert (done.returncode, done.stdout) == (2, "")
        path = here / "nothing.py"
        assert done.stderr == f"profstat: can't open file '{path}': [Errno 2] No such file or directory\n"

    def test_directory_without_main(self, here):
        (here / "empty").mkdir()
        done = profstat("empty")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == f"profstat: can't find '__main__' module in '{here / 'empty'}'\n"

    @pytest.mark.parametrize(
        "name, message",
        [
            ("random_module_xyz", "No module named random_module_xyz"),
            ("package.random_module_xyz", "No module named package.random_module_xyz"),
            ("random_module_xyz.inner", "No module named 'random_module_xyz'"),
        ],
    )
    def test_missing_module(self, script, name, message):
        script("", "package/__init__.py")
        done = profstat("-m", name)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", f"profstat: {message}\n")

    def test_package_without_main(self, script):
        script("", "package/__init__.py")
        done = profstat("-m", "package")
        assert done.returncode == 1
        assert done.stderr == (
            "profstat: No module named package.__main__; 'package' is a package and cannot be directly executed\n"
        )

    @pytest.mark.parametrize("name", ["math", "script.py", "script.inner"])
    def test_module_that_cannot_be_run(self, script, name):
        script("")
        done = profstat("-m", name)
        assert (done.returncode, done.stdout) == (1, "")
        assert re.fullmatch(r"profstat: .*\n", done.stderr)

    def test_import_error_inside_the_package_is_the_programs(self, script):
        script("import random_module_xyz", "package/__init__.py")
        script("", "package/tool.py")
        done = profstat("-m", "package.tool")
        assert done.returncode == 1
        assert "package/__init__.py" in done.stderr
        assert done.stderr.endswith("ModuleNotFoundError: No module named 'random_module_xyz'\n")
        assert "profstat/command.py" not in done.stderr

    @pytest.mark.parametrize(
        "path, reason",
        [("missing/x.stat", "No such directory"), (".", "Is a directory"), ("script.py/x", "No such directory")],
    )
    def test_output_that_cannot_be_written(self, script, here, path, reason):
        done = profstat("-o", path, script("open('ran', 'w')"))
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.endswith(f"profstat: error: cannot write {os.path.abspath(path)}: {reason}\n")
        assert not os.path.exists("ran")

    @pytest.mark.parametrize("ending, status", [("", 1), ("raise SystemExit(5)", 5)])
    def test_output_that_cannot_be_written_any_more(self, script, here, ending, status):
        (here / "sub").mkdir()
        done = profstat("-o", "sub/x.stat", script(f"import os\nos.rmdir('sub')\n{ending}"))
        assert (done.returncode, done.stdout) == (status, "")
        assert done.stderr == f"profstat: cannot write {here / 'sub' / 'x.stat'}: No such file or directory\n"


class TestEnvironment:
    """Everything that a program can ask is as under plain python."""

    @pytest.fixture
    def same(self, script):
        def compare(*arguments, before=()):
            plain = run_python(*before, *arguments)
            assert plain.returncode == 0, plain.stderr
            done = run_python(*before, "-m", "profstat", "-o", "out.stat", *arguments)
            assert done.stderr == plain.stderr
            assert done.stdout == plain.stdout

        return compare

    @pytest.mark.parametrize("argument", ["script.py", "./script.py", "sub/../script.py", "sub/link.py"])
    def test_script(self, script, same, here, argument):
        script(RECORD)
        (here / "sub").mkdir()
        (here / "sub" / "link.py").symlink_to("../script.py")
        same(argument, "a", "-b")

    def test_compiled_script(self, script, same, here):
        import py_compile

        py_compile.compile(script(RECORD), cfile="script.pyc")
        same("script.pyc")

    def test_directory_and_zip_file(self, script, same, here):
        script(RECORD, "tool/__main__.py")
        script("import helper\n" + RECORD, "tool2/__main__.py")
        script("", "tool2/helper.py")
        with zipfile.ZipFile(here / "tool.zip", "w") as archive:
            archive.write("tool2/__main__.py", "__main__.py")
            archive.write("tool2/helper.py", "helper.py")
        for argument in ("tool", "./tool2", "tool.zip"):
            same(argument, "a")

    def test_modules_and_packages(self, script, same):
        script(RECORD, "single.py")
        script("", "package/__init__.py")
        script(RECORD, "package/tool.py")
        script("from .tool import main\n" + RECORD, "package/__main__.py")
        for module in ("single", "package.tool", "package", "package.__main__"):
            same("-m", module, "a", "-o")

    def test_argv_while_packages_are_imported(self, script, same):
        script("import sys\nprint(sys.argv)", "package/__init__.py")
        script("", "package/__main__.py")
        same("-m", "package", "x")

    @pytest.mark.parametrize("flags", [("-P",)] if sys.version_info >= (3, 11) else [])
    def test_safe_path(self, script, same, flags):
        script(RECORD, "tool/__main__.py")
        for argument in (script(RECORD), "tool"):
            same(argument, before=flags)

    def test_source_encoding_and_future_features(self, here):
        source = "# coding: latin-1\ndef f(a: 1): pass\nprint('é', f.__annotations__)\n"
        (here / "latin.py").write_bytes(source.encode("latin-1"))
        done = profstat("-o", "out.stat", "latin.py", encoding="utf-8", env={**os.environ, "PYTHONIOENCODING": "utf-8"})
        assert done.stdout == "é {'a': 1}\n"


class TestMainModule:
    def run_as(self, script, kind, source):
        if kind == "script":
            return profstat("-o", "out.stat", script(source, "program.py"))
        if kind == "module":
            script(source, "program.py")
            return profstat("-o", "out.stat", "-m", "program")
        script("", "package/__init__.py")
        script(source, "package/program.py")
        return profstat("-o", "out.stat", "-m", "package.program")

    @pytest.mark.parametrize("kind", ["script", "module", "package"])
    def test_pickle_of_own_classes_and_functions(self, script, kind):
        done = self.run_as(script, kind, PICKLES)
        assert (done.stdout, done.stderr) == ("(7, True)\n", "")

    @pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
    @pytest.mark.parametrize("kind", ["script", "module", "package"])
    def test_multiprocessing(self, script, here, kind, method):
        done = self.run_as(script, kind, WORKERS.format(method=method))
        assert (done.stdout, done.stderr) == ("[0, 1, 4, 9, 16, 25] True 0\nFalse\n", "")
        assert [name for name in os.listdir(here) if name.endswith(".stat")] == ["out.stat"]
        assert "square" not in calls_in("out.stat")

    def test_workers_print_no_report(self, script):
        done = profstat(script(WORKERS.format(method="fork")))
        assert done.stdout.count("function calls") == 1

    def test_forked_child_that_ends_by_itself(self, script):
        done = profstat(
            script(
                """
                import os, sys
                child = os.fork()
                if child == 0:
                    sys.exit(3)
                print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
                """
            )
        )
        assert done.stdout.count("function calls") == 1
        assert done.stdout.startswith("3\n")

    def test_exit_functions_and_threads_see_their_globals(self, script):
        done = profstat(
            "-o",
            "out.stat",
            script(
                """
                import atexit, pickle, sys, threading, time
                def late(where):
                    print(where, pickle.loads(pickle.dumps(late)) is late, sys.modules["__main__"].late is late)
                def run():
                    time.sleep(0.2)
                    late("thread")
                atexit.register(late, "atexit")
                threading.Thread(target=run).start()
                """
            ),
        )
        assert (done.stdout, done.stderr) == ("thread True True\natexit True True\n", "")


class TestEnding:
    @pytest.mark.parametrize(
        "ending, status, message",
        [
            ("sys.exit()", 0, ""),
            ("sys.exit(0)", 0, ""),
            ("sys.exit(7)", 7, ""),
            ("sys.exit('sorry')", 1, "sorry\n"),
            ("raise SystemExit", 0, ""),
        ],
    )
    def test_exit_status(self, script, ending, status, message):
        done = profstat("-o", "out.stat", script(f"import sys\ndef f(): pass\nf()\n{ending}"))
        assert (done.returncode, done.stderr) == (status, message)
        assert calls_in("out.stat")["f"] == 1

    def test_report_comes_with_any_ending(self, script):
        done = profstat(script("print('x')\nraise SystemExit(4)"))
        assert done.returncode == 4
        assert report_of(done.stdout)[1]["<module>"] == 1

    @pytest.mark.parametrize(
        "source",
        [
            "def f():\n    return 1 / 0\nf()\n",
            "try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise KeyError('x')\n",
            "class Odd(Exception):\n    pass\nraise Odd('text')\n",
            "import json\njson.loads('{')\n",
        ],
    )
    def test_unhandled_exception(self, script, source):
        plain = run_python(script(source))
        done = profstat("-o", "out.stat", "script.py")
        assert (done.returncode, done.stdout) == (plain.returncode, "") == (1, "")
        assert done.stderr == plain.stderr
        assert calls_in("out.stat")["<module>"] >= 1

    def test_syntax_error(self, script):
        plain = run_python(script("def f(:\n  pass\n"))
        done = profstat("-o", "out.stat", "script.py")
        assert (done.returncode, done.stderr) == (plain.returncode, plain.stderr)
        assert not os.path.exists("out.stat")

    def test_excepthook_of_the_program(self, script):
        source = """
            import sys, traceback
            def hook(kind, value, tb):
                print(kind.__name__, value, [frame.name for frame in traceback.extract_tb(tb)])
            sys.excepthook = hook
            raise ValueError("seen")
        """
        done = profstat("-o", "out.stat", script(source))
        assert (done.returncode, done.stdout, done.stderr) == (1, "ValueError seen ['<module>']\n", "")

    @pytest.mark.parametrize("change", ["sys.excepthook = None", "del sys.excepthook"])
    def test_program_without_excepthook(self, script, change):
        plain = run_python(script("import sys\n\n1 / 0\n"))
        done = profstat("-o", "out.stat", script(f"import sys\n{change}\n1 / 0\n"))
        assert (done.returncode, done.stderr) == (1, plain.stderr)

    def test_exit_function_that_reports_an_exception(self, script):
        source = """
            import atexit, sys
            def late():
                try:
                    1 / 0
                except ZeroDivisionError:
                    sys.excepthook(*sys.exc_info())
            atexit.register(late)
            sys.exit(3)
        """
        plain = run_python(script(source))
        done = profstat("-o", "out.stat", "script.py")
        assert (done.returncode, done.stderr) == (plain.returncode, plain.stderr)
        assert done.stderr.endswith("ZeroDivisionError: division by zero\n")

    def test_keyboard_interrupt(self, script):
        source = """
            import os, signal, time
            def f(): pass
            f()
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)
        """
        plain = run_python(script(source))
        done = profstat("-o", "out.stat", "script.py")
        assert done.returncode == plain.returncode == -signal.SIGINT
        assert done.stderr.endswith("KeyboardInterrupt\n")
        assert "command.py" not in done.stderr
        assert calls_in("out.stat")["f"] == 1

    def test_interactive_inspection_sees_the_program(self, script):
        done = run_python("-i", "-m", "profstat", "-o", "out.stat", script("answer = 42"), input="print(answer)\n")
        assert done.stdout == "42\n"


class TestEntryPoint:
    def test_function_is_main(self):
        from profstat.__main__ import main
        from profstat.command import main as command_main

        assert main is command_main

    def test_run_from_a_script_of_another_directory(self, script, here):
        script("from profstat.__main__ import main\nmain()\n", "bin/profstat")
        script("VALUE = 5\n", "helper.py")
        script("import helper, sys\nprint(helper.VALUE, sys.path[0])\n", "program.py")
        for arguments in (("program.py",), ("-m", "program")):
            done = run_python("bin/profstat", "-o", "out.stat", *arguments)
            assert (done.stdout, done.stderr) == (f"5 {here}\n", "")
