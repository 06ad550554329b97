"""monitor_profile: what it writes, and what it leaves as it was."""

import asyncio
import functools
import inspect
import os
import pickle
import re
import sys
import threading
import time
import traceback
import types
import warnings

import pytest

from profstat import Profile, monitor_profile
from support import callers_in, calls_in, facts_of, run_python, stats_of


def work(n=1):
    return n


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
            "pid": os.getpid(),
            "python": sys.version.split()[0],
            "command": " ".join(sys.argv),
            "clock": "wall",
            "paths": "all",
            "dropped": 0,
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

    def test_writing_takes_no_time_of_an_outer_profile(self, here, monkeypatch):
        @monitor_profile
        def inner():
            pass

        def slow_format(format):
            time.sleep(0.05)
            return ""

        profile = Profile()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("profstat.decorator.time", types.SimpleNamespace(strftime=slow_format))
            profile.enable()
            inner()
            profile.disable()
        profile.create_stats()
        assert {label[2] for label in profile.stats if "disable" not in label[2]} == {"inner"}
        assert sum(row[2] for row in profile.stats.values()) < 0.05

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


class TestGenerator:
    @staticmethod
    def make():
        @monitor_profile
        def count(n):
            """Yields."""
            total = 0
            for i in range(n):
                try:
                    received = yield work(i)
                    total += received or 0
                except KeyError:
                    total += 100
            return total

        return count

    def test_kind_is_kept(self):
        count = self.make()
        assert inspect.isgeneratorfunction(count)
        assert count.__doc__ == "Yields."
        generator = count(1)
        assert inspect.isgenerator(generator)
        assert generator.__name__ == "count"

    def test_only_own_steps_are_profiled(self, here, written):
        def consume(generator):
            seen = []
            for value in generator:
                work()
                seen.append(value)
                assert written() == []
            return seen

        assert consume(self.make()(3)) == [0, 1, 2]
        assert written() == ["count.stat"]
        assert calls_in("count.stat") == {"count": 4, "work": 3}

    def test_suspended_time_does_not_count(self, here):
        generator = self.make()(2)
        next(generator)
        time.sleep(0.05)
        list(generator)
        assert sum(row[2] for row in stats_of("count.stat").values()) < 0.05

    def test_send_and_return_value(self, here):
        generator = self.make()(3)
        next(generator)
        assert generator.send(5) == 1
        assert generator.send(6) == 2
        with pytest.raises(StopIteration) as stop:
            generator.send(7)
        assert stop.value.value == 18

    def test_throw(self, here):
        generator = self.make()(2)
        next(generator)
        assert generator.throw(KeyError("handled")) == 1
        error = ValueError("not handled")
        with pytest.raises(ValueError) as caught:
            generator.throw(error)
        assert caught.value is error
        assert error.__context__ is None
        assert calls_in("count.stat") == {"count": 3, "work": 2}

    def test_throw_leaves_no_context_behind(self, here):
        @monitor_profile
        def strict():
            try:
                yield 1
            except ValueError:
                pass
            yield sys.exc_info()
            raise KeyError

        generator = strict()
        next(generator)
        assert generator.throw(ValueError) == (None, None, None)
        with pytest.raises(KeyError) as caught:
            next(generator)
        assert caught.value.__context__ is None

    def test_close(self, here, written):
        closed = []

        @monitor_profile
        def resource():
            try:
                yield 1
            finally:
                closed.append(work())

        generator = resource()
        next(generator)
        generator.close()
        assert closed == [1]
        assert calls_in("resource.stat")["work"] == 1
        generator.close()
        with pytest.raises(StopIteration):
            next(generator)

    def test_close_when_the_generator_answers(self, here):
        @monitor_profile
        def stubborn(answer):
            try:
                yield 1
            except GeneratorExit:
                if answer:
                    return answer
            yield 2

        def outcome(function, answer):
            generator = function(answer)
            next(generator)
            try:
                return generator.close()
            except RuntimeError as error:
                return str(error)

        for answer in ("bye", None):
            assert outcome(stubborn, answer) == outcome(stubborn.__wrapped__, answer)

    def test_throwing_generator_exit_may_be_answered(self, here):
        @monitor_profile
        def deaf():
            try:
                yield 1
            except GeneratorExit:
                yield 2

        generator = deaf()
        next(generator)
        assert generator.throw(GeneratorExit()) == 2

    def test_forgotten_generator_is_written(self, here, written):
        generator = self.make()(2)
        next(generator)
        del generator
        assert written() == ["count.stat"]

    def test_generator_that_never_began_has_no_file(self, here, written):
        generator = self.make()(2)
        generator.close()
        del generator
        assert written() == []

    def test_exception(self, here):
        @monitor_profile
        def fail():
            yield work()
            raise ValueError

        with pytest.raises(ValueError):
            list(fail())
        assert calls_in("fail.stat") == {"fail": 2, "work": 1}

    def test_recursion_is_one_profile(self, here, written):
        @monitor_profile(path="{func}-{n}.stat")
        def walk(tree):
            for branch in tree:
                yield from walk(branch)
            yield work(len(tree))

        def calls(tree):
            return sum(1 + calls(branch) for branch in tree)

        tree = [[[], []], []]
        plain = [len(t) for t in ([], [], [[], []], [], tree)]
        assert list(walk(tree)) == plain
        assert written() == ["walk-1.stat"]
        assert calls_in("walk-1.stat")["work"] == 1 + calls(tree)

    def test_interleaved_generators_keep_apart(self, here, written):
        @monitor_profile(path="{func}-{n}.stat")
        def ticks(n):
            for i in range(n):
                yield work(i)

        assert list(zip(ticks(2), ticks(3))) == [(0, 0), (1, 1)]
        assert calls_in("ticks-1.stat")["work"] == 2
        assert calls_in("ticks-2.stat")["work"] == 2

    def test_step_inside_an_outer_profile(self, here):
        @monitor_profile
        def inner():
            yield work()
            yield work()

        @monitor_profile
        def outer():
            return sum(inner())

        assert outer() == 2
        rows = calls_in("outer.stat")
        assert rows == {"outer": 1, "<built-in method builtins.sum>": 1, "inner": 3, "work": 2}
        assert callers_in("outer.stat", "inner") == {"<built-in method builtins.sum>": 3}

    def test_awaitable_generator_stays_awaitable(self, here):
        @monitor_profile
        @types.coroutine
        def legacy():
            yield
            return 5

        async def main():
            return await legacy()

        coroutine = main()
        coroutine.send(None)
        with pytest.raises(StopIteration) as stop:
            coroutine.send(None)
        assert stop.value.value == 5
        assert calls_in("legacy.stat") == {"legacy": 2}


async def _result(awaitable):
    return await awaitable


class TestCoroutine:
    def test_kind_and_result(self, here):
        @monitor_profile
        async def fetch(n: int) -> int:
            await asyncio.sleep(0)
            return work(n)

        assert inspect.iscoroutinefunction(fetch)
        assert asyncio.iscoroutinefunction(fetch)
        assert str(inspect.signature(fetch)) == "(n: int) -> int"
        assert asyncio.run(fetch(4)) == 4
        rows = calls_in("fetch.stat")
        assert (rows["fetch"], rows["work"]) == (2, 1)
        assert not any("wrapper" in name or "step" in name or "send" in name for name in rows)

    def test_suspended_time_does_not_count(self, here):
        @monitor_profile
        async def doze():
            await asyncio.sleep(0.1)

        asyncio.run(doze())
        assert sum(row[2] for row in stats_of("doze.stat").values()) < 0.1

    def test_tasks_keep_apart(self, here, written):
        @monitor_profile(path="{func}-{n}.stat")
        async def job(n):
            for _ in range(n):
                work()
                await asyncio.sleep(0)
            return n

        async def main():
            return await asyncio.gather(job(2), job(5), job(3))

        assert asyncio.run(main()) == [2, 5, 3]
        assert written() == ["job-1.stat", "job-2.stat", "job-3.stat"]
        assert [calls_in(name)["work"] for name in written()] == [2, 5, 3]
        assert [calls_in(name)["job"] for name in written()] == [3, 6, 4]

    def test_recursion_is_one_profile(self, here, written):
        @monitor_profile(path="{func}-{n}.stat")
        async def down(n):
            await asyncio.sleep(0)
            return work(n) + (await down(n - 1) if n else 0)

        assert asyncio.run(down(3)) == 6
        assert written() == ["down-1.stat"]
        assert calls_in("down-1.stat")["work"] == 4

    def test_inner_task_is_a_call_of_its_own(self, here, written):
        @monitor_profile(path="{func}-{n}.stat")
        async def spawn(n):
            await asyncio.sleep(0)
            work()
            if n:
                await asyncio.ensure_future(spawn(n - 1))

        asyncio.run(spawn(1))
        assert written() == ["spawn-1.stat", "spawn-2.stat"]
        assert [calls_in(name)["work"] for name in written()] == [1, 1]

    def test_nested_coroutines_get_a_file_each(self, here, written):
        @monitor_profile
        async def inner():
            work()
            await asyncio.sleep(0)

        @monitor_profile
        async def outer():
            work()
            await inner()

        asyncio.run(outer())
        assert written() == ["inner.stat", "outer.stat"]
        assert calls_in("inner.stat")["work"] == 1
        assert calls_in("outer.stat")["work"] == 2
        assert callers_in("outer.stat", "inner") == {"outer": 2}

    def test_exception_and_cancellation(self, here):
        @monitor_profile
        async def fail():
            await asyncio.sleep(0)
            raise ValueError("no")

        @monitor_profile
        async def wait():
            try:
                await asyncio.sleep(60)
            finally:
                work()

        async def main():
            with pytest.raises(ValueError, match="no") as caught:
                await fail()
            assert caught.value.__context__ is None
            task = asyncio.ensure_future(wait())
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        asyncio.run(main())
        assert calls_in("fail.stat")["fail"] == 2
        assert calls_in("wait.stat")["work"] == 1

    def test_close(self, here):
        ended = []

        @monitor_profile
        async def forever():
            try:
                while True:
                    await _pause()
            finally:
                ended.append(work())

        coroutine = forever()
        coroutine.send(None)
        coroutine.close()
        assert ended == [1]
        assert calls_in("forever.stat")["work"] == 1

    def test_never_awaited(self, here, written):
        @monitor_profile
        async def forgotten():
            pass

        with pytest.warns(RuntimeWarning, match="coroutine '.*forgotten' was never awaited"):
            forgotten()
        assert written() == []

    @pytest.mark.skipif(sys.version_info < (3, 12), reason="functions cannot be marked before CPython 3.12")
    def test_function_marked_as_coroutine_function(self, here):
        @monitor_profile
        @inspect.markcoroutinefunction
        def start():
            work()
            return asyncio.sleep(0, 7)

        assert inspect.iscoroutinefunction(start)
        assert asyncio.run(start()) == 7
        assert calls_in("start.stat")["work"] == 1


@types.coroutine
def _pause():
    yield


class TestAsyncGenerator:
    @staticmethod
    def make():
        @monitor_profile(path="{func}-{n}.stat")
        async def rows(n):
            total = 0
            for i in range(n):
                await asyncio.sleep(0)
                try:
                    total += (yield work(i)) or 0
                except KeyError:
                    total += 100
            yield total

        return rows

    def test_kind_and_values(self, here, written):
        rows = self.make()
        assert inspect.isasyncgenfunction(rows)

        async def main():
            return [value async for value in rows(3)]

        assert asyncio.run(main()) == [0, 1, 2, 0]
        assert written() == ["rows-1.stat"]
        assert calls_in("rows-1.stat")["work"] == 3

    def test_send_throw_and_close(self, here, written):
        async def main():
            generator = self.make()(3)
            assert await generator.__anext__() == 0
            assert await generator.asend(5) == 1
            assert await generator.athrow(KeyError("handled")) == 2
            assert await generator.asend(1) == 106
            await generator.aclose()
            with pytest.raises(StopAsyncIteration):
                await generator.__anext__()

        asyncio.run(main())
        assert calls_in("rows-1.stat")["work"] == 3

    def test_exception(self, here):
        async def main():
            generator = self.make()(3)
            await generator.__anext__()
            error = ValueError("thrown in")
            with pytest.raises(ValueError) as caught:
                await generator.athrow(error)
            assert caught.value is error
            assert error.__context__ is None

        asyncio.run(main())
        assert calls_in("rows-1.stat")["work"] == 1

    def test_ignored_exit(self, here):
        @monitor_profile
        async def deaf():
            try:
                yield 1
            except GeneratorExit:
                yield 2

        async def main(function):
            generator = function()
            await generator.__anext__()
            with pytest.raises(RuntimeError) as caught:
                await generator.aclose()
            return str(caught.value)

        assert asyncio.run(main(deaf)) == asyncio.run(main(deaf.__wrapped__))

    def test_abandoned_generator_is_closed_by_the_loop(self, here, written):
        ended, complaints = [], []

        @monitor_profile
        async def stream():
            try:
                while True:
                    await asyncio.sleep(0)
                    yield work()
            finally:
                await asyncio.sleep(0)
                ended.append(True)

        kept = []

        async def main(keep):
            asyncio.get_running_loop().set_exception_handler(lambda loop, context: complaints.append(context))
            generator = stream()
            async for _ in generator:
                break
            if keep:
                kept.append(generator)
            else:
                del generator
                for _ in range(5):
                    await asyncio.sleep(0)

        for keep in (False, True):
            asyncio.run(main(keep))
        assert ended == [True, True]
        assert complaints == []
        assert calls_in("stream.stat")["work"] == 1

    def test_generators_in_turn_keep_apart(self, here, written):
        rows = self.make()

        async def main():
            first, second = rows(2), rows(2)
            for _ in range(2):
                await first.__anext__()
                await second.__anext__()
            await first.aclose()
            await second.aclose()

        asyncio.run(main())
        assert written() == ["rows-1.stat", "rows-2.stat"]
        assert [calls_in(name)["work"] for name in written()] == [2, 2]


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
            f"unknown field {field} in path {path!r} (choose from {{func}}, {{module}}, {{pid}}, {{n}}, {{time}})"
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


class TestSwitch:
    @pytest.mark.parametrize("target", [work, TestGenerator.make, staticmethod(work), classmethod(work)])
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
