"""The magics of IPython: `%load_ext profstat`, then `%profstat STATEMENT`, or `%%profstat` above a cell.

They take the options of %prun.  IPython's parser of options does not hand on a statement as it was written, so that is
done here.
"""

from __future__ import annotations

import importlib
import pstats
import re
from typing import Any, NamedTuple, NoReturn, Optional, Union

from profstat._profstat import hide_file
from profstat.profile import Profile

_OPTION = re.compile(
    r"""\s* - (?=[qrslD]) (?P<flags>[qr]*)
        (?: (?P<name>[slD]) \s* (?: "(?P<quoted>[^"]*)" | '(?P<single>[^']*)' | (?P<plain>\S+) ) | (?!\S) )""",
    re.VERBOSE,
)
_WRONG_OPTION = re.compile(r"\s*(-[A-Za-z])(?!\S)")
_USAGE = "%profstat [-s KEY]... [-l LIMIT]... [-D FILE] [-q] [-r] STATEMENT"


class _Request(NamedTuple):
    code: str
    flags: str
    keys: list[str]
    limits: list[Union[int, float, str]]
    files: list[str]


def load(shell: Any) -> None:
    def profstat(line: str, cell: Optional[str] = None) -> Optional[pstats.Stats]:
        """Run a statement, or a cell below %%profstat, under the profiler and print the report.

        %profstat [-s KEY]... [-l LIMIT]... [-D FILE] [-q] [-r] STATEMENT

        -s KEY    sort by a key of pstats, more of them for ties; "cumulative" when there is none
        -l LIMIT  a number of lines, a fraction such as 0.1, or a regular expression; more of them one after the other
        -D FILE   write the profile to a file, which pstat, pstats and others read
        -q        print no report
        -r        return the pstats.Stats object
        """
        return _profstat(shell, line, cell)

    importlib.import_module("IPython.core.magic").no_var_expand(profstat)
    shell.register_magic_function(profstat, "line_cell", "profstat")


def _profstat(shell: Any, line: str, cell: Optional[str]) -> Optional[pstats.Stats]:
    request = _parse(line)
    code = request.code if cell is None else f"{request.code}\n{cell}"
    if not code.strip():
        _refuse(f"usage: {_USAGE}")
    compiled = compile(shell.transform_cell(code), "<profstat>", "exec", dont_inherit=True)
    profile = Profile()
    ended_by: Optional[BaseException] = None
    try:
        profile._call(exec, compiled, shell.user_ns, shell.user_ns)
    except (KeyboardInterrupt, SystemExit) as error:
        ended_by = error
    profile.create_stats()
    stats = pstats.Stats(profile).strip_dirs().sort_stats(*request.keys)  # type: ignore[arg-type]
    if "q" not in request.flags:
        stats.print_stats(*request.limits)
    if ended_by is not None:
        print(f"{type(ended_by).__name__} ended the code that was profiled.")
    for path in request.files:
        profile.dump_stats(path)
        print(f"Profile written to {path}.")
    return stats if "r" in request.flags else None


def _parse(line: str) -> _Request:
    flags = ""
    keys: list[str] = []
    limits: list[Union[int, float, str]] = []
    files: list[str] = []
    position = 0
    while option := _OPTION.match(line, position):
        position = option.end()
        value = next((text for text in option.group("quoted", "single", "plain") if text is not None), "")
        flags += option["flags"]
        if option["name"] == "s":
            keys.append(_key(value))
        elif option["name"] == "l":
            limits.append(_limit(value))
        elif option["name"] == "D":
            files.append(value)
    wrong = _WRONG_OPTION.match(line, position)
    if wrong is not None:
        _refuse(f"{wrong[1]} is no option, or lacks its value; usage: {_USAGE}")
    return _Request(line[position:].lstrip(), flags, keys or ["cumulative"], limits, files)


def _key(text: str) -> str:
    if text not in pstats.Stats().get_sort_arg_defs():
        _refuse(f"-s {text}: unknown key (choose from {', '.join(pstats.Stats.sort_arg_dict_default)})")
    return text


def _limit(text: str) -> Union[int, float, str]:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def _refuse(message: str) -> NoReturn:
    """By the exception that IPython shows without a traceback."""
    raise importlib.import_module("IPython.core.error").UsageError(message)


hide_file(load.__code__.co_filename)
