"""Code of the usual kind, for profstat.overhead to see what tracing does to it."""

from __future__ import annotations

from typing import Any, Iterator


class _Point:
    def __init__(self, x: int, y: int) -> None:
        self.x = x
        self.y = y


def code(count: int) -> int:
    """Instructions without a call: attributes, items, arithmetic, text, containers, branches."""
    point, names = _Point(1, 2), {"a": 1, "b": 2}
    items: list[Any] = [1, 2, 3]
    text, total = "abc", 0
    for i in range(count):
        point.x = items[1] + names["a"]
        total += point.x * 3 - i % 7
        if total > 1000 and text is not None:
            total = point.y
        word = text[1:] + "d"
        pair: list[Any] = [total, word]
        if word in names or i in items:
            names[word] = i
        low, high = pair[0], {"x": i, "y": word[0]}
        if low < 0:
            items = [low, i, high]
    return total


class _Row:
    def __init__(self, name: str, price: int, *, count: int = 1) -> None:
        self.name = name
        self.price = price
        self.count = count
        self.tags: list[str] = []

    @property
    def total(self) -> int:
        return self.price * self.count

    def tag(self, text: str) -> None:
        if text not in self.tags:
            self.tags.append(text)

    def line(self, width: int = 12) -> str:
        name = self.name if len(self.name) <= width else self.name[:width]
        return "%-*s %5d" % (width, name, self.total)


def _rows(count: int) -> Iterator[_Row]:
    for i in range(count):
        yield _Row("name%d" % (i % 7), i, count=i % 3 + 1)


def _parse(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in text.split(";"):
        key, _, value = part.partition("=")
        found[key.strip()] = int(value) if value.isdigit() else value.strip()
    return found


def _visit(value: Any, depth: int = 0) -> int:
    if isinstance(value, dict):
        return sum(_visit(item, depth + 1) for item in value.values())
    if isinstance(value, (list, tuple)):
        total = 0
        for item in value:
            total += _visit(item, depth + 1)
        return total
    return len(str(value)) + depth


def program(count: int) -> int:
    """A little of everything: objects, generators, properties, keywords, recursion, text; C functions between them."""
    total = 0
    for turn in range(count * 4):
        rows = list(_rows(10))
        for row in rows:
            row.tag("even" if row.price % 2 == 0 else "odd")
            row.tag("cheap")
            total += row.total
        rows.sort(key=lambda row: (row.count, row.name))
        report = "\n".join(row.line() for row in rows)
        facts = _parse("turn=%d; name = report; lines=%d;size=%d" % (turn, report.count("\n"), len(report)))
        total += _visit([facts, {"rows": [row.tags for row in rows[:4]]}])
    return total
