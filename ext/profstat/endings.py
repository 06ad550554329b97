"""Signals that the command answers, and ends of a process that Python code never sees: a signal whose default is death,
and os._exit.

Before such an end the profile is saved; then it takes its course: the process dies of the same signal, or with the same
status.  A signal that the program ignores or handles stays the program's, until it asks for the default again, as event
loops and servers do.  As with every handler in Python, what it
does waits for the C function that the main thread is in, unless the signal interrupts that.
"""

from __future__ import annotations

import functools
import os
import signal
from _thread import get_ident
from types import FrameType
from typing import Any, Callable, Optional, TypeVar, cast

from profstat._profstat import answered, hide_file, redeliver, untraced

_Handler = Callable[[int, Optional[FrameType]], object]
_Result = TypeVar("_Result")
_set_handler = signal.signal
_DEADLY = (signal.SIGTERM, signal.SIGHUP)  # SIGINT is a KeyboardInterrupt


class SignalHandlers:
    """Signal handlers of this process; a child that is forked has the default instead, unless it is to be `inherited`.

    A new child forgets what signals have come, and begins to see to them only then: one that is told at once to end,
    as by a pool of processes, would not.  For this long signals are blocked.
    """

    def __init__(self, inherited: bool, tell: Callable[[str], None]) -> None:
        self.inherited = inherited
        self.tell = tell
        self.active = True
        self.handlers: dict[int, _Handler] = {}
        self.held = False
        self.waiting: list[tuple[_Handler, int]] = []
        self.masks: dict[int, set[int]] = {}  # by thread that forks
        os.register_at_fork(
            before=functools.partial(untraced, self._block),
            after_in_parent=functools.partial(untraced, self._unblock),
            after_in_child=functools.partial(untraced, self._reset),
        )

    def set(self, number: int, handler: _Handler) -> None:
        def answer(number: int, frame: Optional[FrameType]) -> None:
            answered()
            if self.held:
                self.waiting.append((handler, number))
            else:
                handler(number, frame)

        self.handlers[number] = answer
        _set_handler(number, answer)

    def tell_if_lost(self, number: int) -> None:
        """Once, also to processes that are forked later."""
        if number in self.handlers and signal.getsignal(number) is not self.handlers[number]:
            del self.handlers[number]
            name = signal.Signals(number).name
            self.tell(f"the program handles {name} itself; another signal is needed to start and stop the profile")

    def hold(self, action: Callable[..., _Result], /, *arguments: Any) -> _Result:
        """Perform an action that no signal is to interrupt; those that come are answered behind it."""
        if self.held:
            return action(*arguments)
        self.held = True
        try:
            return action(*arguments)
        finally:
            self.held = False
            while self.waiting and not self.held:
                handler, number = self.waiting.pop(0)
                handler(number, None)

    def _block(self) -> None:
        self.masks[get_ident()] = set(signal.pthread_sigmask(signal.SIG_BLOCK, self.handlers))

    def _unblock(self) -> None:
        mask = self.masks.pop(get_ident(), None)
        if mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def _reset(self) -> None:
        self.held = False
        self.waiting.clear()
        if not self.inherited:
            self.active = False
            for number, handler in self.handlers.items():
                if signal.getsignal(number) == handler:
                    _set_handler(number, signal.SIG_DFL)
            self.handlers.clear()
        self._unblock()


def save_before_death(save: Callable[[], object], handlers: SignalHandlers) -> None:
    """Call `save` before this process, or a child that it forks, ends in one of these ways."""
    exit_now = os._exit

    def end(how: Callable[..., object], *arguments: Any, **keywords: Any) -> None:
        try:
            save()
        finally:
            how(*arguments, **keywords)

    def kill(number: int) -> None:
        _set_handler(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def die(number: int, frame: Optional[FrameType]) -> None:
        untraced(handlers.hold, end, kill, number)

    def _exit(*arguments: Any, **keywords: Any) -> None:
        untraced(handlers.hold, functools.partial(end, exit_now, *arguments, **keywords))

    def answer_default(number: int) -> None:
        if number in _DEADLY and handlers.active and signal.getsignal(number) is signal.SIG_DFL:
            handlers.set(number, die)
            redeliver(number)

    def look_at(number: int) -> None:
        answer_default(number)
        if number not in _DEADLY:
            handlers.tell_if_lost(number)

    @functools.wraps(_set_handler)
    def set_handler(number: int, handler: Any) -> Any:
        previous = _set_handler(number, handler)
        untraced(look_at, number)
        return previous

    for number in _DEADLY:
        answer_default(number)
    os._exit = _exit  # type: ignore[assignment]  # it does not return, as the one that it calls
    signal.signal = cast(Any, set_handler)


hide_file(save_before_death.__code__.co_filename)
