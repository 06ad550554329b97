"""`python -m profstat` saves the profile however the process ends, and the process ends as under plain python."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from support import calls_in, callers_in, facts_of, run_python

PROGRAM = """
import os, signal, sys, threading, time
def step(): pass
def work():
    for _ in range({steps}):
        step()
{before}
work()
{ending}
print("not reached", flush=True)
"""


def run(ending, before="", steps=5):
    """(the program under plain python, under profstat)."""
    with open("script.py", "w") as file:
        file.write(PROGRAM.format(steps=steps, before=textwrap.dedent(before), ending=textwrap.dedent(ending)))
    return run_python("script.py"), run_python("-m", "profstat", "-o", "out.stat", "script.py")


def same(plain, done):
    assert (done.returncode, done.stdout) == (plain.returncode, plain.stdout)
    assert done.stderr == plain.stderr


def own_calls():
    """The calls of the program's own functions; nothing of this package may be among the rest."""
    calls = calls_in("out.stat")
    assert not [name for name in calls if name in ("die", "save", "publish", "_exit", "disable", "untraced")]
    return {name: calls.get(name) for name in ("<module>", "work", "step")}


KILLED = "os.kill(os.getpid(), signal.{}); time.sleep(30)"


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_signal(here, name):
    plain, done = run(KILLED.format(name))
    assert plain.returncode == done.returncode == -getattr(signal, name)
    assert (done.stdout, bool(done.stderr)) == ("", name == "SIGINT")
    assert own_calls() == {"<module>": 1, "work": 1, "step": 5}
    assert callers_in("out.stat", "step") == {"work": 5}
    assert facts_of("out.stat")["command"] == "script.py"


def test_signal_of_somebody_else_while_the_program_waits(here):
    with open("script.py", "w") as file:
        file.write("import time\ndef wait():\n    print('here', flush=True)\n    time.sleep(30)\nwait()\n")
    with subprocess.Popen(
        [sys.executable, "-m", "profstat", "-o", "out.stat", "script.py"], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"here\n"
        process.terminate()
        assert process.wait(60) == -signal.SIGTERM
    calls = calls_in("out.stat")
    assert (calls["<module>"], calls["wait"]) == (1, 1)


@pytest.mark.parametrize(
    "before",
    [
        "signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(9))",
        "signal.signal(signal.SIGTERM, lambda number, frame: os._exit(9))",
    ],
)
def test_handler_of_the_program_that_ends_it(here, before):
    plain, done = run(KILLED.format("SIGTERM"), before)
    same(plain, done)
    assert done.returncode == 9
    assert own_calls() == {"<module>": 1, "work": 1, "step": 5}


def test_handler_of_the_program_that_goes_on(here):
    plain, done = run(
        "os.kill(os.getpid(), signal.SIGTERM); work(); sys.exit(3)",
        "signal.signal(signal.SIGTERM, lambda number, frame: print('told', flush=True))",
    )
    same(plain, done)
    assert (done.returncode, done.stdout) == (3, "told\n")
    assert own_calls() == {"<module>": 1, "work": 2, "step": 10}


def test_handler_that_is_put_back_and_told_again(here):
    """As servers do that end in order and then die of the signal that asked for it."""
    plain, done = run(
        """
        os.kill(os.getpid(), signal.SIGTERM)
        work()
        signal.signal(signal.SIGTERM, before)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(30)
        """,
        "before = signal.signal(signal.SIGTERM, lambda number, frame: print('told', flush=True))",
    )
    same(plain, done)
    assert (done.returncode, done.stdout) == (-signal.SIGTERM, "told\n")
    assert own_calls() == {"<module>": 1, "work": 2, "step": 10}


@pytest.mark.parametrize(
    "ask",
    [
        "signal.signal(signal.SIGTERM, signal.SIG_DFL)",
        "signal.signal(int(signal.SIGTERM), handler=int(signal.SIG_DFL))",
        "loop = asyncio.new_event_loop(); loop.add_signal_handler(signal.SIGTERM, print); loop.close()",
    ],
)
def test_default_that_the_program_asks_for(here, ask):
    """As event loops do when they end, and servers that end in order and then die of the signal."""
    plain, done = run(
        f"{ask}; work(); os.kill(os.getpid(), signal.SIGTERM); time.sleep(30)",
        "import asyncio; signal.signal(signal.SIGTERM, lambda number, frame: None)",
    )
    same(plain, done)
    assert done.returncode == -signal.SIGTERM
    calls = calls_in("out.stat")
    assert (calls["work"], calls["step"]) == (2, 10)
    assert not {"set_handler", "answer_default", "answer"} & set(calls)


def test_ignored_signal_stays_ignored(here):
    """As under nohup."""
    with open("script.py", "w") as file:
        file.write("import signal\nsignal.raise_signal(signal.SIGHUP)\nprint(int(signal.getsignal(signal.SIGHUP)))\n")
    ignore = (
        "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); "
        "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    )
    done = run_python("-c", ignore, "-m", "profstat", "-o", "out.stat", "script.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{int(signal.SIG_IGN)}\n", "")


@pytest.mark.parametrize("status", [0, 7])
@pytest.mark.parametrize("how", ["os._exit({})", "os._exit(status={})", "from os import _exit; _exit({})"])
def test_exit_at_once(here, how, status):
    plain, done = run(how.format(status))
    same(plain, done)
    assert (done.returncode, done.stdout) == (status, "")
    assert own_calls() == {"<module>": 1, "work": 1, "step": 5}


def test_exit_at_once_in_another_thread(here):
    plain, done = run("threading.Thread(target=os._exit, args=(4,)).start(); time.sleep(30)")
    same(plain, done)
    assert done.returncode == 4
    assert own_calls() == {"<module>": 1, "work": 1, "step": 5}


def test_exit_at_once_after_the_end(here):
    """The profile is out already; it is not written again, nor is a report printed twice."""
    with open("script.py", "w") as file:
        file.write("import atexit, os\natexit.register(os._exit, 6)\n")
    done = run_python("-m", "profstat", "script.py")
    assert (done.returncode, done.stderr) == (6, "")
    assert done.stdout.count("function calls") == 1


def test_report_without_a_file(here):
    with open("script.py", "w") as file:
        file.write("import os\ndef step(): pass\nstep()\nos._exit(2)\n")
    done = run_python("-m", "profstat", "script.py")
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.count("function calls") == 1
    assert "script.py:2(step)" in done.stdout


@pytest.mark.parametrize("ending", ["os._exit(5)", "os.kill(os.getpid(), signal.SIGTERM)", "sys.exit(5)"])
def test_end_of_a_child_is_not_that_of_the_program(here, ending):
    plain, done = run(
        f"""
        child = os.fork()
        if child == 0:
            {ending}
        print(os.waitpid(child, 0)[1], os.path.exists("out.stat"))
        """
    )
    same(plain, done)
    assert done.stdout in ("1280 False\nnot reached\n", "15 False\nnot reached\n")
    assert own_calls() == {"<module>": 1, "work": 1, "step": 5}


def test_child_dies_of_a_signal_that_comes_at_once(here):
    """It forgets what comes before it runs, and a pool of processes then waits for it forever."""
    plain, done = run(
        """
        for _ in range(300):
            child = os.fork()
            if child == 0:
                time.sleep(5)
                os._exit(1)
            os.kill(child, signal.SIGTERM)
            status = os.waitpid(child, 0)[1]
            assert status == signal.SIGTERM, status
        """,
        "os.register_at_fork(after_in_child=work)",
    )
    same(plain, done)
    assert done.stdout == "not reached\n"
    assert own_calls() == {"<module>": 1, "work": 1, "step": 5}


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_child_has_the_default_again(here, name):
    plain, done = run(
        f"""
        child = os.fork()
        print(signal.getsignal(signal.{name}) is signal.SIG_DFL if child == 0 else os.waitpid(child, 0)[1], flush=True)
        print(signal.pthread_sigmask(signal.SIG_BLOCK, []), flush=True)
        if child == 0:
            signal.signal(signal.{name}, signal.SIG_DFL)
            print(signal.getsignal(signal.{name}) is signal.SIG_DFL, flush=True)
            os._exit(0)
        """
    )
    same(plain, done)
    assert done.stdout == "True\nset()\nTrue\n0\nset()\nnot reached\n"


def test_two_signals_at_once(here):
    plain, done = run("os.kill(os.getpid(), signal.SIGTERM), os.kill(os.getpid(), signal.SIGHUP), time.sleep(30)")
    assert done.returncode in (-signal.SIGTERM, -signal.SIGHUP)
    assert own_calls() == {"<module>": 1, "work": 1, "step": 5}


def test_file_that_cannot_be_written_at_the_end(here):
    os.mkdir("sub")
    with open("script.py", "w") as file:
        file.write("import os\nos.rmdir('sub')\nos._exit(8)\n")
    done = run_python("-m", "profstat", "-o", "sub/x.stat", "script.py")
    assert done.returncode == 8
    assert done.stderr == f"profstat: cannot write {here / 'sub' / 'x.stat'}: No such file or directory\n"


def test_signal_comes_again_until_it_is_answered(here):
    """One that comes between the interpreter's last look and a system call would interrupt nothing."""
    with open("script.py", "w") as file:
        file.write(
            textwrap.dedent(
                """
                import os, signal, time
                from profstat._profstat import answered, redeliver
                calls = []
                def handler(number, frame):
                    calls.append(number)
                    if len(calls) == 3:
                        answered()
                signal.signal(signal.SIGUSR1, handler)
                redeliver(signal.SIGUSR1)
                redeliver(signal.SIGUSR1)
                redeliver(signal.SIGUSR2)  # has no handler
                for _ in range(2):
                    calls.clear()
                    os.kill(os.getpid(), signal.SIGUSR1)
                    while len(calls) < 3:
                        time.sleep(1)
                    time.sleep(0.3)
                    print(calls == [signal.SIGUSR1] * 3)
                for number in 0, 1000, 10**30, "1":
                    try:
                        redeliver(number)
                    except (ValueError, OverflowError, TypeError) as error:
                        print(type(error).__name__)
                """
            )
        )
    done = run_python("script.py")
    assert done.stdout.split() == ["True", "True", "ValueError", "ValueError", "OverflowError", "TypeError"]
    assert (done.returncode, done.stderr) == (0, "")


def test_second_signal_while_the_profile_is_being_saved(here):
    plain, done = run(
        """
        import profstat.profile
        save = profstat.profile.Profile._save
        def save_slowly(*arguments):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0)
            os.kill(os.getpid(), signal.SIGHUP)
            time.sleep(0.2)
            save(*arguments)
        profstat.profile.Profile._save = save_slowly
        """
    )
    assert done.returncode == -signal.SIGTERM
    assert own_calls()["step"] == 5


def test_interrupt_while_the_profile_is_being_saved(here):
    plain, done = run(
        """
        import profstat.profile
        save = profstat.profile.Profile._save
        def save_once(*arguments):
            profstat.profile.Profile._save = save
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)
        profstat.profile.Profile._save = save_once
        sys.exit(3)
        """
    )
    assert done.returncode == -signal.SIGINT
    assert own_calls()["step"] == 5
