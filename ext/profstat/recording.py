"""What the command records in a process, and how it gets out: a file or a report, once at the end and, if wanted, before.
"""

from __future__ import annotations

import os
import pstats
import sys
from types import FrameType
from typing import Any, NamedTuple, Optional

from profstat._profstat import hide_file, untraced
from profstat.checkpoint import Repeater
from profstat.endings import SignalHandlers, save_before_death
from profstat.profile import Profile

_STDOUT = 1  # the file descriptor


class Settings(NamedTuple):
    """What all processes of a program are recorded with."""

    compensate: bool = False
    checkpoint: Optional[float] = None  # seconds from one to the next
    toggle: Optional[int] = None  # the signal


class Output:
    """Where the profile goes, settled before the program can change the directory or standard output."""

    def __init__(self, path: Optional[str], sort: Any = None) -> None:
        self.path = path
        self.sort = sort
        self.stream = sys.stdout
        self.complained = False

    def publish(self, profile: Profile, facts: dict[str, Any]) -> bool:
        """Write or print the profile, as if it ended now.  False, and a message, when that was impossible."""
        try:
            if self.path is not None:
                profile._save(self.path, facts, True)
            else:
                self._print(profile)
        except Exception as error:
            if not isinstance(error, BrokenPipeError):  # nobody reads any more: no reason to complain
                reason = getattr(error, "strerror", None) or error
                self._complain(f"cannot write {self.path or 'the report to standard output'}: {reason}")
            if self.path is None:
                # The interpreter flushes standard output when it exits; that is not to fail, too.
                os.dup2(os.open(os.devnull, os.O_WRONLY), _STDOUT)
            return False
        self.complained = False
        return True

    def _print(self, profile: Profile) -> None:
        stream = self.stream
        if stream is None or stream.closed:
            complain("the program closed standard output; this is its report:")
            stream = sys.stderr
        stats = pstats.Stats(profile, stream=stream)  # type: ignore[arg-type]  # annotated for cProfile's class alone
        stats.strip_dirs().sort_stats(self.sort).print_stats()
        stream.flush()

    def _complain(self, message: str) -> None:
        """Once for checkpoints that fail one after the other."""
        if not self.complained:
            complain(message)
        self.complained = True


class Recording:
    """The profile of this process, from its start or from a signal on.

    A child that the program forks records nothing, and writes nothing.
    """

    def __init__(self, settings: Settings, output: Output) -> None:
        self.settings = settings
        self.output = output
        self.facts: dict[str, Any] = {}
        self.process = os.getpid()
        self.profile = Profile(compensate=settings.compensate)
        self.started = settings.toggle is None
        self.saved = True
        self.repeater = None if settings.checkpoint is None else Repeater(settings.checkpoint, self._checkpoint)

    def begin(self) -> None:
        """To be called once, before the program runs.  Where no signal starts the profile, the caller does."""
        os.register_at_fork(after_in_child=self.profile.disable)
        handlers = SignalHandlers(inherited=False)
        if self.settings.toggle is not None:
            handlers.set(self.settings.toggle, self._toggle)
        save_before_death(self.end, handlers)
        if self.started:
            self._start_checkpoints()

    def end(self) -> bool:
        """Publish the profile, if one is being recorded; False when that was impossible."""
        if os.getpid() != self.process:
            return True
        if not self.started:
            return self.saved
        self.profile.disable()
        if self.repeater is not None:
            self.repeater.stop()
        self.saved = self.output.publish(self.profile, self.facts)
        self.started = False
        return self.saved

    def _start_checkpoints(self) -> None:
        if self.repeater is not None:
            self.repeater.start()

    def _checkpoint(self) -> None:
        if self.profile.enabled:
            self.output.publish(self.profile, self.facts)

    def _toggle(self, number: int, frame: Optional[FrameType]) -> None:
        if os.getpid() != self.process:
            return
        if self.started:
            untraced(self.end)
        else:
            self.profile.clear()
            self._start_checkpoints()
            self.profile.enable()
            self.started = True


def complain(message: str) -> None:
    if sys.stderr is not None and not sys.stderr.closed:
        print(f"profstat: {message}", file=sys.stderr)


hide_file(complain.__code__.co_filename)
