"""Many profiles at once, each exact: threads, tasks, greenlets, forked children, one within the other."""

import asyncio
import os
import pickle
import random
import signal
import threading

import pytest

import profstat


def step():
    pass


def request(count):
    for _ in range(count):
        step()


async def request_later(count):
    """Half of it here, the other half in two tasks, and what is left here again."""
    request(count // 2)
    await asyncio.sleep(0)
    quarter = count // 4

    async def child():
        await asyncio.sleep(0.001)
        request(quarter)

    await asyncio.gather(child(), child(), asyncio.sleep(0.001))
    request(count - count // 2 - 2 * quarter)


def steps(profile):
    profile.create_stats()
    return [row[:2] for label, row in profile.stats.items() if label[2] == "step" and label[0] == __file__]


def exactly(count):
    return [(count, count)] if count else []


def counts_of(seed, number):
    choose = random.Random(seed)
    return [choose.randrange(1, 20) for _ in range(number)]


def serve(counts, **options):
    """A profile for each request; what was not as it should be."""
    wrong = []
    for count in counts:
        profile = profstat.Profile(**options)
        with profile:
            request(count)
        if steps(profile) != exactly(count):
            wrong.append((count, steps(profile)))
    return wrong


def in_threads(threads, requests, **options):
    found = []
    runs = [
        threading.Thread(target=lambda seed=seed: found.append(serve(counts_of(seed, requests), **options)))
        for seed in range(threads)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert found == [[]] * threads
    return sum(sum(counts_of(seed, requests)) for seed in range(threads))


def in_tasks(tasks, seed=0):
    counts = counts_of(seed, tasks)

    async def handle(count):
        profile = profstat.Profile(context=True)
        with profile:
            await request_later(count)
        return steps(profile)

    async def main():
        return await asyncio.gather(*map(handle, counts))

    assert asyncio.run(main()) == [exactly(count) for count in counts]
    return sum(counts)


def in_greenlets(greenlets, seed=0):
    gevent = pytest.importorskip("gevent")
    counts = counts_of(seed, greenlets)

    def handle(count):
        profile = profstat.Profile(context=True)
        with profile:
            for _ in range(count):
                step()
                gevent.sleep(0)
        return steps(profile)

    running = [gevent.spawn(handle, count) for count in counts]
    gevent.joinall(running)
    assert [each.value for each in running] == [exactly(count) for count in counts]
    return sum(counts)


def in_child(action, tries=3):
    """What it returns in a forked child.  One that is forked while other threads run may find locks of theirs taken for
    good, as the interpreter warns: it is ended, and another one is tried."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        try:
            result = action()
        except BaseException as error:
            result = repr(error)
        os.write(writer, pickle.dumps(result))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        result = file.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM and tries > 1:
        return in_child(action, tries - 1)
    return pickle.loads(result)


def test_32_threads_of_500_requests():
    outer = profstat.Profile(threads=True)
    with outer:
        served = in_threads(32, 500)
    assert steps(outer) == exactly(served)


def test_1000_tasks_that_fan_out():
    outer = profstat.Profile(context=True)
    with outer:
        served = in_tasks(1000)
    assert steps(outer) == exactly(served)


def test_500_greenlets():
    outer = profstat.Profile(threads=True)
    with outer:
        served = in_greenlets(500)
    assert steps(outer) == exactly(served)


def test_nested_three_deep():
    profiles = [profstat.Profile(threads=True), profstat.Profile(context=True), profstat.Profile()]
    expected = [0, 0, 0]
    for _ in range(50):
        for depth, profile in enumerate(profiles):
            profile.enable()
            request(7)
            expected = [total + 7 * (number <= depth) for number, total in enumerate(expected)]
        for profile in reversed(profiles):
            profile.disable()
    assert [steps(profile) for profile in profiles] == [exactly(total) for total in expected]


def serve_counted(requests, seed=0):
    counts = counts_of(seed, requests)
    assert serve(counts) == []
    return sum(counts)


def in_children(children):
    """One of them is the child of a child."""
    served = [in_child(lambda: serve_counted(100)) for _ in range(children - 1)]
    served.append(in_child(lambda: in_child(lambda: serve_counted(100))))
    assert served == [sum(counts_of(0, 100))] * children
    return 0  # in this process


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_all_at_once():
    """Nested four deep: a profile of this thread, one of the process, one of what each thread does, one of each request."""
    pytest.importorskip("gevent")
    served = {}

    def run(name, function, *arguments):
        profile = profstat.Profile(context=True)
        with profile:
            served[name] = function(*arguments)
        served[name, "profile"] = steps(profile)

    runs = [
        threading.Thread(target=run, args=("tasks", in_tasks, 1000)),
        threading.Thread(target=run, args=("greenlets", in_greenlets, 500)),
        threading.Thread(target=run, args=("children", in_children, 16)),
        *(threading.Thread(target=run, args=(f"thread {n}", serve_counted, 500, n)) for n in range(32)),
    ]
    outer, around = profstat.Profile(threads=True), profstat.Profile()
    with around, outer:
        for each in runs:
            each.start()
        for each in runs:
            each.join()
    names = [name for name in served if isinstance(name, str)]
    assert len(names) == len(runs)
    assert steps(outer) == exactly(sum(served[name] for name in names))
    # Greenlets that gevent spawns belong to the profile of the one that spawned them, as tasks do.
    assert {name: served[name, "profile"] for name in names} == {name: exactly(served[name]) for name in names}
    assert steps(around) == []


def test_16_forked_children():
    with profstat.Profile() as around:
        in_children(16)
    assert steps(around) == []
