"""CPython's own tests of cProfile, those of the interpreter that runs, hold for profstat."""

import importlib.util
import json
import os
import sys

import pytest

from support import run_python

# From CPython 3.12 on these ask for cProfile's name and tool id in sys.monitoring, or for its ban on a second profiler.
# profstat takes a free id, so that it runs beside cProfile.
LEFT_OUT = {
    "test_profile_enable_disable": "asserts that sys.monitoring's profiler id is held by 'cProfile'",
    "test_profile_as_context_manager": "asserts that sys.monitoring's profiler id is held by 'cProfile'",
    "test_second_profiler": "asserts that a second profiler is refused",
}
if sys.version_info < (3, 12):
    LEFT_OUT = {}

HAS_SUITE = importlib.util.find_spec("test") and importlib.util.find_spec("test.test_cprofile")


@pytest.mark.skipif(not HAS_SUITE, reason="this interpreter comes without test.test_cprofile")
def test_suite(here):
    done = run_python(os.path.join(os.path.dirname(__file__), "cprofile_suite.py"), *LEFT_OUT)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert set(answer["outcomes"].values()) == {"passed"}, answer["outcomes"]
    assert set(answer["all"]) == {*answer["outcomes"], *LEFT_OUT}
    assert len(answer["outcomes"]) >= 9
