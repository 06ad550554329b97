"""monitor_profile on coroutines and asynchronous generators."""

import asyncio
import contextvars
import gc
import inspect
import os
import sys
import threading
import types

import pytest

from profstat import monitor_profile
from support import callers_in, calls_in, run_python, stats_of


def work(n=1):
    return n


@types.coroutine
def _pause():
    yield


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

    def test_suspended_time_does_not_count(self, here, clock):
        @monitor_profile(builtins=False)
        async def slow(n):
            for _ in range(n):
                clock.advance(5)
                await _pause()

        coroutine = slow(3)
        with pytest.raises(StopIteration):
            while True:
                coroutine.send(None)
                clock.advance(1000)
        rows = {label[2]: row for label, row in stats_of("slow.stat").items()}
        assert rows["slow"][:2] == (4, 4)
        assert rows["slow"][3] == rows["advance"][3] == pytest.approx(15)

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

    def test_inner_task_is_a_call_of_its_own_and_part_of_the_outer(self, here, written):
        @monitor_profile(path="{func}-{n}.stat")
        async def spawn(n):
            await asyncio.sleep(0)
            work()
            if n:
                await asyncio.ensure_future(spawn(n - 1))

        asyncio.run(spawn(1))
        assert written() == ["spawn-1.stat", "spawn-2.stat"]
        assert [calls_in(name)["work"] for name in written()] == [2, 1]

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


GARBAGE = """
import contextvars, gc, types
from profstat import monitor_profile

@types.coroutine
def pause():
    yield

@monitor_profile
async def handle():
    try:
        await pause()
    finally:
        closed.append(1)

closed = []
variables = [contextvars.ContextVar(str(n)) for n in range(100)]
for variable in variables:
    variable.set(1)
for n, variable in enumerate(variables):
    gc.disable()
    coroutine = handle()
    coroutine.send(None)
    cycle = [coroutine]
    cycle.append(cycle)
    del coroutine, cycle
    gc.set_threshold(gc.get_count()[0] + n % 8)  # which of the objects that are made next sets it off
    gc.enable()
    variable.set(2)
    gc.set_threshold(700)
gc.collect()
print(len(closed), "closed")
"""


class TestContext:
    """What a coroutine starts is in its profile, and nothing that runs while it waits."""

    def test_tasks_and_threads(self, here, written):
        @monitor_profile(path="{n}.stat")
        async def handle(n):
            await query(n)
            await asyncio.gather(query(n), query(n))
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, contextvars.copy_context().run, get_db_users, n)

        async def query(n):
            await asyncio.sleep(0)
            get_db_users(n)

        def get_db_users(n):
            for _ in range(n):
                work()

        async def all_at_once():
            await asyncio.gather(*(handle(n) for n in range(1, 31)))

        asyncio.run(all_at_once())
        assert sorted(calls_in(name)["work"] for name in written()) == [4 * n for n in range(1, 31)]
        assert all("all_at_once" not in calls_in(name) for name in written())

    def test_budget_counts_calls_not_steps(self, here, caplog):
        async def get_db_user(n):
            for _ in range(n):
                await asyncio.sleep(0)

        @monitor_profile(budget={"get_db_user": 2})
        async def handle(calls):
            for _ in range(calls - 1):
                await get_db_user(5)
            await asyncio.ensure_future(get_db_user(5))

        asyncio.run(handle(2))
        assert caplog.records == []
        asyncio.run(handle(4))
        (message,) = caplog.messages
        assert "made 4 calls of get_db_user, more than 2: by " in message and "handle (3)" in message

    def test_budget_counts_calls_in_threads(self, here, caplog):
        def get_db_user():
            pass

        @monitor_profile(budget={"get_db_user": 2})
        async def handle():
            get_db_user()
            loop = asyncio.get_running_loop()
            for _ in range(3):
                await loop.run_in_executor(None, contextvars.copy_context().run, get_db_user)

        asyncio.run(handle())
        assert "made 4 calls of get_db_user, more than 2: by " in caplog.messages[0]

    def test_while_another_thread_collects_garbage(self, here):
        class Cycle:
            def __init__(self):
                self.cycle = self

            def __del__(self):
                collecting.set()
                assert done.wait(60)

        @monitor_profile
        async def fetch():
            await asyncio.sleep(0)
            return work()

        collecting, done = threading.Event(), threading.Event()
        Cycle()
        collector = threading.Thread(target=gc.collect)
        collector.start()
        assert collecting.wait(60)
        asyncio.run(fetch())
        done.set()
        collector.join()
        assert calls_in("fetch.stat")["work"] == 1

    def test_coroutines_that_are_garbage(self, here):
        """They are closed while a context variable is being set, if the collector happens to run then."""
        done = run_python("-c", GARBAGE, env={**os.environ, "PYTHONMALLOC": "debug"})
        assert (done.returncode, done.stdout) == (0, "100 closed\n"), done.stderr
