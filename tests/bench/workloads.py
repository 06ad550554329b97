"""Real pure-Python programs to be profiled: each takes some milliseconds without a profiler.

`workloads()` gives (name, function) pairs.  What a function needs is made before it is timed; it takes no argument and
does the same work each time.
"""

from __future__ import annotations

import argparse
import ast
import copy
import difflib
import email
import email.message
import email.policy
import functools
import glob
import html.parser
import io
import json
import json.encoder
import logging
import os
import pickle
import textwrap
import tokenize
import xml.etree.ElementTree as ElementTree
from typing import Any, Callable, Iterator, Optional, Sequence
from xml.dom import pulldom  # noqa: F401  imported before timing: xml.dom.minidom loads it on first use
from xml.dom import minidom

Workload = Callable[[], Any]


def _source(module: Any) -> str:
    with open(module.__file__, encoding="utf-8") as stream:
        return stream.read()


def _records(count: int) -> list[dict[str, Any]]:
    return [
        {"id": i, "name": f"player {i}", "cards": [i % 13, i % 7, i % 5], "score": i / 3, "table": {"seat": i % 9}}
        for i in range(count)
    ]


def _html() -> str:
    rows = "".join(f"<tr class=a><td id='c{i}'>cell &amp; {i}</td><td><b>bold</b></td></tr>" for i in range(300))
    return f"<html><body><table>{rows}</table><!-- end --></body></html>"


def parsing() -> Workload:
    text = _source(argparse)
    return lambda: list(tokenize.generate_tokens(io.StringIO(text).readline))


def unparsing() -> Workload:
    tree = ast.parse(_source(textwrap))
    return lambda: [ast.unparse(tree) for _ in range(3)]


def walking() -> Workload:
    tree = ast.parse(_source(argparse))
    return lambda: [ast.dump(node) for node in tree.body] + list(ast.walk(tree))


def deep_copy() -> Workload:
    data = _records(250)
    return lambda: copy.deepcopy(data)


def json_indent() -> Workload:
    data = _records(200)

    class Encoder(json.JSONEncoder):
        """Without the C encoder, which newer versions use for indented output too."""

        def iterencode(self, o: Any, _one_shot: bool = False) -> Iterator[str]:
            python: Any = json.encoder
            encode = python.py_encode_basestring_ascii
            options = float.__repr__, self.key_separator, self.item_separator, False, False, False
            made: Iterator[str] = python._make_iterencode({}, self.default, encode, "  ", *options)(o, 0)
            return made

    return lambda: json.dumps(data, cls=Encoder)


def pickle_python() -> Workload:
    data = _records(120)
    python: Any = pickle

    def work() -> None:
        stream = io.BytesIO()
        python._Pickler(stream).dump(data)
        python._Unpickler(io.BytesIO(stream.getvalue())).load()

    return work


def diffing() -> Workload:
    before = _source(textwrap).splitlines()[:120]
    after = [line.replace("width", "size") for line in before]
    return lambda: list(difflib.ndiff(before, after))


def html_parsing() -> Workload:
    text = _html()

    class Parser(html.parser.HTMLParser):
        depth = 0

        def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
            self.depth += 1

        def handle_endtag(self, tag: str) -> None:
            self.depth -= 1

    def work() -> None:
        parser = Parser()
        parser.feed(text)
        parser.close()

    return work


def xml_building() -> Workload:
    text = "<table>" + "".join(f"<row n='{i}'><cell>{i}</cell></row>" for i in range(250)) + "</table>"

    def work() -> None:
        minidom.parseString(text).toprettyxml()
        root = ElementTree.fromstring(text)
        ElementTree.indent(root) if hasattr(ElementTree, "indent") else None
        ElementTree.tostring(root)

    return work


def argument_parsing() -> Workload:
    def work() -> None:
        for _ in range(12):
            parser = argparse.ArgumentParser(prog="prog")
            for i in range(12):
                parser.add_argument(f"--option-{i}", type=int, default=i, help="an option")
            parser.parse_args(["--option-1", "2", "--option-11=5"])
            parser.format_help()

    return work


def mail() -> Workload:
    text = "\n".join(
        ["From: a@example.org", "To: b@example.org, c@example.org", "Subject: =?utf-8?q?caf=C3=A9?= at the table"]
        + [f"X-Header-{i}: value {i}" for i in range(20)]
        + ["", "body"]
    )

    def work() -> None:
        for _ in range(12):
            message = email.message_from_string(text, policy=email.policy.default)
            [str(value) for value in message.values()]
            message.as_string()

    return work


def log_records() -> Workload:
    logger = logging.Logger("bench")
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logger.addHandler(handler)

    def work() -> None:
        for i in range(1200):
            logger.warning("player %d at table %s", i, "seven")

    return work


def generators() -> Workload:
    def tree(depth: int) -> Iterator[int]:
        if depth:
            yield from tree(depth - 1)
            yield depth
            yield from tree(depth - 1)

    return lambda: sum(tree(11))


def recursion() -> Workload:
    def fibonacci(n: int) -> int:
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    return lambda: fibonacci(19)


def sorting() -> Workload:
    data = _records(3000)

    @functools.total_ordering
    class Score:
        def __init__(self, record: dict[str, Any]) -> None:
            self.value = (record["score"] * 7919) % 1000

        def __lt__(self, other: Score) -> bool:
            return bool(self.value < other.value)

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Score) and self.value == other.value

    return lambda: sorted(data, key=Score)


def template_engine() -> Workload:
    import jinja2

    source = "{% for r in records %}<li>{{ r.name|upper }}: {% for c in r.cards %}{{ c }},{% endfor %}</li>{% endfor %}"
    data = _records(60)

    def work() -> None:
        environment = jinja2.Environment(autoescape=True)
        environment.from_string(source * 4).render(records=data)

    return work


def markup() -> Workload:
    import markdown  # type: ignore[import-untyped,unused-ignore]

    section = "# Title\n\nSome *text* with `code`, [link](http://x) and\n\n* item\n* item"
    text = "\n\n".join(section.replace("Title", f"Title {i}") for i in range(20))
    return lambda: markdown.markdown(text)


def formatter() -> Workload:
    import autopep8

    text = "\n".join(_source(textwrap).splitlines()[:80])
    return lambda: autopep8.fix_code(text)


def linter() -> Workload:
    from pyflakes import checker

    tree = ast.parse(_source(textwrap))
    return lambda: [checker.Checker(tree, "textwrap.py") for _ in range(2)]


_WORKLOADS = (
    parsing,
    unparsing,
    walking,
    deep_copy,
    json_indent,
    pickle_python,
    diffing,
    html_parsing,
    xml_building,
    argument_parsing,
    mail,
    log_records,
    generators,
    recursion,
    sorting,
    template_engine,
    markup,
    formatter,
    linter,
)


def workloads(names: Sequence[str] = ()) -> list[tuple[str, Workload]]:
    """Those named, or all, each run once, so that imports and caches are not timed."""
    made = [(make.__name__, make()) for make in _WORKLOADS if not names or make.__name__ in names]
    for _, work in made:
        work()
    return made


def whole_library(most_files: Optional[int] = None) -> Workload:
    """Deep mutual recursion: some 13 million calls along 600,000 call paths; takes seconds."""
    folder = os.path.dirname(os.__file__)
    trees = []
    paths = sorted(glob.glob(os.path.join(folder, "*.py")) + glob.glob(os.path.join(folder, "*", "*.py")))
    for path in paths[:most_files]:
        if "site-packages" in path or os.sep + "test" + os.sep in path or "lib2to3" in path:
            continue
        with open(path, "rb") as stream:
            trees.append(ast.parse(stream.read()))
    return lambda: [ast.unparse(tree) for tree in trees]
