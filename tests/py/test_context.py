"""Profile(context=True): what runs in a context, in whatever task and thread, and nothing else."""

import asyncio
import contextvars
import gc
import sys
import threading
import weakref

import pytest

import profstat
from support import counted, paths_in, trailer_of


def leaf():
    pass


def work(n):
    for _ in range(n):
        leaf()


async def query(n):
    work(n)
    await asyncio.sleep(0)
    work(n)


async def handler(n):
    """Calls leaf 9 * n times: 2 n itself, 4 n in tasks, 2 n in a task of a task, n in a thread."""
    await query(n)
    await asyncio.gather(query(n), query(n))

    async def start():
        await asyncio.ensure_future(query(n))

    await asyncio.create_task(start())
    await asyncio.get_running_loop().run_in_executor(None, contextvars.copy_context().run, work, n)


async def profiled(function, *args, profile=None):
    """As monitor_profile does it: each step of the coroutine is covered, and what it starts."""
    profile = profile or profstat.Profile(context=True)

    class Steps:
        def __init__(self):
            self.iterator = function(*args).__await__()

        def __await__(self):
            return self

        def __next__(self):
            return profile._call(self.iterator.send, None)

        def send(self, value):
            return profile._call(self.iterator.send, value)

        def throw(self, *error):
            return profile._call(self.iterator.throw, *error)

    await Steps()
    profile.disable()
    return profile


def calls(profile):
    return {name: row[1] for name, row in counted(profile).items()}


class TestTasks:
    def test_nothing_of_others_and_nothing_missing(self):
        async def main():
            return await asyncio.gather(*[profiled(handler, 1 + n % 7) for n in range(100)])

        for n, profile in enumerate(asyncio.run(main())):
            rows = counted(profile)
            assert rows["leaf"] == (9 * (1 + n % 7),) * 2
            assert rows["query"] == (8, 8)
            assert "main" not in rows and "profiled" not in rows

    def test_a_task_that_outlives_the_profile_is_not_followed(self):
        async def main():
            async def start():
                nonlocal task
                task = asyncio.ensure_future(query(5))
                await asyncio.sleep(0)

            task = None
            profile = await profiled(start)
            await task
            return profile

        assert calls(asyncio.run(main()))["leaf"] == 5

    def test_nested_profiles(self):
        async def main():
            inner = []

            async def outer():
                await query(1)
                inner.append(await profiled(query, 10))
                await query(1)

            return await profiled(outer), inner[0]

        outer, inner = asyncio.run(main())
        assert calls(outer)["leaf"] == 24
        assert calls(inner)["leaf"] == 20

    def test_an_inner_profile_that_ends_last(self):
        async def main():
            async def inner():
                await asyncio.sleep(0.01)
                await query(3)

            async def outer():
                nonlocal task
                task = asyncio.ensure_future(profiled(inner))
                await asyncio.sleep(0)

            task = None
            outer_profile = await profiled(outer)
            return outer_profile, await task

        outer, inner = asyncio.run(main())
        assert "leaf" not in calls(outer)
        assert calls(inner)["leaf"] == 6

    def test_another_context_inside(self):
        profile = profstat.Profile(context=True)

        def run():
            contextvars.Context().run(work, 100)
            contextvars.copy_context().run(work, 10)
            work(1)

        profile._call(run)
        profile.disable()
        rows = counted(profile)
        assert rows["leaf"] == (11, 11)
        assert rows["work"] == (2, 2)
        assert rows["run"] == (1, 1)
        callers = {label[2]: row[4] for label, row in profile.stats.items()}["work"]
        assert sum(edge[0] for edge in callers.values()) == 2

    def test_an_exception_passes(self):
        async def fail():
            await query(1)
            raise KeyError("x")

        async def main():
            profile = profstat.Profile(context=True)
            with pytest.raises(KeyError):
                await profiled(fail, profile=profile)
            profile.disable()
            return profile

        assert calls(asyncio.run(main()))["leaf"] == 2

    @pytest.mark.skipif(sys.version_info < (3, 11), reason="TaskGroup is new in 3.11")
    @pytest.mark.parametrize("factory", [None, "eager_task_factory"])
    def test_task_group(self, factory):
        if factory and not hasattr(asyncio, factory):
            pytest.skip("new in 3.12")

        async def groups():
            async with asyncio.TaskGroup() as group:
                for _ in range(5):
                    group.create_task(query(1))

        async def main():
            asyncio.get_running_loop().set_task_factory(factory and getattr(asyncio, factory))
            return await asyncio.gather(*[profiled(groups) for _ in range(10)])

        assert [calls(profile)["leaf"] for profile in asyncio.run(main())] == [10] * 10

    def test_to_thread_under_its_name(self, here):
        def blocking(n):
            work(n)

        async def main():
            async def start():
                await query(1)
                await asyncio.to_thread(blocking, 7)

            return await asyncio.gather(*[profiled(start) for _ in range(20)])

        for profile in asyncio.run(main()):
            assert calls(profile)["leaf"] == 9
        profile.dump_stats("x.stat")
        main, worker = sorted(tree["thread"] for tree in trailer_of("x.stat")["trees"])
        assert main == "MainThread" and worker.startswith("asyncio_")


class TestEnabling:
    def test_covers_the_context_until_disabled(self):
        def run():
            profile = profstat.Profile(context=True)
            assert not profile.enabled
            profile.enable()
            assert profile.enabled
            work(3)
            profile.disable()
            assert not profile.enabled
            work(5)
            return profile

        assert calls(contextvars.copy_context().run(run))["leaf"] == 3

    def test_is_disabled_in_another_thread(self):
        profile = profstat.Profile(context=True)
        context = contextvars.copy_context()
        context.run(profile.enable)
        context.run(work, 3)
        thread = threading.Thread(target=profile.disable)
        thread.start()
        thread.join()
        context.run(work, 5)
        assert calls(profile)["leaf"] == 3

    def test_goes_on_when_enabled_again(self):
        profile = profstat.Profile(context=True)
        for n in (3, 4):
            profile._call(work, n)
            profile.disable()
        assert calls(profile)["leaf"] == 7

    def test_excludes_threads(self):
        with pytest.raises(ValueError, match="threads and context exclude each other"):
            profstat.Profile(threads=True, context=True)

    def test_beside_profiles_of_other_kinds(self):
        everything = profstat.Profile(threads=True)
        here = profstat.Profile()
        inner = profstat.Profile(context=True)
        with everything, here:
            work(1)
            inner._call(work, 10)
            inner.disable()
            thread = threading.Thread(target=work, args=(100,))
            thread.start()
            thread.join()
        assert [calls(profile)["leaf"] for profile in (everything, here, inner)] == [111, 11, 10]

    def test_an_abandoned_profile_is_collected(self):
        class Timer:
            def __call__(self):
                return 0

        def run():
            timer = Timer()
            profile = profstat.Profile(timer, 1.0, context=True)
            profile.enable()
            work(1)
            return weakref.ref(timer)

        reference = contextvars.copy_context().run(run)
        gc.collect()
        assert reference() is None  # the last that a profile lets go
        self.test_nothing_stays_behind()

    def test_nothing_stays_behind(self):
        before = sys.getprofile()
        profile = profstat.Profile(context=True)
        profile._call(work, 1)
        profile.disable()
        work(1)
        assert sys.getprofile() is before


class TestAwaited:
    """The file tells starts from resumes, and how long coroutines waited, by call path."""

    @staticmethod
    def steps(path, name):
        """(calls, resumes, seconds awaited) of the function, summed over its call paths."""
        rows = [row for functions, row in paths_in(path).items() if functions[-1][2] == name]
        calls, _, resumes, awaited = (sum(column) for column in zip(*rows))
        return calls, resumes, awaited * 1e-9

    def test_by_path(self, here, clock):
        class Pause:
            def __await__(self):
                yield

        async def fetch():
            clock.advance(1)
            await Pause()
            clock.advance(1)

        async def serve():
            await fetch()
            await Pause()

        profile = profstat.Profile(clock, 1.0)

        async def idle():
            await Pause()

        def drive():
            coroutines = [serve(), serve(), idle()]
            for wait in (10, 100, 0):
                for coroutine in list(coroutines):
                    try:
                        coroutine.send(None)
                    except StopIteration:
                        coroutines.remove(coroutine)
                clock.advance(wait)

        profile.runcall(drive)
        profile.dump_stats("x.stat")
        # Each waits while the others take their steps, too.
        assert self.steps("x.stat", "serve") == (6, 4, pytest.approx((11 + 101) + (11 + 100)))
        assert self.steps("x.stat", "fetch") == (4, 2, pytest.approx(11 + 11))
        assert self.steps("x.stat", "idle") == (2, 1, pytest.approx(12))
        assert self.steps("x.stat", "drive") == (1, 0, 0)
        assert counted(profile)["serve"] == (6, 6)

    def test_asynchronous_generators_and_throw(self, here):
        async def numbers():
            for n in range(3):
                await asyncio.sleep(0.01)
                yield n

        async def consume():
            async for _ in numbers():
                pass
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(asyncio.sleep(10), 0.02)

        profile = profstat.Profile()
        profile.runcall(asyncio.run, consume())
        profile.dump_stats("x.stat")
        calls, resumes, awaited = self.steps("x.stat", "numbers")
        assert calls - resumes == 1 and resumes >= 6 and awaited > 0.02
        calls, resumes, awaited = self.steps("x.stat", "consume")
        assert calls - resumes == 1 and awaited > 0.04

    def test_one_that_is_cancelled_before_it_begins_has_started(self, here):
        async def pause():
            await asyncio.sleep(0)

        async def main():
            cancelled = asyncio.ensure_future(pause())
            cancelled.cancel()
            await asyncio.wait([cancelled])
            await pause()

        profile = profstat.Profile()
        profile.runcall(asyncio.run, main())
        profile.dump_stats("x.stat")
        assert self.steps("x.stat", "pause")[:2] == (3, 1)

    def test_a_program_without_coroutines_has_no_such_columns(self, here):
        def generate():
            yield 1

        profile = profstat.Profile()
        profile.runcall(list, generate())
        profile.dump_stats("x.stat")
        (tree,) = trailer_of("x.stat")["trees"]
        assert [name for name, _, _ in tree["columns"]] == ["calls", "self"]


class TestOptions:
    def test_others_for_what_is_recorded_already(self):
        async def main():
            profile.enable()
            work(1)
            other = asyncio.ensure_future(query(1))
            await asyncio.sleep(0)
            profile.enable(builtins=False)
            len("")
            work(1)
            await other
            profile.enable(builtins=True)
            len("")
            work(1)

        profile = profstat.Profile(context=True)
        asyncio.run(main())
        rows = calls(profile)
        assert rows["leaf"] == 5
        assert rows["<built-in method builtins.len>"] == 1

    def test_one_of_a_context_that_is_made_one_of_a_thread(self):
        profile = profstat.Profile(context=True)
        contextvars.copy_context().run(profile.runcall, work, 2)
        profile.__init__()
        profile.runcall(work, 3)
        assert calls(profile)["leaf"] == 3


def test_profiles_that_follow_each_other_are_not_kept():
    """Each begins in a copy of the context of the one before, and ends when the next one has begun."""
    def count_scopes():
        return sum(type(each).__name__ == "Scope" for each in gc.get_objects())

    of_others = count_scopes()
    context, before = contextvars.copy_context(), None
    for _ in range(1000):
        profile = profstat.Profile(context=True)
        context.run(profile.enable)
        if before is not None:
            before.disable()
        context, before = context.copy(), profile
    profile.disable()
    assert count_scopes() < of_others + 10
