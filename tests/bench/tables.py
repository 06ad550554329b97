"""The figures, and the tables that show them.  A mapping by interpreter has keys like "3.12"."""

from __future__ import annotations

import math
from typing import Callable, Mapping, NamedTuple, Optional, Sequence, TypedDict

Seconds = dict[str, float]
"""Best times by variant; "plain", which comes first, is without a profiler."""


class WholeLibrary(TypedDict):
    seconds: Seconds
    calls: int
    paths: int


class TracingFigures(TypedDict):
    programs: dict[str, Seconds]
    whole_library: Optional[WholeLibrary]


class RequestFigures(TypedDict):
    seconds: Seconds


class TruthFigures(TypedDict):
    self_seconds: dict[str, Seconds]
    """The sum of the reported self times; of "plain", the time itself."""
    loop_share: dict[str, float]


class Run(TypedDict):
    """Of one process."""

    seconds: float
    kib: int
    """The largest resident set."""


class Reading(TypedDict):
    bytes: int
    runs: dict[str, Run]


class PstatFigures(TypedDict):
    start: dict[str, Run]
    reports: dict[str, Reading]
    """By the number of functions."""
    sums: dict[str, Reading]
    """By the number of files."""


class Figures(TypedDict):
    machine: str
    date: str
    tracing: dict[str, TracingFigures]
    request: dict[str, RequestFigures]
    truth: dict[str, TruthFigures]
    pstat: Optional[PstatFigures]


class Table(NamedTuple):
    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __str__(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.header, *self.rows)]
        rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
        lines = [self.line(self.header, widths), self.line(rule, widths)]
        return "\n".join([self.caption, "", *lines, *(self.line(row, widths) for row in self.rows)])

    @staticmethod
    def line(cells: Sequence[str], widths: Sequence[int]) -> str:
        padded = [cells[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(cells[1:], widths[1:]))]
        return f"| {' | '.join(padded)} |"


def geometric_mean(values: Sequence[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))


def added_ratio(seconds: Seconds, variant: str, reference: str = "cProfile") -> float:
    """What the variant adds, in parts of what the reference adds; never 0, so that it has a logarithm."""
    return max((seconds[variant] - seconds["plain"]) / (seconds[reference] - seconds["plain"]), 1e-3)


def slowdown(seconds: Seconds, variant: str) -> float:
    return seconds[variant] / seconds["plain"]


def program_table(version: str, figures: TracingFigures) -> Table:
    """Each program's own figures."""
    programs = dict(figures["programs"])
    if figures["whole_library"] is not None:
        programs["whole library"] = figures["whole_library"]["seconds"]
    variants = list(next(iter(programs.values())))[1:]
    rows = []
    for name, seconds in programs.items():
        cells = [f"{slowdown(seconds, variant):.2f} ({added_ratio(seconds, variant):.2f})" for variant in variants]
        rows.append([name, f"{seconds['plain'] * 1e3:.1f} ms", *cells])
    caption = "how many times as long each program takes (and what that adds, of what cProfile adds)"
    return Table(f"CPython {version}: {caption}", ["program", "plain", *variants], rows)


def tracing_tables(figures: Mapping[str, TracingFigures]) -> list[Table]:
    """What tracing costs on each interpreter."""
    count = len(next(iter(figures.values()))["programs"])
    variants = list(next(iter(next(iter(figures.values()))["programs"].values())))[1:]

    def over_programs(measure: Callable[[Seconds, str], float], variant: str) -> list[str]:
        return [
            f"{geometric_mean([measure(seconds, variant) for seconds in each['programs'].values()]):.2f}"
            for each in figures.values()
        ]

    added = [[variant, *over_programs(added_ratio, variant)] for variant in variants]
    for variant in ("profstat", "paths=False"):
        worst = [max(added_ratio(s, variant) for s in each["programs"].values()) for each in figures.values()]
        added.append([f"{variant}, worst program", *(f"{ratio:.2f}" for ratio in worst)])
    slow = [[variant, *over_programs(slowdown, variant)] for variant in variants]
    header = ["", *figures]
    tables = [
        Table(f"Time added, of what cProfile adds: geometric mean of {count} programs", header, added),
        Table(f"Time taken, of the time without a profiler: geometric mean of {count} programs", header, slow),
    ]
    deep = {version: whole for version, each in figures.items() if (whole := each["whole_library"]) is not None}
    return tables + ([deep_table(deep, variants)] if deep else [])


def deep_table(figures: Mapping[str, WholeLibrary], variants: Sequence[str]) -> Table:
    rows = [[v, *(f"{added_ratio(each['seconds'], v):.2f}" for each in figures.values())] for v in variants]
    rows.append(["calls", *(f"{each['calls']:,}" for each in figures.values())])
    rows.append(["call paths", *(f"{each['paths']:,}" for each in figures.values())])
    return Table("Time added by ast.unparse over the standard library, of what cProfile adds", ["", *figures], rows)


def request_table(figures: Mapping[str, RequestFigures]) -> Table:
    every = [each["seconds"] for each in figures.values()]

    def added(label: str, variant: str) -> list[str]:
        return [f"added by {label}", *(f"{(seconds[variant] - seconds['plain']) * 1e6:.0f} us" for seconds in every)]

    rows = [
        ["plain", *(f"{seconds['plain'] * 1e6:.0f} us" for seconds in every)],
        added("the usual cProfile decorator", "cProfile"),
        added("@monitor_profile", "profstat"),
        added("@monitor_profile(paths=False)", "paths=False"),
        ["@monitor_profile, of the usual decorator", *(f"{added_ratio(seconds, 'profstat'):.2f}" for seconds in every)],
        ["the same with paths=False", *(f"{added_ratio(seconds, 'paths=False'):.2f}" for seconds in every)],
    ]
    return Table("A request that reaches 270 functions, its profile written each time", ["", *figures], rows)


def truth_tables(figures: Mapping[str, TruthFigures]) -> list[Table]:
    profiles = list(next(iter(figures.values()))["loop_share"])

    def sums(profile: str) -> list[str]:
        return [
            f"{geometric_mean([slowdown(seconds, profile) for seconds in each['self_seconds'].values()]):.2f}"
            for each in figures.values()
        ]

    shares = [[name, *(f"{each['loop_share'][name]:.0%}" for each in figures.values())] for name in profiles]
    count = len(next(iter(figures.values()))["self_seconds"])
    return [
        Table(
            f"Sum of the reported self times, of the time without a profiler: geometric mean of {count} programs",
            ["", *figures],
            [[profile, *sums(profile)] for profile in profiles],
        ),
        Table("Share of a loop that takes as long as 20,000 small calls: 50% is the truth", ["", *figures], shares),
    ]


def human_bytes(count: float) -> str:
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            break
        count /= 1000
    else:
        unit = "GB"
    return f"{count:.{0 if unit == 'B' else 1}f} {unit}"


def human_seconds(seconds: float) -> str:
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def reading_row(label: str, reading: Reading) -> list[str]:
    pstat, pstats = reading["runs"]["pstat"], reading["runs"]["pstats"]
    return [
        label,
        human_bytes(reading["bytes"]),
        *(human_seconds(run["seconds"]) for run in (pstat, pstats)),
        f"1/{pstats['seconds'] / pstat['seconds']:.0f}",
        *(human_bytes(run["kib"] * 1024) for run in (pstat, pstats)),
        f"1/{pstats['kib'] / pstat['kib']:.1f}",
    ]


def pstat_tables(figures: PstatFigures) -> list[Table]:
    columns = ["size", "pstat", "pstats", "time", "pstat takes", "pstats takes", "memory"]
    start = [[n, human_seconds(run["seconds"]), human_bytes(run["kib"] * 1024)] for n, run in figures["start"].items()]
    return [
        Table(
            "A sorted report of 20 rows from one file",
            ["functions", *columns],
            [reading_row(f"{int(functions):,}", reading) for functions, reading in figures["reports"].items()],
        ),
        Table(
            "The same from several files of 300 functions, added up",
            ["files", *columns],
            [reading_row(f"{int(files):,}", reading) for files, reading in figures["sums"].items()],
        ),
        Table("Starting", ["", "time", "memory"], start),
    ]


def summary(figures: Figures) -> list[Table]:
    """Every table but those of single programs."""
    return [
        *(tracing_tables(figures["tracing"]) if figures["tracing"] else []),
        *([request_table(figures["request"])] if figures["request"] else []),
        *(truth_tables(figures["truth"]) if figures["truth"] else []),
        *(pstat_tables(figures["pstat"]) if figures["pstat"] is not None else []),
    ]
