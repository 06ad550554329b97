"""How a request is named: by the route that the framework found for it, such as "/users/<int:id>", where it tells.

Each framework keeps the route in a place of its own.  What is read there is theirs, so whatever goes wrong means that
the route is not known; none is imported that is not in use.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Any, Iterator, Mapping, Optional


def wsgi_request(environ: Mapping[str, Any]) -> tuple[str, str]:
    """Method and path."""
    return environ.get("REQUEST_METHOD", ""), _wsgi_path(environ)


def wsgi_route(environ: Mapping[str, Any]) -> Optional[str]:
    """To be asked while the application answers: Flask forgets it afterwards."""
    with contextlib.suppress(Exception):
        request = environ.get("werkzeug.request")
        if request is not None:
            return f"{environ.get('SCRIPT_NAME', '')}{request.url_rule.rule}"
        return _django_route(environ.get("SCRIPT_NAME", ""), _wsgi_path(environ))
    return None


def _wsgi_path(environ: Mapping[str, Any]) -> str:
    path: str = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    return path.encode("latin-1", "replace").decode("utf-8", "replace")


def asgi_route(scope: Mapping[str, Any]) -> Optional[str]:
    """To be asked when the application has answered."""
    with contextlib.suppress(Exception):
        if "router" in scope:  # of Starlette, so of FastAPI as well
            routes = set(_starlette_routes(scope["router"].routes, scope.get("endpoint")))
            return routes.pop() if len(routes) == 1 else None
        return _django_route(scope.get("root_path", ""), scope["path"])
    return None


def _starlette_routes(routes: Any, endpoint: Any) -> Iterator[str]:
    for route in routes:
        if endpoint is not None and getattr(route, "endpoint", getattr(route, "app", None)) is endpoint:
            yield route.path
        for below in _starlette_routes(getattr(route, "routes", None) or (), endpoint):
            yield getattr(route, "path", "") + below


def _django_route(prefix: str, path: str) -> Optional[str]:
    urls = sys.modules.get("django.urls")
    if urls is None:
        return None
    return f"{prefix}/{urls.resolve(path[len(prefix) :]).route}"
