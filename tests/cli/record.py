"""What profstat writes behind the pstats dictionary: call paths and facts (tools/lib/statfile_parts.h)."""

from __future__ import annotations

import marshal
import struct
import zlib
from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Tuple

Label = Tuple[str, int, str]
MAGIC, VERSION = b"\nprofst\n", 1
UNITS = {"calls": "calls", "self": "ns", "resumes": "calls", "awaited": "ns"}


class Tree(NamedTuple):
    """A call tree.  A path is (number of the path it comes from, or None; function; a value for each column)."""

    paths: List[Tuple[Any, ...]]
    columns: Tuple[str, ...] = ("calls", "self")
    thread: Optional[str] = None


def varints(numbers: Iterable[int]) -> bytes:
    encoded = bytearray()
    for number in numbers:
        while number > 0x7F:
            encoded.append(number & 0x7F | 0x80)
            number >>= 7
        encoded.append(number)
    return bytes(encoded)


def zigzag(number: int) -> int:
    return 2 * number if number >= 0 else -2 * number - 1


def encode_tree(tree: Tree, places: Dict[Label, int]) -> Dict[str, Any]:
    parents = (0 if path[0] is None else place - path[0] for place, path in enumerate(tree.paths))
    columns = [
        (name, UNITS.get(name, ""), varints(zigzag(path[2 + i]) for path in tree.paths))
        for i, name in enumerate(tree.columns)
    ]
    encoded = {
        "count": len(tree.paths),
        "parent": varints(parents),
        "function": varints(places[path[1]] for path in tree.paths),
        "columns": columns,
    }
    return {"thread": tree.thread, **encoded} if tree.thread is not None else encoded


def trailer(stats: Dict[Label, Any], trees: List[Tree], **facts: Any) -> bytes:
    """What stands behind the dictionary of these statistics."""
    places = {label: place for place, label in enumerate(stats)}
    unlisted = dict.fromkeys(path[1] for tree in trees for path in tree.paths if path[1] not in places)
    places.update({label: len(stats) + place for place, label in enumerate(unlisted)})
    record = {"facts": facts, "labels": list(unlisted), "trees": [encode_tree(tree, places) for tree in trees]}
    data = zlib.compress(marshal.dumps(record, 0))
    return MAGIC + struct.pack("<IQI", VERSION, len(data), zlib.crc32(data)) + data
