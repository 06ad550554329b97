"""Runs CPython's own tests of cProfile with profstat in its place, and prints what became of each as JSON.

A program of its own: it replaces modules that cannot be put back.  Called by test_cprofile_suite.py.
"""

import json
import os
import sys
import unittest

import profstat
from profstat import _profstat

sys.modules["cProfile"] = profstat
sys.modules["_lsprof"] = _profstat

from test.support import script_helper  # noqa: E402


def with_profstat(run):
    """For the tests that start an interpreter: `-m cProfile` becomes `-m profstat`, wherever that is installed."""

    def wrapper(*arguments, **environment):
        arguments = ["profstat" if argument == "cProfile" else argument for argument in arguments]
        folder = os.path.dirname(os.path.dirname(profstat.__file__))
        return run(*arguments, **{"PYTHONPATH": folder, "__isolated": False, **environment})

    return wrapper


script_helper.assert_python_ok = with_profstat(script_helper.assert_python_ok)
script_helper.assert_python_failure = with_profstat(script_helper.assert_python_failure)

from test import test_cprofile  # noqa: E402

assert test_cprofile.cProfile is profstat


class Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.outcomes = {}

    def startTest(self, test):
        super().startTest(test)
        self.outcomes[test.id().rpartition(".")[2]] = "passed"

    def addFailure(self, test, error):
        self.outcomes[test.id().rpartition(".")[2]] = self._exc_info_to_string(error, test)

    addError = addFailure

    def addSkip(self, test, reason):
        self.outcomes[test.id().rpartition(".")[2]] = f"skipped: {reason}"


loader = unittest.TestLoader()
result = Result()
for case in (test_cprofile.CProfileTest, test_cprofile.TestCommandLine):
    names = [name for name in loader.getTestCaseNames(case) if name not in sys.argv[1:]]
    unittest.TestSuite(map(case, names)).run(result)
print(json.dumps({"outcomes": result.outcomes, "all": [
    name for case in (test_cprofile.CProfileTest, test_cprofile.TestCommandLine)
    for name in loader.getTestCaseNames(case)
]}))  # fmt: skip
