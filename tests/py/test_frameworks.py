"""The middlewares around applications of the frameworks that tell their routes."""

import asyncio

import pytest

import profstat.asgi
import profstat.wsgi
import test_asgi
import test_wsgi
from support import calls_in, facts_of


def get_db_user(n):
    return n


def users(n):
    return "".join(str(get_db_user(i)) for i in range(n))


@pytest.fixture
def written(here):
    """Tells {file: (request, calls of get_db_user)}."""

    def read(path):
        return facts_of(path)["request"], calls_in(path).get("get_db_user", 0)

    return lambda: {path.name: read(path) for path in here.glob("profiles/*")}


class TestFlask:
    @staticmethod
    def make():
        flask = pytest.importorskip("flask")
        app = flask.Flask("app")

        @app.route("/users/<int:n>", methods=["GET", "POST"])
        def show(n):
            return users(n)

        @app.route("/stream/<int:n>")
        def stream(n):
            return flask.Response(users(1) for _ in range(n))

        return app

    def test_routes(self, written):
        app = self.make()
        app.wsgi_app = profstat.wsgi.ProfilerMiddleware(app.wsgi_app, "profiles")
        client = app.test_client()
        assert [client.get(f"/users/{n}").text for n in (1, 3)] == ["0", "012"]
        assert client.post("/users/2").text == "01"
        with client.get("/stream/4") as answer:
            assert answer.text == "0000"
        with client.get("/nothing") as answer:
            assert answer.status_code == 404
        assert written() == {
            "GET.users._int_n_.stat": ("GET /users/<int:n>", 3),
            "POST.users._int_n_.stat": ("POST /users/<int:n>", 2),
            "GET.stream._int_n_.stat": ("GET /stream/<int:n>", 4),
            "GET.nothing.stat": ("GET /nothing", 0),
        }

    def test_mounted(self, written):
        pytest.importorskip("flask")
        from werkzeug.middleware.dispatcher import DispatcherMiddleware

        app = DispatcherMiddleware(test_wsgi.listed, {"/api": self.make()})
        test_wsgi.request(profstat.wsgi.ProfilerMiddleware(app, "profiles"), "/api/users/3")
        assert written() == {"GET.api.users._int_n_.stat": ("GET /api/users/<int:n>", 3)}


@pytest.fixture
def django():
    django = pytest.importorskip("django")
    from django.conf import settings

    if not settings.configured:
        settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x")
        django.setup()
    return django


def show(request, n):
    from django.http import HttpResponse

    return HttpResponse(users(n))


async def show_later(request, n):
    from django.http import HttpResponse

    await asyncio.sleep(0)
    return HttpResponse(users(n))


def stream(request, n):
    from django.http import StreamingHttpResponse

    return StreamingHttpResponse(users(1) for _ in range(n))


def __getattr__(name):
    if name != "urlpatterns":
        raise AttributeError(name)
    from django.urls import include, path, re_path

    shown = [path("users/<int:n>/", show), path("later/<int:n>/", show_later), path("stream/<int:n>/", stream)]
    return [*shown, path("api/", include([path("users/<int:n>/", show)])), re_path(r"^old/(?P<n>\d)$", show)]


class TestDjango:
    def test_wsgi(self, written, django):
        from django.core.handlers.wsgi import WSGIHandler

        app = profstat.wsgi.ProfilerMiddleware(WSGIHandler(), "profiles")
        for path in ("/users/1/", "/users/3/", "/api/users/2/", "/stream/4/", "/nothing"):
            test_wsgi.request(app, path, wsgi_input=None)
        assert written() == {
            "GET.users._int_n_.stat": ("GET /users/<int:n>/", 3),
            "GET.api.users._int_n_.stat": ("GET /api/users/<int:n>/", 2),
            "GET.stream._int_n_.stat": ("GET /stream/<int:n>/", 4),
            "GET.nothing.stat": ("GET /nothing", 0),
        }

    def test_asgi(self, written, django):
        from django.core.handlers.asgi import ASGIHandler

        async def requests():
            app = profstat.asgi.ProfilerMiddleware(ASGIHandler(), "profiles")
            paths = [f"/later/{n}/" for n in range(5)]
            answers = [await test_asgi.request(app, path, query_string=b"", server=("x", 80)) for path in paths]
            return [answer[1]["body"] for answer in answers]

        assert asyncio.run(requests()) == [b"", b"0", b"01", b"012", b"0123"]
        assert written() == {"GET.later._int_n_.stat": ("GET /later/<int:n>/", 4)}


class TestStarlette:
    @staticmethod
    def make():
        pytest.importorskip("starlette")
        from starlette.applications import Starlette
        from starlette.responses import PlainTextResponse
        from starlette.routing import Mount, Route

        async def show(request):
            await asyncio.sleep(0)
            return PlainTextResponse(users(int(request.path_params["n"])))

        async def twice(request):
            return PlainTextResponse("")

        inner = [Route("/users/{n:int}", show)]
        routes = [Mount("/api", routes=inner), Route("/one", twice), Route("/two", twice)]
        return Starlette(routes=routes)

    def test_routes(self, written):
        app = self.make()
        app.add_middleware(profstat.asgi.ProfilerMiddleware, directory="profiles")

        async def requests():
            paths = ("/api/users/1", "/api/users/3", "/nothing", "/two")
            return [(await test_asgi.request(app, path))[1]["body"] for path in paths]

        assert asyncio.run(requests()) == [b"0", b"012", b"Not Found", b""]
        assert written() == {
            "GET.api.users._n_int_.stat": ("GET /api/users/{n:int}", 3),
            "GET.nothing.stat": ("GET /nothing", 0),
            "GET.two.stat": ("GET /two", 0),
        }
