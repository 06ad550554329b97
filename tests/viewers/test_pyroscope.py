"""Pyroscope: what it shows of profiles that were pushed to it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

import profiles
import pytest
from profiles import PSTAT, Totals
from test_stacks import Stack, check, name_of, sum_up

PROGRAM = shutil.which("pyroscope")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="pyroscope is not installed")

HOST = "127.0.0.1"
PATIENCE = 120.0  # seconds


def ports(count: int) -> List[int]:
    """Numbers that nobody listens on."""
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    numbers = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return numbers


def settings() -> Dict[str, str]:
    """Everything on the loopback interface, nothing told to anybody, and ready as soon as it can be."""
    http, grpc, gossip, raft = ports(4)
    rings = ("compactor.ring", "distributor.ring", "overrides-exporter.ring", "query-scheduler.ring")
    return {
        "target": "all",
        "architecture.storage": "v2",
        "server.http-listen-address": HOST,
        "server.http-listen-port": str(http),
        "server.grpc-listen-address": HOST,
        "server.grpc-listen-port": str(grpc),
        "memberlist.bind-addr": HOST,
        "memberlist.advertise-addr": HOST,
        "memberlist.bind-port": str(gossip),
        "metastore.raft.bind-address": f"{HOST}:{raft}",
        "metastore.raft.advertise-address": f"{HOST}:{raft}",
        **{f"{name}.address": f"{HOST}:{grpc}" for name in ("metastore", "query-backend")},
        **{f"{ring}.instance-addr": HOST for ring in (*rings, "query-frontend", "store-gateway.sharding-ring")},
        **{f"{name}.lifecycler.addr": HOST for name in ("ingester", "segment-writer")},
        **{f"{name}.min-ready-duration": "0s" for name in ("ingester", "segment-writer", "metastore")},
        "usage-stats.enabled": "false",
        "self-profiling.disable-push": "true",
    }


def known(names: Dict[str, str]) -> List[str]:
    """The options of these that this version has."""
    told = subprocess.run([str(PROGRAM), "-help-all"], capture_output=True, text=True)
    there = {line.split()[0].lstrip("-") for line in (told.stdout + told.stderr).splitlines() if line.startswith("  -")}
    return [f"-{name}={value}" for name, value in names.items() if name in there]


def fetch(url: str, **query: str) -> Optional[bytes]:
    """What is there; None: nothing yet."""
    try:
        with urllib.request.urlopen(f"{url}?{urllib.parse.urlencode(query)}", timeout=PATIENCE) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        error.close()
        return None
    except urllib.error.URLError:
        return None


def wait_for(find: Callable[[], Any]) -> Any:
    """Asks until there is something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = find()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError("it took too long")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("pyroscope")
    chosen = settings()
    url = f"http://{HOST}:{chosen['server.http-listen-port']}"
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen([str(PROGRAM), *known(chosen)], cwd=folder, stdout=log, stderr=log)
    try:
        wait_for(lambda: process.poll() is not None or fetch(url + "/ready"))
        assert process.poll() is None, (folder / "log").read_text()[-2000:]
        yield url
    finally:
        process.kill()
        process.wait()


def push(server: str, path: Path, app: str, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [PSTAT, str(path), "--push", server, "--app", app, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def render(server: str, app: str, kind: str, labels: str = "") -> Dict[str, Any]:
    """The flame graph of all that was pushed in the last hour."""
    now = int(time.time())
    query = f'{kind}{{service_name="{app}"{labels}}}'

    def find() -> Optional[Dict[str, Any]]:
        answer = fetch(server + "/pyroscope/render", query=query, until=str(now + 60), **{"from": str(now - 3600)})
        graph = json.loads(answer)["flamebearer"] if answer else {"numTicks": 0}
        return graph if graph["numTicks"] else None

    return wait_for(find)


def stacks_of(graph: Dict[str, Any]) -> List[Tuple[Stack, float]]:
    """Each box with its own value; the boxes of a level are told by how far they are from the one before."""
    stacks: List[Tuple[Stack, float]] = []
    above: List[Tuple[int, int, Stack]] = [(0, graph["numTicks"], ())]
    for level in graph["levels"][1:]:
        boxes, at = [], 0
        for place in range(0, len(level), 4):
            gap, total, own, name = level[place : place + 4]
            at += gap
            parent = next(stack for left, right, stack in above if left <= at < right or left == right == at)
            stack = (*parent, graph["names"][name])
            boxes.append((at, at + total, stack))
            stacks.append((stack, own))
            at += total
        above = boxes
    return stacks


def calls_of(server: str, app: str, clock: str, labels: str = "") -> List[Tuple[Stack, int, float]]:
    graph = render(server, app, f"{clock}:calls:count:time:nanoseconds", labels)
    return [(stack, int(own), 0.0) for stack, own in stacks_of(graph)]


def times_of(server: str, app: str, clock: str) -> List[Tuple[Stack, int, float]]:
    graph = render(server, app, f"{clock}:time:nanoseconds:time:nanoseconds")
    return [(stack, 0, own) for stack, own in stacks_of(graph)]


def test_every_function_has_its_calls_and_times(server: str, profile: Path) -> None:
    done = push(server, profile, profile.stem)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    clock = "wall" if profile.stem in ("flat", "recursive") else "time"
    shown = sum_up(calls_of(server, profile.stem, clock) + times_of(server, profile.stem, clock))
    check(shown, profile, name_of)


def test_profiles_are_added_up_and_told_apart(server: str, tmp_path: Path) -> None:
    one, two = tmp_path / "one.stat", tmp_path / "two.stat"
    profiles.write_recorded(one, profiles.flat)
    profiles.write_recorded(two, profiles.recursive)
    assert push(server, one, "apart", "--label", "run=1").returncode == 0
    assert push(server, two, "apart", "--label", "run=2").returncode == 0
    kind = "wall:calls:count:time:nanoseconds"
    calls = [sum(totals.calls for totals in profiles.read(path).values()) for path in (one, two)]
    for number, count in enumerate(calls, 1):
        assert render(server, "apart", kind, f', run="{number}"')["numTicks"] == count
    wait_for(lambda: render(server, "apart", kind)["numTicks"] == sum(calls))


def test_what_is_too_old_is_refused(server: str, tmp_path: Path) -> None:
    profile = profiles.profstat.Profile()
    profile.runcall(profiles.flat)
    profile._save(str(tmp_path / "x.stat"), {"started": time.time() - 86400})
    done = push(server, tmp_path / "x.stat", "old")
    assert done.returncode == 2
    assert "outside of ingestion window" in done.stderr


def test_cpu_time_and_threads_have_their_own_names(server: str, tmp_path: Path) -> None:
    with profiles.profstat.Profile(clock="cpu", threads=True) as profile:
        thread = threading.Thread(target=profiles.flat, name="a thread")
        thread.start()
        thread.join()
        profiles.flat()
    profile.dump_stats(str(tmp_path / "x.stat"))
    assert push(server, tmp_path / "x.stat", "threads").returncode == 0
    of_thread = sum_up(calls_of(server, "threads", "process_cpu", ', thread="a thread"'))
    of_both = sum_up(calls_of(server, "threads", "process_cpu"))
    flat = name_of((profiles.__file__, profiles.flat.__code__.co_firstlineno, "flat"))
    assert (of_thread[flat].calls, of_both[flat].calls) == (1, 2)
