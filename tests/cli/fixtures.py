"""The files that the transcripts read."""

from __future__ import annotations

import marshal
import os
from pathlib import Path
from typing import Any, List

from record import Tree, trailer

VIEWS = "/srv/table/views.py"
LOGIN = (VIEWS, 12, "login")
GET_TABLE = (VIEWS, 31, "get_table")
GET_DB_USER = ("/srv/table/db.py", 7, "get_db_user")
DECODE = ("/usr/lib/python3/json/decoder.py", 343, "decode")
EXECUTE = ("~", 0, "<method 'execute' of 'sqlite3.Connection' objects>")
LEN = ("~", 0, "<built-in method builtins.len>")
FACTORIAL = ("/srv/table/odds.py", 3, "factorial")

LOGIN_STATS = {
    LOGIN: (1, 1, 0.0015, 0.25, {}),
    GET_TABLE: (1, 1, 0.003, 0.2405, {LOGIN: (1, 1, 0.003, 0.2405)}),
    GET_DB_USER: (7, 7, 0.0105, 0.2255, {GET_TABLE: (7, 7, 0.0105, 0.2255)}),
    EXECUTE: (8, 8, 0.2165, 0.2165, {LOGIN: (1, 1, 0.0015, 0.0015), GET_DB_USER: (7, 7, 0.215, 0.215)}),
    FACTORIAL: (1, 52, 0.012, 0.012, {FACTORIAL: (51, 1, 0.0115, 0.012), GET_TABLE: (1, 1, 0.0005, 0.012)}),
    LEN: (3, 3, 0.0, 0.0, {GET_TABLE: (2, 2, 0.0, 0.0), LOGIN: (1, 1, 0.0, 0.0)}),
}
OTHER_STATS = {
    DECODE: (4, 4, 0.125, 0.125, {LOGIN: (4, 4, 0.125, 0.125)}),
    LOGIN: (2, 2, 0.25, 0.5, {}),
    LEN: (1, 1, 0.5, 0.5, {DECODE: (1, 1, 0.5, 0.5)}),
}
# As the `profile` module writes it: callers are counts.
PLAIN_STATS = {
    ("main.py", 1, "main"): (1, 1, 0.25, 1.0, {("profile", 0, "main()"): 1}),
    ("profile", 0, "main()"): (1, 1, 0.0, 1.0, {}),
    ("main.py", 5, "work"): (3, 5, 0.75, 0.75, {("main.py", 1, "main"): 3, ("main.py", 5, "work"): 2}),
}
NAMES_STATS = {
    ("/модули/проба.py", 1, "проверка"): (1, 1, 0.5, 1.0, {}),
    ("日本.py", 2, "名前"): (1, 1, 0.25, 0.25, {("/модули/проба.py", 1, "проверка"): (1, 1, 0.25, 0.25)}),
    ("odd.py", 3, "\ud800"): (1, 1, 0.125, 0.125, {("odd.py", 4, "\x1b[2J\n\x85"): (1, 1, 0.125, 0.125)}),
    ("odd.py", 4, "\x1b[2J\n\x85"): (1, 1, 0.0625, 0.25, {}),
    ("odd.py", 5, "\u202egnp"): (1, 1, 0.0625, 0.0625, {("odd.py", 4, "\x1b[2J\n\x85"): (1, 1, 0.0625, 0.0625)}),
    ("odd.py", 6, "'\"\\"): (0, 0, 0.0, 0.0, {}),
}
COLLIDING_STATS = {
    ("/a/__init__.py", 1, "f"): (1, 1, 0.25, 0.5, {("/a/run.py", 9, "run"): (1, 1, 0.25, 0.5)}),
    ("/b/__init__.py", 1, "f"): (2, 3, 0.5, 0.5, {("/b/run.py", 9, "run"): (3, 2, 0.5, 0.5)}),
    ("/a/run.py", 9, "run"): (1, 1, 0.0, 0.5, {}),
    ("/c/g.py", 1, "g"): (
        5,
        5,
        0.5,
        0.5,
        {("/a/run.py", 9, "run"): (2, 1, 0.25, 0.25), ("/b/run.py", 9, "run"): (3, 3, 0.25, 0.25)},
    ),
}
# Lines have moved, get_db_user is called less often, and two functions are not the same.
BASE_STATS = {
    (VIEWS, 10, "login"): (1, 1, 0.0015, 0.075, {}),
    (VIEWS, 29, "get_table"): (1, 1, 0.003, 0.0655, {(VIEWS, 10, "login"): (1, 1, 0.003, 0.0655)}),
    ("/srv/table/users.py", 9, "get_db_user"): (
        *(2, 2, 0.003, 0.0625),
        {(VIEWS, 29, "get_table"): (2, 2, 0.003, 0.0625)},
    ),
    EXECUTE: (3, 3, 0.0605, 0.0605, {("/srv/table/users.py", 9, "get_db_user"): (3, 3, 0.0605, 0.0605)}),
    ("/srv/table/odds.py", 30, "binomial"): (3, 3, 0.012, 0.012, {(VIEWS, 29, "get_table"): (3, 3, 0.012, 0.012)}),
    LEN: (3, 3, 0.0, 0.0, {(VIEWS, 29, "get_table"): (3, 3, 0.0, 0.0)}),
}
# More nanoseconds than 63 bits can count.
LARGE_STATS = {
    LOGIN: (1, 1, 0.0, 2e300, {}),
    GET_TABLE: (2**59, 2**59, 1e300, 1e300, {LOGIN: (2**59, 2**59, 1e300, 1e300)}),
    GET_DB_USER: (2**59, 2**59, 1e300, 1e300, {LOGIN: (2**59, 2**59, 1e300, 1e300)}),
}
# handle awaits fetch, which waits; helper is no coroutine.
HANDLE = ("/srv/web.py", 5, "handle")
FETCH = ("/srv/web.py", 20, "fetch")
HELPER = ("/srv/web.py", 40, "helper")
EVERY = ("/srv/feed.py", 9, "every_minute")
ASYNC_STATS = {
    HANDLE: (9, 9, 0.25, 1.0, {}),
    FETCH: (15, 15, 0.5, 0.625, {HANDLE: (12, 12, 0.5, 0.625), EVERY: (3, 3, 0.0, 0.0)}),
    HELPER: (30, 30, 0.25, 0.25, {HANDLE: (10, 10, 0.125, 0.125), FETCH: (20, 20, 0.125, 0.125)}),
    EVERY: (4, 4, 0.0625, 0.0625, {}),
}
ASYNC_COLUMNS = ("calls", "self", "resumes", "awaited")
ASYNC_TREES = [
    Tree(
        [
            (None, HANDLE, 9, 250_000_000, 6, 4_000_000_000),
            (0, FETCH, 12, 500_000_000, 8, 3_500_000_000),
            (0, HELPER, 10, 125_000_000, 0, 0),
            (1, HELPER, 20, 125_000_000, 0, 0),
        ],
        ASYNC_COLUMNS,
        "MainThread",
    ),
    Tree(
        [(None, EVERY, 4, 62_500_000, 4, 60_000_000_000), (0, FETCH, 3, 0, 0, 1_500_000)],
        ASYNC_COLUMNS,
        "feeder",
    ),
]
PLAIN_TREE = Tree([(None, LOGIN, 2, 250_000_000), (0, DECODE, 4, 125_000_000), (1, LEN, 1, 500_000_000)])


HOSTILE = ("<script>alert(1)</script>.py", 1, "</title></text>]]>\"'&<!--${x}")
HOSTILE_STATS = {
    HOSTILE: (1, 1, 0.5, 1.0, {}),
    ('a"; b -> c; "', 2, "\\N\\l<b>x</b>"): (1, 1, 0.5, 0.5, {HOSTILE: (1, 1, 0.5, 0.5)}),
}
# And what XML does not allow.
LONG_STATS = {
    ("main.py", 1, "main"): (1, 1, 0.0, 1.0, {}),
    ("long.py", 2, "x" * 10_000): (1, 1, 0.5, 0.5, {("main.py", 1, "main"): (1, 1, 0.5, 0.5)}),
    ("m" * 5_000 + ".py", 3, "<" * 10_000): (1, 1, 0.25, 0.25, {("main.py", 1, "main"): (1, 1, 0.25, 0.25)}),
    ("wide.py", 4, "\ufffe" + "名前" * 100): (1, 1, 0.25, 0.25, {("main.py", 1, "main"): (1, 1, 0.25, 0.25)}),
}


def one(row: Any, label: Any = ("m.py", 1, "f")) -> bytes:
    return dump({label: row})


def dump(value: Any) -> bytes:
    """Version 0 has no references, which would depend on the interpreter that writes."""
    return marshal.dumps(value, 0)


def recorded(stats: Any, trees: List[Tree], **facts: Any) -> bytes:
    return dump(stats) + trailer(stats, trees, **facts)



def resumed(calls: int, resumes: int) -> bytes:
    paths = [(None, HANDLE, calls, 0, resumes, 0)]
    return recorded(ASYNC_STATS, [Tree(paths, ASYNC_COLUMNS)])


def trend_stats(number: int) -> bytes:
    """Each ran before the one before it.  Lines move; get_db_user takes more and more, and then there is a new function."""
    user = 0.25 * (41 - number)
    stats = {
        (VIEWS, 12 + number, "login"): (1, 1, 1.0, 1.0 + user, {}),
        (VIEWS, 90 + number, "<lambda>"): (2, 2, 0.5, 0.5, {}),
        (VIEWS, 40 + number, "<lambda>"): (1, 1, 0.25, 0.25, {}),
        ("/srv/table/db.py", 7, "get_db_user"): (41 - number, 41 - number, user, user, {}),
    }
    if number < 5:
        stats[DECODE] = (3, 3, 0.125, 0.125, {})
    return recorded(stats, [], started=1_700_000_000.0 - 3600 * number)


def players(count: int) -> bytes:
    """The page of a table with so many players: a query for each of them."""
    ms = 1_000_000
    user, execute = (1, GET_DB_USER, count, count * ms // 4), (2, EXECUTE, count, count * 3 * ms)
    paths = [(None, LOGIN, 1, ms), (0, GET_TABLE, 1, ms // 2), user, execute, (0, DECODE, 1, ms)]
    queries, table = count * 0.00325, 0.0005 + count * 0.00325
    call = (count, count, count * 0.003, count * 0.003)
    stats = {
        LOGIN: (1, 1, 0.001, 0.002 + table, {}),
        GET_TABLE: (1, 1, 0.0005, table, {LOGIN: (1, 1, 0.0005, table)}),
        GET_DB_USER: (count, count, count * 0.00025, queries, {GET_TABLE: (count, count, count * 0.00025, queries)}),
        EXECUTE: (*call, {GET_DB_USER: call}),
        DECODE: (1, 1, 0.001, 0.001, {LOGIN: (1, 1, 0.001, 0.001)}),
    }
    return recorded(stats, [Tree(paths)], paths="all", command=f"play {count}")


GOOD = {
    "login.stat": dump(LOGIN_STATS),
    "other.stat": dump(OTHER_STATS),
    "plain.stat": dump(PLAIN_STATS),
    "names.stat": dump(NAMES_STATS),
    "colliding.stat": dump(COLLIDING_STATS),
    "empty.stat": dump({}),
    "callbacks.prof": dump(OTHER_STATS),
    "hostile.prof": dump(HOSTILE_STATS),
    "async.stat": recorded(ASYNC_STATS, ASYNC_TREES, paths="all"),
    "paths.stat": recorded(OTHER_STATS, [PLAIN_TREE], paths="all"),
    "resumed-too-often.prof": resumed(1, 2),
    "resumed-never.prof": resumed(1, -1),
    "resumed-beyond-count.prof": recorded(
        ASYNC_STATS, [Tree([(None, HANDLE, 2**62, 0, 2**62, 0)] * 2, ASYNC_COLUMNS)], paths="all"
    ),
    "base.stat": dump(BASE_STATS),
    **{f"trend-{i}.stat": trend_stats(i) for i in range(1, 41)},
    "large.stat": dump(LARGE_STATS),
    "cut.stat": recorded(OTHER_STATS, [], paths="cut"),
    "players-7.prof": players(7),
    "players-2.prof": players(2),
    "long-names.stat": dump(LONG_STATS),
    "odd-facts.stat": recorded(
        OTHER_STATS, [], paths="all", started=1e300, enabled="for long", compensated=1, constructor="x"
    ),
}
BAD = {
    "nothing.bad": b"",
    "truncated.bad": dump(LOGIN_STATS)[:200],
    "cut-by-one.bad": dump(LOGIN_STATS)[:-1],
    "garbage.bad": bytes(range(255, 0, -7)),
    "text.bad": b"ncalls tottime\n",
    "list.bad": dump([1, 2, 3]),
    "number.bad": dump(7),
    "none.bad": dump(None),
    "keys.bad": dump({"f": (1, 1, 0.5, 0.5, {})}),
    "short-row.bad": one((1, 1, 0.5, 0.5)),
    "row.bad": one([1, 1, 0.5, 0.5, {}]),
    "text-count.bad": one(("1", 1, 0.5, 0.5, {})),
    "text-time.bad": one((1, 1, "0.5", 0.5, {})),
    "callers.bad": one((1, 1, 0.5, 0.5, [])),
    "caller.bad": one((1, 1, 0.5, 0.5, {("m.py", 1, "f"): (1, 1, 0.5)})),
    "negative.bad": one((1, -1, 0.5, 0.5, {})),
    "nan.bad": one((1, 1, float("nan"), 0.5, {})),
    "infinite.bad": one((1, 1, 0.5, float("inf"), {})),
    "long.bad": one((2**80, 1, 0.5, 0.5, {})),
    "line.bad": one((1, 1, 0.5, 0.5, {}), ("m.py", 2**70, "f")),
    "length.bad": b"{(\xff\xff\xff\x7f",
    "string.bad": b"{(\x03\x00\x00\x00u\xff\xff\xff\x7fabc",
    "nested.bad": b"{" + b"(\x01\x00\x00\x00" * 200_000,
    "nested-dictionaries.bad": b"{" * 200_000,
    "reference.bad": b"{r\x05\x00\x00\x00",
}
DAY = 86_400


def write(folder: Path) -> None:
    """Writes all files; each good one is a day older than the one before it."""
    for place, (name, content) in enumerate({**GOOD, **BAD}.items()):
        path = folder / name
        path.write_bytes(content)
        modified = 1_700_000_000 - place * DAY
        os.utime(path, (modified, modified))
    (folder / "folder.stat").mkdir()
    (folder / "without").mkdir()
