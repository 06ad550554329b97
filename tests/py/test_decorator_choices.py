"""Which calls monitor_profile profiles, and what it counts and reports; forked children; wrong arguments."""

import asyncio
import logging
import os
import warnings

import pytest

import profstat
from profstat import Profile, monitor_profile
from support import IN_THREADS, callers_in, calls_in, counts_of, run_python


def work(n=1):
    return n


def get_db_user(n):
    return n


def in_child(function):
    """The exit status of a forked child that ends with the result of the function."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(function())
        finally:
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class TestEvery:
    def test_each_multiple(self, here, written):
        @monitor_profile(every=3, path="{func}-{n}.stat")
        def handle():
            work()

        for _ in range(10):
            handle()
        assert written() == ["handle-3.stat", "handle-6.stat", "handle-9.stat"]
        assert calls_in("handle-3.stat") == {"handle": 1, "work": 1}
        assert counts_of(handle) == (3, 7, 0)

    def test_a_skipped_call_is_the_function(self, here, written):
        error = ValueError()

        @monitor_profile(every=2)
        def fail(*args, **kwargs):
            assert (args, kwargs) == ((1,), {"self": 2, "function": 3})
            raise error

        with pytest.raises(ValueError) as caught:
            fail(1, self=2, function=3)
        assert caught.value is error and error.__context__ is None
        assert written() == []

    def test_recursion_of_a_skipped_call(self, here, written):
        @monitor_profile(every=2)
        def factorial(n):
            return n * factorial(n - 1) if n else 1

        assert factorial(5) == 120
        assert written() == []
        assert factorial(5) == 120
        assert calls_in("factorial.stat") == {"factorial": 6}
        assert counts_of(factorial) == (1, 1, 0)

    def test_no_rows_in_an_outer_profile(self, here):
        @monitor_profile(every=2)
        def inner():
            work()

        profile = Profile()
        profile.enable()
        inner()
        inner()
        profile.disable()
        profile.create_stats()
        assert {label[2]: row[1] for label, row in profile.stats.items() if "disable" not in label[2]} == {
            "inner": 2,
            "work": 2,
        }

    def test_generator(self, here):
        @monitor_profile(every=2)
        def count(n):
            try:
                received = yield n
                assert received == "sent"
                yield work()
            except KeyError:
                yield "thrown"
            return "end"

        for _ in range(4):
            generator = count(7)
            assert (next(generator), generator.send("sent")) == (7, 1)
            with pytest.raises(StopIteration, match="end"):
                next(generator)
            thrown = count(8)
            assert (next(thrown), thrown.throw(KeyError())) == (8, "thrown")
            thrown.close()
        assert counts_of(count) == (4, 4, 0)

    def test_coroutine_and_asynchronous_generator(self, here):
        @monitor_profile(every=3)
        async def ticks(n):
            try:
                for i in range(n):
                    await asyncio.sleep(0)
                    yield i
            finally:
                ended.append(n)

        @monitor_profile(every=3)
        async def collect(n):
            return [i async for i in ticks(n)]

        async def all_at_once():
            return await asyncio.gather(*map(collect, range(12)))

        ended = []
        assert asyncio.run(all_at_once()) == [list(range(n)) for n in range(12)]
        assert counts_of(collect) == (4, 8, 0)
        assert counts_of(ticks) == (4, 8, 0)
        assert sorted(ended) == list(range(12))

    def test_counts_of_several_threads_are_exact(self, here, written):
        options = "every=100, path='{n}.stat'"
        done = run_python("-c", IN_THREADS.format(options=options, threads=32, calls=500))
        assert (done.stdout, done.stderr) == ("CallCounts(profiled=160, skipped=15840, failed=0)\n", "")
        assert written() == sorted(f"{n}.stat" for n in range(100, 16001, 100))
        assert all(calls_in(name)["handle"] == 1 for name in written())


class TestBudget:
    @staticmethod
    def make(**options):
        @monitor_profile(budget={"get_db_user": 2}, **options)
        def login(n):
            first(n)
            get_db_user(0)

        def first(n):
            for i in range(n):
                get_db_user(i)

        return login

    def test_one_warning(self, here, caplog):
        login = self.make()
        login(1)
        assert caplog.records == []
        login(4)
        (record,) = caplog.records
        assert (record.name, record.levelno) == ("profstat", logging.WARNING)
        assert record.getMessage() == (
            f"{__name__}.{login.__qualname__} made 5 calls of get_db_user, more than 2: by first (4), login (1); "
            f"see {here / 'login.stat'}"
        )
        assert callers_in("login.stat", "get_db_user") == {"first": 4, "login": 1}

    def test_what_is_not_kept(self, here, written, caplog):
        self.make(min_seconds=60, subcalls=False)(4)
        assert written() == []
        assert caplog.messages[0].endswith("more than 2: by unknown callers; its profile is not kept")

    def test_functions_of_one_name_are_counted_apart(self, here, caplog):
        def make(value):
            source = f"\n\ndef get():\n    return {value}\n"
            namespace = {}
            exec(compile(source, f"{value}.py", "exec"), namespace)
            return namespace["get"]

        one, two = make(1), make(2)

        @monitor_profile(budget={"get": 2})
        def handle(n):
            for _ in range(n):
                one()
            return one() + two() + two()

        handle(1)
        assert caplog.records == []
        handle(2)
        assert len(caplog.records) == 1

    def test_function_in_c(self, here, caplog):
        @monitor_profile(budget={"{method 'append' of 'list' objects}": 1, "<built-in method builtins.len>": 0})
        def handle():
            numbers = []
            numbers.append(1)
            numbers.append(len(numbers))

        handle()
        of_append, of_len = sorted(caplog.messages, reverse=True)
        assert "made 2 calls of <method 'append' of 'list' objects>, more than 1: by handle (2)" in of_append
        assert "made 1 calls of <built-in method builtins.len>, more than 0: by handle (1)" in of_len

    def test_failing_logger(self, here, written):
        class Failing(logging.Filter):
            def filter(self, record):
                raise ValueError

        failing = Failing()
        logging.getLogger("profstat").addFilter(failing)
        try:
            self.make()(5)
        finally:
            logging.getLogger("profstat").removeFilter(failing)
        assert written() == ["login.stat"]

    def test_wrong_use_of_the_profiler(self):
        with pytest.raises(TypeError, match="budget must be a dict, not list"):
            Profile()._over_budget([])


class TestStats:
    def test_totals(self, here):
        @monitor_profile(every=2)
        def handle():
            pass

        before = profstat.stats()
        for _ in range(5):
            handle()
        after = profstat.stats()
        assert tuple(after[i] - before[i] for i in range(3)) == (2, 3, 0)
        assert after[:3] == tuple(map(sum, zip(*after.functions.values())))
        assert after.functions[f"{__name__}.{handle.__qualname__}"] == profstat.CallCounts(2, 3, 0)
        assert isinstance(after, profstat.MonitorStats)

    def test_failed(self, here):
        @monitor_profile(path="missing/x")
        def handle():
            pass

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            handle()
        assert counts_of(handle) == (0, 0, 1)

    def test_nothing_was_called(self):
        code = "import profstat; print(profstat.stats())"
        assert run_python("-c", code).stdout == "MonitorStats(profiled=0, skipped=0, failed=0, functions={})\n"


class TestFork:
    def test_child_begins_anew(self, here, written):
        @monitor_profile(every=2, path="{pid}-{n}.stat")
        def handle():
            work()

        for _ in range(5):
            handle()

        def child():
            assert profstat.stats()[:3] == (0, 0, 0)
            for _ in range(3):
                handle()
            assert counts_of(handle) == (1, 2, 0)
            return len([name for name in written() if name == f"{os.getpid()}-2.stat"])

        assert in_child(child) == 1
        assert counts_of(handle) == (2, 3, 0)
        assert {f"{os.getpid()}-2.stat", f"{os.getpid()}-4.stat"} < set(written())

    @pytest.mark.parametrize("keep", ["sum", "slowest"])
    def test_child_keeps_its_own(self, here, keep):
        @monitor_profile(keep=keep, path="{pid}.stat")
        def handle(n):
            for _ in range(n):
                work()

        for n in (3, 5):
            handle(n)

        def child():
            handle(0)
            handle(0)
            return calls_in(f"{os.getpid()}.stat")["handle"]

        alone = {"sum": (2, 8), "slowest": (1, 5)}[keep]
        assert in_child(child) == alone[0]
        calls = calls_in(f"{os.getpid()}.stat")
        assert (calls["handle"], calls["work"] >= 3) == (alone[0], True)

    def test_fork_within_a_call(self, here, written):
        """The child's own calls are calls, and nothing of it is recorded."""

        @monitor_profile(path="{pid}-{n}.stat")
        def handle(fork):
            work()
            return in_child(child) if fork else None

        def child():
            handle(False)
            assert written() == [f"{os.getpid()}-1.stat"]
            assert calls_in(f"{os.getpid()}-1.stat") == {"handle": 1, "work": 1}
            assert not [name for name in written() if name.startswith(str(os.getppid()))]
            return 7

        assert handle(True) == 7
        calls = calls_in(f"{os.getpid()}-1.stat")
        assert (calls["handle"], calls["work"], calls["<built-in method posix.waitpid>"]) == (1, 1, 1)

    def test_fork_while_another_thread_writes(self, here):
        code = """
import os, threading
from profstat import monitor_profile
@monitor_profile(keep="{keep}", path="{{pid}}.stat")
def handle(): pass
ended = False
def calls():
    while not ended: handle()
thread = threading.Thread(target=calls)
thread.start()
for _ in range(50):
    child = os.fork()
    if child == 0:
        handle()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    os.remove(f"{{child}}.stat")
ended = True
thread.join()
"""
        for keep in ("sum", "slowest"):
            done = run_python("-W", "ignore", "-c", code.format(keep=keep))
            assert (done.returncode, done.stderr) == (0, "")


class TestArguments:
    @pytest.mark.parametrize(
        "options, error, message",
        [
            ({"keep": "first"}, ValueError, "keep is 'first'; it can be 'last', 'sum' or 'slowest'"),
            ({"keep": None}, ValueError, "keep is None; it can be"),
            ({"keep": []}, ValueError, r"keep is \[\]; it can be"),
            ({"every": 0}, ValueError, r"every is 0; it can be 1 \(each call\), 2"),
            ({"every": 1.5}, TypeError, "every is 1.5; it can be 1"),
            ({"every": True}, TypeError, "every is True; it can be 1"),
            ({"min_seconds": -1}, ValueError, "min_seconds is -1; it can be a number of seconds, 0 or more"),
            ({"min_seconds": float("nan")}, ValueError, "min_seconds is nan; it can be"),
            ({"min_seconds": "1"}, TypeError, "min_seconds is '1'; it can be"),
            ({"budget": ["f"]}, TypeError, r"budget is \['f'\]; it can be a mapping"),
            ({"budget": {3: 3}}, TypeError, "budget is {3: 3}; it can be a mapping"),
            ({"budget": {"f": "2"}}, TypeError, "budget is {'f': '2'}; it can be a mapping"),
            ({"budget": {"f": -1}}, ValueError, "budget is {'f': -1}; it can be a mapping"),
            ({"clock": "gpu"}, ValueError, "clock is 'gpu'; it can be 'wall' or 'cpu'"),
            ({"clock": None}, TypeError, "clock is None; it can be 'wall' or 'cpu'"),
            ({"subcalls": "no"}, TypeError, "subcalls is 'no'; it can be True or False"),
            ({"builtins": None}, TypeError, "builtins is None; it can be True or False"),
            ({"paths": 2}, ValueError, "paths is 2; it can be True or False"),
            ({"compensate": []}, TypeError, r"compensate is \[\]; it can be True or False"),
            ({"path": None}, TypeError, "path is None; it can be a str or an os.PathLike object"),
            ({"path": b"x.stat"}, TypeError, "path is b'x.stat'; it can be a str or an os.PathLike object"),
            ({"path": ""}, ValueError, "path is ''; it can be any text that is not empty"),
            ({"path": "x\0.stat"}, ValueError, r"path is 'x\\x00.stat'; .* no null characters"),
            ({"path": "{func"}, ValueError, "path is '{func': .*choose from {func}, {module}, {pid}, {n}, {time}"),
            ({"path": "{name}"}, ValueError, "path is '{name}': unknown field {name} .*choose from {func}, {module}"),
            ({"path": "{n:x!}"}, ValueError, "path is '{n:x!}': .*choose from {func}"),
            ({"path": "{n:{width}}"}, ValueError, "path is '{n:{width}}': .*choose from {func}"),
            (
                {"keep": "sum", "path": "{func}-{n}.stat"},
                ValueError,
                r"keep='sum' needs one path for all calls, so {n} cannot be in '{func}-{n}.stat' "
                r"\(choose from {func}, {module}, {pid}\)",
            ),
            ({"keep": "slowest", "path": "{time}"}, ValueError, "keep='slowest' needs one path"),
        ],
    )
    def test_fail_when_decorating(self, options, error, message):
        with pytest.raises(error, match=message):
            monitor_profile(**options)
