"""A middleware for WSGI (PEP 3333) that writes the profiles of requests to files.

>>> app.wsgi_app = profstat.wsgi.ProfilerMiddleware(app.wsgi_app, "profiles")  # Flask
>>> application = profstat.wsgi.ProfilerMiddleware(get_wsgi_application(), "profiles")  # Django

A request begins when the server calls the application and ends when it closes the body.  What the application does in
between is in the profile, for a body that is made while it is sent as well; of the server only what the application
calls.
"""

from __future__ import annotations

from typing import Any, Callable, Iterable

from profstat._profstat import hide_file, untraced
from profstat.middleware import Middleware, RequestRecording
from profstat.routes import wsgi_request, wsgi_route

__all__ = ["ProfilerMiddleware"]

Environ = dict[str, Any]
StartResponse = Callable[..., Callable[[bytes], object]]


class ProfilerMiddleware(Middleware):
    _awaits = False
    _arguments = "environ", "start_response"

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        recording = self._recording()
        if recording is None:
            body: Iterable[bytes] = self.app(environ, start_response)
            return body
        recording.method, recording.path = untraced(wsgi_request, environ)

        def start(*arguments: Any) -> Callable[[bytes], object]:
            recording.ask(wsgi_route, environ)
            return start_response(*arguments)

        try:
            body = recording.step(self.app, environ, start)
            if not untraced(_runs_nothing, body, environ):
                return _Body(body, recording)
        except BaseException:
            recording.finish()
            raise
        recording.finish()
        return body


def _runs_nothing(body: Iterable[bytes], environ: Environ) -> bool:
    """Nothing of the application's while it is sent: such a body is handed on, since servers know how to send it best."""
    file_wrapper = environ.get("wsgi.file_wrapper")
    return type(body) in (list, tuple) or (isinstance(file_wrapper, type) and isinstance(body, file_wrapper))


class _Body:
    """The body of a response, each block of it a step of the request."""

    __slots__ = "body", "iterator", "recording"

    def __init__(self, body: Iterable[bytes], recording: RequestRecording) -> None:
        self.body = body
        self.recording = recording
        self.iterator = recording.step(iter, body)

    def __iter__(self) -> _Body:
        return self

    def __next__(self) -> bytes:
        block: bytes = self.recording.step(next, self.iterator)
        return block

    def close(self) -> None:
        try:
            close = untraced(getattr, self.body, "close", None)
            if close is not None:
                self.recording.step(close)
        finally:
            self.recording.finish()

    def __del__(self) -> None:
        self.recording.finish()  # of a server that does not close


hide_file(_Body.__init__.__code__.co_filename)
