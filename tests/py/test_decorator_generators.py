"""monitor_profile on generators, which are profiled a step at a time."""

import inspect
import sys
import types

import pytest

from profstat import monitor_profile
from support import callers_in, calls_in, stats_of


def work(n=1):
    return n


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

    def test_suspended_time_does_not_count(self, here, clock):
        @monitor_profile(builtins=False)
        def slow(n):
            for _ in range(n):
                clock.advance(5)
                yield

        for _ in slow(3):
            clock.advance(1000)
        rows = {label[2]: row for label, row in stats_of("slow.stat").items()}
        assert rows["slow"][:2] == (4, 4)
        assert rows["slow"][3] == rows["advance"][3] == pytest.approx(15)

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
