"""profstat.wsgi.ProfilerMiddleware: what is profiled of a request, and that the answer is what it was."""

import io
import re
import sys
import threading
from wsgiref.handlers import SimpleHandler
from wsgiref.util import FileWrapper, setup_testing_defaults
from wsgiref.validate import validator

import pytest

import profstat
from profstat import Profile
from profstat.wsgi import ProfilerMiddleware
from support import calls_in, facts_of, own_rows, run_python, stats_of


def work(n=1):
    return n


def get_db_user(n):
    return n


def new_environ(path="/", method="GET", **fields):
    environ = {"PATH_INFO": path, "REQUEST_METHOD": method, "SCRIPT_NAME": "", "QUERY_STRING": "", **fields}
    setup_testing_defaults(environ)
    return environ


def request(app, path="/", method="GET", **fields):
    """The bytes that the server of the standard library sends, without the date."""
    sent = io.BytesIO()
    handler = SimpleHandler(io.BytesIO(), sent, io.StringIO(), new_environ(path, method, **fields), multithread=False)
    errors = handler.stderr
    handler.run(app)
    assert errors.getvalue() == ""
    return re.sub(rb"\r\nDate: [^\r]*", b"", sent.getvalue())


def listed(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    for _ in range(3):
        work()
    return [b"ok"]


class Streamed:
    """An application whose body is made while it is sent, and closed."""

    def __init__(self, environ, start_response):
        self.start_response = start_response

    def __iter__(self):
        work()
        self.start_response("200 OK", [("Content-Type", "text/plain")])
        for block in (b"one ", b"two"):
            work()
            yield block

    def close(self):
        get_db_user(1)


@pytest.fixture
def written(here):
    return lambda: sorted(path.name for path in here.glob("profiles/*"))


class TestRequest:
    def test_list(self, written):
        app = ProfilerMiddleware(listed, "profiles")
        assert request(app, "/a/b") == request(listed, "/a/b")
        assert written() == ["GET.a.b.stat"]
        rows = own_rows(stats_of("profiles/GET.a.b.stat"))
        assert rows["listed"] == (1, 1, {})
        assert rows["work"] == (3, 3, {"listed": (3, 3)})
        assert rows["start_response"] == (1, 1, {"listed": (1, 1)})
        assert not [name for name in rows if name in ("start", "__call__", "step") or "'get'" in name]

    def test_body_and_close(self, written):
        app = ProfilerMiddleware(Streamed, "profiles")
        assert request(app) == request(Streamed)
        assert written() == ["GET.root.stat"]
        calls = calls_in("profiles/GET.root.stat")
        assert {name: calls[name] for name in ("__init__", "__iter__", "work", "close", "get_db_user")} == {
            "__init__": 1,
            "__iter__": 3,
            "work": 3,
            "close": 1,
            "get_db_user": 1,
        }

    @pytest.mark.parametrize("app", [listed, Streamed])
    def test_keeps_to_the_standard(self, written, app):
        assert request(validator(ProfilerMiddleware(validator(app), "profiles"))) == request(validator(app))
        assert written() == ["GET.root.stat"]

    def test_write(self, written):
        def app(environ, start_response):
            write = start_response("200 OK", [("Content-Type", "text/plain")])
            write(b"one ")
            return (block for block in [b"two"])

        assert request(ProfilerMiddleware(app, "profiles")) == request(app)
        assert calls_in("profiles/GET.root.stat")["write"] >= 1

    def test_exc_info(self, here):
        def app(environ, start_response):
            start_response("200 OK", [])
            try:
                raise KeyError("broken")
            except KeyError:
                start_response("500 Oops", [("Content-Type", "text/plain")], sys.exc_info())
            return [b"error"]

        sent = request(ProfilerMiddleware(app, "profiles"))
        assert sent == request(app)
        assert b"500 Oops" in sent

    def test_error_of_the_application(self, written):
        def app(environ, start_response):
            work()
            raise error

        error = KeyError("broken")
        with pytest.raises(KeyError) as caught:
            ProfilerMiddleware(app, "profiles")(new_environ(), None)
        assert caught.value is error and error.__context__ is None
        assert calls_in("profiles/GET.root.stat") == {"app": 1, "work": 1}

    def test_error_of_the_body(self, written):
        def app(environ, start_response):
            yield b"one"
            work()
            raise KeyError("broken")

        body = ProfilerMiddleware(app, "profiles")(new_environ(), None)
        assert next(body) == b"one"
        with pytest.raises(KeyError, match="broken"):
            next(body)
        assert written() == []
        body.close()
        assert calls_in("profiles/GET.root.stat")["work"] == 1

    def test_client_that_leaves(self, written):
        def app(environ, start_response):
            try:
                yield b"one"
                yield b"two"
            finally:
                work()

        body = iter(ProfilerMiddleware(app, "profiles")(new_environ(), None))
        next(body)
        body.close()
        body.close()
        assert calls_in("profiles/GET.root.stat")["work"] == 1
        assert profstat.stats().functions[f"{__name__}.{app.__qualname__}"] == (1, 0, 0)

    def test_server_that_does_not_close(self, written):
        body = ProfilerMiddleware(Streamed, "profiles")(new_environ(), lambda *arguments: None)
        assert b"".join(body) == b"one two"
        assert written() == []
        del body
        assert calls_in("profiles/GET.root.stat")["work"] == 3

    def test_not_a_body(self, written):
        with pytest.raises(TypeError, match="'int' object is not iterable"):
            ProfilerMiddleware(lambda environ, start_response: 3, "profiles")(new_environ(), None)
        assert written() == ["GET.root.stat"]

    def test_bodies_that_servers_know(self, written):
        def app(environ, start_response):
            return body

        for body in ([b"one"], (b"one", b"two"), FileWrapper(io.BytesIO(b"x"))):
            assert ProfilerMiddleware(app, "profiles")(new_environ(**{"wsgi.file_wrapper": FileWrapper}), None) is body

    def test_request_within_a_request(self, written):
        def app(environ, start_response):
            if environ["PATH_INFO"] == "/outer":
                return list(outer(new_environ("/inner"), start_response))
            start_response("200 OK", [])
            return (str(work()).encode() for _ in "ab")

        outer = ProfilerMiddleware(app, "profiles")
        request(outer, "/outer")
        assert written() == ["GET.outer.stat"]
        calls = calls_in("profiles/GET.outer.stat")
        assert (calls["app"], calls["work"]) == (2, 2)

    def test_no_rows_in_another_profile(self, written):
        app, environ = ProfilerMiddleware(Streamed, "profiles"), new_environ()
        profile = Profile()
        profile.enable()
        body = app(environ, list.append)
        body.close()
        profile.disable()
        profile.create_stats()
        rows = {label[2]: row[1] for label, row in profile.stats.items() if "disable" not in label[2]}
        assert rows == {"__init__": 1, "close": 1, "get_db_user": 1}

    def test_concurrent_requests(self, here):
        """Bodies that are sent by turns, in several threads, which do not stay with theirs."""

        def app(environ, start_response):
            for _ in range(int(environ["PATH_INFO"][1:])):
                get_db_user(1)
                yield b"x"

        def send(part):
            for body in part:
                next(body, None)

        middleware = ProfilerMiddleware(app, "profiles")
        bodies = [middleware(new_environ(f"/{n}"), None) for n in range(40)]
        for turn in range(40):
            parts = [bodies[(first + turn) % 4 :: 4] for first in range(4)]
            threads = [threading.Thread(target=send, args=(part,)) for part in parts]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        for body in bodies:
            body.close()
        for n in range(40):
            assert calls_in(f"profiles/GET.{n}.stat").get("get_db_user", 0) == n


class TestFiles:
    def test_names(self, written):
        app = ProfilerMiddleware(listed, "profiles")
        for method, path in [
            ("POST", "/users/3"),
            ("GET", "/../../etc/passwd"),
            ("GET", "/a b/<c>\n\u00c3\u00a4/"),
            ("GET", "//"),
            ("B/D", "/x"),
        ]:
            request(app, path, method)
        request(app, "/" + 300 * "long", SCRIPT_NAME="/mounted")
        assert written() == sorted(
            [
                "POST.users.3.stat",
                "GET.etc.passwd.stat",
                "GET.a_b._c_.stat",
                "GET.root.stat",
                "B.D.x.stat",
                f"GET.{('mounted.' + 300 * 'long')[:100]}.stat",
            ]
        )

    def test_path(self, here, written):
        app = ProfilerMiddleware(listed, here / "profiles", path="{n}-{method}-{route}.stat")
        request(app, "/a")
        request(app, "/b")
        assert written() == ["1-GET-a.stat", "2-GET-b.stat"]

    def test_the_directory_stays(self, here, written, monkeypatch):
        app = ProfilerMiddleware(listed, "profiles")
        (here / "elsewhere").mkdir()
        monkeypatch.chdir(here / "elsewhere")
        request(app)
        assert written() == ["GET.root.stat"]

    def test_braces_in_the_directory(self, here):
        request(ProfilerMiddleware(listed, "{n}"))
        assert [path.name for path in here.glob("{n}/*")] == ["GET.root.stat"]

    def test_facts(self, here):
        request(ProfilerMiddleware(listed, "profiles"), "/a\nb")
        assert facts_of("profiles/GET.a_b.stat")["request"] == "GET /a?b"
        assert facts_of("profiles/GET.a_b.stat")["thread"] == "MainThread"

    @pytest.mark.parametrize("keep", ["last", "sum"])
    def test_no_end_of_files(self, written, monkeypatch, keep):
        monkeypatch.setattr("profstat.middleware._ROUTE_LIMIT", 3)
        app = ProfilerMiddleware(listed, "profiles", keep=keep)
        for n in range(10):
            request(app, f"/{n}")
        request(app, "/1")
        assert written() == ["GET.0.stat", "GET.1.stat", "GET.2.stat", "other.other.stat"]
        ones, others = (calls_in(f"profiles/{name}.stat")["work"] for name in ("GET.1", "other.other"))
        assert (ones, others) == ((3, 3) if keep == "last" else (6, 21))


class TestOptions:
    def test_sum(self, here):
        app = ProfilerMiddleware(listed, "profiles", keep="sum")
        for path in ("/a", "/b", "/a"):
            request(app, path)
        assert calls_in("profiles/GET.a.stat")["listed"] == 2
        assert calls_in("profiles/GET.b.stat")["listed"] == 1
        assert facts_of("profiles/GET.a.stat")["request"] == "GET /a"

    def test_sum_of_all(self, here, written):
        app = ProfilerMiddleware(listed, "profiles", keep="sum", path="all.stat")
        for path in ("/a", "/b", "/a"):
            request(app, path)
        assert written() == ["all.stat"]
        assert calls_in("profiles/all.stat")["listed"] == 3
        assert "request" not in facts_of("profiles/all.stat")

    def test_slowest_of_each_route(self, here, ticks):
        def app(environ, start_response):
            n = int(environ["QUERY_STRING"])
            ticks.now += n
            return [str(work()).encode() for _ in range(n)]

        middleware = ProfilerMiddleware(app, "profiles", keep="slowest")
        for path, n in [("/a", 2), ("/a", 5), ("/b", 1), ("/a", 3)]:
            middleware(new_environ(path, QUERY_STRING=str(n)), None)
        assert calls_in("profiles/GET.a.stat")["work"] == 5
        assert calls_in("profiles/GET.b.stat")["work"] == 1

    def test_min_seconds(self, here, written, ticks):
        def app(environ, start_response):
            yield b""
            ticks.now += int(environ["PATH_INFO"][1:])

        middleware = ProfilerMiddleware(app, "profiles", min_seconds=5)
        for n in (4, 5, 6):
            body = middleware(new_environ(f"/{n}"), None)
            list(body)
            body.close()
        assert written() == ["GET.5.stat", "GET.6.stat"]

    def test_every(self, here, written):
        app = ProfilerMiddleware(listed, "profiles", every=3, path="{n}.stat")
        answers = {request(app, f"/{n}") for n in range(7)}
        assert len(answers) == 1
        assert written() == ["3.stat", "6.stat"]

    def test_budget(self, here, caplog):
        def app(environ, start_response):
            for n in range(4):
                get_db_user(n)
                yield b""

        body = ProfilerMiddleware(app, "profiles", budget={"get_db_user": 2})(new_environ("/x\ny"), None)
        list(body)
        body.close()
        (message,) = caplog.messages
        assert message == (
            "GET /x?y made 4 calls of get_db_user, more than 2: by app (4); "
            f"see {here / 'profiles' / 'GET.x_y.stat'}"
        )

    def test_switched_off(self, here, monkeypatch):
        monkeypatch.setenv("PROFSTAT", "0")
        request(ProfilerMiddleware(listed, "profiles"))
        assert list(here.iterdir()) == []

    def test_failure_does_not_break_the_request(self, here):
        app = ProfilerMiddleware(listed, "profiles")
        (here / "profiles").rmdir()
        with pytest.warns(RuntimeWarning, match="profile not written to .*GET.root.stat: No such file or directory"):
            assert request(app) == request(listed)

    @pytest.mark.parametrize(
        "options, error, message",
        [
            ({"path": "{func}.stat"}, ValueError, r"unknown field {func} .*choose from {method}, {route}, {pid}, {n}"),
            ({"path": "{route}-{n}.stat", "keep": "sum"}, ValueError, r"choose from {method}, {route}, {pid}\)"),
            ({"keep": "first"}, ValueError, "keep is 'first'; it can be 'last', 'sum' or 'slowest'"),
            ({"every": 0}, ValueError, "every is 0; it can be 1"),
            ({"min_seconds": -1}, ValueError, "min_seconds is -1; it can be"),
            ({"budget": 3}, TypeError, "budget is 3; it can be a mapping"),
            ({"clock": "gpu"}, ValueError, "clock is 'gpu'; it can be 'wall' or 'cpu'"),
            ({"subcalls": "no"}, TypeError, "subcalls is 'no'; it can be True or False"),
            ({"path": 1}, TypeError, "path is 1; it can be a str or an os.PathLike object"),
            ({"directory": "file"}, FileExistsError, "file"),
            ({"directory": None}, TypeError, "directory is None; it can be a str or an os.PathLike object"),
            ({"directory": b"x"}, TypeError, "directory is b'x'; it can be a str or an os.PathLike object"),
            ({"directory": ""}, ValueError, "directory is ''; it can be any text that is not empty"),
            ({"app": None}, TypeError, r"takes an application, .*app\(environ, start_response\), not None"),
            ({"app": lambda scope: None}, TypeError, r"profstat.wsgi.ProfilerMiddleware takes .* app\(environ, start_"),
        ],
    )
    def test_wrong_arguments(self, here, options, error, message):
        (here / "file").write_text("")
        with pytest.raises(error, match=message):
            ProfilerMiddleware(**{"app": listed, **options})
        assert [path.name for path in here.iterdir()] == ["file"]

    def test_application_that_wraps_something_else(self, here):
        werkzeug = pytest.importorskip("werkzeug")

        @werkzeug.Request.application
        def hello(request):
            return werkzeug.Response("hello")

        assert request(ProfilerMiddleware(hello, "profiles")) == request(hello)
        assert calls_in("profiles/GET.root.stat")["hello"] == 1

    def test_imported_when_asked_for(self):
        code = "import sys, profstat; print([name for name in sys.modules if 'sgi' in name or 'logging' in name])"
        assert run_python("-c", code).stdout == "[]\n"
