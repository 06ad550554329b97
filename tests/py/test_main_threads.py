"""`python -m profstat` records all threads, as long as they run; with --no-threads the main thread alone."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from pstat_program import PSTAT, run_pstat
from support import calls_in, facts_of, run_python, stats_of, trailer_of

PROGRAM = """
import os, signal, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
def step(): pass
def work(steps):
    for _ in range(steps):
        step()
def start(steps, name, daemon=False, before=None, after=None):
    def run():
        if before: before()
        work(steps)
        if after: after()
    thread = threading.Thread(target=run, name=name, daemon=daemon)
    thread.start()
    return thread
"""


def write(source):
    with open("script.py", "w") as file:
        file.write(PROGRAM + textwrap.dedent(source))


def profstat(*options):
    return run_python("-m", "profstat", "-o", "out.stat", *options, "script.py")


def names():
    return sorted(tree.get("thread", "") for tree in trailer_of("out.stat")["trees"])


THREADS = """
early = start(3, "early")
threads = [start(n, f"worker {n}") for n in range(1, 9)]
for thread in [early, *threads]:
    thread.join()
work(100)
"""


def test_all_threads_or_the_main_thread_alone(here):
    write(THREADS)
    assert profstat().returncode == 0
    assert calls_in("out.stat")["step"] == 100 + 3 + sum(range(1, 9))
    assert calls_in("out.stat")["work"] == 10
    assert names() == ["MainThread", "early", *(f"worker {n}" for n in range(1, 9))]
    assert profstat("--no-threads").returncode == 0
    assert (calls_in("out.stat")["step"], facts_of("out.stat")["thread"]) == (100, "MainThread")
    assert len(trailer_of("out.stat")["trees"]) == 1


@pytest.mark.skipif(PSTAT is None, reason="pstat is not built")
def test_pstat_reads_each_thread(here):
    write(THREADS)
    profstat()
    for name, steps in [("MainThread", 100), ("early", 3), ("worker 5", 5), ("worker 8", 8)]:
        assert run_pstat("--thread", name, "-o", "part.stat", "out.stat").returncode == 0
        assert calls_in("part.stat")["step"] == steps


@pytest.mark.parametrize(
    "ending", ["", "sys.exit(3)", "raise ValueError('text')", "raise KeyboardInterrupt"]
)
def test_threads_that_outlive_the_main_one(here, ending):
    write(
        f"""
        def say():
            print("thread", threading.main_thread().is_alive(), file=sys.stderr, flush=True)
        def later():
            time.sleep(0.3)
            say()
            if sys.version_info[:2] != (3, 12):  # which starts no thread that late
                start(20, "child", after=say)
        start(10, "worker", before=later)
        work(3)
        {ending}
        """
    )
    plain = run_python("script.py")
    done = profstat()
    assert (done.returncode, done.stdout) == (plain.returncode, plain.stdout)
    assert done.stderr == plain.stderr
    child = ["child"] if sys.version_info[:2] != (3, 12) else []
    assert calls_in("out.stat")["step"] == 13 + 20 * len(child)
    assert names() == ["MainThread", *child, "worker"]


def test_executor_that_nobody_shuts_down(here):
    write(
        """
        executor = ThreadPoolExecutor(3)
        for _ in range(30):
            executor.submit(work, 10)
        """
    )
    done = profstat()
    assert (done.returncode, done.stderr) == (0, "")
    assert calls_in("out.stat")["step"] == 300


def test_daemon_threads_that_still_run(here):
    write(
        """
        def forever():
            work(5)
            running.release()
            while True:
                time.sleep(0.001)
        running = threading.Semaphore(0)
        for number in range(8):
            threading.Thread(target=forever, daemon=True, name=f"daemon {number}").start()
        for _ in range(8):
            running.acquire()
        """
    )
    for _ in range(5):
        done = profstat()
        assert (done.returncode, done.stderr) == (0, "")
        calls = calls_in("out.stat")
        assert (calls["forever"], calls["work"], calls["step"]) == (8, 8, 40)


@pytest.mark.parametrize("ending", ["os._exit(3)", "os.kill(os.getpid(), signal.SIGTERM)"])
def test_end_by_a_thread(here, ending):
    write(
        f"""
        def finish():
            {ending}
            time.sleep(30)
        work(3)
        start(10, "worker", after=finish, daemon=True)
        while True:
            time.sleep(0.1)
        """
    )
    plain = run_python("script.py")
    done = profstat()
    assert (done.returncode, done.stderr) == (plain.returncode, plain.stderr)
    assert calls_in("out.stat")["step"] == 13


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_checkpoint_has_all_threads(here):
    write(
        """
        start(10, "worker", after=lambda: time.sleep(60), daemon=True)
        work(3)
        time.sleep(60)
        """
    )
    command = [sys.executable, "-m", "profstat", "--checkpoint", "0.02", "-o", "out.stat", "script.py"]
    with subprocess.Popen(command) as process:
        wait_for(lambda: os.path.exists("out.stat") and calls_in("out.stat").get("step") == 13)
        process.kill()
        assert process.wait(60) == -signal.SIGKILL
    assert names() == ["MainThread", "worker"]


def test_toggle_has_all_threads(here):
    """Those that run already, those that start later; what is running when it begins is no call of it."""
    write(
        """
        def serve():
            for steps in requests:
                work(steps)
                answers.release()
        import queue
        tasks = queue.Queue()
        requests = iter(tasks.get, None)
        answers = threading.Semaphore(0)
        server = threading.Thread(target=serve, name="server")
        server.start()
        for line in sys.stdin:
            if line == "new\\n":
                start(1, "new").join()
            else:
                tasks.put(int(line))
                answers.acquire()
            print("done", flush=True)
        tasks.put(None)
        """
    )
    command = [sys.executable, "-m", "profstat", "--toggle", "USR1", "-o", "out.stat", "script.py"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def request(what):
            process.stdin.write(f"{what}\n")
            process.stdin.flush()
            assert process.stdout.readline() == "done\n"

        request(1000)
        process.send_signal(signal.SIGUSR1)
        for what in (20, "new", 30):
            request(what)
        process.send_signal(signal.SIGUSR1)
        request(1000)
        process.stdin.close()
        assert process.wait(60) == 0
    assert calls_in("out.stat")["step"] == 51
    assert names() == ["MainThread", "new", "server"]


def test_children_of_threads(here):
    write(
        """
        def child():
            if os.fork() == 0:
                thread = start(4, "of the child")
                thread.join()
                work(1)
                os._exit(0)
            os.wait()
        for number in range(4):
            start(10, f"worker {number}", after=child).join()
        """
    )
    done = profstat("--children")
    assert done.returncode == 0
    assert calls_in("out.stat")["step"] == 4 * (10 + 4 + 1)
    threads = [name.split("/")[1] for name in names()]
    assert threads.count("of the child") == 4
    assert facts_of("out.stat")["processes"] == 5
