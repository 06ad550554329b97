"""Runs the transcripts: commands with their exact standard output, standard error and exit status.

A transcript is a text file.  A line `$ COMMAND` is run by a shell in a folder of its own that holds the files of
fixtures.py; behind it stand its output (`| `), its errors (`! `) and, unless it is 0, its exit status (`= `).  A missing
newline at the end of the output is shown as a line `\\`.  Other lines are comments.
"""

from __future__ import annotations

import argparse
import difflib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import fixtures

HERE = Path(__file__).resolve().parent
MARKS = ("|", "!", "=", "\\")
SHELL = ("bash", "-o", "pipefail", "-c")


def environment(tools: str) -> dict[str, str]:
    """The same everywhere; what sanitizers read is passed on."""
    passed_on = {k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}
    return {"PATH": f"{tools}:{HERE}:/usr/bin:/bin", "TZ": "UTC", "LC_ALL": "C", "TERM": "xterm", **passed_on}


def marked(mark: str, stream: bytes) -> list[str]:
    text = stream.decode("utf-8", "backslashreplace")
    lines = [mark + (" " + line if line else "") for line in text.split("\n")]
    return lines[:-1] if text.endswith("\n") or not text else [*lines, "\\"]


def run(command: str, folder: str, tools: str) -> list[str]:
    """What the transcript says behind the command."""
    done = subprocess.run([*SHELL, command], cwd=folder, env=environment(tools), capture_output=True, timeout=60)
    status = [f"= {done.returncode}"] if done.returncode else []
    return marked("|", done.stdout) + marked("!", done.stderr) + status


def replay(lines: list[str], tools: str) -> tuple[list[str], int]:
    """The transcript as it goes now, and the number of its commands."""
    replayed: list[str] = []
    commands = 0
    with tempfile.TemporaryDirectory() as folder:
        fixtures.write(Path(folder))
        for line in lines:
            if line.startswith("$ "):
                commands += 1
                replayed += [line, *run(line[2:], folder, tools)]
            elif not line.startswith(MARKS):
                replayed.append(line)
    return replayed, commands


def differing_commands(old: list[str], new: list[str]) -> int:
    """How many commands have another result; comments are the same in both."""

    def blocks(lines: list[str]) -> list[str]:
        return "\n".join(lines).split("\n$ ")

    return sum(a.rstrip("\n") != b.rstrip("\n") for a, b in zip(blocks(old), blocks(new))) or 1


def check(path: Path, tools: str, update: bool) -> tuple[int, int]:
    """The numbers of commands that passed and failed."""
    old = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    new, commands = replay(old, tools)
    if new == old:
        return commands, 0
    if update:
        path.write_text("\n".join(new) + "\n", encoding="utf-8")
        return commands, 0
    print("\n".join(difflib.unified_diff(old, new, str(path.name), "now", lineterm="")))
    failed = differing_commands(old, new)
    return commands - failed, failed


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--update", action="store_true")
    parser.add_argument("pstat", type=Path)
    parser.add_argument("words", nargs="*")
    arguments = parser.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as tools:
        os.symlink(arguments.pstat.resolve(strict=True), Path(tools) / "pstat")
        for path in sorted(HERE.glob("*.txt")):
            if all(word not in path.name for word in arguments.words) and arguments.words:
                continue
            good, bad = check(path, tools, arguments.update)
            passed, failed = passed + good, failed + bad
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
