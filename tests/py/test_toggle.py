"""`python -m profstat --toggle SIGNAL`: a running program is recorded from one signal to the next."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from support import calls_in, facts_of, run_python, stats_of

SERVER = """
import sys
def handle(n):
    for _ in range(n):
        query()
def query(): pass
def serve():
    for line in sys.stdin:
        handle(int(line))
        print("done", flush=True)
serve()
"""


class Server:
    def __init__(self, *options, source=SERVER):
        with open("server.py", "w") as file:
            file.write(textwrap.dedent(source))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "profstat", "-o", "out.stat", *options, "server.py"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def request(self, queries):
        self.process.stdin.write(f"{queries}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def signal(self, number=signal.SIGUSR1):
        """The request after it is answered when the signal has been dealt with."""
        self.process.send_signal(number)
        self.request(0)

    def end(self):
        out, error = self.process.communicate(timeout=60)
        return self.process.returncode, out, error


def own_calls(path="out.stat"):
    calls = calls_in(path)
    assert not [name for name in calls if "toggle" in name or "enable" in name or "profstat" in name]
    return {name: calls.get(name, 0) for name in ("serve", "handle", "query")}


def test_each_stop_writes_what_was_recorded_since_its_start(here):
    server = Server("--toggle", "USR1")
    server.request(100)
    assert os.listdir(here) == ["server.py"]
    server.signal()
    server.request(5)
    server.request(6)
    server.signal()
    calls = own_calls()
    assert calls["query"] == 11
    assert calls["handle"] in (2, 3, 4)  # the answers to the signals are in it or are not
    assert calls["serve"] == 0  # entered before
    first = stats_of("out.stat")
    server.request(1000)
    assert stats_of("out.stat") == first
    server.signal()
    server.request(7)
    server.signal()
    assert own_calls()["query"] == 7
    server.request(50)
    assert server.end() == (0, "", "")
    assert own_calls()["query"] == 7
    assert facts_of("out.stat")["command"] == "server.py"


def test_end_of_the_program_is_a_stop(here):
    server = Server("--toggle", "USR1")
    server.request(9)
    server.signal()
    server.request(4)
    assert server.end() == (0, "", "")
    assert own_calls()["query"] == 4


def test_kill_is_a_stop(here):
    server = Server("--toggle", "SIGUSR2")
    server.request(8)
    server.signal(signal.SIGUSR2)
    server.request(3)
    server.process.terminate()
    assert server.process.wait(60) == -signal.SIGTERM
    assert own_calls()["query"] == 3
    server.end()


def test_checkpoints_while_recording(here):
    server = Server("--toggle", "usr1", "--checkpoint", "0.01")
    server.request(9)
    assert os.listdir(here) == ["server.py"]
    server.signal()
    server.request(4)
    while not os.path.exists("out.stat") or calls_in("out.stat").get("query") != 4:
        server.request(0)
    server.process.kill()
    server.process.wait(60)
    assert own_calls()["query"] == 4
    server.end()


def test_program_that_nobody_asks_writes_nothing(here):
    server = Server("--toggle", str(int(signal.SIGUSR1)))
    server.request(2)
    assert server.end() == (0, "", "")
    assert os.listdir(here) == ["server.py"]


def test_exception_in_a_program_that_is_not_recorded(here):
    with open("script.py", "w") as file:
        file.write("def f():\n    return 1 / 0\nf()\n")
    plain = run_python("script.py")
    done = run_python("-m", "profstat", "-o", "out.stat", "--toggle", "USR1", "script.py")
    assert (done.returncode, done.stdout, done.stderr) == (plain.returncode, plain.stdout, plain.stderr)


def test_asyncio_server(here):
    server = Server(
        "--toggle", "USR1",
        source="""
        import asyncio, sys
        def query(): pass
        async def handle(n):
            for _ in range(n):
                await asyncio.sleep(0)
                query()
        async def serve():
            loop = asyncio.get_running_loop()
            while line := await loop.run_in_executor(None, sys.stdin.readline):
                await asyncio.gather(handle(int(line)), handle(int(line)))
                print("done", flush=True)
        asyncio.run(serve())
        """,
    )  # fmt: skip
    server.request(3)
    server.signal()
    server.request(5)
    server.signal()
    server.request(8)
    assert server.end() == (0, "", "")
    assert own_calls()["query"] == 10


@pytest.mark.parametrize("name", ["KILL", "TERM", "", "USR", "SIG", "0"])
def test_signal_that_cannot_be_caught(here, name):
    done = run_python("-m", "profstat", "-o", "out.stat", f"--toggle={name}", "script.py")
    assert done.returncode == 2
    assert f"option --toggle: {name!r} is no signal that can be caught (choose from USR1, USR2, HUP," in done.stderr


def test_signals_need_a_file(here):
    done = run_python("-m", "profstat", "--toggle", "USR1", "script.py")
    assert done.returncode == 2
    assert done.stderr.endswith("profstat: error: --toggle needs -o FILE\n")


def test_signal_that_the_program_takes(here):
    """It is told once, and goes on."""
    with open("server.py", "w") as file:
        file.write(
            "import os, signal\n"
            "for _ in range(2):\n"
            "    signal.signal(signal.SIGUSR1, lambda number, frame: print('taken', flush=True))\n"
            "os.kill(os.getpid(), signal.SIGUSR1)\n"
        )
    done = run_python("-m", "profstat", "--toggle", "USR1", "-o", "out.stat", "server.py")
    assert (done.returncode, done.stdout) == (0, "taken\n")
    assert done.stderr == (
        "profstat: the program handles SIGUSR1 itself; another signal is needed to start and stop the profile\n"
    )
    assert os.listdir(here) == ["server.py"]
