"""The command `profstat`, also `python -m profstat`: run a program under the profiler.

The program must not notice.  It gets a module __main__ of its own, registered in sys.modules before the program starts
and left there when it ends, so that pickle, multiprocessing, atexit functions and threads find its functions where
they are under plain python.  How the program ends is left to the interpreter, too: its exception goes on upwards when
the profile is out, and only the traceback is cut to what belongs to the program.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib.util
import io
import os
import pkgutil
import pstats
import shlex
import signal
import sys
import threading
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader, SourcelessFileLoader
from optparse import Option, OptionParser, OptionValueError, Values
from types import CodeType, ModuleType, TracebackType
from typing import Any, Callable, NoReturn, Optional

from profstat._profstat import __version__, hide_file, untraced
from profstat.children import reach_children
from profstat.parts import Parts
from profstat.recording import Output, Recording, Settings, complain

# Not those that say how the program is to end, or that it has gone wrong.
_SIGNALS: list[signal.Signals] = [
    getattr(signal, name)
    for name in ("SIGUSR1", "SIGUSR2", "SIGHUP", "SIGQUIT", "SIGWINCH", "SIGCONT", "SIGALRM", "SIGVTALRM", "SIGPROF")
]
_Caller = Callable[..., Any]
_ExceptionHook = Callable[[type[BaseException], BaseException, Optional[TracebackType]], Any]
_USAGE = "profstat [-o FILE] [-s KEY] (-m MODULE | SCRIPT) [ARG...]"


class _Program:
    """Code, and the module __main__ to run it in, with the attributes that the interpreter would set."""

    def __init__(self, code: CodeType, **attributes: Any) -> None:
        self.code = code
        self.module = ModuleType("__main__")
        vars(self.module).update(__annotations__={}, __builtins__=builtins, **attributes)

    @classmethod
    def from_spec(cls, spec: ModuleSpec, code: CodeType) -> _Program:
        return cls(
            code,
            __package__=spec.parent,
            __loader__=spec.loader,
            __spec__=spec,
            __file__=spec.origin,
            __cached__=spec.cached,
        )


def main() -> None:
    """Run the program that sys.argv names under the profiler; write its profile, or print it to stdout.

    The process ends as the program did.  Wrong usage makes the exit status 2, a missing program what python makes it
    (2 for a script, 1 for a module), and a profile that cannot be written or printed after a good run 1.
    """
    parser = _option_parser()
    options, arguments = parser.parse_args()
    if not arguments:
        parser.error("-m MODULE or SCRIPT is missing")
    path = _output_path(parser, options)
    settings = Settings(options.compensate, options.threads, options.checkpoint, options.toggle)
    if options.children and path is not None:
        recording = _recording_with_children(settings, path)
    else:
        recording = Recording(settings, Output(path, options.sort))
    call = recording.profile._call if recording.started else _call
    try:
        program = _load_module(call, arguments) if options.module else _load_script(arguments)
        _run(call, program, recording)
    except BaseException as error:
        _show_only_the_program(error)
        raise


def _check_signal(option: Option, name: str, value: str) -> signal.Signals:
    number = value[3:] if value.upper().startswith("SIG") else value
    for choice in _SIGNALS:
        if number.upper() == choice.name[3:] or number == str(int(choice)):
            return choice
    choices = ", ".join(choice.name[3:] for choice in _SIGNALS)
    raise OptionValueError(f"option {name}: {value!r} is no signal that can be caught (choose from {choices})")


class _Option(Option):
    TYPES = (*Option.TYPES, "signal")
    TYPE_CHECKER = {**Option.TYPE_CHECKER, "signal": _check_signal}


def _option_parser() -> OptionParser:
    # optparse, as in cProfile: argparse would look for options behind SCRIPT, too.
    parser = OptionParser(option_class=_Option, usage=_USAGE, prog="profstat", version=f"profstat {__version__}")
    parser.allow_interspersed_args = False
    parser.add_option("-o", "--outfile", metavar="FILE", help="write the profile to FILE instead of printing a report")
    parser.add_option(
        "-s",
        "--sort",
        metavar="KEY",
        default=2,
        choices=sorted(pstats.Stats.sort_arg_dict_default),
        help="order of the report: a key of pstats, such as calls, time or cumulative (the default)",
    )
    parser.add_option(
        "--compensate", action="store_true", default=False, help="take off the times what tracing itself adds"
    )
    parser.add_option(
        "--no-threads",
        dest="threads",
        action="store_false",
        default=True,
        help="record the main thread alone, not all threads",
    )
    parser.add_option(
        "--checkpoint",
        type="float",
        metavar="SECONDS",
        help="also write FILE every so many seconds while the program runs: what kills it takes no more than that",
    )
    parser.add_option(
        "--toggle",
        type="signal",
        metavar="SIGNAL",
        help="record nothing until this signal (USR1, or its number) comes, then until it comes again, and so on; "
        "each time FILE is written anew",
    )
    parser.add_option(
        "--children",
        action="store_true",
        default=False,
        help="record the Python processes that the program starts, too: each writes a file of its own beside FILE, "
        "and FILE is their sum",
    )
    parser.add_option("-m", dest="module", action="store_true", default=False, help="run a module, as python -m does")
    return parser


def _output_path(parser: OptionParser, options: Values) -> Optional[str]:
    """The full path of the file to write, None for a report; ends the process when it or an option is wrong."""
    if options.checkpoint is not None and not 0 < options.checkpoint <= threading.TIMEOUT_MAX:
        parser.error(f"option --checkpoint: {options.checkpoint:g} is no number of seconds to wait")
    if options.outfile is None:
        for name in ("checkpoint", "toggle", "children"):
            if getattr(options, name):
                parser.error(f"--{name} needs -o FILE")
        return None
    path: str = os.path.abspath(options.outfile)
    reason = _why_unwritable(path)
    if reason:
        parser.error(f"cannot write {path}: {reason}")
    if options.children and os.path.exists(path) and not os.path.isfile(path):
        parser.error(f"--children needs a file, and {path} is none")
    return path


def _why_unwritable(path: str) -> Optional[str]:
    directory = os.path.dirname(path)
    if os.path.isdir(path):
        return "Is a directory"
    if not os.path.isdir(directory):
        return "No such directory"
    if os.path.isfile(path) and not _may_be_replaced(path):
        return "it is no profile, and would be lost"
    needed = path if os.path.exists(path) and not os.path.isfile(path) else directory
    return None if os.access(needed, os.W_OK) else "Permission denied"


def _may_be_replaced(path: str) -> bool:
    """A profile begins as the dictionary does that it is; the upper bit marks what is referred to."""
    with contextlib.suppress(OSError), open(path, "rb") as file:
        begin = file.read(1)
        return not begin or begin[0] & 0x7F == ord("{")
    return True


def _recording_with_children(settings: Settings, path: str) -> Recording:
    parts = Parts(path, os.getpid())
    parts.forget_old()
    reach_children(parts, settings)
    return Recording(settings, Output(parts.new_path()), parts)


def _run(call: _Caller, program: _Program, recording: Recording) -> None:
    recording.facts["command"] = shlex.join(sys.argv)
    if not recording.settings.threads:
        recording.facts["thread"] = threading.current_thread().name
    sys.modules["__main__"] = program.module
    recording.begin()
    namespace = vars(program.module)
    if recording.started:
        recording.profile.enable()
    try:
        call(exec, program.code, namespace)
    except BaseException as error:
        untraced(_finish, recording, error)
        raise
    if not untraced(_finish, recording):
        sys.exit(1)


def _finish(recording: Recording, error: Optional[BaseException] = None) -> bool:
    try:
        if recording.settings.threads:
            _wait_for_threads(error)
    finally:
        saved = recording.end()
    return saved


def _wait_for_threads(error: Optional[BaseException]) -> None:
    """As the interpreter does when the main thread has ended, and has reported the exception that ended it."""
    if all(thread.daemon or thread is threading.current_thread() for thread in threading.enumerate()):
        return
    if error is not None and not isinstance(error, SystemExit):
        _report_now(error)
    shut_down: Callable[[], None] = threading._shutdown  # type: ignore[attr-defined]
    shut_down()


def _report_now(error: BaseException) -> None:
    """And not when it gets to the interpreter."""
    report = _exception_hook()
    shown = _traceback_of_the_program(error)
    report(type(error), error.with_traceback(shown), shown)

    def excepthook(kind: type[BaseException], value: BaseException, traceback: Optional[TracebackType]) -> None:
        if value is not error:
            report(kind, value, traceback)

    sys.excepthook = excepthook


def _call(function: Callable[..., Any], /, *arguments: Any) -> Any:
    return function(*arguments)


def _load_script(arguments: list[str]) -> _Program:
    """As `python SCRIPT`: a source file, a compiled file, or a directory or zip file with a __main__.py in it."""
    sys.argv[:] = arguments
    path = os.path.join(os.getcwd(), arguments[0])
    if pkgutil.get_importer(path) is not None:
        _set_import_directory(path, always=True)
        spec = PathFinder.find_spec("__main__", [path])
        code = None if spec is None else _module_code(spec)
        if spec is None or code is None:
            _fail(f"can't find '__main__' module in {path!r}", 1)
        return _Program.from_spec(spec, code)

    _set_import_directory(os.path.dirname(os.path.realpath(path)))
    loader = (SourcelessFileLoader if path.endswith(".pyc") else SourceFileLoader)("__main__", path)
    try:
        with io.open_code(path) as file:
            source = file.read()
    except OSError as error:
        _fail(f"can't open file {path!r}: [Errno {error.errno}] {error.strerror}", 2)
    code = loader.get_code("__main__") if path.endswith(".pyc") else None
    if code is None:
        code = compile(source, path, "exec", dont_inherit=True)
    return _Program(code, __package__=None, __loader__=loader, __spec__=None, __file__=path, __cached__=None)


def _load_module(call: _Caller, arguments: list[str]) -> _Program:
    """As `python -m MODULE`.  Importing the packages around the module is a part of the program, and is profiled."""
    sys.argv[:] = ["-m", *arguments[1:]]
    _set_import_directory(os.getcwd())
    spec = call(_find_module, arguments[0])
    code = _module_code(spec)
    if code is None:
        _fail(f"No code object available for {spec.name}", 1)
    sys.argv[0] = spec.origin or ""
    return _Program.from_spec(spec, code)


def _find_module(name: str) -> ModuleSpec:
    """The module of this name, or __main__ in the package of this name."""
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise  # some other module, which a package around the module imports
        _fail(str(error), 1)
    except (AttributeError, TypeError, ValueError) as error:
        _fail(f"Error while finding module {name!r} ({type(error).__name__}: {error})", 1)
    if spec is None:
        _fail(f"No module named {name}", 1)
    if spec.submodule_search_locations is None:
        return spec
    inner = None if name.endswith("__main__") else importlib.util.find_spec(f"{name}.__main__")
    if inner is None:
        _fail(f"No module named {name}.__main__; {name!r} is a package and cannot be directly executed", 1)
    return inner


def _module_code(spec: ModuleSpec) -> Optional[CodeType]:
    get_code = getattr(spec.loader, "get_code", None)
    return None if get_code is None else get_code(spec.name)


def _set_import_directory(directory: str, always: bool = False) -> None:
    """Put it where the interpreter put the directory of this command, unless it was told to put nothing there."""
    if not getattr(sys.flags, "safe_path", sys.flags.isolated):
        sys.path[0] = directory
    elif always:
        sys.path.insert(0, directory)


def _exception_hook() -> _ExceptionHook:
    own = getattr(sys, "excepthook", None)
    return own if callable(own) else sys.__excepthook__


def _traceback_of_the_program(error: BaseException) -> Optional[TracebackType]:
    own_file = main.__code__.co_filename
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_frame.f_code.co_filename == own_file:
        traceback = traceback.tb_next
    return traceback


def _show_only_the_program(error: BaseException) -> None:
    """Have the interpreter leave out the frames of this command when it reports the exception."""
    shown = _traceback_of_the_program(error)
    report = _exception_hook()

    def excepthook(kind: type[BaseException], value: BaseException, traceback: Optional[TracebackType]) -> None:
        if value is error:
            sys.excepthook = report
            value, traceback = value.with_traceback(shown), shown
        report(kind, value, traceback)

    sys.excepthook = excepthook


def _fail(message: str, status: int) -> NoReturn:
    complain(message)
    sys.exit(status)


hide_file(main.__code__.co_filename)
