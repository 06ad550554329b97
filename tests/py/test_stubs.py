"""The types that the package declares, as a type checker reads them."""

import os
import re

import pytest

import profstat
from support import run_python

pytest.importorskip("mypy")
pytestmark = pytest.mark.skipif(bool(os.environ.get("PROFSTAT_HOOK")), reason="types do not depend on the hook")

GOOD = """
import asyncio
from pathlib import Path
from typing import Any, AsyncIterator, Iterable, Iterator

import profstat.asgi
import profstat.wsgi
from profstat import Profile, monitor_profile


@monitor_profile
def login(name: str, *, players: int = 2) -> list[str]:
    return [name] * players


@monitor_profile(path=Path("{func}-{pid}.stat"), builtins=False, clock="cpu")
async def fetch(n: int) -> bytes:
    return bytes(n)


@monitor_profile(keep="slowest", every=10, min_seconds=0.5, budget={"get_db_user": 2})
def count(n: int) -> Iterator[int]:
    yield n


@monitor_profile(paths=False, subcalls=True)
async def stream() -> AsyncIterator[str]:
    yield ""


class Table:
    @monitor_profile
    def seat(self, n: int) -> int:
        return n

    @classmethod
    @monitor_profile
    def make(cls) -> "Table":
        return cls()

    @staticmethod
    @monitor_profile
    def size(n: int) -> float:
        return n


names: list[str] = login("a", players=3)
data: bytes = asyncio.run(fetch(3))
numbers: list[int] = list(count(1))
seats: int = Table.make().seat(1)
size: float = Table.size(1)


class Named(Profile):
    name = "x"


profile = Named(timer=lambda: 1, timeunit=0.5, subcalls=False, builtins=True, clock="wall", paths=True)
with profile as same:
    label: str = same.name
active: bool = profile.enabled
profile.enable(subcalls=True)
profile.disable()
result: int = profile.runcall(len, "abc")
ran: Named = profile.run("pass").runctx("pass", {}, None)
profile.create_stats()
calls: int = sum(row[1] for row in profile.stats.values())
for (file, line, function), (primitive, ncalls, tottime, cumtime, callers) in profile.stats.items():
    text: str = file + function
    seconds: float = tottime + cumtime
    position: int = line + primitive + ncalls + sum(edge[0] for edge in callers.values())
for entry in profile.getstats():
    total: float = entry.totaltime + entry.inlinetime
    count_of: int = entry.callcount - entry.reccallcount + sum(sub.callcount for sub in entry.calls or [])
profile.dump_stats("a")
profile.dump_stats(b"a")
profile.dump_stats(Path("a"))
profile.dump_stats(1)
profile.print_stats()
profile.print_stats("calls")
profile.print_stats(("calls", "name"))
profstat.run("pass", None, -1)
profstat.runctx("pass", {}, {}, filename="x", sort="calls")
version: str = profstat.__version__
counts: profstat.MonitorStats = profstat.stats()
skipped: int = counts.skipped + counts.functions["app.login"].failed


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    return profstat.wsgi.ProfilerMiddleware(application, "profiles", keep="sum")(environ, start_response)


async def later(scope: Any, receive: Any, send: Any) -> None:
    await profstat.asgi.ProfilerMiddleware(later, Path("profiles"), every=100)(scope, receive, send)
"""

BAD = """
from profstat import Profile, monitor_profile

Profile(clock=1)  # 4 arg-type
Profile(tiemr=None)  # 5 call-arg
Profile().dump_stats(1.5)  # 6 arg-type
Profile().enabled = True  # 7 misc
monitor_profile(pth="x")  # 8 call-overload
monitor_profile(3)  # 9 call-overload

@monitor_profile
def login(name: str) -> int:
    return len(name)

login(3)  # 15 arg-type
answer: str = login("x")  # 16 assignment
monitor_profile(keep="first")  # 17 call-overload
monitor_profile(budget={"f": "2"})  # 18 dict-item
"""


@pytest.fixture(scope="module")
def mypy(tmp_path_factory):
    cache = tmp_path_factory.mktemp("mypy")
    packages = os.path.dirname(os.path.dirname(profstat.__file__))

    def run(*arguments, module="mypy"):
        options = ["--strict", f"--cache-dir={cache}"] if module == "mypy" else []
        environment = {**os.environ, "MYPYPATH": packages if "site-packages" not in packages else ""}
        return run_python("-m", module, *options, *arguments, cwd=cache, env=environment, timeout=300)

    return run


def test_package_is_marked_as_typed():
    assert os.path.exists(os.path.join(os.path.dirname(profstat.__file__), "py.typed"))


def test_right_use(mypy, tmp_path):
    (tmp_path / "good.py").write_text(GOOD)
    done = mypy(str(tmp_path / "good.py"))
    assert (done.returncode, done.stdout) == (0, "Success: no issues found in 1 source file\n")


def test_wrong_use(mypy, tmp_path):
    (tmp_path / "bad.py").write_text(BAD)
    done = mypy("--no-pretty", str(tmp_path / "bad.py"))
    found = re.findall(r"bad\.py:(\d+): error: .*\[([a-z-]+)\]$", done.stdout, re.MULTILINE)
    assert [" ".join(pair) for pair in found] == re.findall(r"# (\d+ [a-z-]+)", BAD)


def test_package_itself(mypy):
    done = mypy("-p", "profstat")
    assert done.returncode == 0, done.stdout


def test_stub_of_the_extension(mypy, tmp_path):
    allowed = tmp_path / "allowed"
    # Type checkers that are a little older do not know the decorator that the base class should have.
    allowed.write_text("profstat._profstat.Profiler\n")
    done = mypy("profstat._profstat", "--allowlist", str(allowed), "--ignore-unused-allowlist", module="mypy.stubtest")
    assert done.returncode == 0, done.stdout
