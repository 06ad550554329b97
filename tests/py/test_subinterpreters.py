"""Subinterpreters get a clear error; what they run, in whatever thread, is in no profile of the main interpreter."""

import ast

import pytest

from support import calls_in, run_python

# With the lock of the main interpreter and, from 3.12 on, with one of their own.
RUN = """
import sys, types
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

def run_isolated(code):
    interpreter = interpreters.create(**({} if sys.version_info >= (3, 12) else {"isolated": False}))
    interpreters.run_string(interpreter, code)
    interpreters.destroy(interpreter)

def run_legacy(code):
    import _testcapi
    assert _testcapi.run_in_subinterp(code) == 0

def step(): pass
"""

PROFILED = """
import threading, profstat
code = f'''
import sys, threading
sys.path[:] = {sys.path}
found = []
for name in ("profstat", "profstat.wsgi", "profstat"):
    try:
        __import__(name)
    except ImportError as error:
        found.append(str(error))
def step(): pass
def steps():
    for _ in range(100):
        step()
thread = threading.Thread(target=steps)
thread.start()
steps()
thread.join()
print(found, flush=True)
'''
for options in ({}, {"threads": True}, {"context": True}):
    profile = profstat.Profile(**options)
    with profile:
        step()
        RUN(code)
        thread = threading.Thread(target=RUN, args=(code,))
        thread.start()
        thread.join()
        step()
    profile.snapshot_stats()
    print([row[1] for label, row in profile.stats.items() if label[2] == "step"], flush=True)
"""


@pytest.mark.parametrize("run", ["run_isolated", "run_legacy"])
def test_error_and_profiles_of_the_main_interpreter(here, run):
    if run == "run_legacy":
        pytest.importorskip("_testcapi")
    with open("script.py", "w") as file:
        file.write(RUN + PROFILED.replace("RUN", run))
    done = run_python("-W", "ignore", "script.py")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[2::3] == ["[2]"] * 3
    for line in lines[0::3] + lines[1::3]:
        errors = ast.literal_eval(line)
        assert len(errors) == 3
        assert all("profstat" in error and "subinterpreters" in error for error in errors)


def test_command(here):
    """Those of a child are started with the same PYTHONPATH."""
    with open("script.py", "w") as file:
        file.write(
            RUN
            + """
import subprocess, threading
code = "def step(): pass\\nfor _ in range(100): step()"
step()
run_isolated(code)
thread = threading.Thread(target=run_isolated, args=(code,))
thread.start()
thread.join()
step()
if len(sys.argv) < 2:
    subprocess.run([sys.executable, "-W", "ignore", "script.py", "child"], check=True)
"""
        )
    for options, calls in [((), 2), (("--no-threads",), 2), (("--children",), 4)]:
        done = run_python("-W", "ignore", "-m", "profstat", *options, "-o", "out.stat", "script.py")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert calls_in("out.stat")["step"] == calls
