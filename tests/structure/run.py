"""Runs the checks of tree.py on this source tree, and each on a made-up tree in which it has to find a violation.

`run.py FOLDER` also looks at what the extension modules export that are built below that folder.  Prints a line a
check and, at the end, `N passed, N failed`; exits with 1 when something failed.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import tree
from tree import Check, Tree

ROOT = Path(__file__).resolve().parents[2]
EXPORTED = {"PyInit__profstat"}

# A made-up tree, and the violations that the check has to find in it.
MADE_UP: tuple[tuple[Check, Tree, list[str]], ...] = (
    (
        tree.include_law,
        {
            "tools/lib/base/buffer.c": '#include "buffer.h"\n#include "../profile.h"\n#include <zlib.h>\n',
            "tools/lib/base/buffer.h": "",
            "tools/lib/profile.h": "",
            "tools/lib/order.c": '#include "base/buffer.h"\n#include "out.h"\n',
            "tools/pstat/out.h": "",
            "tools/pstat/cmd_report.c": '#include "cmd_report.h"\n#include "cmd_diff.h"\n#include "profile.h"\n',
            "tools/pstat/cmd_report.h": "",
            "tools/pstat/cmd_diff.h": "",
            "tools/pstat/export_csv.c": '#include "opt.h"\n#include "out.h"\n',
            "tools/pstat/text_calls.c": '#include "export_text.h"\n#include "opt.h"\n',
            "tools/pstat/export_text.h": "",
            "tools/pstat/opt.h": "",
            "ext/core/tracer.c": '#include <Python.h>\n#include "base/buffer.h"\n# include "profile.h"\n',
            "ext/hook_monitoring.c": '#include "hook_setprofile.h"\n#include "hook.h"\n',
            "ext/hook_setprofile.h": "",
            "ext/hook.h": "",
        },
        [
            "tools/lib/base/buffer.c: may not include tools/lib/profile.h",
            "tools/lib/base/buffer.c: may not include <zlib.h>",
            "tools/lib/order.c: may not include out.h",
            "tools/pstat/cmd_report.c: may not include tools/pstat/cmd_diff.h",
            "tools/pstat/export_csv.c: may not include tools/pstat/opt.h",
            "tools/pstat/text_calls.c: may not include tools/pstat/opt.h",
            "ext/core/tracer.c: may not include tools/lib/profile.h",
            "ext/core/tracer.c: may not include <Python.h>",
            "ext/hook_monitoring.c: may not include ext/hook_setprofile.h",
        ],
    ),
    (
        tree.one_bridge,
        {
            "ext/facts.c": '#include "core/tracer.h"\n#include "profile.h"\n',
            "ext/profiler.c": '#include "core/totals.h"\n#include "profile.h"\n',
            "ext/snapshot.h": '#include "core/totals.h"\n#include "profile.h"\n',
            "ext/core/totals.h": "",
            "ext/core/tracer.h": "",
            "tools/lib/profile.h": "",
        },
        ["ext/profiler.c: includes both profile.h and the call records"],
    ),
    (
        tree.version_tests,
        {"ext/pycompat.h": "#if PY_VERSION_HEX\n", "ext/label.c": "#if PY_VERSION_HEX >= 0x030C0000\n"},
        ["ext/label.c: tests the Python version, which belongs to ext/pycompat.h"],
    ),
    (
        tree.silent_library,
        {
            "tools/lib/order.c": '/* printf() */ size = snprintf(text, 9, "exit(1)"); fprintf(stderr, text);',
            "ext/core/tracer.c": "exit (1);",
            "tools/pstat/main.c": "exit(1);",
        },
        ["tools/lib/order.c: calls fprintf()", "ext/core/tracer.c: calls exit()"],
    ),
    (
        tree.top_level,
        {"README.md": "", ".gitignore": "", "ext/label.c": "", "src/label.c": "", "notes.txt": ""},
        ["notes.txt: does not belong at the top level", "src: does not belong at the top level"],
    ),
    (
        tree.file_length,
        {"ext/long.c": "\n" * 501, "ext/short.c": "\n" * 500, "tests/data/long.txt": "\n" * 900},
        ["ext/long.c: has 501 lines"],
    ),
    (
        tree.forgotten_files,
        {
            "tests/meson.build": "checks = ['order']",
            "tests/unit/check_order.c": "",
            "tests/unit/check_reorder.c": "",
            "tools/pstat/meson.build": "files('../lib/order.c', 'main.c')",
            "tools/lib/order.c": "",
            "tools/lib/main.c": "",
            "tools/pstat/main.c": "",
        },
        ["tests/unit/check_reorder.c: no meson.build names it", "tools/lib/main.c: no meson.build names it"],
    ),
)


def foreign_exports(nm_output: str) -> list[str]:
    """The names in the output of `nm --format=posix` that an extension module should keep to itself."""
    return sorted({line.split()[0] for line in nm_output.splitlines() if line} - EXPORTED)


def extension_exports(extension: Path) -> list[str]:
    command = ["nm", "--dynamic", "--defined-only", "--format=posix", str(extension)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    missing = [f"{extension}: does not export {name}" for name in EXPORTED if name not in output]
    return missing + [f"{extension}: exports {name}" for name in foreign_exports(output)]


def results(folders: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Each check's name, and what is wrong."""
    source = tree.tracked_tree(ROOT)
    yield "the tree is not empty", [] if "meson.build" in source else ["meson.build: is not there"]
    for check in tree.CHECKS:
        yield check.__name__, check(source)
    for check, made_up, expected in MADE_UP:
        found = check(made_up)
        yield f"{check.__name__} can fail", [] if found == expected else [f"found {found} instead of {expected}"]
    untried = {check.__name__ for check in tree.CHECKS} - {check.__name__ for check, _, _ in MADE_UP}
    yield "every check has been seen to fail", [f"{name}: has no made-up tree" for name in sorted(untried)]
    for folder in folders:
        extensions = sorted(Path(folder).glob("**/_profstat.*.so"))
        yield "there are extension modules", [] if extensions else [f"{folder}: has none"]
        for extension in extensions:
            yield f"exports of {extension.relative_to(folder)}", extension_exports(extension)
    found = foreign_exports("PyInit__profstat T 1 2\nprofile_init T 3 4\n")
    yield "foreign_exports can fail", [] if found == ["profile_init"] else [f"found {found}"]


def main() -> int:
    passed = failed = 0
    for name, violations in results(sys.argv[1:]):
        passed, failed = (passed, failed + 1) if violations else (passed + 1, failed)
        print(f"FAIL {name}" if violations else f"ok   {name}", *violations, sep="\n     ")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
