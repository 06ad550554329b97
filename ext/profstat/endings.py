"""Ends of a process that Python code never sees: a signal whose default is death, and os._exit.

Both get the profile saved first, and then take their course: the process dies of the same signal, or with the same
status.  A signal that the program ignores or handles stays the program's.  As with every handler in Python, what it
does waits for the C function that the main thread is in, unless the signal interrupts that.
"""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import Any, Callable, NoReturn, Optional

from profstat._profstat import hide_file, untraced

_DEADLY = ("SIGTERM", "SIGHUP")  # SIGINT is a KeyboardInterrupt


def save_before_death(save: Callable[[], object]) -> None:
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

    for name in _DEADLY:
        number = getattr(signal, name)
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, die)
    os._exit = _exit


hide_file(save_before_death.__code__.co_filename)
