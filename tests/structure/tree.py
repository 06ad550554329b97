"""Checks of the source tree: what may include what, what stands where, how long files are.

A tree is a mapping from path to text, so that a test can make one up.  A check takes a tree and gives the violations
as text, `path: what is wrong`; an empty list means that all is well.
"""

from __future__ import annotations

import posixpath
import re
import subprocess
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

Tree = dict[str, str]
Check = Callable[[Tree], list[str]]

TOP_LEVEL = {
    *("ext", "tools", "tests", "examples"),
    *("meson.build", "README.md", "LICENSE", "pyproject.toml", "meson_options.txt", "CHANGELOG.md"),
}
LONGEST_FILE = 500  # lines
SOURCE_SUFFIXES = (".c", ".h", ".py", ".pyi", ".sh", ".build")
INCLUDE_PATH = ("tools", "tools/lib", "ext", "ext/core")

BASE = "tools/lib/base/*.h"
LIB = "tools/lib/*.h"  # also matches base: `*` crosses folders
CORE = "ext/core/*.h"
OWN = "{stem}.h"
SEEN_BY_COMMANDS = ("opt", "out", "export", "screen", "deliver", "progress", "push")
SEEN_BY_EXPORTERS = ("out", "export", "picture", "call_graph", "flame_graph", "assets")


class Rule(NamedTuple):
    """Files that match `files` may include "headers" that match one of `may`, and no <header> of `never`."""

    files: str
    may: tuple[str, ...]
    never: tuple[str, ...] = ()


# The first rule that matches a file holds for it.
INCLUDE_LAW = (
    Rule("tools/lib/base/*", (BASE,), ("Python.h", "zlib.h", "pcre2.h")),
    Rule("tools/lib/*", (LIB,), ("Python.h",)),
    Rule(
        "tools/pstat/export_*",
        (LIB, OWN, *(f"tools/pstat/{name}.h" for name in SEEN_BY_EXPORTERS)),
        ("Python.h",),
    ),
    Rule(
        "tools/pstat/text_*",
        (LIB, "tools/pstat/export_text.h", "tools/pstat/out.h", "tools/pstat/export.h"),
        ("Python.h",),
    ),
    Rule(
        "tools/pstat/cmd_*",
        (LIB, OWN, *(f"tools/pstat/{name}.h" for name in SEEN_BY_COMMANDS)),
        ("Python.h",),
    ),
    Rule("tools/pstat/*", (LIB, "tools/pstat/*.h"), ("Python.h",)),
    Rule("ext/core/*", (BASE, CORE), ("Python.h",)),
    Rule("ext/hook_*.c", (BASE, CORE, "ext/hook.h", "ext/label.h", "ext/pycompat.h")),
    Rule("ext/snapshot.*", (BASE, CORE, OWN, "ext/label.h", "ext/pycompat.h", "tools/lib/profile.h")),
    Rule("ext/*", (LIB, CORE, "ext/*.h")),
    Rule("tests/*", ("tools/*", "ext/*", "tests/*")),
)
BRIDGE = "ext/snapshot.*"
CALL_RECORDS = {f"ext/core/{name}.h" for name in ("call_tree", "edge_recorder", "edge_table", "totals")}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^">]+)[">]', re.MULTILINE)
COMMENT_OR_LITERAL = re.compile(r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)
PRINTS_OR_EXITS = re.compile(r"\b(v?f?printf|f?puts|f?putc|putchar|perror|_?exit|abort)\s*\(")


def tracked_tree(root: Path) -> Tree:
    """Every file that git tracks in `root`; those that are not text are empty."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z"], check=True, capture_output=True
    )
    tree: Tree = {}
    for name in listing.stdout.decode().split("\0"):
        path = root / name
        if name and path.is_file():
            tree[name] = path.read_text(encoding="utf-8") if name.endswith(SOURCE_SUFFIXES) else ""
    return tree


def c_files(tree: Tree, *folders: str) -> Iterator[tuple[str, str]]:
    return ((p, text) for p, text in tree.items() if p.endswith((".c", ".h")) and p.startswith(folders or ""))


def resolve(tree: Tree, path: str, header: str) -> str | None:
    """The file that `#include "header"` in `path` means."""
    folders = (posixpath.dirname(path), *INCLUDE_PATH)
    candidates = (posixpath.normpath(posixpath.join(folder, header)) for folder in folders)
    return next((candidate for candidate in candidates if candidate in tree), None)


def included(tree: Tree, path: str) -> set[str]:
    """The headers of this tree that a file names, those that do not exist as they are written."""
    names = (name for kind, name in INCLUDE.findall(tree[path]) if kind == '"')
    return {resolve(tree, path, name) or name for name in names}


def include_law(tree: Tree) -> list[str]:
    violations = []
    for path, text in c_files(tree, "ext/", "tools/", "tests/"):
        rule = next(rule for rule in INCLUDE_LAW if fnmatchcase(path, rule.files))
        may = [pattern.format(stem=posixpath.splitext(path)[0]) for pattern in rule.may]
        violations += [
            f"{path}: may not include {header}"
            for header in sorted(included(tree, path))
            if not any(fnmatchcase(header, pattern) for pattern in may)
        ]
        system = {name for kind, name in INCLUDE.findall(text) if kind == "<"}
        violations += [f"{path}: may not include <{header}>" for header in sorted(system & set(rule.never))]
    return violations


def one_bridge(tree: Tree) -> list[str]:
    """Only the bridge knows both what the tracer records and the model."""
    return [
        f"{path}: includes both profile.h and the call records"
        for path, _text in c_files(tree, "ext/")
        if not fnmatchcase(path, BRIDGE)
        and "tools/lib/profile.h" in included(tree, path)
        and included(tree, path) & CALL_RECORDS
    ]


def version_tests(tree: Tree) -> list[str]:
    return [
        f"{path}: tests the Python version, which belongs to ext/pycompat.h"
        for path, text in c_files(tree)
        if "PY_VERSION_HEX" in text and path != "ext/pycompat.h"
    ]


def silent_library(tree: Tree) -> list[str]:
    violations = []
    for path, text in c_files(tree, "tools/lib/", "ext/core/"):
        code = COMMENT_OR_LITERAL.sub(" ", text)
        violations += [f"{path}: calls {name}()" for name in PRINTS_OR_EXITS.findall(code)]
    return violations


def top_level(tree: Tree) -> list[str]:
    names = {path.split("/")[0] for path in tree}
    return [f"{name}: does not belong at the top level" for name in sorted(names - TOP_LEVEL) if name[0] != "."]


def file_length(tree: Tree) -> list[str]:
    lengths = {path: text.count("\n") for path, text in tree.items() if path.endswith(SOURCE_SUFFIXES)}
    return [f"{path}: has {lines} lines" for path, lines in lengths.items() if lines > LONGEST_FILE]


def forgotten_files(tree: Tree) -> list[str]:
    """Every C file is named in a meson.build, with its folder or, in the same folder or one above, without."""
    builds = {posixpath.dirname(path): text for path, text in tree.items() if path.endswith("meson.build")}
    return [
        f"{path}: no meson.build names it"
        for path, _text in c_files(tree)
        if path.endswith(".c") and not any(names_file(text, folder, path) for folder, text in builds.items())
    ]


def names_file(build: str, folder: str, path: str) -> bool:
    """Whether the text of folder/meson.build names a C file."""
    stem = path[: -len(".c")]
    names = [posixpath.relpath(stem, folder or ".")]
    if path.startswith(f"{folder}/"):
        names.append(re.sub("^(check|fuzz)_", "", posixpath.basename(stem)))  # listed by what they check
    return any(re.search(rf"(?<![\w/.]){re.escape(name)}\b", build) for name in names)


CHECKS: tuple[Check, ...] = (
    include_law,
    one_bridge,
    version_tests,
    silent_library,
    top_level,
    file_length,
    forgotten_files,
)
