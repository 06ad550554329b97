"""Greenlets: a switch is no return, and each greenlet has a stack of its own."""

import textwrap

import pytest

import profstat
from support import counted, run_python

greenlet = pytest.importorskip("greenlet")


def leaf():
    pass


def work(n):
    for _ in range(n):
        leaf()


@pytest.fixture
def turns(clock):
    """A recursive function in some greenlets, which take turns; each turn takes one second of the greenlet's own."""

    def descend(depth):
        clock.advance(1)
        greenlet.getcurrent().parent.switch()
        if depth > 1:
            descend(depth - 1)

    def run(count, depth):
        greenlets = [greenlet.greenlet(descend) for _ in range(count)]
        for each in greenlets:
            each.switch(depth)
        while any(not each.dead for each in greenlets):
            for each in greenlets:
                if not each.dead:
                    clock.advance(100)
                    each.switch()

    return run


@pytest.mark.parametrize("options", [{}, {"paths": False, "max_path_bytes": 0}, {"max_path_bytes": 3000}])
def test_each_has_its_own_stack(clock, turns, options):
    profile = profstat.Profile(clock, 1.0, builtins=False, **options)
    profile.runcall(turns, 5, 4)
    profile.create_stats()
    rows = {label[2]: row for label, row in profile.stats.items()}
    # Not recursive across greenlets: five primitive calls, four levels each.
    assert rows["descend"][:2] == (5, 20)
    assert rows["advance"][:2] == (40, 40)
    assert rows["advance"][2] == 20 + 20 * 100
    assert rows["descend"][2:4] == (0, 20)
    assert rows["run"][:2] == (1, 1)


def test_one_that_never_ends_is_completed(clock):
    def wait():
        clock.advance(3)
        greenlet.getcurrent().parent.switch()

    def run():
        clock.advance(2)
        waiting = greenlet.greenlet(wait)
        waiting.switch()
        clock.advance(50)
        return waiting

    profile = profstat.Profile(clock, 1.0)
    waiting = profile.runcall(run)
    profile.create_stats()
    rows = {label[2]: row for label, row in profile.stats.items()}
    assert rows["wait"][:4] == (1, 1, 0, 3)
    assert rows["run"][:2] == (1, 1)
    assert rows["run"][3] == 52
    del waiting


def test_500_greenlets_of_one_profile():
    def spin(n):
        for _ in range(n):
            leaf()
            greenlet.getcurrent().parent.switch()

    def run():
        greenlets = [greenlet.greenlet(spin) for _ in range(500)]
        for n, each in enumerate(greenlets):
            each.switch(n % 5)
        while any(not each.dead for each in greenlets):
            for each in greenlets:
                each.switch()

    profile = profstat.Profile()
    profile.runcall(run)
    rows = counted(profile)
    assert rows["spin"] == (500, 500)
    assert rows["leaf"] == (1000, 1000)


def gevent_program(text, *arguments):
    pytest.importorskip("gevent")
    program = "from gevent import monkey\nmonkey.patch_all()\nimport gevent, time, profstat\n" + textwrap.dedent(text)
    done = run_python("-c", program, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


REQUESTS = """
    def leaf():
        pass

    def query(n):
        for _ in range(n):
            leaf()
        time.sleep(0.001)
        leaf()

    def handler(n):
        query(n)
        gevent.joinall([gevent.spawn(query, n) for _ in range(3)])
        child = gevent.spawn(lambda: gevent.spawn(query, n).join())
        child.join()

    def request(n):
        profile = profstat.Profile(context=True)
        profile._call(handler, n)
        profile.disable()
        profile.create_stats()
        return {label[2]: row[:2] for label, row in profile.stats.items()}

    jobs = [gevent.spawn(request, n % 7) for n in range(500)]
    gevent.joinall(jobs)
    for n, job in enumerate(jobs):
        rows = job.value
        assert rows["leaf"] == (5 * (n % 7 + 1),) * 2, (n, rows)
        assert rows["query"] == (5, 5) and rows["handler"] == (1, 1), rows
        assert "request" not in rows and "run" not in rows
    print(len(jobs))
"""


def test_500_requests_of_gevent_each_its_own():
    assert gevent_program(REQUESTS) == ["500"]


def test_greenlets_that_begin_with_garbage():
    """The first event in a greenlet is that of a callback when garbage is collected to make its first frame."""
    program = "import gc\ngc.callbacks.append(lambda *event: None)\n" + textwrap.dedent(REQUESTS)
    program = program.replace("    query(n)\n    gevent", "    query(n)\n    gc.set_threshold(1 + n % 5)\n    gevent")
    assert gevent_program(program.replace("range(500)", "range(100)")) == ["100"]


def test_a_greenlet_that_waited_in_its_first_call_is_not_covered():
    done = run_python(
        "-c",
        textwrap.dedent(
            """
            import greenlet, profstat

            def leaf():
                pass

            def waits():
                greenlet.getcurrent().parent.switch()
                leaf()
                greenlet.getcurrent().parent.switch()
                leaf()

            before = greenlet.greenlet(waits)
            before.switch()
            profile = profstat.Profile(context=True)
            profile.enable()
            before.switch()
            before.switch()
            leaf()
            profile.disable()
            profile.create_stats()
            print({label[2]: row[0] for label, row in profile.stats.items()}.get("leaf"))
            """
        ),
    )
    assert (done.stdout, done.stderr) == ("1\n", "")


def test_a_greenlet_from_before_the_profile_is_not_covered():
    lines = gevent_program(
        """
        def tick():
            time.sleep(0)

        def background():
            while True:
                tick()

        spawned = gevent.spawn(background)
        time.sleep(0.001)
        profile = profstat.Profile(context=True)
        profile.enable()
        gevent.spawn(tick).join()
        time.sleep(0.01)
        profile.disable()
        profile.create_stats()
        print({label[2]: row[1] for label, row in profile.stats.items()}["tick"])
        """
    )
    assert lines == ["1"]


def test_imported_while_profiled():
    lines = gevent_program(
        """
        import sys
        assert "greenlet" in sys.modules
        """
    )
    assert lines == []
    done = run_python(
        "-c",
        textwrap.dedent(
            """
            import profstat
            profile = profstat.Profile()
            profile.enable()
            import greenlet

            def descend(depth):
                greenlet.getcurrent().parent.switch()
                if depth > 1:
                    descend(depth - 1)

            greenlets = [greenlet.greenlet(descend) for _ in range(3)]
            for each in greenlets:
                each.switch(4)
            for _ in range(4):
                for each in greenlets:
                    each.switch()
            profile.disable()
            profile.create_stats()
            print({label[2]: row[:2] for label, row in profile.stats.items()}["descend"])
            """
        ),
    )
    assert (done.stdout, done.stderr) == ("(3, 12)\n", "")
