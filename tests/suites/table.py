"""The table of suites: what is built, what is run, and how it is counted."""

from __future__ import annotations

import os
from pathlib import Path

import counts
from interpreters import Interpreter
from scheduler import Step, Suite

WITHOUT_PYTHON = ("-Dwerror=true", "-Dwarning_level=3", "-Dextension=disabled", "-Dtests=enabled")
# Not level 3: the slots of CPython's types are not ISO C.
WITH_PYTHON = ("-Dwerror=true", "-Dwarning_level=2", "-Dtests=disabled")
SANITIZED = ("-Db_sanitize=address,undefined", "-Db_lundef=false", "-Dbuildtype=debug")
VALGRIND = "valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,possible"
SANITIZER_ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
}
IN_PROCESS = {"CK_FORK": "no"}  # a check that crashes takes its program along, and tools see one process

# Where the hook can be chosen, the tests of the tracer run with each.
HOOKS = {"3.12": ("setprofile",), "3.13": ("setprofile",)}
NOT_OF_THE_TRACER = ("--ignore-glob=*/test_pstat_*", "--ignore-glob=*/test_statfile*", "--ignore-glob=*/test_stubs*")


def suites(root: Path, work: Path, interpreters: list[Interpreter]) -> list[Suite]:
    """All suites, those first that others wait for.  Files are made in `work`."""
    table = [*library_suites(root, work)]
    for interpreter in interpreters:
        table += python_suites(work, interpreter)
    table += whole_suites(work, interpreters)
    return table


def meson_build(folder: Path, *options: str) -> tuple[Step, ...]:
    """A build from nothing."""
    return (
        ("rm", "-rf", str(folder)),
        ("meson", "setup", str(folder), *options),
        ("ninja", "-C", str(folder)),
    )


def units(name: str, folder: Path, environment: dict[str, str], wrapper: str = "") -> Suite:
    """The C units of a build that has the name of its folder."""
    command = ["meson", "test", "-C", str(folder), "--no-rebuild", "--print-errorlogs", "--logbase", "units"]
    log = "units.json"
    if wrapper:
        command += ["--wrapper", wrapper, "--timeout-multiplier", "10"]
        log = f"units-{wrapper.split()[0]}.json"
    results = folder / "meson-logs" / log
    return Suite(name, (tuple(command),), counts.meson_log, results, needs=(folder.name,), environment=environment)


def threads(folder: Path) -> Suite:
    """The check of several threads, under ThreadSanitizer."""
    options = (*WITHOUT_PYTHON, "-Dpstat=disabled", "-Db_sanitize=thread", "-Db_lundef=false")
    remove, setup, build = meson_build(folder, *options)
    test = ("meson", "test", "-C", str(folder), "--no-rebuild", "--print-errorlogs", "--logbase", "units", "threads")
    steps = (remove, setup, (*build, "tests/check_threads"), test)
    environment = {"TSAN_OPTIONS": "halt_on_error=1", **IN_PROCESS}
    return Suite("threads", steps, counts.meson_log, folder / "meson-logs" / "units.json", environment=environment)


def transcripts(name: str, root: Path, folder: Path, environment: dict[str, str]) -> Suite:
    """The command line of the pstat of a build that has the name of its folder."""
    command = (str(root / "tests/cli/run.sh"), str(folder / "tools/pstat/pstat"))
    return Suite(name, (command,), counts.closing_lines, needs=(folder.name,), environment=environment)


def library_suites(root: Path, work: Path) -> list[Suite]:
    """The C units and pstat: as they are, under sanitizers and, the units, under valgrind."""
    plain, sanitized = work / "build", work / "build-sanitized"
    return [
        Suite(plain.name, meson_build(plain, *WITHOUT_PYTHON)),
        Suite(sanitized.name, meson_build(sanitized, *WITHOUT_PYTHON, *SANITIZED)),
        units("units", plain, {}),
        units("units-sanitized", sanitized, {**SANITIZER_ENVIRONMENT, **IN_PROCESS}),
        units("units-valgrind", plain, IN_PROCESS, VALGRIND),
        threads(work / "build-threads"),
        transcripts("cli", root, plain, {}),
        browser(work),
        transcripts("cli-sanitized", root, sanitized, SANITIZER_ENVIRONMENT),
    ]


def python_suites(work: Path, interpreter: Interpreter) -> list[Suite]:
    """The extension, built with warnings as errors and installed as a user installs it, and its tests."""
    minor = interpreter.minor
    venv = work / f"venv-{minor}"
    python, path = str(venv / "bin" / "python"), f"{venv / 'bin'}:{os.environ['PATH']}"
    build = f"build-{minor}"
    install = (python, "-m", "pip", "install", "--no-build-isolation", "--no-deps", "--force-reinstall", ".")
    prepare = Suite(
        build,
        (
            ("tests/suites/venv.sh", interpreter.path, str(venv), "tests/py/requirements.txt"),
            *meson_build(work / f"python-{minor}", *WITH_PYTHON, f"-Dpython={interpreter.path}"),
            install,
        ),
        environment={"PATH": path},
    )
    commands = Suite(
        f"commands-{minor}", (("tests/install/commands.sh", str(venv)),), counts.closing_lines, needs=(build,)
    )
    return [prepare, commands] + [pytest(work, interpreter, hook) for hook in ("", *HOOKS.get(minor, ()))]


def pytest(work: Path, interpreter: Interpreter, hook: str) -> Suite:
    """The Python tests in an interpreter's environment; with the hook that it takes by itself when none is named."""
    name = "-".join(filter(None, ("pytest", interpreter.minor, hook)))
    python = str(work / f"venv-{interpreter.minor}" / "bin" / "python")
    results = work / f"{name}.xml"
    command = (python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={results}", "tests/py")
    environment = {"STATFILE_TOOL": str(work / "build" / "tests" / "statfile_tool")}
    if hook:
        command += NOT_OF_THE_TRACER
        environment["PROFSTAT_HOOK"] = hook
    return Suite(
        name,
        (command,),
        counts.junit,
        results,
        needs=(f"build-{interpreter.minor}", "build"),
        environment=environment,
    )


def browser(work: Path) -> Suite:
    """The pages that pstat makes, in Chromium."""
    venv, results = work / "venv-browser", work / "browser.xml"
    prepare = ("tests/suites/venv.sh", "python3", str(venv), "tests/browser/requirements.txt")
    run = (str(venv / "bin" / "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={results}")
    pstat = str(work / "build" / "tools" / "pstat" / "pstat")
    steps = (prepare, (*run, "tests/browser"))
    return Suite("browser", steps, counts.junit, results, needs=("build",), environment={"PSTAT": pstat})


def whole_suites(work: Path, interpreters: list[Interpreter]) -> list[Suite]:
    """The tree, the example and the ways to install."""
    builds = tuple(f"build-{interpreter.minor}" for interpreter in interpreters)
    table = [
        Suite("runner", (("python3", "tests/suites/self_test.py"),), counts.closing_lines),
        Suite("structure", (("python3", "tests/structure/run.py", str(work)),), counts.closing_lines, needs=builds),
        Suite("install-pstat", (("tests/install/pstat.sh", str(work)),), counts.closing_lines),
    ]
    if interpreters:
        table.append(bench(work, [interpreters[0], interpreters[-1]]))
    for interpreter in interpreters[-1:]:
        python = {"PYTHON": interpreter.path}
        table += [
            Suite("install-sdist", (("tests/install/sdist.sh", str(work)),), counts.closing_lines, environment=python),
            Suite("example", (("tests/install/example.sh", str(work)),), counts.closing_lines, environment=python),
            pushing(work, interpreter),
            viewers(work, interpreter, interpreters),
        ]
    return table


def viewers(work: Path, interpreter: Interpreter, recorders: list[Interpreter]) -> Suite:
    """What other programs make of the formats that pstat writes, from profiles that all interpreters record."""
    folder = work / "viewers"
    results = folder / "viewers.xml"
    packages = work / f"venv-{interpreter.minor}" / "lib" / f"python{interpreter.minor}" / "site-packages"
    return Suite(
        "viewers",
        (("tests/viewers/run.sh", interpreter.path, str(folder), str(results)),),
        counts.junit,
        results,
        needs=(*(f"build-{recorder.minor}" for recorder in recorders), "build"),
        environment={
            **{"PSTAT": str(work / "build/tools/pstat/pstat"), "PYTHONPATH": str(packages)},
            "RECORDERS": " ".join(str(work / f"venv-{recorder.minor}/bin/python") for recorder in recorders),
        },
    )


def pushing(work: Path, interpreter: Interpreter) -> Suite:
    """What pstat sends to a server, under sanitizers."""
    python = str(work / f"venv-{interpreter.minor}" / "bin" / "python")
    results, pstat = work / "push-sanitized.xml", str(work / "build-sanitized" / "tools" / "pstat" / "pstat")
    run = (python, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={results}")
    return Suite(
        "push-sanitized",
        ((*run, "tests/py/test_pstat_push.py"),),
        counts.junit,
        results,
        needs=(f"build-{interpreter.minor}", "build-sanitized"),
        environment={"PSTAT": pstat, **SANITIZER_ENVIRONMENT},
    )


def bench(work: Path, interpreters: list[Interpreter]) -> Suite:
    """The benchmarks, once and with little work: whether they run, not what they find."""
    figures = str(work / "bench.json")
    run = ("python3", "tests/bench/run.py", "--quick", "--folder", str(work / "bench"), "--json", figures)
    paths = " ".join(interpreter.path for interpreter in interpreters)
    check = ("python3", "tests/bench/check.py", figures)
    return Suite("bench", (run, check), counts.closing_lines, environment={"PYTHONS": paths})
