"""profstat: a deterministic tracing profiler, used as cProfile is and faster.

>>> import profstat
>>> with profstat.Profile() as profile:
...     work()
>>> profile.print_stats("cumulative")

`Profile`, `run` and `runctx` are those of cProfile; `monitor_profile` is a decorator that writes the profile of each
call of a function to a file, which the program `pstat` (or pstats) reads, and `stats` tells how many calls it profiled.
`profstat.wsgi` and `profstat.asgi` do the same for each request to an application.
"""

from typing import Any

from profstat._profstat import __version__
from profstat.decorator import monitor_profile
from profstat.keeping import CallCounts, MonitorStats, stats
from profstat.profile import Profile, run, runctx

__all__ = ["CallCounts", "MonitorStats", "Profile", "__version__", "monitor_profile", "run", "runctx", "stats"]


def load_ipython_extension(shell: Any) -> None:
    """What IPython calls for `%load_ext profstat`."""
    from profstat import magics

    magics.load(shell)
