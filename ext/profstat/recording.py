"""What the command records in a process, and how it gets out: a file or a report, at the end and, if wanted, before."""

from __future__ import annotations

import functools
import os
import pstats
import sys
from types import FrameType
from typing import Any, Callable, NamedTuple, Optional

from profstat._profstat import hide_file, untraced
from profstat.checkpoint import Repeater
from profstat.endings import SignalHandlers, save_before_death
from profstat.parts import Parts
from profstat.profile import Profile

_STDOUT = 1  # the file descriptor


class Settings(NamedTuple):
    """What all processes of a program are recorded with."""

    compensate: bool = False
    threads: bool = True
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
                self.complain(self.path or "the report to standard output", error)
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

    def complain(self, what: str, error: Exception) -> None:
        """Once for checkpoints that fail one after the other."""
        if not self.complained:
            complain(f"cannot write {what}: {getattr(error, 'strerror', None) or error}")
        self.complained = True


class Recording:
    """The profile of this process, from its start or from a signal on.

    A child that the program forks records nothing and writes nothing, unless there are `parts`: then it begins a
    profile of its own, which goes to a file of its own.
    """

    def __init__(self, settings: Settings, output: Output, parts: Optional[Parts] = None) -> None:
        self.settings = settings
        self.output = output
        self.parts = parts
        self.facts: dict[str, Any] = {}
        self.process = os.getpid()
        self.profile = self._new_profile()
        self.started = settings.toggle is None
        self.saved = True
        self.repeater = None if settings.checkpoint is None else Repeater(settings.checkpoint, self._checkpoint)

    def _new_profile(self) -> Profile:
        return Profile(compensate=self.settings.compensate, threads=self.settings.threads)

    def begin(self) -> None:
        """To be called once, before the program runs.  Where no signal starts the profile, the caller does."""
        if self.parts is not None and self.process == self.parts.first:
            self.parts.begin()
        os.register_at_fork(after_in_child=self._begin_in_child)
        self.handlers = SignalHandlers(self.parts is not None, complain)
        if self.settings.toggle is not None:
            self.handlers.set(self.settings.toggle, functools.partial(self.handlers.hold, self._toggle))
        save_before_death(self.end, self.handlers)
        if self.started:
            self._start_checkpoints()

    def end(self) -> bool:
        """Publish the profile, if one is being recorded; False when that was impossible."""
        if os.getpid() != self.process:
            return True
        try:
            return self.handlers.hold(self._finish)
        except BaseException:  # from a signal handler of the program: KeyboardInterrupt is one
            self.handlers.hold(self._finish)
            raise

    def _finish(self) -> bool:
        self._stop()
        return self._add_up(Parts.finish) and self.saved

    def _stop(self) -> None:
        if not self.started:
            return
        self.profile.disable()
        if self.repeater is not None:
            self.repeater.stop()
        self.saved = self.output.publish(self.profile, self.facts)
        self.started = False

    def _add_up(self, how: Callable[[Parts], None]) -> bool:
        if self.parts is None:
            return True
        try:
            how(self.parts)
        except Exception as error:
            self.output.complain(self.parts.path, error)
            return False
        return True

    def _start_checkpoints(self) -> None:
        if self.repeater is not None:
            self.repeater.start()

    def _checkpoint(self) -> None:
        if self.profile.enabled:
            self.output.publish(self.profile, self.facts)
            self._add_up_first()

    def _add_up_first(self) -> None:
        if self.parts is not None and self.process == self.parts.first:
            self._add_up(Parts.add_up)

    def _toggle(self, number: int, frame: Optional[FrameType]) -> None:
        if os.getpid() != self.process:
            return
        if self.started:
            untraced(self._stop)
            untraced(self._add_up_first)
        else:
            self.profile.clear()
            self._start_checkpoints()
            self.profile.enable()
            self.started = True

    def _begin_in_child(self) -> None:
        self.profile.disable()
        if self.parts is None:
            return
        untraced(self._renew, self.parts)
        if self.started:
            self.profile.enable()

    def _renew(self, parts: Parts) -> None:
        self.process = os.getpid()
        self.profile = self._new_profile()
        self.output = Output(parts.new_path())
        self.started = self.settings.toggle is None
        self.saved = True
        if self.started:
            self._start_checkpoints()


def complain(message: str) -> None:
    if sys.stderr is not None and not sys.stderr.closed:
        print(f"profstat: {message}", file=sys.stderr)


hide_file(complain.__code__.co_filename)
