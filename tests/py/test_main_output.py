"""`python -m profstat -o FILE`: what a profile may replace."""

import cProfile
import pstats
from pathlib import Path

import pytest

from support import run_python

PROGRAM = "def f(): pass\nf()\n"


@pytest.fixture
def script(here):
    Path("script.py").write_text(PROGRAM)
    return "script.py"


def test_a_file_that_is_no_profile_stays(script, here):
    done = run_python("-m", "profstat", "-o", script, script)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(f"cannot write {here / script}: it is no profile, and would be lost\n")
    assert Path(script).read_text() == PROGRAM


@pytest.mark.parametrize("former", ["none", "empty", "of profstat", "of cProfile"])
def test_a_profile_is_replaced(script, former):
    if former == "empty":
        Path("out.stat").touch()
    elif former == "of profstat":
        assert run_python("-m", "profstat", "-o", "out.stat", script).returncode == 0
    elif former == "of cProfile":
        cProfile.Profile().dump_stats("out.stat")
    assert run_python("-m", "profstat", "-o", "out.stat", script).returncode == 0
    assert pstats.Stats("out.stat").total_calls == 2
