"""Which profile monitor_profile keeps: the slowest, the sum, those of slow calls."""

import asyncio
import marshal
import os
import signal
import sys
import threading
import time

import pytest

import profstat
from profstat import Profile, monitor_profile
from profstat.keeping import SlowestKeeper
from support import IN_THREADS, calls_in, counts_of, facts_of, own_rows, paths_in, run_python, stats_of


def work(n=1):
    return n


@pytest.fixture
def busy_threads():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


class TestSlowest:
    def test_the_slowest_so_far(self, here, ticks):
        @monitor_profile(keep="slowest")
        def handle(n):
            ticks.now += n
            for _ in range(n):
                work()

        for n, kept in [(2, 2), (1, 2), (5, 5), (4, 5), (5, 5)]:
            handle(n)
            assert calls_in("handle.stat")["work"] == kept
        assert counts_of(handle) == (5, 0, 0)

    def test_what_an_earlier_process_left_is_replaced(self, here):
        @monitor_profile(keep="slowest")
        def handle():
            work()

        (here / "handle.stat").write_text("of another process")
        handle()
        assert calls_in("handle.stat") == {"handle": 1, "work": 1}

    def test_suspensions_count(self, here, ticks):
        @monitor_profile(keep="slowest")
        async def handle(n):
            for _ in range(n):
                work()
            ticks.now += 1
            await asyncio.sleep(0)

        async def both():
            slow = asyncio.ensure_future(handle(1))
            await asyncio.sleep(0)
            ticks.now += 10
            await handle(3)
            await slow

        asyncio.run(both())
        assert calls_in("handle.stat")["work"] == 1

    def test_what_could_not_be_written_is_not_kept(self, here, ticks):
        @monitor_profile(keep="slowest", path="folder/handle.stat")
        def handle(n):
            ticks.now += n

        with pytest.warns(RuntimeWarning):
            handle(5)
        (here / "folder").mkdir()
        handle(3)
        assert calls_in("folder/handle.stat") == {"handle": 1}
        assert counts_of(handle) == (1, 0, 1)

    def test_of_several_threads(self, busy_threads):
        class Recorded:
            def __init__(self, seconds):
                self.seconds = seconds

            def _save(self, path, facts):
                saved.append(self.seconds)

        def calls(first):
            for seconds in range(first, 2000, 8):
                keeper.keep(Recorded(seconds), seconds, "", {})

        keeper, saved = SlowestKeeper(), []
        threads = [threading.Thread(target=calls, args=(first,)) for first in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert saved == sorted(set(saved))
        assert saved[-1] == 1999


class TestSum:
    def test_calls_add_up(self, here, written):
        @monitor_profile(keep="sum")
        def handle(n):
            for _ in range(n):
                work()
            return n if n else other()

        def other():
            return work()

        for i, n in enumerate((3, 2, 0), 1):
            handle(n)
            assert calls_in("handle.stat")["handle"] == i
        assert written() == ["handle.stat"]
        assert own_rows(stats_of("handle.stat")) == {
            "handle": (3, 3, {}),
            "work": (6, 6, {"handle": (5, 5), "other": (1, 1)}),
            "other": (1, 1, {"handle": (1, 1)}),
        }

    def test_times_and_paths_are_those_of_one_profile(self, here, clock):
        def handle(n):
            clock.advance(1)
            deep(n)
            return [deep(0) for _ in "ab"]

        def deep(n):
            clock.advance(n)
            return n and deep(n - 1)

        summed = monitor_profile(keep="sum", path="sum.stat")(handle)
        profile = Profile(clock)
        for n in (2, 0, 3, 1):
            summed(n)
            profile.runcall(handle, n)
        profile.dump_stats("one.stat")
        one, paths = stats_of("one.stat"), paths_in("one.stat")
        assert stats_of("sum.stat") == {label: row for label, row in one.items() if "disable" not in label[2]}
        assert paths_in("sum.stat") == {path: row for path, row in paths.items() if "disable" not in path[-1][2]}
        facts = facts_of("sum.stat")
        assert facts["enabled"] > 0 and facts["started"] <= time.time()
        assert facts["function"] == f"{__name__}.{handle.__qualname__}"
        assert (facts["pid"], facts["paths"], "thread" in facts) == (os.getpid(), "all", False)

    def test_of_several_threads(self, here):
        done = run_python("-c", IN_THREADS.format(options="keep='sum'", threads=8, calls=50))
        assert (done.stdout, done.stderr) == ("CallCounts(profiled=400, skipped=0, failed=0)\n", "")
        calls = calls_in("handle.stat")
        assert (calls["handle"], calls["work"]) == (400, 8 * sum(range(50)))

    def test_of_concurrent_tasks(self, here):
        @monitor_profile(keep="sum", builtins=False)
        async def handle(n):
            for _ in range(n):
                work()
                await asyncio.sleep(0)

        async def all_at_once():
            await asyncio.gather(*map(handle, range(20)))

        asyncio.run(all_at_once())
        assert calls_in("handle.stat")["work"] == 190

    def test_without_paths(self, here):
        @monitor_profile(keep="sum", paths=False)
        def handle():
            work()

        handle()
        handle()
        assert calls_in("handle.stat") == {"handle": 2, "work": 2}
        assert facts_of("handle.stat")["paths"] == "none"

    def test_a_file_that_is_there_is_replaced(self, here):
        (here / "handle.stat").write_text("of another process")
        monitor_profile(keep="sum", path="handle.stat")(work)()
        assert calls_in("handle.stat") == {"work": 1}

    def test_nothing_is_lost_by_a_kill(self, here):
        code = """
            import os, signal
            from profstat import monitor_profile
            @monitor_profile(keep="sum")
            def handle(): pass
            for _ in range(3): handle()
            os.kill(os.getpid(), signal.SIGKILL)
        """
        assert run_python("-c", "\n".join(map(str.strip, code.splitlines()))).returncode == -signal.SIGKILL
        assert calls_in("handle.stat") == {"handle": 3}

    def test_a_call_that_was_not_written_is_in_the_next_file(self, here):
        @monitor_profile(keep="sum", path="folder/handle.stat")
        def handle():
            work()

        with pytest.warns(RuntimeWarning, match="No such file or directory"):
            handle()
        (here / "folder").mkdir()
        handle()
        assert calls_in("folder/handle.stat") == {"handle": 2, "work": 2}
        assert counts_of(handle) == (1, 0, 1)

    def test_failure_of_the_sum(self, here):
        total = profstat._profstat.ProfileSum()
        with pytest.raises(TypeError, match="a Profiler can be added, not int"):
            total.add(3)
        with pytest.raises(TypeError):
            profstat._profstat.ProfileSum(3)
        with pytest.raises(TypeError, match="must be str, int, float or bool"):
            total.save("empty.stat", {"x": []})
        total.save("empty.stat")
        assert marshal.loads((here / "empty.stat").read_bytes()) == {}


class TestMinSeconds:
    def test_only_slow_calls_are_written(self, here, written, ticks):
        @monitor_profile(min_seconds=5, path="{n}.stat")
        def handle(seconds):
            ticks.now += seconds

        for seconds in (4, 5, 6):
            handle(seconds)
        assert written() == ["2.stat", "3.stat"]
        assert counts_of(handle) == (3, 0, 0)

    def test_sum_of_the_slow_ones(self, here, ticks):
        @monitor_profile(min_seconds=5, keep="sum")
        def handle(seconds):
            ticks.now += seconds

        for seconds in (4, 5, 6):
            handle(seconds)
        assert calls_in("handle.stat") == {"handle": 2}
