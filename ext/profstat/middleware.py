"""What the middlewares for WSGI and for ASGI have in common: their arguments, and where the profile of a request goes.

The name of the file is known when the request has been answered, since only then its route is.  Paths come from
outside: they become file names without separators, and as many different ones as there is a limit for.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import re
import threading
from typing import Any, Callable, Mapping, Optional, Union

from profstat._profstat import hide_file, untraced
from profstat.choices import Choices, Keep, checked_choices, checked_path, fields_of
from profstat.keeping import KEEPERS, Facts, Keeper
from profstat.monitor import CallFields, Monitor, Place, Recording, name_of

_FIELDS = ("method", "route")
_NAME_LENGTH = 100
_ROUTE_LIMIT = 1000
_OTHER = "other"


class Middleware:
    _awaits: bool
    _arguments: tuple[str, ...]
    """Of the application."""

    def __init__(
        self,
        app: Any,
        directory: Union[str, os.PathLike[str]] = ".",
        *,
        path: Union[str, os.PathLike[str]] = "{method}.{route}.stat",
        keep: Keep = "last",
        every: int = 1,
        min_seconds: float = 0.0,
        budget: Optional[Mapping[str, int]] = None,
        subcalls: bool = True,
        builtins: bool = True,
        clock: str = "wall",
        paths: bool = True,
        compensate: bool = False,
    ) -> None:
        """Write the profiles of requests to files in `directory`, which is made if there is none.

        path      where to write, starting from the directory.  Fields: {method} of the request, {route} the route that
                  the framework found (Flask, Django, Starlette, FastAPI), or else the path of the request, both without
                  what does not belong into a file name; {pid} the process, {n} the number of the request in this
                  process, from 1, {time} the local time of its end as YYYYMMDD-HHMMSS.  A process gives files to 1,000
                  different routes; further ones share the route "other".
        keep      what a file holds: the "last" request, the "slowest" so far, or the "sum" of all.
        every, min_seconds, budget, subcalls, builtins, clock, paths, compensate
                  as in profstat.monitor_profile, for requests instead of calls.

        With PROFSTAT=0 in the environment, requests are handed on and that is all.

        Raises ValueError and TypeError for wrong arguments, and OSError for a directory that cannot be made.
        """
        self._check_application(app)
        folder = checked_path("directory", directory)
        options: dict[str, Any] = {
            "subcalls": subcalls,
            "builtins": builtins,
            "clock": clock,
            "paths": paths,
            "compensate": compensate,
        }
        choices = checked_choices(path, _FIELDS, keep, every, min_seconds, budget, options)
        self.app = app
        self._monitor: Optional[RequestMonitor] = None
        if os.environ.get("PROFSTAT") != "0":
            os.makedirs(folder, exist_ok=True)
            self._monitor = RequestMonitor(app, os.path.abspath(folder), choices, self._awaits)

    def _check_application(self, app: Any) -> None:
        call = f"called as app({', '.join(self._arguments)})"
        if not callable(app):
            raise TypeError(f"ProfilerMiddleware takes an application, which is {call}, not {app!r}")
        with contextlib.suppress(ValueError):  # not all that can be called tells its parameters
            try:
                inspect.signature(app, follow_wrapped=False).bind(*self._arguments)
            except TypeError:
                name = f"{type(self).__module__}.ProfilerMiddleware"
                raise TypeError(f"{name} takes an application that can be {call}, not {app!r}") from None

    def _recording(self) -> Optional[RequestRecording]:
        """For a request that begins; None when it is to be skipped, or is a part of another one."""
        if self._monitor is None:
            return None
        recording: Optional[RequestRecording] = self._monitor.recording()
        return recording


class RequestRecording(Recording):
    __slots__ = "method", "path", "route"

    monitor: RequestMonitor

    def __init__(self, monitor: RequestMonitor, number: int = 0) -> None:
        super().__init__(monitor, number)
        self.method = self.path = ""
        self.route: Optional[str] = None  # not known

    def ask(self, framework: Callable[[Any], Optional[str]], request: Any) -> None:
        """For the route."""
        if not self.monitor.over:
            self.route = untraced(framework, request)

    def final_place(self) -> Place:
        return self.monitor.place_of_request(self.number, self.method, self.route or self.path)


class RequestMonitor(Monitor):
    recording_type = RequestRecording

    def __init__(self, app: Any, directory: str, choices: Choices, awaits: bool) -> None:
        super().__init__(name_of(app), choices, awaits)
        self.directory = directory
        used = fields_of(choices.template)
        self.one_request_a_file = all(field in used for field in _FIELDS)

    def begin_anew(self) -> None:
        super().begin_anew()
        self.requests: set[tuple[str, str]] = set()
        self.keepers: dict[str, Keeper] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in super().__getstate__().items() if name not in ("requests", "keepers")}

    def place(self, number: int) -> Place:
        return Place(self.name, self.path_of(number, "", ""), self.keeper, {})

    def place_of_request(self, number: int, method: str, route: str) -> Place:
        name = f"{printable(method)} {printable(route)}"
        path = self.path_of(number, *self.limited(file_name(method), file_name(route)))
        facts: Facts = {"thread": threading.current_thread().name}
        if self.choices.keep == "last":
            return Place(name, path, self.keeper, {**facts, "request": name})
        if self.choices.keep == "slowest" or self.one_request_a_file:
            facts["request"] = name
        return Place(name, path, self.keepers.setdefault(path, KEEPERS[self.choices.keep]()), facts)

    def limited(self, method: str, route: str) -> tuple[str, str]:
        request = method, route
        if request not in self.requests:
            if len(self.requests) >= _ROUTE_LIMIT:
                return _OTHER, _OTHER
            self.requests.add(request)
        return request

    def path_of(self, number: int, method: str, route: str) -> str:
        fields = CallFields({"method": method, "route": route}, number)
        return os.path.join(self.directory, self.choices.template.format_map(fields))


def printable(text: str) -> str:
    """For a log: on one line."""
    return "".join(character if character.isprintable() else "?" for character in text)


def file_name(text: str) -> str:
    """Neither empty nor hidden, and without separators."""
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", text.strip("/").replace("/", "."))
    return name.strip(".")[:_NAME_LENGTH] or "root"


hide_file(Middleware.__init__.__code__.co_filename)
