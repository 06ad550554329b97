"""What is suspended and goes on: generators and coroutines."""

import asyncio
import contextlib
import itertools
import types

from .registry import fail, leaf, program


def count_up(n):
    for i in range(n):
        yield leaf(i)


@program
def generators():
    list(count_up(3))
    sum(count_up(4))
    first, *rest = count_up(3)
    for a, b in zip(count_up(2), count_up(3)):
        leaf(a + b)
    any(a == 1 for a in (1, 2))
    all(leaf(a) for a in (1, 0, 2))
    dict(zip(count_up(2), count_up(2)))
    next(count_up(0), None)
    "".join(str(i) for i in count_up(3))
    tuple(itertools.chain.from_iterable(count_up(n) for n in range(3)))
    sorted(count_up(4), key=lambda n: -n)


@program
def generators_by_hand():
    def talk():
        received = []
        while True:
            try:
                item = yield leaf(len(received))
                received.append(item)
            except KeyError:
                received.append("key")
            except GeneratorExit:
                leaf()
                raise

    generator = talk()
    next(generator)
    generator.send(1)
    generator.throw(KeyError("x"))
    generator.send(2)
    generator.close()
    generator.close()

    generator = talk()
    next(generator)
    with contextlib.suppress(ZeroDivisionError):
        generator.throw(ZeroDivisionError("z"))
    with contextlib.suppress(StopIteration):
        next(generator)

    with contextlib.suppress(ValueError):
        talk().throw(ValueError("never began"))
    talk().close()

    generator = talk()
    next(generator)
    del generator


@program
def delegating_generators():
    def walk(tree):
        for branch in tree:
            yield from walk(branch)
        yield leaf(len(tree))

    def answer():
        try:
            yield 1
        except ValueError:
            yield 2
        return 3

    def delegate():
        result = yield from answer()
        yield result
        yield from [4, 5]

    list(walk([[], [[], [[]]]]))
    generator = delegate()
    next(generator)
    generator.throw(ValueError("x"))
    list(generator)
    generator = delegate()
    next(generator)
    generator.close()
    generator = delegate()
    next(generator)
    with contextlib.suppress(KeyError):
        generator.throw(KeyError("through two"))


@program
def generator_that_breaks_the_rules():
    def stops():
        yield leaf()
        raise StopIteration

    def ignores():
        try:
            yield 1
        except GeneratorExit:
            yield 2

    def reenters():
        yield next(itself[0])

    with contextlib.suppress(RuntimeError):
        list(stops())
    generator = ignores()
    next(generator)
    with contextlib.suppress(RuntimeError):
        generator.close()
    itself = [None]
    itself[0] = reenters()
    with contextlib.suppress(ValueError):
        next(itself[0])


@types.coroutine
def pause(value=None):
    return (yield value)


@program
def coroutines():
    async def child(n):
        await pause(n)
        return leaf(n)

    async def parent(n):
        total = 0
        for i in range(n):
            total += await child(i)
        async with Gate():
            await pause()
        return total

    class Gate:
        async def __aenter__(self):
            await pause()

        async def __aexit__(self, *exc_info):
            leaf()

    class Later:
        def __await__(self):
            yield from pause()
            return leaf()

    async def waits():
        await Later()
        try:
            await pause()
        except KeyError:
            await child(1)
        await fails()

    async def fails():
        await pause()
        fail()

    running = [parent(2), parent(3), waits()]
    while running:
        for coroutine in list(running):
            try:
                coroutine.send(None)
            except (StopIteration, ValueError):
                running.remove(coroutine)
    coroutine = waits()
    coroutine.send(None)
    coroutine.send(None)
    coroutine.throw(KeyError("x"))
    coroutine.close()
    parent(1).close()


@program
def asynchronous_generators():
    async def stream(n):
        try:
            for i in range(n):
                await pause()
                yield leaf(i)
        finally:
            await pause()

    async def use():
        async for value in stream(3):
            leaf(value)
        [value async for value in stream(2) if value]
        generator = stream(5)
        await generator.__anext__()
        await generator.asend(1)
        with contextlib.suppress(KeyError):
            await generator.athrow(KeyError("x"))
        generator = stream(5)
        await generator.__anext__()
        await generator.aclose()

    coroutine = use()
    with contextlib.suppress(StopIteration):
        while True:
            coroutine.send(None)


@program
def event_loop():
    async def job(n):
        for _ in range(n):
            await asyncio.sleep(0)
        return leaf(n)

    async def main():
        return await asyncio.gather(*(job(n) for n in range(4)))

    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(main())
    finally:
        loop.close()
