"""What the command records, and how it gets out: a file or a report, once at the end and, if wanted, before."""

from __future__ import annotations

import os
import pstats
import sys
from typing import Any, Optional

from profstat._profstat import hide_file
from profstat.checkpoint import Repeater
from profstat.endings import save_before_death
from profstat.profile import Profile

_STDOUT = 1  # the file descriptor


class Output:
    """Where the profile goes, settled before the program can change the directory or standard output."""

    def __init__(self, path: Optional[str], sort: Any) -> None:
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
    """The profile of this process.  A child that the program forks records nothing, and writes nothing."""

    def __init__(self, profile: Profile, output: Output, facts: dict[str, Any], checkpoint: Optional[float]) -> None:
        self.profile = profile
        self.output = output
        self.facts = facts
        self.process = os.getpid()
        self.saved: Optional[bool] = None  # how the end came out
        self.repeater = Repeater(checkpoint, self.checkpoint) if checkpoint is not None else None

    def begin(self) -> None:
        os.register_at_fork(after_in_child=self.profile.disable)
        save_before_death(self.end)
        if self.repeater is not None:
            self.repeater.start()

    def checkpoint(self) -> None:
        if self.profile.enabled:
            self.output.publish(self.profile, self.facts)

    def end(self) -> bool:
        """Publish the profile, unless that has been done; False when it was impossible."""
        if os.getpid() != self.process:
            return True
        if self.saved is None:
            self.profile.disable()
            if self.repeater is not None:
                self.repeater.stop()
            self.saved = self.output.publish(self.profile, self.facts)
        return self.saved


def complain(message: str) -> None:
    if sys.stderr is not None and not sys.stderr.closed:
        print(f"profstat: {message}", file=sys.stderr)


hide_file(complain.__code__.co_filename)
