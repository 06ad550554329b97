"""monitor_profile on functions and methods: what it writes, and what it leaves as it was."""

import asyncio
import functools
import inspect
import os
import pickle
import socket
import sys
import threading
import time
import traceback
import types
import warnings

import pytest

from profstat import Profile, monitor_profile
from support import callers_in, calls_in, facts_of, stats_of


def work(n=1):
    return n


async def _result(awaitable):
    return await awaitable


@monitor_profile
def picklable(n: int, *, twice: bool = False) -> int:
    """Documented."""
    return work(n) * (2 if twice else 1)


class TestFunction:
    def test_result_file_and_rows(self, here, written):
        assert picklable(3, twice=True) == 6
        assert written() == ["picklable.stat"]
        assert calls_in("picklable.stat") == {"picklable": 1, "work": 1}
        assert callers_in("picklable.stat", "work") == {"picklable": 1}

    def test_facts(self, here):
        before = time.time()
        thread = threading.Thread(target=picklable, args=(1,), name="a thread")
        thread.start()
        thread.join()
        facts = facts_of("picklable.stat")
        assert before <= facts.pop("started") <= time.time()
        assert 0 < facts.pop("enabled") < 10
        assert facts == {
            "function": f"{__name__}.picklable",
            "thread": "a thread",
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "python": sys.version.split()[0],
            "command": " ".join(sys.argv),
            "clock": "wall",
            "paths": "all",
            "dropped": 0,
            "compensated": 0,
        }

    def test_each_call_writes_anew(self, here):
        @monitor_profile
        def repeat(n):
            for _ in range(n):
                work()

        repeat(5)
        repeat(2)
        assert calls_in("repeat.stat") == {"repeat": 1, "work": 2}

    def test_identity_is_kept(self):
        assert picklable.__name__ == "picklable"
        assert picklable.__qualname__ == "picklable"
        assert picklable.__module__ == __name__
        assert picklable.__doc__ == "Documented."
        assert picklable.__wrapped__.__code__.co_name == "picklable"
        assert str(inspect.signature(picklable)) == "(n: int, *, twice: bool = False) -> int"
        assert inspect.isfunction(picklable)
        assert not inspect.iscoroutinefunction(picklable) and not inspect.isgeneratorfunction(picklable)

    def test_pickle_by_name(self):
        assert pickle.loads(pickle.dumps(picklable)) is picklable

    @pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
    def test_exception_passes_and_is_profiled(self, here, error):
        cause = KeyError("cause")

        @monitor_profile
        def fail():
            work()
            raise error from cause

        with pytest.raises(type(error)) as caught:
            fail()
        assert caught.value is error
        assert error.__cause__ is cause
        assert error.__context__ is None
        assert calls_in("fail.stat") == {"fail": 1, "work": 1}

    def test_traceback_ends_in_the_function(self, here):
        @monitor_profile
        def fail():
            raise ValueError

        try:
            fail()
        except ValueError as error:
            frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
        assert frames == ["test_traceback_ends_in_the_function", "wrapper", "step", "fail"]

    def test_context_of_a_failure_while_handling_another(self, here):
        @monitor_profile
        def fail():
            raise KeyError

        with pytest.raises(KeyError) as caught:
            try:
                raise ValueError("first")
            except ValueError:
                fail()
        assert repr(caught.value.__context__) == "ValueError('first')"

    def test_argument_names_of_the_wrapper_are_free(self, here):
        @monitor_profile
        def free(self, function, monitor, recording, func, path):
            return (self, function, monitor, recording, func, path)

        assert free(self=1, function=2, monitor=3, recording=4, func=5, path=6) == (1, 2, 3, 4, 5, 6)

    def test_wrong_arguments(self, here):
        with pytest.raises(TypeError, match="picklable"):
            picklable()

    def test_recursion_is_one_profile(self, here, written):
        @monitor_profile(path="{func}-{n}.stat")
        def factorial(n):
            return n * factorial(n - 1) if n else 1

        assert factorial(5) == 120
        assert written() == ["factorial-1.stat"]
        ((label, row),) = stats_of("factorial-1.stat").items()
        assert label[2] == "factorial"
        assert row[:2] == (1, 6)
        assert {caller: edge[:2] for caller, edge in row[4].items()} == {label: (5, 1)}

    def test_mutual_recursion(self, here, written):
        @monitor_profile
        def even(n):
            return n == 0 or odd(n - 1)

        def odd(n):
            return n != 0 and even(n - 1)

        assert even(6) is True
        assert written() == ["even.stat"]
        assert calls_in("even.stat") == {"even": 4, "odd": 3}

    def test_recursion_after_an_exception(self, here):
        @monitor_profile(path="{func}-{n}.stat")
        def fail(n):
            work()
            if n == 0:
                raise ValueError
            fail(n - 1)

        for _ in range(2):
            with pytest.raises(ValueError):
                fail(2)
        assert calls_in("fail-1.stat") == calls_in("fail-2.stat") == {"fail": 3, "work": 3}

    def test_nested_functions_get_a_file_each(self, here, written):
        @monitor_profile
        def inner():
            return [work() for _ in "ab"][-1]

        @monitor_profile
        def outer():
            work()
            return inner()

        assert outer() == 1
        assert written() == ["inner.stat", "outer.stat"]
        comprehension = {"<listcomp>": 1} if sys.version_info < (3, 12) else {}
        assert calls_in("inner.stat") == {"inner": 1, "work": 2, **comprehension}
        assert calls_in("outer.stat") == {"outer": 1, "inner": 1, "work": 3, **comprehension}
        assert callers_in("outer.stat", "inner") == {"outer": 1}

    def test_writing_takes_no_time_of_an_outer_profile(self, here, clock):
        def slow_format(format):
            clock.advance(1000)
            return ""

        @monitor_profile(path="{func}{time}.stat", builtins=False)
        def inner():
            clock.advance(5)

        @monitor_profile(path="{func}{time}.stat", builtins=False)
        def outer():
            inner()
            clock.advance(3)

        with pytest.MonkeyPatch.context() as patch:
            slow_time = types.SimpleNamespace(strftime=slow_format, perf_counter=time.perf_counter)
            patch.setattr("profstat.monitor.time", slow_time)
            outer()
        rows = {label[2]: row for label, row in stats_of("outer.stat").items()}
        assert clock.now == 2008
        assert rows["inner"][3] == pytest.approx(5)
        assert rows["outer"][3] == pytest.approx(8)

    def test_no_rows_in_an_outer_profile_even_when_writing_fails(self, here):
        @monitor_profile(path="missing/{func}.stat")
        def inner():
            work()

        profile = Profile()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            profile.enable()
            inner()
            profile.disable()
        profile.create_stats()
        assert len(caught) == 1
        assert {label[2] for label in profile.stats if "disable" not in label[2]} == {"inner", "work"}

    def test_forked_child_leaves_the_file_to_its_parent(self, here, written):
        @monitor_profile
        def divide():
            child = os.fork()
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) if child else None

        files_of_child = divide()
        if files_of_child is None:
            os._exit(len(written()))
        assert files_of_child == 0
        assert calls_in("divide.stat")["<built-in method posix.waitpid>"] == 1

    def test_threads_do_not_share_recordings(self, here, written):
        meeting = threading.Barrier(2, timeout=10)

        @monitor_profile(path="{func}-{n}.stat")
        def meet():
            meeting.wait()
            work()
            meeting.wait()

        threads = [threading.Thread(target=meet) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert written() == ["meet-1.stat", "meet-2.stat"]
        for name in written():
            calls = calls_in(name)
            assert (calls["meet"], calls["work"]) == (1, 1)

    def test_awaitable_result_is_untouched(self, here):
        async def answer():
            return 42

        @monitor_profile
        def start():
            return answer()

        awaitable = start()
        assert inspect.iscoroutine(awaitable)
        assert calls_in("start.stat") == {"start": 1}
        assert asyncio.run(_result(awaitable)) == 42

    def test_callable_object_and_partial(self, here, written):
        class Handler:
            def __call__(self, n):
                return work(n)

        assert monitor_profile(Handler())(2) == 2
        assert monitor_profile(functools.partial(work, 3), path="partial.stat")() == 3
        assert written() == ["Handler.stat", "partial.stat"]
        assert calls_in("Handler.stat") == {"__call__": 1, "work": 1}
        assert calls_in("partial.stat") == {"work": 1}

    def test_copy_by_value(self, here, written):
        """As for another process: pickle by name is not all that there is."""

        @monitor_profile(path="{func}-{n}.stat")
        def factorial(n):
            return n * times(n - 1) if n else 1

        times = factorial
        assert factorial(1) == 1
        cells = inspect.getclosurevars(factorial).nonlocals
        cells.update(pickle.loads(pickle.dumps({name: cells[name] for name in ["monitor"]})))
        closure = tuple(types.CellType(cells[name]) for name in factorial.__code__.co_freevars)
        times = copy = types.FunctionType(factorial.__code__, factorial.__globals__, closure=closure)
        os.remove("factorial-1.stat")
        assert copy(3) == 6
        assert written() == ["factorial-1.stat"]
        assert calls_in("factorial-1.stat") == {"factorial": 4}

    def test_kind_of_callable_objects(self, here, written):
        class Waiter:
            async def __call__(self, n):
                await asyncio.sleep(0)
                return work(n)

        class Counter:
            def __call__(self, n):
                yield work(n)

        class Stream:
            async def __call__(self, n):
                yield work(n)

        wait, count, stream = monitor_profile(Waiter()), monitor_profile(Counter()), monitor_profile(Stream())
        assert inspect.iscoroutinefunction(wait)
        assert inspect.isgeneratorfunction(count)
        assert inspect.isasyncgenfunction(stream)
        assert asyncio.run(wait(2)) == 2
        assert list(count(3)) == [3]
        assert asyncio.run(_result(stream(4).__anext__())) == 4
        assert calls_in("Waiter.stat")["work"] == calls_in("Counter.stat")["work"] == 1
        partial = monitor_profile(functools.partial(Waiter(), 5), path="partial.stat")
        assert inspect.iscoroutinefunction(partial)
        assert asyncio.run(partial()) == 5
        assert calls_in("partial.stat")["work"] == 1


class TestMethods:
    @pytest.fixture
    def table(self):
        class Table:
            seats = 2

            @monitor_profile
            def method(self, n):
                return self.seats * work(n)

            @monitor_profile
            @classmethod
            def class_above(cls, n):
                return cls.seats * work(n)

            @classmethod
            @monitor_profile
            def class_below(cls, n):
                return cls.seats * work(n)

            @monitor_profile
            @staticmethod
            def static_above(n):
                return work(n)

            @staticmethod
            @monitor_profile(path="below.stat")
            def static_below(n):
                return work(n)

            @property
            @monitor_profile
            def free(self):
                return work(1)

        return Table

    def test_method(self, here, table):
        assert table().method(4) == 8
        assert calls_in("method.stat") == {"method": 1, "work": 1}

    @pytest.mark.parametrize("name", ["class_above", "class_below"])
    def test_class_method(self, here, table, name):
        assert getattr(table, name)(4) == getattr(table(), name)(4) == 8
        assert calls_in(f"{name}.stat") == {name: 1, "work": 1}
        assert isinstance(table.__dict__[name], classmethod)

    @pytest.mark.parametrize("name, file", [("static_above", "static_above.stat"), ("static_below", "below.stat")])
    def test_static_method(self, here, table, name, file):
        assert getattr(table, name)(4) == getattr(table(), name)(4) == 4
        assert calls_in(file) == {name: 1, "work": 1}
        assert isinstance(table.__dict__[name], staticmethod)

    def test_property_below(self, here, table):
        assert table().free == 1
        assert calls_in("free.stat") == {"free": 1, "work": 1}

    @pytest.mark.parametrize("target", [property(work), TestFunction, 3, "path.stat"])
    def test_what_cannot_be_decorated(self, target):
        with pytest.raises(TypeError, match="monitor_profile decorates functions and methods, not "):
            monitor_profile(target)
