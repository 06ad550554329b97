"""The plugin of pytest: which profiles there are, and what is in them."""

import pytest

from support import calls_in, facts_of, run_python

TESTS = """
import threading
import unittest

import pytest

def work():
    pass

@pytest.fixture
def fixed():
    work()

def test_one(fixed):
    work()

@pytest.mark.parametrize("text", ["a", "b c", "b/c"])
def test_each(text):
    for _ in text:
        work()

def test_thread():
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

def test_failing():
    work()
    assert False

def test_skipped():
    work()
    pytest.skip()

class TestOld(unittest.TestCase):
    def test_old(self):
        work()
        work()
"""


@pytest.fixture
def pytester(here):
    """Runs pytest on the tests above with the plugin, which an installed profstat brings along."""
    (here / "suite").mkdir()
    (here / "suite" / "test_x.py").write_text(TESTS)

    def run(*options):
        plugin = ("-p", "profstat.pytest_plugin") if not is_installed() else ()
        command = ("-m", "pytest", *plugin, "-p", "no:cacheprovider", "suite", *options)
        return run_python(*command)

    return run


def is_installed():
    code = "import importlib.metadata as m; m.distribution('profstat'); print('yes')"
    return run_python("-c", code).stdout == "yes\n"


def works(folder):
    return {path.name: calls_in(path)["work"] for path in folder.glob("*")}


EACH = {
    "suite.test_x.py.test_one.stat": 1,
    "suite.test_x.py.test_each-a.stat": 1,
    "suite.test_x.py.test_each-b_c-9249e72a.stat": 3,
    "suite.test_x.py.test_each-b.c.stat": 3,
    "suite.test_x.py.test_thread.stat": 1,
    "suite.test_x.py.test_failing.stat": 1,
    "suite.test_x.py.test_skipped.stat": 1,
    "suite.test_x.py.TestOld.test_old.stat": 2,
}


class TestFiles:
    def test_each_test(self, here, pytester):
        done = pytester("--profstat")
        assert "6 passed, 1 skipped" in done.stdout.replace("1 failed, ", "")
        assert done.returncode == 1
        assert works(here / "profiles") == EACH
        assert f"8 files in {here / 'profiles'}\n" in done.stdout
        rows = calls_in("profiles/suite.test_x.py.test_one.stat")
        assert rows["test_one"] == 1
        assert not [name for name in rows if name in ("_keep", "disable", "fixed")]
        assert facts_of("profiles/suite.test_x.py.test_one.stat")["test"] == "suite/test_x.py::test_one"

    def test_directory_of_choice(self, here, pytester):
        done = pytester("--profstat-dir", "some/where", "-k", "test_one")
        assert works(here / "some/where") == {"suite.test_x.py.test_one.stat": 1}
        assert f"1 file in {here / 'some/where'}\n" in done.stdout

    def test_all_in_one(self, here, pytester):
        done = pytester("--profstat-combined", "new/all.stat")
        assert works(here / "new") == {"all.stat": sum(EACH.values())}
        assert f"{here / 'new' / 'all.stat'}, the sum of 8 tests\n" in done.stdout
        assert facts_of("new/all.stat")["tests"] == 8
        assert not (here / "profiles").exists()

    def test_both(self, here, pytester):
        pytester("--profstat", "--profstat-combined", "all.stat", "-k", "test_one or test_old")
        assert calls_in("all.stat")["work"] == 3
        assert len(list((here / "profiles").iterdir())) == 2

    def test_workers_of_xdist(self, here, pytester):
        pytest.importorskip("xdist")
        done = pytester("-n", "2", "--profstat", "--profstat-combined", "new/all.stat")
        assert works(here / "profiles") == EACH
        assert f"8 files in {here / 'profiles'}\n" in done.stdout
        sums = works(here / "new")
        assert set(sums) <= {"all-gw0.stat", "all-gw1.stat"} and sum(sums.values()) == sum(EACH.values())
        assert all(f"{here / 'new' / name}, the sum of " in done.stdout for name in sums)

    def test_no_tests(self, here, pytester):
        done = pytester("--profstat", "--profstat-combined", "all.stat", "-k", "nothing")
        assert f"0 files in {here / 'profiles'}\n" in done.stdout
        assert not (here / "all.stat").exists()

    def test_folder_that_cannot_be_made(self, here, pytester):
        (here / "file").write_text("")
        done = pytester("--profstat-dir", "file")
        assert done.returncode == 4
        assert f"--profstat-dir: cannot make the folder {here / 'file'}: File exists" in done.stderr

    def test_file_that_cannot_be_written(self, here, pytester):
        (here / "profiles" / "suite.test_x.py.test_one.stat").mkdir(parents=True)
        done = pytester("--profstat", "-k", "test_one")
        assert done.returncode == 0
        assert "profile not written to" in done.stdout and "Is a directory" in done.stdout
        assert f"0 files in {here / 'profiles'}\n" in done.stdout

    def test_help(self, pytester):
        assert "--profstat-combined=FILE" in pytester("--help").stdout

    def test_without_options(self, here, pytester):
        done = pytester("-k", "test_one")
        assert "profiles" not in done.stdout
        assert [path.name for path in here.iterdir()] == ["suite"]
