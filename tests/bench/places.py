"""Where benchmarks run: for each interpreter an environment with this tree's profstat, built as a release."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "suites"))

from interpreters import Interpreter  # noqa: E402

# Would lead builds and measurements astray.
DROPPED = ("DESTDIR", "PROFSTAT", "PYTHON", "VIRTUAL_ENV")  # and what begins with them


class Place(NamedTuple):
    python: Path
    build: Path


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
    return {**kept, "PYTHONHASHSEED": "0", **more}


def run(*command: object) -> None:
    """Runs what prepares a place; says something only when it fails."""
    words = list(map(str, command))
    done = subprocess.run(words, cwd=ROOT, env=environment(), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}\n{done.stdout}{done.stderr}")


def prepare(interpreter: Interpreter, folder: Path) -> Place:
    """Keeps what is there already, but for what has changed in the tree."""
    name = "{}.{}.{}".format(*interpreter.version)
    venv, build = folder / f"venv-{name}", folder / f"build-{name}"
    python = venv / "bin" / "python"
    run(HERE.parent / "suites/venv.sh", interpreter.path, venv, HERE / "requirements.txt")
    if not (build / "build.ninja").exists():
        options = ("-Dbuildtype=release", "-Dtests=disabled", f"-Dpython={python}", f"--prefix={venv}")
        run("meson", "setup", build, *options)
    run("meson", "install", "-C", build)
    run("ninja", "-C", build, "tests/bench/run_child", "tests/bench/empty_hook.so")
    return Place(python, build)
