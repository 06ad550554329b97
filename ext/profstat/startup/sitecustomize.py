"""What interpreters import that a program starts under `python -m profstat --children`; see profstat.children."""

import os
import sys

_FOLDER = os.path.dirname(os.path.abspath(__file__))


def _import_next() -> None:
    """The module of this name that stands behind this one."""
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != _FOLDER]
    own = sys.modules.pop(__name__)
    try:
        __import__(__name__)
    except ImportError as error:
        if error.name != __name__:
            raise
        sys.modules[__name__] = own


def _begin() -> None:
    path = sys.path[:]
    sys.path.append(os.path.dirname(os.path.dirname(_FOLDER)))
    try:
        from profstat.children import begin_in_interpreter
    except ImportError:  # another version of Python than the extension's: it runs as ever
        return
    finally:
        sys.path[:] = path
    begin_in_interpreter()


try:
    _import_next()
finally:
    _begin()
