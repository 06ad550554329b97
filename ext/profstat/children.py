"""How --children reaches the processes that a program starts.

A child that the program forks goes on with what there is (Recording).  An interpreter that it starts finds, by way of
PYTHONPATH, the module `sitecustomize` of this package, which begins a recording when the environment asks for it, and
imports the `sitecustomize` that the interpreter would have had.
"""

from __future__ import annotations

import atexit
import json
import os

from profstat._profstat import hide_file, untraced
from profstat.parts import Parts
from profstat.recording import Output, Recording, Settings

_VARIABLE = "PROFSTAT_CHILDREN"
_STARTUP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "startup")
_MULTIPROCESSING = b"from multiprocessing."


def reach_children(parts: Parts, settings: Settings) -> None:
    """Have the interpreters that this process starts from now on, and those that they start, recorded."""
    os.environ[_VARIABLE] = json.dumps([parts.path, parts.first, settings])
    others = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = f"{_STARTUP}{os.pathsep}{others}" if others else _STARTUP


def begin_in_interpreter() -> None:
    """At the start of an interpreter, before its program."""
    if _VARIABLE not in os.environ:
        return
    path, first, settings = json.loads(os.environ[_VARIABLE])
    parts = Parts(path, first)
    helper = _multiprocessing_helper()
    if helper == b"resource_tracker":
        return
    recording = Recording(Settings(*settings), Output(parts.new_path()), parts)
    if helper == b"forkserver":
        recording.started = False  # the processes that it forks are the program's
    recording.begin()
    atexit.register(untraced, recording.end)
    if recording.started:
        recording.profile.enable()


def _multiprocessing_helper() -> bytes:
    """Which process of multiprocessing's own this is, none of the program's; empty if it is none."""
    try:
        with open("/proc/self/cmdline", "rb") as file:
            arguments = file.read().split(b"\0")
    except OSError:
        return b""
    code = next((argument for argument in arguments if argument.startswith(_MULTIPROCESSING)), b"")
    return code[len(_MULTIPROCESSING) :].split(b" ")[0]


hide_file(reach_children.__code__.co_filename)
