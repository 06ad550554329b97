"""profstat.asgi.ProfilerMiddleware: what is profiled of a request, and that everything reaches the application."""

import asyncio

import pytest

import profstat
from profstat.asgi import ProfilerMiddleware
from support import calls_in, facts_of


def work(n=1):
    return n


def get_db_user(n):
    return n


def new_scope(path="/", method="GET", **fields):
    return {"type": "http", "method": method, "path": path, "root_path": "", "headers": [], **fields}


async def request(app, path="/", method="GET", **fields):
    """The messages that the application sends."""
    sent = []

    async def receive():
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        await asyncio.sleep(0)
        sent.append(message)

    await app(new_scope(path, method, **fields), receive, send)
    return sent


async def users(scope, receive, send):
    """Asks for as many users as the path says."""
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for n in range(int(scope["path"].split("/")[-1])):
        await asyncio.sleep(0)
        get_db_user(n)
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def written(here):
    return lambda: sorted(path.name for path in here.glob("profiles/*"))


class TestRequest:
    def test_request(self, written):
        app = ProfilerMiddleware(users, "profiles")
        assert asyncio.run(request(app, "/a/3")) == asyncio.run(request(users, "/a/3"))
        assert written() == ["GET.a.3.stat"]
        calls = calls_in("profiles/GET.a.3.stat")
        assert calls["get_db_user"] == 3
        assert not [name for name in calls if name in ("__call__", "step", "__next__") or "'get'" in name]
        facts = facts_of("profiles/GET.a.3.stat")
        assert (facts["request"], facts["thread"]) == ("GET /a/3", "MainThread")

    def test_concurrent_requests_keep_apart(self, written):
        async def all_at_once():
            app = ProfilerMiddleware(users, "profiles", path="{route}.stat")
            return await asyncio.gather(*(request(app, f"/{n}") for n in range(50)))

        answers = asyncio.run(all_at_once())
        assert [len(answer) for answer in answers] == [n + 2 for n in range(50)]
        assert [calls_in(f"profiles/{n}.stat").get("get_db_user", 0) for n in range(50)] == list(range(50))

    def test_error(self, written):
        async def app(scope, receive, send):
            work()
            await receive()
            raise error

        error = KeyError("broken")
        with pytest.raises(KeyError) as caught:
            asyncio.run(request(ProfilerMiddleware(app, "profiles")))
        assert caught.value is error and error.__context__ is None
        assert calls_in("profiles/GET.root.stat")["work"] == 1

    def test_cancelled_request(self, written):
        async def app(scope, receive, send):
            try:
                await asyncio.Event().wait()
            finally:
                work()

        async def cancel():
            task = asyncio.ensure_future(request(ProfilerMiddleware(app, "profiles")))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        asyncio.run(cancel())
        assert calls_in("profiles/GET.root.stat")["work"] == 1

    def test_application_that_is_no_coroutine_function(self, written):
        class App:
            def __call__(self, *arguments):
                return users(*arguments)

        assert len(asyncio.run(request(ProfilerMiddleware(App(), "profiles"), "/2"))) == 4
        assert calls_in("profiles/GET.2.stat")["get_db_user"] == 2

    @pytest.mark.parametrize("kind", ["lifespan", "websocket"])
    def test_what_is_handed_on(self, written, kind):
        async def app(*arguments):
            seen.extend(arguments)

        seen = []
        arguments = [{"type": kind}, object(), object()]
        asyncio.run(ProfilerMiddleware(app, "profiles")(*arguments))
        assert all(one is other for one, other in zip(seen, arguments)) and len(seen) == 3
        assert written() == []

    def test_servers_see_what_it_is(self, here):
        assert asyncio.iscoroutinefunction(ProfilerMiddleware(users).__call__)


class TestOptions:
    def test_every_and_sum(self, written):
        async def requests():
            app = ProfilerMiddleware(users, "profiles", every=2, keep="sum")
            for _ in range(5):
                await request(app, "/7")

        before = profstat.stats()
        asyncio.run(requests())
        assert written() == ["GET.7.stat"]
        assert calls_in("profiles/GET.7.stat")["get_db_user"] == 14
        assert [profstat.stats()[i] - before[i] for i in range(3)] == [2, 3, 0]

    def test_budget_and_min_seconds(self, written, caplog):
        app = ProfilerMiddleware(users, "profiles", budget={"get_db_user": 2}, min_seconds=60)
        asyncio.run(request(app, "/2"))
        asyncio.run(request(app, "/5"))
        (message,) = caplog.messages
        assert message == "GET /5 made 5 calls of get_db_user, more than 2: by users (5); its profile is not kept"
        assert written() == []

    def test_wrong_arguments(self, here):
        with pytest.raises(ValueError, match="keep is 'first'; it can be 'last', 'sum' or 'slowest'"):
            ProfilerMiddleware(users, keep="first")
        with pytest.raises(TypeError, match=r"can be called as app\(scope, receive, send\), not <function .*lambda"):
            ProfilerMiddleware(lambda environ, start_response: [])
