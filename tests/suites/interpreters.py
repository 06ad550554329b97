"""Finds the CPython interpreters that profstat supports on this machine."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

MINORS = tuple((3, minor) for minor in range(9, 14))
FOLDERS = (
    "{home}/.pyenv/versions/*/bin",
    "{home}/.local/share/uv/python/*/bin",
    "/opt/python*/bin",
    "/opt/python/*/bin",
    "/usr/local/bin",
    "/usr/bin",
)

# What the tests need to know of an interpreter: CPython with a lock, with headers, able to make environments.
PROBE = """
import importlib.util, json, os, sys, sysconfig
print(json.dumps({
    "path": sys.executable,
    "version": sys.version_info[:3],
    "usable": sys.implementation.name == "cpython"
    and not sysconfig.get_config_var("Py_GIL_DISABLED")
    and os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h"))
    and importlib.util.find_spec("ensurepip") is not None,
}))
"""


class Interpreter(NamedTuple):
    version: tuple[int, int, int]
    path: str

    @property
    def minor(self) -> str:
        """As in "3.12"."""
        return "{}.{}".format(*self.version)


def candidates() -> Iterator[str]:
    """Paths that may be interpreters; some do not exist, some are one and the same."""
    if "PYTHONS" in os.environ:
        yield from os.environ["PYTHONS"].split()
        return
    names = ["python3", *("python{}.{}".format(*minor) for minor in MINORS)]
    yield from filter(None, map(shutil.which, names))
    for home in homes():
        for pattern in FOLDERS:
            for folder in Path("/").glob(pattern.format(home=home).lstrip("/")):
                yield from (str(folder / name) for name in names)


def homes() -> set[str]:
    """Where HOME points, and the user's folder in the password file; either may be missing."""
    found = {os.environ.get("HOME", "/")}
    with contextlib.suppress(KeyError):
        found.add(pwd.getpwuid(os.getuid()).pw_dir)
    return found


def probe(path: str) -> Interpreter | None:
    """The interpreter, unless it does not run or lacks something that the tests need."""
    try:
        found = subprocess.run([path, "-c", PROBE], capture_output=True, check=True, timeout=20, text=True)
    except (OSError, subprocess.SubprocessError):
        return None
    facts = json.loads(found.stdout)
    version = tuple(facts["version"])
    return Interpreter(version, facts["path"]) if facts["usable"] and version[:2] in MINORS else None


def find_interpreters() -> list[Interpreter]:
    """One of each minor version, the newest patch, oldest version first."""
    paths = {os.path.realpath(path): path for path in candidates()}
    found = filter(None, map(probe, paths.values()))
    newest: dict[str, Interpreter] = {}
    for interpreter in sorted(found):
        newest[interpreter.minor] = interpreter
    return list(newest.values())
