"""Programs to profile: what the language, its C code and its library do to a stack of calls.

Each is a function without arguments and runs the same way every time.  Those in STEERED take the profiler instead,
and switch it themselves.
"""

from . import calls, library, objects, randomised, steered, suspended  # noqa: F401  # each adds its programs
from .registry import PROGRAMS, STEERED, leaf

__all__ = ["PROGRAMS", "STEERED", "leaf"]
