import sys
from os import PathLike
from types import CodeType
from typing import Any, Callable, Final, Optional, TypeVar, Union, final

from _typeshed import structseq
from typing_extensions import ParamSpec

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")
_Label = tuple[str, int, str]
_Entry = tuple[int, int, float, float, dict[_Label, tuple[int, int, float, float]]]
_Facts = dict[str, Union[str, int, float, bool]]

__version__: str
hook: str

@final
class profiler_entry(structseq[Any], tuple[Union[CodeType, str], int, int, float, float, Any]):
    if sys.version_info >= (3, 10):
        __match_args__: Final = ("code", "callcount", "reccallcount", "totaltime", "inlinetime", "calls")
    @property
    def code(self) -> Union[CodeType, str]: ...
    @property
    def callcount(self) -> int: ...
    @property
    def reccallcount(self) -> int: ...
    @property
    def totaltime(self) -> float: ...
    @property
    def inlinetime(self) -> float: ...
    @property
    def calls(self) -> Optional[list[profiler_subentry]]: ...

@final
class profiler_subentry(structseq[Any], tuple[Union[CodeType, str], int, int, float, float]):
    if sys.version_info >= (3, 10):
        __match_args__: Final = ("code", "callcount", "reccallcount", "totaltime", "inlinetime")
    @property
    def code(self) -> Union[CodeType, str]: ...
    @property
    def callcount(self) -> int: ...
    @property
    def reccallcount(self) -> int: ...
    @property
    def totaltime(self) -> float: ...
    @property
    def inlinetime(self) -> float: ...

class Profiler:
    def __init__(
        self,
        timer: Optional[Callable[[], float]] = None,
        timeunit: float = 0.0,
        subcalls: bool = True,
        builtins: bool = True,
        *,
        clock: str = "wall",
        paths: bool = True,
        max_path_bytes: int = 67108864,
        compensate: bool = False,
        threads: bool = False,
    ) -> None: ...
    @property
    def enabled(self) -> bool: ...
    @property
    def _ran(self) -> bool: ...
    def enable(self, subcalls: bool = ..., builtins: bool = ...) -> None: ...
    def disable(self) -> None: ...
    def clear(self) -> None: ...
    def getstats(self) -> list[profiler_entry]: ...
    def _stats(self) -> dict[_Label, _Entry]: ...
    def _over_budget(self, budget: dict[str, int], /) -> list[tuple[_Label, int, int, dict[_Label, int]]]: ...
    def _call(
        self, func: Callable[_Arguments, _Result], /, *args: _Arguments.args, **kwargs: _Arguments.kwargs
    ) -> _Result: ...
    def _encode(self, facts: Optional[_Facts] = None, /) -> bytes: ...
    def _save(
        self,
        path: Union[str, bytes, PathLike[str], PathLike[bytes]],
        facts: Optional[_Facts] = None,
        if_ended: bool = False,
        /,
    ) -> None: ...

@final
class ProfileSum:
    def __new__(cls) -> ProfileSum: ...
    def add(self, profiler: Profiler, /) -> None: ...
    def save(
        self, path: Union[str, bytes, PathLike[str], PathLike[bytes]], facts: Optional[_Facts] = None, /
    ) -> None: ...

def hide_file(filename: str, /) -> None: ...
def untraced(
    func: Callable[_Arguments, _Result], /, *args: _Arguments.args, **kwargs: _Arguments.kwargs
) -> _Result: ...
