"""Signals that the command answers, and ends of a process that Python code never sees: a signal whose default is death,
and os._exit.

Before such an end the profile is saved; then it takes its course: the process dies of the same signal, or with the same
status.  A signal that the program ignores or handles stays the program's.  As with every handler in Python, what it
does waits for the C function that the main thread is in, unless the signal interrupts that.
"""

from __future__ import annotations

import functools
import os
import signal
from _thread import get_ident
from types import FrameType
from typing import Any, Callable, NoReturn, Optional

from profstat._profstat import hide_file, untraced

_Handler = Callable[[int, Optional[FrameType]], object]
_DEADLY = (signal.SIGTERM, signal.SIGHUP)  # SIGINT is a KeyboardInterrupt


class SignalHandlers:
    """Signal handlers of this process; a child that is forked has the default instead, unless it is to be `inherited`.

    A new child forgets what signals have come, and begins to see to them only then: one that is told at once to end,
    as by a pool of processes, would not.  For this long signals are blocked.
    """

    def __init__(self, inherited: bool) -> None:
        self.inherited = inherited
        self.handlers: dict[int, _Handler] = {}
        self.masks: dict[int, set[int]] = {}  # by thread that forks
        os.register_at_fork(
            before=functools.partial(untraced, self._block),
            after_in_parent=functools.partial(untraced, self._unblock),
            after_in_child=functools.partial(untraced, self._reset),
        )

    def set(self, number: int, handler: _Handler) -> None:
        self.handlers[number] = handler
        signal.signal(number, handler)

    def _block(self) -> None:
        self.masks[get_ident()] = set(signal.pthread_sigmask(signal.SIG_BLOCK, self.handlers))

    def _unblock(self) -> None:
        mask = self.masks.pop(get_ident(), None)
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def _reset(self) -> None:
        if not self.inherited:
            for number, handler in self.handlers.items():
                if signal.getsignal(number) == handler:
                    signal.signal(number, signal.SIG_DFL)
            self.handlers.clear()
        self._unblock()


def save_before_death(save: Callable[[], object], handlers: SignalHandlers) -> None:
    """Call `save` before this process, or a child that it forks, ends in one of these ways."""
    exit_now = os._exit

    def die(number: int, frame: Optional[FrameType]) -> None:
        try:
            untraced(save)
        finally:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    def _exit(*arguments: Any, **keywords: Any) -> NoReturn:
        try:
            untraced(save)
        finally:
            exit_now(*arguments, **keywords)

    for number in _DEADLY:
        if signal.getsignal(number) is signal.SIG_DFL:
            handlers.set(number, die)
    os._exit = _exit


hide_file(save_before_death.__code__.co_filename)
