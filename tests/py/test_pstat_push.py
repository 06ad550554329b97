"""pstat --push: what a server gets, and what is said when it does not want it."""

import base64
import cProfile
import itertools
import math
import os
import re
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any, Iterator, List

import pytest

import profstat
from ingest_server import BREAKS, CERTIFICATE, HANGS, Answer, IngestServer
from pstat_program import PSTAT, run_pstat
from support import facts_of, stats_of
from workloads import PROGRAMS, leaf

pytestmark = pytest.mark.skipif(
    PSTAT is None or b"without libcurl" in run_pstat("--push", "http://h", "--app", "a", "missing.stat").stderr,
    reason="pstat is not built, or not with libcurl",
)
SOME = ("plain_calls", "mutual_recursion", "library_json", "functions_with_equal_labels", "event_loop")
OF_THE_USER = ("PSTAT_PUSH_TOKEN", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "http_proxy", "https_proxy", "all_proxy")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in (*OF_THE_USER, *(name.upper() for name in OF_THE_USER)):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def server() -> Iterator[IngestServer]:
    with IngestServer() as server:
        yield server


def record(path: str, name: str = "library_json", **options: Any) -> None:
    """With a timer of whole seconds, unless another clock is asked for."""
    if not options:
        options = {"timer": itertools.count().__next__, "timeunit": 1.0}
    profile = profstat.Profile(**options)
    profile.runcall(PROGRAMS[name])
    profile.dump_stats(path)


def push(url: str, *words: str, file: str = "x.stat") -> "subprocess.CompletedProcess[bytes]":
    """Pushes a file, which stays as it is."""
    before = (Path(file).read_bytes(), os.stat(file).st_mtime_ns)
    done = run_pstat(file, "--push", url, "--app", "card-table", *words)
    assert (Path(file).read_bytes(), os.stat(file).st_mtime_ns) == before
    assert done.stdout == b""
    return done


def says(done: "subprocess.CompletedProcess[bytes]") -> List[str]:
    """The lines of what went wrong."""
    assert done.returncode == 2
    return done.stderr.decode().splitlines()


def assert_fine(done: "subprocess.CompletedProcess[bytes]") -> None:
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("name", SOME)
def test_every_function_arrives(server: IngestServer, name: str) -> None:
    record("x.stat", name)
    assert_fine(push(server.url))
    (request,) = server.requests
    expected = {label: (row[1], round(row[2] * 1e9)) for label, row in stats_of("x.stat").items()}
    assert request.profile.totals() == expected


def test_what_is_said_with_a_profile(server: IngestServer) -> None:
    record("x.stat", clock="wall")
    assert_fine(push(server.url, "--label", "env=a test", "--label", "pid=7"))
    (request,) = server.requests
    facts = facts_of("x.stat")
    assert request.path == "/ingest"
    assert request.name == f"card-table{{host={socket.gethostname()},clock=wall,env=a test,pid=7}}"
    assert request.labels == {"host": facts["host"], "clock": "wall", "env": "a test", "pid": "7"}
    until = max(math.ceil(facts["started"] + facts["enabled"]), math.floor(facts["started"]) + 1)
    assert int(request.query["from"]) == math.floor(facts["started"])
    assert int(request.query["until"]) in (until, until - 1)  # no later than now
    assert (request.profile.time, request.profile.duration) == (
        pytest.approx(facts["started"] * 1e9, abs=1000), pytest.approx(facts["enabled"] * 1e9, abs=1)
    )  # fmt: skip
    assert request.query["spyName"] == "profstat"
    assert re.fullmatch(r"pstat/\d+\.\d+\.\d+", request.headers["user-agent"])
    assert "authorization" not in request.headers and "x-scope-orgid" not in request.headers
    assert request.file_names == {"profile": "profile.pb.gz", "sample_type_config": "sample_type_config.json"}


@pytest.mark.parametrize(("clock", "shown"), [("wall", "wall"), ("cpu", "cpu"), (None, "time")])
def test_the_clock_is_told_apart(server: IngestServer, clock: str, shown: str) -> None:
    record("x.stat", **({"clock": clock} if clock else {}))
    assert_fine(push(server.url))
    (request,) = server.requests
    assert request.labels["clock"] == (clock or "timer")
    assert request.labels["pid"] == str(os.getpid())
    assert request.config == {
        "calls": {"units": "objects", "aggregation": "sum", "display-name": "calls"},
        "time": {"units": "samples", "aggregation": "sum", "display-name": shown, "sampled": True},
    }


def test_a_file_of_cprofile_has_neither_labels_nor_times(server: IngestServer) -> None:
    profile = cProfile.Profile()
    profile.runcall(leaf)
    profile.dump_stats("x.stat")
    assert_fine(push(server.url))
    (request,) = server.requests
    assert request.query == {"name": "card-table{}", "spyName": "profstat"}
    assert {label[2]: calls for label, (calls, _) in request.profile.totals().items()}["leaf"] == 1
    assert request.profile.time == 0


def test_one_thread_is_pushed_alone(server: IngestServer) -> None:
    with profstat.Profile(threads=True) as profile:
        thread = threading.Thread(target=leaf, name="other")
        thread.start()
        thread.join()
        leaf()
        leaf()
    profile.dump_stats("x.stat")
    assert_fine(push(server.url, "--thread", "other"))
    assert_fine(push(server.url, "--thread", "MainThread"))
    calls = [{label[2]: row[0] for label, row in r.profile.totals().items()}["leaf"] for r in server.requests]
    assert calls == [1, 2]


def test_the_path_of_the_url_is_kept(server: IngestServer) -> None:
    record("x.stat")
    assert_fine(push(server.url + "/deep/er/"))
    assert_fine(push(server.url + "/ingest"))
    assert [request.path for request in server.requests] == ["/deep/er/ingest", "/ingest"]


def test_trouble_of_the_server_is_tried_again() -> None:
    record("x.stat")
    with IngestServer(Answer(500, b"no"), Answer(503, b"no")) as server:
        assert_fine(push(server.url))
        first, second, third = server.requests
    assert first.parts == second.parts == third.parts
    assert first.query == second.query == third.query


@pytest.mark.parametrize("answer", [BREAKS, Answer(429), Answer(502, b"x" * 100_000)])
def test_what_may_pass_is_tried_again(answer: Answer) -> None:
    record("x.stat")
    with IngestServer(answer) as server:
        assert_fine(push(server.url))
        assert len(server.requests) == 2


def test_a_terminal_is_told_of_it() -> None:
    record("x.stat")
    leader, terminal = os.openpty()
    with IngestServer(Answer(500, b"no")) as server, os.fdopen(leader, "rb", 0) as shown:
        words = [str(PSTAT), "x.stat", "--push", server.url, "--app", "a"]
        done = subprocess.run(words, stderr=terminal, stdout=terminal, timeout=60)
        os.close(terminal)
        first, *_, last = shown.read(1000).decode().splitlines()
    assert (done.returncode, len(server.requests)) == (0, 2)
    assert first.endswith(f"pstat: x.stat: not pushed to {server.url}: it answers 500: no; trying again")
    assert last.endswith(f"pstat: 1 profile pushed to {server.url}")


def test_trouble_that_stays_is_given_up() -> None:
    record("x.stat")
    with IngestServer(*[Answer(503, b"overloaded")] * 50) as server:
        (line,) = says(push(server.url, "--push-timeout", "0.4"))
        tries = len(server.requests)
    assert 1 <= tries <= 8
    count = f" ({tries} tries)" if tries > 1 else ""
    assert line == f"pstat: x.stat: not pushed to {server.url}: it answers 503: overloaded{count}"


def test_a_refusal_is_shown_and_final() -> None:
    record("x.stat")
    with IngestServer(Answer(400, b'{"message":"profile is\x1b[2J too old"}\n')) as server:
        (line,) = says(push(server.url))
        assert len(server.requests) == 1
    assert line.endswith(': it answers 400: {"message":"profile is\\x1b[2J too old"}')


def test_a_long_answer_is_cut() -> None:
    record("x.stat")
    with IngestServer(Answer(404, ("\u00e9" * 5000).encode())) as server:
        (line,) = says(push(server.url))
    assert line.endswith("it answers 404: " + "\u00e9" * 300 + "...")


def test_a_long_wait_is_not_waited() -> None:
    record("x.stat")
    with IngestServer(Answer(429, b"", (("Retry-After", "3600"),))) as server:
        (line,) = says(push(server.url))
        assert len(server.requests) == 1
    assert line.endswith("it answers 429 (to be tried again after 3600 s)")


def test_a_short_wait_is_waited() -> None:
    record("x.stat")
    with IngestServer(Answer(503, b"", (("Retry-After", "1"),))) as server:
        assert_fine(push(server.url))
        assert len(server.requests) == 2


def test_nobody_is_there() -> None:
    record("x.stat")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        (line,) = says(push(url, "--push-timeout", "0.4"))
    assert line.startswith(f"pstat: x.stat: not pushed to {url}: Failed to connect to 127.0.0.1 ")


def test_a_server_that_never_answers_is_left() -> None:
    record("x.stat")
    with IngestServer(HANGS, HANGS) as server:
        (line,) = says(push(server.url, "--push-timeout", "0.4"))
    assert len(server.requests) <= 1
    assert "timed out" in line


def test_certificates_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    record("x.stat")
    with IngestServer(tls=True) as server:
        (line,) = says(push(server.url))
        assert server.requests == []
        assert "certificate" in line and "tries" not in line
        monkeypatch.setenv("CURL_CA_BUNDLE", str(CERTIFICATE))
        assert_fine(push(server.url))
        assert len(server.requests) == 1


def test_a_token_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, server: IngestServer) -> None:
    record("x.stat")
    monkeypatch.setenv("PSTAT_PUSH_TOKEN", "glc_0123456789")
    assert_fine(push(server.url))
    assert_fine(push(server.url.replace("//", "//1234@")))
    assert_fine(push(server.url.replace("//", "//me:pass%3Aword@"), "--tenant", "team-1"))
    bearer, user, both = server.requests
    assert bearer.headers["authorization"] == "Bearer glc_0123456789"
    assert user.headers["authorization"] == "Basic " + base64.b64encode(b"1234:glc_0123456789").decode()
    assert both.headers["authorization"] == "Basic " + base64.b64encode(b"me:pass:word").decode()
    assert both.headers["x-scope-orgid"] == "team-1"


@pytest.mark.parametrize("repeats", [b"", b"bad token: %s", b"bad header: %s"])
def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch, repeats: bytes) -> None:
    record("x.stat")
    monkeypatch.setenv("PSTAT_PUSH_TOKEN", "glc_0123456789" * 9)
    basic = base64.b64encode(b"me:glc_0123456789" + b"glc_0123456789" * 8)
    told = repeats % (basic if b"header" in repeats else b"glc_0123456789" * 9) if repeats else b"no"
    with IngestServer(Answer(401, told)) as server:
        (line,) = says(push(server.url.replace("//", "//me@")))
    shown = "(an answer that repeats the secret)" if repeats else "no"
    assert line == f"pstat: x.stat: not pushed to {server.url}: it answers 401: {shown}"


def test_redirections_are_shown_and_not_followed(server: IngestServer) -> None:
    record("x.stat")
    with IngestServer(Answer(307, b"", (("Location", server.url + "/else\x1b"),))) as first:
        (line,) = says(push(first.url))
    assert server.requests == []
    assert f"it answers 307, and that the place is {server.url}/else" in line and "\x1b" not in line


def test_each_of_several_files_is_pushed(server: IngestServer) -> None:
    for place, name in enumerate(SOME[:3]):
        record(f"{place}.stat", name)
    assert_fine(run_pstat("0.stat", "1.stat", "2.stat", "--push", server.url, "--app", "a"))
    for place, request in enumerate(server.requests):
        assert {label: row[0] for label, row in request.profile.totals().items()} == {
            label: row[1] for label, row in stats_of(f"{place}.stat").items()
        }
    assert len(server.requests) == 3


def test_a_bad_file_keeps_the_others_back_or_is_left_out(server: IngestServer) -> None:
    for name in ("a.stat", "c.stat"):
        record(name)
    Path("b.stat").write_bytes(b"no profile")
    command = ("a.stat", "b.stat", "c.stat", "--push", server.url, "--app", "a")
    (line,) = says(run_pstat(*command))
    assert line.startswith("pstat: b.stat: ") and server.requests == []
    done = run_pstat(*command, "--skip-bad")
    named, counted = done.stderr.decode().splitlines()
    assert (done.returncode, named, counted) == (0, line, "pstat: 1 of 3 files left out")
    assert len(server.requests) == 2


def test_after_a_refused_profile_come_the_others() -> None:
    for name in ("a.stat", "b.stat", "c.stat"):
        record(name)
    with IngestServer(Answer(200), Answer(422, b"too many stacks")) as server:
        lines = says(run_pstat("a.stat", "b.stat", "c.stat", "--push", server.url, "--app", "a"))
        assert len(server.requests) == 3
    assert lines == [
        f"pstat: b.stat: not pushed to {server.url}: it answers 422: too many stacks",
        "pstat: 2 of 3 files pushed",
    ]


def test_a_server_that_wants_none_is_not_asked_again() -> None:
    for name in ("a.stat", "b.stat", "c.stat"):
        record(name)
    with IngestServer(Answer(200), Answer(401)) as server:
        lines = says(run_pstat("a.stat", "b.stat", "c.stat", "--push", server.url, "--app", "a"))
        assert len(server.requests) == 2
    assert lines == [
        f"pstat: b.stat: not pushed to {server.url}: it answers 401",
        "pstat: 1 of 3 files pushed",
    ]


def test_a_report_is_written_beside(server: IngestServer) -> None:
    record("x.stat")
    os.utime("x.stat", (1, 1))
    assert_fine(run_pstat("--push", server.url, "--app", "a", "-o", "y.stat"))
    assert stats_of("y.stat") == stats_of("x.stat")
    assert len(server.requests) == 1
    done = run_pstat("x.stat", "--push", server.url, "--app", "a", "-o", "x.txt", "-g", "no such function")
    assert (done.returncode, len(server.requests)) == (1, 2)
    done = run_pstat("x.stat", "--push", server.url, "--app", "a", "-o", "missing/x.txt")
    assert (done.returncode, len(server.requests)) == (2, 2)


def test_a_failed_push_leaves_the_report() -> None:
    record("x.stat")
    with IngestServer(Answer(400)) as server:
        says(run_pstat("x.stat", "--push", server.url, "--app", "a", "-o", "x.csv"))
    assert Path("x.csv").read_text().count("\n") > 3
