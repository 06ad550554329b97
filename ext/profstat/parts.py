"""The files of a program's processes: beside FILE.stat one FILE.pid-PID.stat for each process, of which FILE.stat is
the sum.

The first process adds them up: at its end, at each checkpoint, whenever a profile of its own is complete.  A child
that outlives it does so in its place.  They know of each other by a file .FILE.stat.running, which is there until the
first process has added up for the last time.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from typing import Iterator

from profstat._profstat import hide_file, merge


class Parts:
    """`path`: a full path, of the sum.  `first`: the first process."""

    def __init__(self, path: str, first: int) -> None:
        self.path = path
        self.first = first
        self.folder, name = os.path.split(path)
        self.stem, self.suffix = os.path.splitext(name)
        self.pattern = re.compile(rf"{re.escape(self.stem)}\.pid-(\d+)(?:-(\d+))?{re.escape(self.suffix)}")
        self.running = os.path.join(self.folder, f".{name}.running")

    def forget_old(self) -> None:
        """Remove what an earlier run has left."""
        for path in self._found():
            os.unlink(path)

    def begin(self) -> None:
        """In the first process, before its program runs."""
        with open(self.running, "w"):
            pass

    def new_path(self) -> str:
        """Where this process is to write.  A number may be given to several processes, one after the other."""
        path = self._part(f"{os.getpid()}")
        turn = 2
        while os.path.exists(path):
            path = self._part(f"{os.getpid()}-{turn}")
            turn += 1
        return path

    def add_up(self) -> None:
        """In the first process, which goes on."""
        with self._alone():
            self._merge()

    def finish(self) -> None:
        """At the end of a process, when its own file is written."""
        with self._alone():
            if os.getpid() == self.first or not self._first_goes_on():
                self._merge()
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self.running)

    def _part(self, process: str) -> str:
        return os.path.join(self.folder, f"{self.stem}.pid-{process}{self.suffix}")

    def _found(self) -> list[str]:
        """Those of the first process before the others."""
        matches = [match for match in map(self.pattern.fullmatch, os.listdir(self.folder)) if match]
        matches.sort(key=lambda match: (int(match[1]) != self.first, int(match[1]), int(match[2] or 1)))
        return [os.path.join(self.folder, match[0]) for match in matches]

    def _merge(self) -> None:
        paths = self._found()
        if paths:
            merge(paths, self.path, {"processes": len(paths)})

    def _first_goes_on(self) -> bool:
        if not os.path.exists(self.running):
            return False
        try:
            os.kill(self.first, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return True

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """While no other process adds up."""
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            fcntl.flock(folder, fcntl.LOCK_UN)  # a child that was forked meanwhile has the folder open, too
            os.close(folder)


hide_file(Parts.__init__.__code__.co_filename)
