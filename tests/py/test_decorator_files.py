"""Where monitor_profile writes, and what happens where it cannot."""

import asyncio
import contextlib
import gc
import io
import os
import re
import sys
import time
import warnings

import pytest

from profstat import monitor_profile
from profstat._profstat import hook
from support import callers_in, calls_in, run_python


def work(n=1):
    return n


def count(n):
    yield n


class TestPath:
    def test_fields(self, here, written):
        @monitor_profile(path="{module}-{func}-{pid}-{n:03d}.stat")
        def login():
            pass

        login()
        login()
        pid = os.getpid()
        assert written() == [f"{__name__}-login-{pid}-001.stat", f"{__name__}-login-{pid}-002.stat"]

    def test_time(self, here, written):
        @monitor_profile(path="{time}")
        def login():
            pass

        before = time.strftime("%Y%m%d-%H%M%S")
        login()
        (name,) = written()
        assert before <= name <= time.strftime("%Y%m%d-%H%M%S")

    def test_number_that_stands_twice(self, here, written):
        @monitor_profile(path="{n}-{n}")
        def login():
            pass

        login()
        login()
        assert written() == ["1-1", "2-2"]

    def test_names_that_are_no_file_names(self, here, written):
        monitor_profile(lambda: None)()

        def odd():
            pass

        odd.__name__ = "../a b/é"
        monitor_profile(odd)()
        assert written() == [".._a_b_é.stat", "_lambda_.stat"]

    def test_name_of_a_nested_function_is_short(self, here, written):
        class Table:
            @monitor_profile
            def login(self):
                pass

        Table().login()
        assert written() == ["login.stat"]

    def test_path_object_and_absolute_path(self, here, tmp_path_factory):
        folder = tmp_path_factory.mktemp("elsewhere")

        @monitor_profile(path=folder / "{func}.stat")
        def login():
            pass

        login()
        assert os.listdir(folder) == ["login.stat"]
        assert os.listdir(here) == []

    def test_relative_to_the_directory_of_the_call(self, here, monkeypatch):
        @monitor_profile
        def move():
            monkeypatch.chdir("b")

        os.makedirs("a/b")
        monkeypatch.chdir("a")
        move()
        assert os.path.exists(here / "a" / "move.stat")

    @pytest.mark.parametrize("path", ["{function}.stat", "{}.stat", "{0}.stat", "{func.x}.stat", "{func[0]}.stat"])
    def test_unknown_field(self, path):
        with pytest.raises(ValueError) as caught:
            monitor_profile(path=path)
        field = re.search(r"\{.*\}", path)[0]
        assert str(caught.value) == (
            f"path is {path!r}: unknown field {field} (choose from {{func}}, {{module}}, {{pid}}, {{n}}, {{time}})"
        )

    @pytest.mark.parametrize("path", ["{func", "{func:d}", "", "{n:!}"])
    def test_bad_path(self, path):
        with pytest.raises(ValueError):
            monitor_profile(path=path)

    def test_bad_option(self):
        with pytest.raises(ValueError):
            monitor_profile(clock="sun")
        with pytest.raises(TypeError):
            monitor_profile(path=3)
        with pytest.raises(TypeError):
            monitor_profile(colour="red")

    def test_options(self, here):
        @monitor_profile(builtins=False, subcalls=False, clock="cpu", paths=False)
        def measure():
            return len([work()])

        assert measure() == 1
        assert calls_in("measure.stat") == {"measure": 1, "work": 1}
        assert callers_in("measure.stat", "work") == {}


class TestFailure:
    @pytest.fixture
    def doomed(self, here):
        @monitor_profile(path="missing/{func}.stat")
        def login(error=None):
            if error:
                raise error
            return 7

        return login

    def test_one_warning_with_path_and_reason(self, here, doomed):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert doomed() == 7
        (warning,) = caught
        assert warning.category is RuntimeWarning
        path = here / "missing" / "login.stat"
        assert str(warning.message) == f"profile not written to {path}: No such file or directory"
        assert warning.filename == __file__

    def test_exception_still_passes(self, doomed):
        error = KeyError("x")
        with pytest.warns(RuntimeWarning), pytest.raises(KeyError) as caught:
            doomed(error)
        assert caught.value is error
        assert error.__context__ is None

    def test_warnings_as_errors(self, doomed, capsys):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert doomed() == 7
        assert re.fullmatch(r"RuntimeWarning: profile not written to .*login.stat: .*\n", capsys.readouterr().err)

    @pytest.mark.parametrize("action", ["always", "error"])
    @pytest.mark.parametrize("closed", [True, False])
    def test_no_standard_error(self, doomed, capsys, monkeypatch, action, closed):
        stream = io.StringIO()
        stream.close()
        monkeypatch.setattr(sys, "stderr", stream if closed else None)
        with warnings.catch_warnings():
            warnings.simplefilter(action)
            monkeypatch.setattr(warnings, "showwarning", _show_on_standard_error)  # pytest's would not write
            assert doomed() == 7
        assert capsys.readouterr().out == ""

    def test_directory_in_the_way(self, here):
        @monitor_profile
        def login():
            return 7

        (here / "login.stat").mkdir()
        with pytest.warns(RuntimeWarning, match="Is a directory"):
            assert login() == 7
        assert os.listdir(here) == ["login.stat"]

    def test_working_directory_is_gone(self, here, monkeypatch):
        @monitor_profile
        def login():
            return 7

        gone = here / "gone"
        gone.mkdir()
        monkeypatch.chdir(gone)
        gone.rmdir()
        with pytest.warns(RuntimeWarning, match="login.stat: No such file or directory"):
            assert login() == 7
        os.chdir(here)

    def test_generator_warns_once(self, here):
        @monitor_profile(path="missing/x")
        def count():
            yield 1
            yield 2

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert list(count()) == [1, 2]
        assert [warning.filename for warning in caught] == [__file__]


def _show_on_standard_error(message, *context):
    if sys.stderr is not None:
        sys.stderr.write(str(message))


class _RefusesProfileFunctions:
    """As a key, it lets the lookup of the audit event fail."""

    def __hash__(self):
        return hash("sys.setprofile")

    def __eq__(self, event):
        raise PermissionError


_refused_events = {}


@pytest.fixture(scope="module")
def audit_hook():
    # For good: there is no way to remove it.  So it is not written in Python, which would let other threads run while a
    # profile function is being installed, and the interpreter does not allow that.
    sys.addaudithook(_refused_events.get)


@pytest.fixture
def refused(audit_hook):
    """A context in which no profiler can be started."""

    @contextlib.contextmanager
    def without_tool_ids():
        taken = [number for number in range(6) if sys.monitoring.get_tool(number) is None]
        for number in taken:
            sys.monitoring.use_tool_id(number, "test")
        try:
            yield
        finally:
            for number in taken:
                sys.monitoring.free_tool_id(number)

    @contextlib.contextmanager
    def with_audit_hook():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "unraisablehook", lambda report: None)  # the interpreter reports each refusal
            patch.setitem(_refused_events, _RefusesProfileFunctions(), None)
            yield

    return without_tool_ids if hook == "monitoring" else with_audit_hook


@pytest.fixture
def caught():
    gc.collect()  # what earlier tests left suspended is written, or not, when it is deleted
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


class TestNotStarted:
    def test_function_runs_once_with_one_warning(self, here, written, refused, caught):
        calls = []

        @monitor_profile
        def login(user):
            calls.append(user)
            return 7

        with refused():
            assert login(user="a") == 7
        assert calls == ["a"]
        assert written() == []
        reason = {
            "monitoring": "all tool ids of sys.monitoring are in use",
            "setprofile": "the interpreter refused the profile function (see the audit hooks)",
        }[hook]
        assert [str(one.message) for one in caught] == [f"profile not written to {here / 'login.stat'}: {reason}"]
        assert [(one.category, one.filename) for one in caught] == [(RuntimeWarning, __file__)]
        assert login("b") == 7
        assert written() == ["login.stat"]
        assert len(caught) == 1

    def test_exception_is_the_functions_own(self, here, refused, caught):
        error = RuntimeError("own")
        calls = []

        @monitor_profile
        def fail():
            calls.append(1)
            raise error

        with refused(), pytest.raises(RuntimeError) as raised:
            fail()
        assert raised.value is error
        assert error.__context__ is None
        assert (len(calls), len(caught)) == (1, 1)

    def test_recursion_warns_once(self, here, refused, caught):
        @monitor_profile
        def factorial(n):
            return n * factorial(n - 1) if n else 1

        with refused():
            assert factorial(5) == 120
        assert len(caught) == 1

    @pytest.mark.parametrize("refused_step", [0, 1, 2])
    def test_generator(self, here, written, refused, caught, refused_step):
        begun = []

        @monitor_profile
        def ticks():
            for i in range(3):
                begun.append(i)
                yield work(i)

        iterator = ticks()
        for i in range(3):
            with refused() if i == refused_step else contextlib.nullcontext():
                assert next(iterator) == i
        assert list(iterator) == []
        assert begun == [0, 1, 2]
        assert written() == []
        assert [one.filename for one in caught] == [__file__]

    def test_coroutine_and_asynchronous_generator(self, here, written, refused, caught):
        @monitor_profile
        async def ticks():
            for i in range(3):
                await asyncio.sleep(0)
                yield i

        @monitor_profile
        async def collect():
            return [i async for i in ticks()]

        with refused():
            assert asyncio.run(collect()) == [0, 1, 2]
        assert written() == []
        assert sorted(re.sub(r".*/|\.stat.*", "", str(one.message)) for one in caught) == ["collect", "ticks"]

    def test_exception_of_a_function_without_a_frame_is_no_failure_to_start(self, here, written, caught):
        numbers = []
        extend = monitor_profile(numbers.extend)
        with pytest.raises(ValueError, match="invalid literal"):
            extend(map(int, ["1", "x", "2"]))
        assert numbers == [1]
        assert (written(), caught) == (["extend.stat"], [])

    def test_no_memory_for_a_profile(self, here, written, caught, monkeypatch):
        @monitor_profile
        def login():
            return 7

        def no_profile(**options):
            raise MemoryError

        monkeypatch.setattr("profstat.monitor.Profile", no_profile)
        assert login() == 7
        assert written() == []
        path = here / "login.stat"
        assert [str(one.message) for one in caught] == [f"profile not written to {path}: MemoryError"]


class TestSwitch:
    @pytest.mark.parametrize("target", [work, count, staticmethod(work), classmethod(work)])
    def test_off_returns_the_object_itself(self, monkeypatch, target):
        monkeypatch.setenv("PROFSTAT", "0")
        assert monitor_profile(target) is target
        assert monitor_profile(path="{pid}.stat")(target) is target

    @pytest.mark.parametrize("value", ["", "1", "00"])
    def test_other_values_leave_it_on(self, here, monkeypatch, value):
        monkeypatch.setenv("PROFSTAT", value)
        assert monitor_profile(work) is not work

    def test_in_a_new_process(self, here, written):
        code = "from profstat import monitor_profile\n@monitor_profile\ndef login(): return 1\nlogin()"
        environment = {**os.environ, "PROFSTAT": "0"}
        assert run_python("-c", code, env=environment).returncode == 0
        assert written() == []
        assert run_python("-c", code).returncode == 0
        assert written() == ["login.stat"]
