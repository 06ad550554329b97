"""A thread that does something every so often, and that the program does not notice.

A thread and not a timer's signal: a signal would interrupt the program's system calls, would take SIGALRM from it, and
its handler would wait for as long as the main thread is in a C function, which is when programs get killed.

The thread is none of module threading, gives no event to any profiler, and takes the GIL only for what it has to do.
It is not there while the process forks, so that the child finds no lock in its hands, and that the interpreter
does not warn of threads that the program never started.
"""

from __future__ import annotations

import functools
import os

# The functions themselves: a program may put others in their places.
from _thread import LockType, allocate_lock, get_native_id, start_new_thread
from time import sleep
from typing import Callable, Optional

from profstat._profstat import hide_file, untraced

_POLL_SECONDS = 0.0002


class Repeater:
    """Calls `action`, which raises nothing, every `seconds` from start() to stop(); not in a child that is forked."""

    def __init__(self, seconds: float, action: Callable[[], object]) -> None:
        self.seconds = seconds
        self.action = action
        self.wanted = False
        self.running = False
        self.task = 0  # of the operating system; 0 until it runs
        self.bell: Optional[LockType] = None
        os.register_at_fork(
            before=functools.partial(untraced, self._end_thread),
            after_in_parent=functools.partial(untraced, self._resume),
            after_in_child=functools.partial(untraced, self._forget),
        )

    def start(self) -> None:
        self.wanted = True
        self._resume()

    def stop(self) -> None:
        """When this returns the action is not running, and will not again."""
        self.wanted = False
        self._end_thread()

    def _resume(self) -> None:
        if not self.wanted or self.running:
            return
        self.bell = bell = allocate_lock()
        bell.acquire()
        self.running, self.task = True, 0
        start_new_thread(untraced, (self._run, bell))
        while self.task == 0:
            sleep(_POLL_SECONDS)

    def _run(self, bell: LockType) -> None:
        self.task = get_native_id()
        try:
            while not bell.acquire(timeout=self.seconds):
                self.action()
        finally:
            self.running = False

    def _end_thread(self) -> None:
        bell, self.bell = self.bell, None
        if bell is not None:
            bell.release()
        while self.running or (self.task and os.path.exists(f"/proc/self/task/{self.task}")):
            sleep(_POLL_SECONDS)
        self.task = 0

    def _forget(self) -> None:
        self.wanted = False


hide_file(Repeater.__init__.__code__.co_filename)
