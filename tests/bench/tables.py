"""The figures, and the tables that show them.  A mapping by interpreter has keys like "3.12"."""

from __future__ import annotations

import math
from typing import Mapping, NamedTuple, Optional, Sequence, TypedDict

Seconds = dict[str, float]
"""Best times by variant; "plain", which comes first, is without a profiler."""


class WholeLibrary(TypedDict):
    seconds: Seconds
    calls: int
    paths: int


class TracingFigures(TypedDict):
    programs: dict[str, Seconds]
    whole_library: Optional[WholeLibrary]


class EventFigures(TypedDict):
    unit: str
    calls: dict[str, dict[str, float]]
    """For each kind of call what one takes, by variant."""


class RequestFigures(TypedDict):
    seconds: Seconds
    skipped: float
    """What is added to a call that `every` leaves out, in seconds."""


class TruthFigures(TypedDict):
    self_times: dict[str, dict[str, float]]
    """Of each program the sum of the self times by profile, of the time without a profiler."""
    loop_share: dict[str, float]


class Run(TypedDict):
    """Of one process."""

    seconds: float
    kib: int
    """The largest resident set."""


class Reading(TypedDict):
    bytes: int
    runs: dict[str, Run]


class Export(Run):
    bytes: int
    """Of what was written; of a sum, of what was read."""


class ReadingFigures(TypedDict):
    start: Reading
    """Of nothing."""
    reports: dict[str, Reading]
    """By the number of functions."""
    sums: dict[str, Reading]
    """By the number of files."""
    merged: dict[str, Export]
    """By the number of files."""
    exported: int
    """The number of functions in the profile that the formats were written from."""
    exports: dict[str, Export]
    """By format."""


class Figures(TypedDict):
    machine: str
    date: str
    interpreters: list[str]
    events: dict[str, EventFigures]
    tracing: dict[str, TracingFigures]
    request: dict[str, RequestFigures]
    truth: dict[str, TruthFigures]
    reading: Optional[ReadingFigures]


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


def event_table(figures: Mapping[str, EventFigures]) -> Table:
    each_version = list(figures.values())
    rows = []
    for kind, taken in each_version[0]["calls"].items():
        plain, *variants = taken
        rows.append([f"{kind}, plain", *(f"{each['calls'][kind][plain]:.0f}" for each in each_version)])
        for variant in variants:
            calls = [each["calls"][kind] for each in each_version]
            rows.append([f"added by {variant}", *(f"{call[variant] - call[plain]:.0f}" for call in calls)])
    unit = each_version[0]["unit"]
    return Table(f"{unit[0].upper()}{unit[1:]} that one call takes", ["call of", *figures], rows)


def tracing_table(figures: Mapping[str, TracingFigures]) -> Table:
    """What tracing costs on each interpreter."""
    programs = [list(each["programs"].values()) for each in figures.values()]
    rows = []
    for variant in list(programs[0][0])[1:]:
        means = [geometric_mean([added_ratio(seconds, variant) for seconds in each]) for each in programs]
        rows.append([variant, *(f"{mean:.2f}" for mean in means)])
    for variant in ("profstat", "paths=False"):
        worst = [max(added_ratio(seconds, variant) for seconds in each) for each in programs]
        rows.append([f"{variant}, worst program", *(f"{ratio:.2f}" for ratio in worst)])
    whole = [each["whole_library"] for each in figures.values()]
    for variant in ("profstat", "paths=False"):
        ratios = ["" if deep is None else f"{added_ratio(deep['seconds'], variant):.2f}" for deep in whole]
        rows.append([f"{variant}, deep recursion", *ratios])
    mean = f"geometric mean of {len(programs[0])} programs"
    caption = f"Time that a profiler adds, as a share of what cProfile adds: {mean}"
    return Table(caption, ["", *figures], rows)


def slowdown_table(figures: Mapping[str, TracingFigures]) -> Table:
    programs = [list(each["programs"].values()) for each in figures.values()]
    rows = []
    for variant in list(programs[0][0])[1:]:
        means = [geometric_mean([slowdown(seconds, variant) for seconds in each]) for each in programs]
        rows.append([variant, *(f"{mean:.2f}" for mean in means)])
    caption = f"Time with a profiler, of the time without: geometric mean of {len(programs[0])} programs"
    return Table(caption, ["", *figures], rows)


def deep_table(figures: Mapping[str, TracingFigures]) -> Table:
    whole = {version: deep for version, each in figures.items() if (deep := each["whole_library"]) is not None}
    rows = [
        ["calls", *(f"{each['calls']:,}" for each in whole.values())],
        ["call paths", *(f"{each['paths']:,}" for each in whole.values())],
    ]
    return Table("Deep recursion: ast.unparse over the standard library", ["", *whole], rows)


def request_table(figures: Mapping[str, RequestFigures]) -> Table:
    every = [each["seconds"] for each in figures.values()]

    def added(label: str, variant: str) -> list[str]:
        return [f"added by {label}", *(f"{(seconds[variant] - seconds['plain']) * 1e6:.0f} us" for seconds in every)]

    rows = [
        ["plain", *(f"{seconds['plain'] * 1e6:.0f} us" for seconds in every)],
        added("an empty hook, switched on and off", "empty hook"),
        added("the usual cProfile decorator", "cProfile"),
        added("@monitor_profile", "profstat"),
        added("@monitor_profile(paths=False)", "paths=False"),
        ["@monitor_profile, of the usual decorator", *(f"{added_ratio(seconds, 'profstat'):.2f}" for seconds in every)],
        ["the same with paths=False", *(f"{added_ratio(seconds, 'paths=False'):.2f}" for seconds in every)],
    ]
    if all("skipped" in each for each in figures.values()):  # not in figures of earlier versions
        skipped = (f"{each['skipped'] * 1e9:.0f} ns" for each in figures.values())
        rows.append(["added by @monitor_profile(every=N) to a call that it skips", *skipped])
    return Table("A request that reaches 270 functions, its profile written each time", ["", *figures], rows)


def truth_table(figures: Mapping[str, TruthFigures]) -> Table:
    programs = [list(each["self_times"].values()) for each in figures.values()]
    rows = []
    for profile in programs[0][0]:
        means = [geometric_mean([ratios[profile] for ratios in each]) for each in programs]
        rows.append([f"sum of self times, {profile}", *(f"{mean:.2f}" for mean in means)])
    for profile in next(iter(figures.values()))["loop_share"]:
        shares = [each["loop_share"][profile] for each in figures.values()]
        rows.append([f"share of the loop, {profile}", *(f"{share:.0%}" for share in shares)])
    return Table("Truth: self times should add up to 1, and the loop's share should be 50%", ["", *figures], rows)


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


def fraction(part: float, whole: float) -> str:
    """As in "1/50", unless the part is the larger one."""
    ratio = whole / part
    return f"1/{ratio:.{0 if ratio >= 9.5 else 1}f}" if ratio >= 1 else f"{1 / ratio:.1f}"


def reading_row(label: str, reading: Reading) -> list[str]:
    pstat, pstats = reading["runs"]["pstat"], reading["runs"]["pstats"]
    return [
        label,
        human_bytes(reading["bytes"]),
        *(human_seconds(run["seconds"]) for run in (pstat, pstats)),
        fraction(pstat["seconds"], pstats["seconds"]),
        *(human_bytes(run["kib"] * 1024) for run in (pstat, pstats)),
        fraction(pstat["kib"], pstats["kib"]),
    ]


def reading_table(figures: ReadingFigures) -> Table:
    rows = [reading_row("--version, or import", figures["start"])]
    rows += [reading_row(f"{int(functions):,} functions", each) for functions, each in figures["reports"].items()]
    rows += [reading_row(f"{int(files):,} x 300 functions", each) for files, each in figures["sums"].items()]
    header = ["", "size", "pstat", "pstats", "ratio", "pstat memory", "pstats memory", "ratio"]
    return Table("A sorted report of 20 rows, from the start of the process to its end", header, rows)


def export_table(figures: ReadingFigures) -> Table:
    rows = [
        [name, human_bytes(export["bytes"]), human_seconds(export["seconds"]), human_bytes(1024 * export["kib"])]
        for name, export in figures["exports"].items()
    ]
    caption = f"Other formats of a profile of {figures['exported']:,} functions"
    return Table(caption, ["", "size", "time", "memory"], rows)


def merge_table(figures: ReadingFigures) -> Table:
    rows = []
    for files, each in figures.get("merged", {}).items():  # not in figures of earlier versions
        sizes = human_bytes(each["bytes"]), human_seconds(each["seconds"]), human_bytes(1024 * each["kib"])
        rows.append([f"{int(files):,} files", *sizes])
    caption = "Adding up profiles of 300 functions with their call paths, -o all.stat"
    return Table(caption, ["", "size", "time", "memory"], rows)


def origin(figures: Figures) -> str:
    """Where the figures are from, as a sentence."""
    return f"Measured on {figures['date']} with CPython {', '.join(figures['interpreters'])} on {figures['machine']}."


def summary(figures: Figures) -> list[Table]:
    """What the README shows."""
    return [
        *([tracing_table(figures["tracing"])] if figures["tracing"] else []),
        *([request_table(figures["request"])] if figures["request"] else []),
        *([truth_table(figures["truth"])] if figures["truth"] else []),
        *([reading_table(figures["reading"])] if figures["reading"] is not None else []),
        *([merge_table(figures["reading"])] if figures["reading"] is not None else []),
        *([export_table(figures["reading"])] if figures["reading"] is not None else []),
    ]


def details(figures: Figures) -> list[Table]:
    """What the summary is made from, as far as it is not in the summary."""
    tracing = figures["tracing"]
    return [
        *([event_table(figures["events"])] if figures["events"] else []),
        *(program_table(version, each) for version, each in tracing.items()),
        *([deep_table(tracing), slowdown_table(tracing)] if tracing else []),
    ]
