"""The standard library at work."""

import argparse
import ast
import collections
import contextlib
import copy
import csv
import dataclasses
import difflib
import email.message
import email.policy
import enum
import fractions
import heapq
import html
import io
import json
import pickle
import random
import re
import shlex
import statistics
import string
import textwrap
import tokenize
import urllib.parse

from .registry import leaf, program

PROSE = """The players sit around the table, two of them cold and all of them patient.  A card is dealt to the left,
then one to the right; nobody looks up.  When the last of the cards lies on the table, the dealer counts the cabbage
leaves that they play for, and the round begins: a bid, a pass, a longer silence than before, another pass."""


@program
def library_json():
    data = {"players": [{"name": f"p{n}", "cards": list(range(n)), "é": 1.5} for n in range(5)], "none": None}
    json.loads(json.dumps(data, indent=2, sort_keys=True))
    json.dumps(data, cls=type("Encoder", (json.JSONEncoder,), {}))
    json.JSONDecoder(object_hook=lambda value: value).decode('{"a": [1, {"b": 2}]}')


@program
def library_ast():
    source = textwrap.dedent(
        """
        def f(a, *b, c=1, **d):
            '''doc'''
            return [x for x in a if x] + [lambda: c]
        class C(object):
            x: int = f(1)
        """
    )
    tree = ast.parse(source)
    ast.unparse(tree)
    ast.dump(tree)
    for _ in ast.walk(tree):
        pass


@program
def library_difflib():
    a, b = PROSE.splitlines(), PROSE.replace("cold", "warm").replace("cabbage", "beans").splitlines()
    list(difflib.unified_diff(a, b))
    list(difflib.ndiff(a, b))
    difflib.get_close_matches("cumulativ", ["cumulative", "calls", "time"])


@program
def library_re():
    re.purge()
    re.findall(r"\b(?P<word>\w+)\W+(?=the)", PROSE)
    re.sub(r"(\w+) (\w+)", lambda match: match[2] + leaf(match[1]), PROSE)
    re.compile(r"(a|b)*c(?:d{2,3})?[^x-z]\s").match("abcdd! ")


@program
def library_email():
    message = email.message.EmailMessage(policy=email.policy.default)
    message["Subject"] = "Grüße"
    message["To"] = "A <a@example.org>, b@example.org"
    message.set_content(PROSE)
    email.message_from_string(message.as_string(), policy=email.policy.default).get_content()


@program
def library_argparse():
    parser = argparse.ArgumentParser(prog="prog")
    parser.add_argument("-n", type=int, default=1)
    parser.add_argument("files", nargs="*")
    commands = parser.add_subparsers() if False else None
    assert commands is None
    parser.parse_args(["-n", "3", "a", "b"])
    parser.format_help()
    with contextlib.suppress(SystemExit), contextlib.redirect_stderr(io.StringIO()):
        parser.parse_args(["-n", "x"])


@program
def library_dataclasses():
    @dataclasses.dataclass(order=True)
    class Card:
        rank: int
        suit: str = "hearts"
        marks: list = dataclasses.field(default_factory=list)

    cards = [Card(n % 3, "abc"[n % 3]) for n in range(5)]
    sorted(cards)
    dataclasses.asdict(cards[0])
    dataclasses.replace(cards[0], rank=7) == cards[1]
    repr(cards)


@program
def library_enum():
    class Suit(enum.Enum):
        HEARTS = 1
        SPADES = 2

    class Flags(enum.Flag):
        A = enum.auto()
        B = enum.auto()

    Suit(1), Suit["SPADES"], list(Suit), repr(Flags.A | Flags.B)
    with contextlib.suppress(ValueError):
        Suit(3)


@program
def library_text():
    textwrap.fill(PROSE, 30)
    textwrap.dedent("  a\n    b\n  c")
    list(tokenize.generate_tokens(io.StringIO("def f(x):\n    return x + 1  # y\n").readline))
    shlex.split("a 'b c' \"d\" e\\ f")
    string.Template("$a ${b}").substitute(a=1, b=2)
    string.Formatter().format("{0:>{1}} {x!r}", "a", 5, x=[1])
    html.escape("<a&b>"), html.unescape("&lt;&eacute;")
    urllib.parse.urlsplit("http://a.example/b?c=d#e")
    urllib.parse.urlencode({"a": "b c", "d": [1, 2]}, doseq=True)


@program
def library_numbers():
    statistics.stdev([1, 2, 4, 8])
    statistics.median([3, 1, 2])
    fractions.Fraction(3, 4) + fractions.Fraction("1.25")
    heapq.nsmallest(2, [5, 1, 4], key=lambda n: -n)
    list(heapq.merge([1, 4], [2, 3], key=leaf))
    random.Random(3).sample(range(20), 5)
    collections.Counter("abracadabra").most_common(2)


@program
def library_files():
    writer = csv.DictWriter(io.StringIO(), ["a", "b"])
    writer.writeheader()
    writer.writerow({"a": 1, "b": "x,y"})
    list(csv.DictReader(io.StringIO("a,b\r\n1,2\r\n")))
    pickle.loads(pickle.dumps({"a": [1, (2, 3)], "f": leaf}))
    pickle._loads(pickle._dumps([1, {"a": "b"}]))
    copy.deepcopy({"a": [1, {"b": [2]}]})
    stream = io.TextIOWrapper(io.BytesIO(b"a\nb\n"))
    list(stream)
