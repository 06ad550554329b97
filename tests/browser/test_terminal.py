"""pstat -i in a terminal that tmux plays."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Callable

import pytest
from conftest import PSTAT

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux")


class Terminal:
    """A terminal of its own with one program in it."""

    numbers = itertools.count()

    def __init__(self, folder: Path) -> None:
        self.folder, self.name = folder, ""

    def tmux(self, *words: str) -> str:
        command = ("tmux", "-L", self.name, "-f", "/dev/null", *words)
        return subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True).stdout

    def run(self, command: str, size: tuple[int, int] = (80, 24), locale: str = "C.UTF-8", **environment: str) -> None:
        self.name = f"profstat-{os.getpid()}-{next(Terminal.numbers)}"
        settings = " ".join(f"{name}={value}" for name, value in {"LC_ALL": locale, **environment}.items())
        width, height = map(str, size)
        line = f"env {settings} {command}; echo status $?; sleep 100"
        self.tmux("-u", "new-session", "-d", "-x", width, "-y", height, line)

    def close(self) -> None:
        subprocess.run(("tmux", "-L", self.name, "kill-server"), capture_output=True)

    def type(self, *keys: str) -> None:
        for key in keys:
            self.tmux("send-keys", key)

    def lines(self, *words: str) -> list[str]:
        return self.tmux("capture-pane", "-p", *words).split("\n")

    def until(self, told: Callable[[list[str]], bool], *words: str) -> list[str]:
        """The screen as soon as it is so."""
        deadline = time.monotonic() + 20
        while not told(lines := self.lines(*words)) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert told(lines), "\n".join(lines)
        return lines


@pytest.fixture
def terminal(folder: Path) -> Iterator[Terminal]:
    terminal = Terminal(folder)
    yield terminal
    terminal.close()


def names(lines: list[str]) -> list[str]:
    """What stands behind the numbers, in a terminal of ten lines or more."""
    return [line[49:].strip() for line in lines[3:-3] if line.strip()]


def shows(count: int) -> Callable[[list[str]], bool]:
    return lambda lines: lines[2].lstrip().startswith(("ncalls", "▼ ncalls", "▲ ncalls", "v ncalls")) and len(names(lines)) == count


def test_80x24_filter_enter_and_back(terminal: Terminal) -> None:
    terminal.run(f"{PSTAT} -i login.stat")
    lines = terminal.until(shows(6))
    assert lines[0] == "login.stat: 72 calls in 0.244 seconds"
    assert lines[3] == "         1     0.002    0.002     0.250    0.250 views.py:12(login)"
    assert lines[23 if len(lines[23]) else 22].startswith(" ? help")
    terminal.type("g", "e", "t", "_")
    assert names(terminal.until(shows(2))) == ["views.py:31(get_table)", "db.py:7(get_db_user)"]
    terminal.type("Down", "Enter")
    lines = terminal.until(shows(3))
    assert names(lines) == ["< views.py:31(get_table)", "= db.py:7(get_db_user)", "> {method 'execute' of 'sqlit"]
    assert lines[-3] == " db.py:7(get_db_user)"
    terminal.type("Down")
    terminal.until(lambda lines: lines[-3] == " {method 'execute' of 'sqlite3.Connection' objects}")
    terminal.type("Up", "Up", "Enter")
    assert names(terminal.until(shows(5)))[0] == "< views.py:12(login)"
    terminal.type("Escape")
    terminal.until(shows(3))
    terminal.type("Escape")
    terminal.until(shows(2))
    terminal.type("Escape")
    terminal.until(shows(6))
    terminal.type("Escape")
    terminal.until(lambda lines: "status 0" in lines)


def test_a_thread_is_named(terminal: Terminal) -> None:
    terminal.run(f"{PSTAT} -i --thread feeder async.stat")
    terminal.until(lambda lines: lines[0].startswith("async.stat, thread feeder: 7 calls in 0.06"))


def test_sorting(terminal: Terminal) -> None:
    terminal.run(f"{PSTAT} -i login.stat")
    assert "▼ cumtime" in terminal.until(shows(6))[2]
    terminal.type("Left", "Left")
    assert names(terminal.until(lambda lines: "▼ ncalls" in lines[2]))[0] == "odds.py:3(factorial)"
    terminal.type("Tab")
    assert names(terminal.until(lambda lines: "▲ ncalls" in lines[2]))[-1] == "odds.py:3(factorial)"
    terminal.type("Left")
    found = names(terminal.until(lambda lines: "filename:lineno(function) ▲" in lines[2]))
    assert found == sorted(found, reverse=True)


def test_a_filter_that_is_no_expression_is_text(terminal: Terminal) -> None:
    told = "  (no regular expression, taken as text)"
    terminal.run(f"{PSTAT} -i login.stat")
    assert terminal.until(shows(6))[1].split() == ["Filter:", "6", "functions"]
    terminal.type("l", "o", "g", "i", "n", "(")
    lines = terminal.until(lambda lines: lines[1].startswith("Filter: login(" + told))
    assert lines[1].endswith(" 0 functions") and lines[3].strip() == "nothing matches"
    terminal.type(")")
    assert names(terminal.until(lambda lines: lines[1].split() == ["Filter:", "login()", "1", "function"])) == [
        "views.py:12(login)"
    ]


def test_callees_are_sorted_as_well(terminal: Terminal) -> None:
    terminal.run(f"{PSTAT} -i login.stat")
    terminal.until(shows(6))
    terminal.type("Down", "Enter")
    assert names(terminal.until(shows(5)))[2] == "> db.py:7(get_db_user)"
    terminal.type("Right", "Tab")
    found = names(terminal.until(lambda lines: "filename:lineno(function) ▲" in lines[2]))
    assert found[2:] == ["> {built-in method builtins.l", "> odds.py:3(factorial)", "> db.py:7(get_db_user)"]


@pytest.mark.parametrize(
    "size, row",
    [
        ((60, 12), "         1     0.002     0.250 views.py:12(login)"),
        ((40, 12), "    0.002     0.250 views.py:12(login)"),
        ((30, 12), "    0.250 views.py:12(login)"),
        ((20, 5), "views.py:12(login)"),
    ],
)
def test_narrow_terminals_show_names(terminal: Terminal, size: tuple[int, int], row: str) -> None:
    terminal.run(f"{PSTAT} -i login.stat", size=size)
    terminal.until(lambda lines: lines[3] == row and lines[-2].startswith(" ? help"))


def test_ctrl_c_leaves(terminal: Terminal) -> None:
    terminal.run(f"{PSTAT} -i login.stat; stty -a | grep -o 'intr = ^C'")
    terminal.until(shows(6))
    terminal.type("C-c")
    terminal.until(lambda lines: "intr = ^C" in lines and "status 0" in lines)


def test_help(terminal: Terminal) -> None:
    terminal.run(f"{PSTAT} -i login.stat")
    terminal.until(shows(6))
    terminal.type("?")
    terminal.until(lambda lines: lines[0] == "Keys")
    terminal.type("x")
    terminal.until(shows(6))


def test_resizing(terminal: Terminal) -> None:
    terminal.run(f"{PSTAT} -i login.stat", size=(80, 24))
    terminal.until(shows(6))
    terminal.tmux("resize-window", "-x", "120", "-y", "12")
    lines = terminal.until(lambda lines: any("sqlite3.Connection' objects}" in line for line in lines))
    assert any(line.startswith(" ? help") for line in lines[10:12])
    for width, height in ((10, 2), (1, 1), (80, 24)):
        terminal.tmux("resize-window", "-x", str(width), "-y", str(height))
        time.sleep(0.2)
    terminal.until(shows(6))


def test_without_unicode_and_with_it(terminal: Terminal) -> None:
    terminal.run(f"{PSTAT} -i names.stat", locale="C")
    lines = terminal.until(shows(6))
    found = names(lines)
    assert " v cumtime  percall filename:lineno(function)" in lines[2]
    assert "\\u65e5\\u672c.py:2(\\u540d\\u524d)"[:30] in " ".join(found)
    assert "odd.py:4(\\x1b[2J\\x0a\\x85)" in found
    terminal.close()
    terminal.run(f"{PSTAT} -i names.stat")
    found = names(terminal.until(shows(6)))
    assert "日本.py:2(名前)" in found and "odd.py:5(\\u202egnp)" in found


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "vt100"}])
def test_without_colour(terminal: Terminal, environment: dict[str, str]) -> None:
    terminal.run(f"{PSTAT} -i login.stat", **environment)
    terminal.until(shows(6))
    assert not any("\x1b[31m" in line or "\x1b[33m" in line for line in terminal.lines("-e"))


def test_hot_functions_are_red(terminal: Terminal) -> None:
    terminal.run(f"{PSTAT} -i login.stat", TERM="xterm-256color")
    terminal.until(shows(6))
    assert any("31m" in line and "execute" in line for line in terminal.lines("-e"))


def pages(terminal: Terminal, words: str, size: tuple[int, int], **environment: str) -> list[str]:
    """What a report leaves on the screen and above it."""
    terminal.run(f"{PSTAT} {words}", size=size, **environment)
    return terminal.until(lambda lines: "status 0" in lines, "-S", "-100")


def test_a_long_report_is_paged(terminal: Terminal) -> None:
    lines = pages(terminal, "-p 1 login.stat", (80, 10), PAGER="'sed s/^/paged:/'")
    assert sum(line.startswith("paged:") for line in lines) == 15
    terminal.close()
    lines = pages(terminal, "-p 1 login.stat", (80, 10), PAGER="false", PSTAT_PAGER="'sed s/^/own:/'")
    assert sum(line.startswith("own:") for line in lines) == 15


@pytest.mark.parametrize(
    "size, environment",
    [
        ((80, 40), {"PAGER": "'sed s/^/paged:/'"}),
        ((80, 10), {"PAGER": ""}),
        ((80, 10), {"PAGER": "cat"}),
        ((80, 10), {"PAGER": "no-such-pager", "LC_MESSAGES": "C"}),
    ],
)
def test_without_a_pager(terminal: Terminal, size: tuple[int, int], environment: dict[str, str]) -> None:
    lines = pages(terminal, "-p 1 login.stat", size, **environment)
    assert not any(line.startswith("paged:") for line in lines)
    assert any("views.py:12(login)" in line for line in lines)


def test_a_slow_layout_is_told(terminal: Terminal, folder: Path) -> None:
    dot = folder / "slow" / "dot"
    dot.parent.mkdir()
    dot.write_text("#!/bin/sh\ncat >/dev/null; until test -e go-on; do sleep 0.05; done; echo laid out\n")
    dot.chmod(0o755)
    terminal.run(f"{PSTAT} -o slow.svg --format graph login.stat", (120, 24), PATH=f"{dot.parent}:$PATH")
    told = "pstat: dot lays out the call graph (--node and --edge make it smaller), "
    terminal.until(lambda lines: lines[0].startswith(told + "1 s"))
    terminal.until(lambda lines: lines[0].startswith(told + "2 s"))
    (folder / "go-on").touch()
    assert terminal.until(lambda lines: "status 0" in lines)[0] == "status 0"
    assert (folder / "slow.svg").read_text() == "laid out\n"


@pytest.mark.parametrize("trend", ["", "--trend"])
def test_how_many_files_are_read_is_told(terminal: Terminal, folder: Path, trend: str) -> None:
    pipe = folder / f"pipe{trend}.stat"
    os.mkfifo(pipe)
    files = f"trend-1.stat nothing.bad {pipe.name} trend-2.stat"
    terminal.run(f"{PSTAT} --skip-bad {trend} {files} >read.txt", (60, 24))
    terminal.until(lambda lines: "pstat: reading files, 2 of 4, 1 s" in lines)
    pipe.write_bytes((folder / "trend-3.stat").read_bytes())
    lines = terminal.until(lambda lines: "status 0" in lines)
    assert lines[:3] == ["pstat: nothing.bad: is empty", "pstat: 1 of 4 files left out", "status 0"]


def test_a_file_that_is_long_in_reading_is_told(terminal: Terminal, folder: Path) -> None:
    pipe = folder / f"{'long' * 20}.stat"
    os.mkfifo(pipe)
    terminal.run(f"{PSTAT} {pipe.name} | cat", (60, 24))
    terminal.until(lambda lines: f"pstat: reading {'long' * 5}, 1 s" in lines)
    pipe.write_bytes((folder / "login.stat").read_bytes())
    assert "pstat" not in "".join(terminal.until(lambda lines: "status 0" in lines))


def test_a_terminal_without_a_cursor(terminal: Terminal) -> None:
    terminal.run(f"{PSTAT} -i login.stat", TERM="dumb")
    lines = terminal.until(lambda lines: "status 2" in lines)
    assert "pstat: a terminal of type 'dumb' cannot move its cursor" in lines


def test_an_unknown_terminal(terminal: Terminal) -> None:
    terminal.run(f"{PSTAT} -i login.stat", TERM="no-such-terminal")
    lines = terminal.until(lambda lines: "status 2" in lines)
    assert "pstat: the terminal type 'no-such-terminal' is not known" in lines
