"""`python -m profstat --checkpoint SECONDS`: what has run is in the file while the program goes on, and undisturbed."""

import marshal
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from support import calls_in, callers_in, facts_of, run_python, stats_of, trailer_of

BUSY = """
import sys
def leaf(): pass
def branch(n):
    if n == 0:
        leaf()
    else:
        branch(n - 1)
        branch(n - 1)
def work():
    for _ in range(40):
        branch(7)
work()
"""


def write(source):
    with open("script.py", "w") as file:
        file.write(textwrap.dedent(source))


def start(*options):
    return subprocess.Popen(
        [sys.executable, "-m", "profstat", "-o", "out.stat", *options, "script.py"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def rows(path="out.stat"):
    """The statistics without times."""
    return {label: (*row[:2], {c: edge[:2] for c, edge in row[4].items()}) for label, row in stats_of(path).items()}


def test_kill_loses_nothing_that_a_checkpoint_has(here):
    write(
        """
        import sys
        def step(): pass
        def work():
            for _ in range(9):
                step()
            print("done", flush=True)
            sys.stdin.readline()
        work()
        """
    )
    with start("--checkpoint", "0.02") as process:
        assert process.stdout.readline() == b"done\n"
        wait_for(lambda: os.path.exists("out.stat") and calls_in("out.stat").get("step") == 9)
        process.kill()
        assert process.wait(60) == -signal.SIGKILL
    calls = calls_in("out.stat")
    assert (calls["<module>"], calls["work"], calls["step"]) == (1, 1, 9)  # running ones count as ending then
    assert callers_in("out.stat", "step") == {"work": 9}
    times = {label[2]: (row[2], row[3]) for label, row in stats_of("out.stat").items()}
    assert times["<module>"][1] >= times["work"][1] >= times["step"][1] > 0.0
    assert sum(own for own, _ in times.values()) == pytest.approx(times["<module>"][1])
    facts = facts_of("out.stat")
    assert facts["command"] == "script.py"
    assert facts["enabled"] >= times["<module>"][1] * 0.99  # two clocks


def test_file_is_whole_at_any_moment(here):
    write(BUSY.replace("range(40)", "iter(sys.stdin.readline, '')"))
    seen = []
    with start("--checkpoint", "0.001") as process:
        while len(set(seen)) < 20:
            process.stdin.write(b"one more\n" * 7)
            process.stdin.flush()
            if os.path.exists("out.stat"):
                trailer_of("out.stat")  # checks length and checksum
                with open("out.stat", "rb") as file:
                    seen.append(sum(row[1] for label, row in marshal.load(file).items() if label[2] == "leaf"))
        process.stdin.close()
    assert process.returncode == 0
    assert seen == sorted(seen)
    assert calls_in("out.stat")["leaf"] >= seen[-1] >= 20
    assert calls_in("out.stat")["leaf"] % (128 * 7) == 0
    assert sorted(os.listdir(here)) == ["out.stat", "script.py"]


def test_profile_is_the_same_with_checkpoints(here):
    write(BUSY)
    assert run_python("-m", "profstat", "-o", "out.stat", "script.py").returncode == 0
    without = rows()
    done = run_python("-m", "profstat", "-o", "out.stat", "--checkpoint", "0.001", "script.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert rows() == without
    assert {label[2]: row[:2] for label, row in without.items()} == {
        "<module>": (1, 1), "work": (1, 1), "branch": (40, 40 * 255), "leaf": (40 * 128, 40 * 128),
    }  # fmt: skip


def test_program_does_not_see_the_thread(here):
    write(
        """
        import signal, sys, threading, time
        time.sleep(0.1)
        print([thread.name for thread in threading.enumerate()], threading.active_count())
        print(signal.getitimer(signal.ITIMER_REAL), signal.getsignal(signal.SIGALRM) is signal.SIG_DFL)
        def run(): pass
        threading.setprofile(print)
        time.sleep(0.1)
        """
    )
    done = run_python("-m", "profstat", "-o", "out.stat", "--checkpoint", "0.002", "script.py")
    assert (done.stdout, done.stderr) == ("['MainThread'] 1\n(0.0, 0.0) True\n", "")


def test_fork_while_checkpoints_are_written(here):
    write(
        """
        import os
        def step(): pass
        for _ in range(40):
            child = os.fork()
            if child == 0:
                step()
                os._exit(0)
            os.waitpid(child, 0)
            step()
        """
    )
    # The first releases of 3.13 count threads only after the hooks that start them again.
    warnings = "ignore" if sys.version_info[:2] == (3, 13) else "always"
    done = run_python("-W", warnings, "-m", "profstat", "-o", "out.stat", "--checkpoint", "0.001", "script.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    calls = calls_in("out.stat")
    assert {name.split(".")[-1].strip("<>"): n for name, n in calls.items()} == {
        "module": 1, "step": 40, "fork": 40, "waitpid": 40,
    }  # fmt: skip


def test_end_comes_after_the_last_checkpoint(here):
    write("import os, sys\ndef last(): pass\nfor _ in range(20000):\n    last()\nos._exit(3)\n")
    for _ in range(5):
        done = run_python("-m", "profstat", "-o", "out.stat", "--checkpoint", "0.0005", "script.py")
        assert (done.returncode, done.stderr) == (3, "")
        assert calls_in("out.stat")["last"] == 20000


def test_report_of_failures_comes_once(here):
    os.mkdir("sub")
    write("import os, time\nos.rmdir('sub')\ntime.sleep(0.2)\nos.mkdir('sub')\ntime.sleep(0.2)\n")
    done = run_python("-m", "profstat", "-o", "sub/x.stat", "--checkpoint", "0.01", "script.py")
    assert done.returncode == 0
    assert done.stderr == f"profstat: cannot write {here / 'sub' / 'x.stat'}: No such file or directory\n"
    assert calls_in("sub/x.stat")["<built-in method time.sleep>"] == 2


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "1e300"])
def test_seconds_that_cannot_be_waited(here, seconds):
    write("open('ran', 'w')")
    done = run_python("-m", "profstat", "-o", "out.stat", "--checkpoint", seconds, "script.py")
    assert done.returncode == 2
    assert done.stderr.endswith(f"option --checkpoint: {float(seconds):g} is no number of seconds to wait\n")
    assert os.listdir(here) == ["script.py"]


def test_checkpoints_need_a_file(here):
    done = run_python("-m", "profstat", "--checkpoint", "1", "script.py")
    assert done.returncode == 2
    assert done.stderr.endswith("profstat: error: --checkpoint needs -o FILE\n")
