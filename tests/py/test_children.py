"""`python -m profstat --children`: every Python process of the program has a file, and the output is their sum."""

import os
import pstats
import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from support import calls_in, facts_of, run_python, stats_of, trailer_of

WORKERS = """
import multiprocessing

def square(n):
    return n * n

if __name__ == "__main__":
    context = multiprocessing.get_context({method!r})
    processes = [context.Process(target=square, args=(n,)) for n in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    with context.Pool(2) as pool:
        print(pool.map(square, range(100), chunksize=1), [process.exitcode for process in processes])
"""

PREFORK = """
import os, signal, sys, time

def query(): pass

def handle(n):
    for _ in range(n):
        query()

def serve(number):
    for _ in range(number):
        handle(2)
    os.write(ready, b"x")
    time.sleep(60)

def stop(number, frame):
    for worker in workers:
        os.kill(worker, signal.SIGTERM)
    print([os.waitpid(worker, 0)[1] for worker in workers])
    sys.exit(0)

told, ready = os.pipe()
workers = []
for number in range(1, 5):
    worker = os.fork()
    if worker == 0:
        serve(number)
    workers.append(worker)
while sum(len(os.read(told, 1)) for _ in range(4)) < 4:
    pass
signal.signal(signal.SIGTERM, stop)
print("ready", flush=True)
time.sleep(60)
"""


def write(source, name="script.py"):
    Path(name).write_text(textwrap.dedent(source), encoding="utf-8")


def command(*arguments, options=()):
    return [sys.executable, "-m", "profstat", "--children", "-o", "out.stat", *options, *arguments]


def profstat(*arguments, options=(), **settings):
    return run_python(*command(*arguments, options=options)[1:], **settings)


def parts():
    return sorted(name for name in os.listdir() if re.fullmatch(r"out\.pid-\d+(-\d+)?\.stat", name))


def rows(stats):
    """Statistics without times."""
    return {label: (*row[:2], {c: edge[:2] for c, edge in row[4].items()}) for label, row in stats.items()}


def check_sum(processes=None):
    """The output is what pstats makes of the parts, and each part is that of its process."""
    names = parts()
    # A process may be told to end before it called anything; pstats takes no empty profiles.
    assert rows(stats_of("out.stat")) == rows(pstats.Stats(*filter(stats_of, names)).stats)
    owners = {tree["thread"].split("/")[0] for tree in trailer_of("out.stat")["trees"]}
    assert owners == {str(facts_of(name)["pid"]) for name in names}
    assert facts_of("out.stat")["processes"] == len(names)
    for name in names:
        assert name.startswith(f"out.pid-{facts_of(name)['pid']}")
    if processes is not None:
        assert len(names) == processes
    assert [name for name in os.listdir() if name.startswith(".")] == []


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(here, method):
    write(WORKERS.format(method=method))
    plain = run_python("script.py")
    done = profstat("script.py")
    assert (done.returncode, done.stdout, done.stderr) == (plain.returncode, plain.stdout, plain.stderr)
    assert calls_in("out.stat")["square"] == 103
    check_sum()
    assert 5 <= len(parts()) <= 6  # a worker of the pool may be told to end before it began
    per_process = sorted(calls_in(name).get("square", 0) for name in parts())
    assert per_process.count(1) >= 3
    assert not [label for label in stats_of("out.stat") if "resource_tracker.py" in label[0] and label[2] == "main"]


def test_sixteen_forked_children(here):
    write(
        """
        import os
        def step(): pass
        def work(n):
            for _ in range(n):
                step()
        for n in range(1, 17):
            if os.fork() == 0:
                work(n)
                os._exit(0)
        work(100)
        for _ in range(16):
            os.wait()
        """
    )
    done = profstat("script.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    check_sum(processes=17)
    assert sorted(calls_in(name)["step"] for name in parts()) == [*range(1, 17), 100]
    calls = calls_in("out.stat")
    assert (calls["step"], calls["work"], calls["<built-in method posix.fork>"]) == (236, 17, 16)


@pytest.mark.parametrize(
    "ending, status",
    [
        ("sys.exit(3)", 3 << 8),
        ("os._exit(3)", 3 << 8),
        ("raise SystemExit", 0),
        ("1 / 0", 1 << 8),
        ("os.kill(os.getpid(), signal.SIGTERM); time.sleep(30)", signal.SIGTERM),
        ("os.kill(os.getpid(), signal.SIGINT); time.sleep(30)", signal.SIGINT),
    ],
)
def test_end_of_a_forked_child(here, ending, status):
    write(
        f"""
        import os, signal, sys, time
        def step(): pass
        child = os.fork()
        if child == 0:
            step()
            {ending}
        print(os.waitpid(child, 0)[1])
        """
    )
    plain = run_python("script.py")
    done = profstat("script.py")
    assert (done.returncode, done.stdout) == (0, f"{int(status)}\n")
    assert done.stderr == plain.stderr
    assert calls_in("out.stat")["step"] == 1
    check_sum(processes=2)


def test_interpreters(here):
    write(
        """
        import subprocess, sys
        def run(*arguments):
            return subprocess.run([sys.executable, *arguments]).returncode
        print(run("child.py", "3"), run("-m", "child", "0"), run("-c", "def other(): pass\\nother()"))
        """
    )
    write(
        """
        import subprocess, sys
        def leaf(): pass
        leaf()
        if sys.argv[1] == "0":
            sys.exit(5)
        sys.exit(subprocess.run([sys.executable, "child.py", str(int(sys.argv[1]) - 1)]).returncode)
        """,
        "child.py",
    )
    done = profstat("script.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, "5 5 0\n", "")
    check_sum(processes=7)
    calls = calls_in("out.stat")
    assert (calls["leaf"], calls["other"]) == (5, 1)
    commands = sorted(facts_of(name)["command"].split("/")[-1] for name in parts())
    assert commands == ["-c", "child.py 0", "child.py 0", "child.py 1", "child.py 2", "child.py 3", "script.py"]


def test_interpreters_that_are_not_reached_run_as_ever(here):
    write(
        """
        import subprocess, sys
        for flags in ("-E", "-I", "-S"):
            print(subprocess.run([sys.executable, flags, "-c", "print(1)"], capture_output=True).stdout)
        """
    )
    done = profstat("script.py")
    assert (done.stdout, done.stderr) == ("b'1\\n'\n" * 3, "")
    check_sum(processes=1)


@pytest.mark.parametrize("own", ["", "print('mine', __name__, __file__)", "1 / 0"])
def test_sitecustomize_of_the_user(here, own):
    """It is imported as ever, and the path is as ever."""
    if own:
        Path("site").mkdir()
        write(own, "site/sitecustomize.py")
    write(
        """
        import os, subprocess, sys
        code = "import sys; print(sys.path, 'sitecustomize' in sys.modules and sys.modules['sitecustomize'].__name__)"
        print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True))
        """
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(here / "site"), os.environ.get("PYTHONPATH", "")])}
    plain = run_python("script.py", env=environment)
    done = profstat("script.py", env=environment)
    if not own:
        plain.stdout = plain.stdout.replace("False", "sitecustomize")
    assert (done.stdout, done.stderr) == (plain.stdout, plain.stderr)
    check_sum(processes=2)


def test_files_of_an_earlier_run(here):
    write("import os, time\nif os.fork() == 0: time.sleep(0), os._exit(0)\nos.wait()\n")
    for _ in range(2):
        for name in ("out.pid-1.stat", "out.pid-1-2.stat", "out.pid-1.txt", "out.pid-x.stat"):
            Path(name).write_bytes(b"old")
        assert profstat("script.py").returncode == 0
        assert Path("out.pid-1.txt").exists() and Path("out.pid-x.stat").exists()
        check_sum(processes=2)


def test_prefork_server(here):
    write(PREFORK)
    with subprocess.Popen(command("script.py"), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        process.terminate()
        assert process.stdout.read() == f"{[int(signal.SIGTERM)] * 4}\n"
        assert process.wait(60) == 0
    check_sum(processes=5)
    calls = calls_in("out.stat")
    assert (calls["serve"], calls["handle"], calls["query"]) == (4, 10, 20)
    assert sorted(calls_in(name).get("query", 0) for name in parts()) == [0, 2, 4, 6, 8]


def test_child_that_outlives_the_program(here):
    write(
        """
        import os, sys
        def step(): pass
        step()
        if os.fork() == 0:
            sys.stdin.read()
            for _ in range(7):
                step()
            os._exit(0)
        os._exit(4)
        """
    )
    with subprocess.Popen(command("script.py"), stdin=subprocess.PIPE) as process:
        assert process.wait(60) == 4
        assert calls_in("out.stat")["step"] == 1
        process.stdin.close()
        wait_for(lambda: len(parts()) == 2 and calls_in("out.stat")["step"] == 8)
    check_sum(processes=2)


def test_kill_of_all_after_a_checkpoint(here):
    write(PREFORK)
    process = subprocess.Popen(
        command("script.py", options=["--checkpoint", "0.02"]), stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout.readline() == b"ready\n"
    wait_for(lambda: os.path.exists("out.stat") and calls_in("out.stat").get("query") == 20)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait(60) == -signal.SIGKILL
    process.stdout.close()
    assert calls_in("out.stat")["serve"] == 4
    assert facts_of("out.stat")["processes"] == 5


def test_toggle_in_one_of_the_children(here):
    write(
        """
        import os, sys
        def query(): pass
        def serve():
            for line in sys.stdin:
                for _ in range(int(line)):
                    query()
                print("done", os.getpid(), flush=True)
        child = os.fork()
        if child == 0:
            serve()
        else:
            os.waitpid(child, 0)
        """
    )
    with subprocess.Popen(
        command("script.py", options=["--toggle", "USR1"]), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def request(queries):
            process.stdin.write(f"{queries}\n")
            process.stdin.flush()
            word, pid = process.stdout.readline().split()
            assert word == "done"
            return int(pid)

        child = request(3)
        os.kill(child, signal.SIGUSR1)
        assert request(5) == request(6) == child
        process.stdin.close()
        assert process.wait(60) == 0
    check_sum(processes=1)
    assert parts() == [f"out.pid-{child}.stat"]
    assert calls_in("out.stat")["query"] == 11


def test_children_need_a_file(here):
    done = run_python("-m", "profstat", "--children", "script.py")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, "profstat: error: --children needs -o FILE")
    done = run_python("-m", "profstat", "--children", "-o", "/dev/null", "script.py")
    assert done.stderr.endswith("profstat: error: --children needs a file, and /dev/null is none\n")


def test_program_that_cannot_be_run_leaves_nothing(here):
    done = profstat("script.py")
    assert (done.returncode, os.listdir(here)) == (2, [])


def test_merge(here):
    import profstat as package
    from profstat._profstat import merge

    for number in range(3):
        profile = package.Profile()
        for _ in range(number + 1):
            profile.runcall(len, "")
        profile.dump_stats(f"{number}.stat")
    merge(["0.stat", "1.stat", "2.stat"], "sum.stat", {"run": "all", "processes": 3})
    assert calls_in("sum.stat")["<built-in method builtins.len>"] == 6
    facts = facts_of("sum.stat")
    assert (facts["run"], facts["processes"], facts["clock"]) == ("all", 3, "wall")
    Path("bad.stat").write_bytes(b"nothing")
    with pytest.raises(FileNotFoundError) as missing:
        merge(["0.stat", "none.stat"], "sum2.stat")
    assert missing.value.filename == "none.stat"
    with pytest.raises(OSError, match="^bad.stat: "):
        merge(["0.stat", "bad.stat"], "sum2.stat")
    with pytest.raises(OSError) as unwritable:
        merge(["0.stat"], "no/sum.stat")
    assert unwritable.value.filename == "no/sum.stat"
    for arguments in ([], ["sum2.stat"]), (["0.stat"], "sum2.stat", {"x": []}), ("0.stat", "sum2.stat"), ([1], "x"):
        with pytest.raises((TypeError, ValueError)):
            merge(*arguments)
    assert not os.path.exists("sum2.stat")


def test_merge_of_a_list_that_changes(here):
    from profstat._profstat import merge

    class Path(type(here)):
        def __fspath__(self):
            paths.clear()
            return super().__fspath__()

    paths = [Path(here / f"{n}.stat") for n in range(3)]
    with pytest.raises(FileNotFoundError, match="0.stat"):
        merge(paths, "sum.stat")
