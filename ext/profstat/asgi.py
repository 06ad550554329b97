"""A middleware for ASGI that writes the profiles of HTTP requests to files.

>>> app.add_middleware(profstat.asgi.ProfilerMiddleware, directory="profiles")  # Starlette, FastAPI
>>> application = profstat.asgi.ProfilerMiddleware(get_asgi_application(), "profiles")  # Django

A request is profiled while it runs, not while it waits.  Websockets and the lifespan of the application are handed on:
they last as long as a client or the server pleases, and no file would say anything about one request.
"""

from __future__ import annotations

from typing import Any, Awaitable, Callable, MutableMapping

from profstat._profstat import hide_file
from profstat.middleware import Middleware
from profstat.routes import asgi_route
from profstat.wrappers import profiled_steps

__all__ = ["ProfilerMiddleware"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]


class ProfilerMiddleware(Middleware):
    _awaits = True
    _arguments = "scope", "receive", "send"

    async def __call__(
        self, scope: Scope, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        recording = self._recording() if scope["type"] == "http" else None
        if recording is None:
            await self.app(scope, receive, send)
            return
        recording.method = scope["method"]
        recording.path = scope["path"]
        try:
            await profiled_steps(recording, self.app, scope, receive, send)
        finally:
            recording.ask(asgi_route, scope)
            recording.finish()


hide_file(ProfilerMiddleware.__call__.__code__.co_filename)
