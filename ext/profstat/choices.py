"""What monitor_profile and the middlewares are asked for, checked when decorating: a server that is profiled in
production must not fail at its first request."""

from __future__ import annotations

import os
import string
from typing import Any, Iterable, Literal, Mapping, NamedTuple, Optional, Union

from profstat.keeping import KEEPERS
from profstat.profile import Profile

Keep = Literal["last", "sum", "slowest"]
_OF_ALL_CALLS = ("pid",)
_OF_ONE_CALL = ("n", "time")


class Choices(NamedTuple):
    template: str
    """Of the path."""
    keep: str
    every: int
    min_seconds: float
    budget: dict[str, int]
    options: dict[str, Any]
    """Of Profile."""


def checked_choices(
    path: Union[str, os.PathLike[str]],
    fields: tuple[str, ...],
    keep: str,
    every: int,
    min_seconds: float,
    budget: Optional[Mapping[str, int]],
    options: dict[str, Any],
) -> Choices:
    """`fields` are those of the path that say what is profiled.  Raises ValueError and TypeError."""
    template = _checked_template(path, fields + _OF_ALL_CALLS + _OF_ONE_CALL)
    _check_keep(keep, template, fields + _OF_ALL_CALLS)
    _check_limits(every, min_seconds)
    checked_budget = _checked_budget(budget)
    _check_options(**options)
    return Choices(template, keep, every, min_seconds, checked_budget, options)


def fields_of(template: str) -> list[str]:
    return [field for _, field, _, _ in string.Formatter().parse(template) if field is not None]


def checked_path(name: str, path: Any) -> str:
    """An argument that is a path."""
    try:
        text = os.fspath(path)
    except TypeError:
        text = None
    if not isinstance(text, str):
        raise TypeError(f"{name} is {path!r}; it can be a str or an os.PathLike object that stands for one")
    if not text or "\0" in text:
        raise ValueError(f"{name} is {path!r}; it can be any text that is not empty and has no null characters")
    return text


def _checked_template(path: Any, valid: tuple[str, ...]) -> str:
    template = checked_path("path", path)
    try:
        for field in fields_of(template):
            if field not in valid:
                raise ValueError(f"unknown field {{{field}}}")
        if not template.format_map({**dict.fromkeys(valid, "name"), "pid": 1, "n": 1}):
            raise ValueError("it is empty")
    except (ValueError, LookupError) as error:  # LookupError: of a field within the format of another
        raise ValueError(f"path is {template!r}: {error} (choose from {_in_braces(valid)})") from None
    return template


def _check_keep(keep: str, template: str, valid: tuple[str, ...]) -> None:
    if keep not in tuple(KEEPERS):
        raise ValueError(f"keep is {keep!r}; it can be {_listed(KEEPERS)}")
    if keep != "last":
        for field in fields_of(template):
            if field in _OF_ONE_CALL:
                wrong = f"{{{field}}} cannot be in {template!r} (choose from {_in_braces(valid)})"
                raise ValueError(f"keep={keep!r} needs one path for all calls, so {wrong}")


def _check_limits(every: int, min_seconds: float) -> None:
    choices = "it can be 1 (each call), 2 (every second call) and so on"
    if not _is_integer(every):
        raise TypeError(f"every is {every!r}; {choices}")
    if every < 1:
        raise ValueError(f"every is {every!r}; {choices}")
    choices = "it can be a number of seconds, 0 or more"
    if isinstance(min_seconds, bool) or not isinstance(min_seconds, (int, float)):
        raise TypeError(f"min_seconds is {min_seconds!r}; {choices}")
    if not min_seconds >= 0:
        raise ValueError(f"min_seconds is {min_seconds!r}; {choices}")


def _checked_budget(budget: Optional[Mapping[str, int]]) -> dict[str, int]:
    choices = "it can be a mapping from function names to the calls allowed, as in {'get_db_user': 2}"
    if budget is None:
        return {}
    if not isinstance(budget, Mapping) or not all(isinstance(name, str) for name in budget):
        raise TypeError(f"budget is {budget!r}; {choices}")
    if not all(_is_integer(calls) for calls in budget.values()):
        raise TypeError(f"budget is {budget!r}; {choices}")
    if not all(calls >= 0 for calls in budget.values()):
        raise ValueError(f"budget is {budget!r}; {choices}")
    return {_function_name(name): calls for name, calls in budget.items()}


def _function_name(name: str) -> str:
    """Reports print C functions in braces, profiles hold them in angle brackets."""
    return f"<{name[1:-1]}>" if name.startswith("{") and name.endswith("}") else name


def _check_options(clock: Any, **switches: Any) -> None:
    for name, value in switches.items():
        if not isinstance(value, int) or value not in (0, 1):
            error = ValueError if _is_integer(value) else TypeError
            raise error(f"{name} is {value!r}; it can be True or False")
    Profile(clock=clock, **switches)


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _listed(names: Iterable[str]) -> str:
    *first, last = map(repr, names)
    return f"{', '.join(first)} or {last}"


def _in_braces(names: Iterable[str]) -> str:
    return ", ".join("{%s}" % name for name in names)
