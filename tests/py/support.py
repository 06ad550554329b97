"""What several test files need."""

import marshal
import pstats
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Union


def stats_of(path: Union[str, Path]) -> dict:
    """The dictionary of a profile, as pstats reads it."""
    return pstats.Stats(str(path)).stats


def calls_in(path: Union[str, Path]) -> dict:
    """{name: calls} of a profile."""
    return {label[2]: row[1] for label, row in stats_of(path).items()}


def callers_in(path: Union[str, Path], name: str) -> dict:
    """{caller's name: calls} of the function `name`."""
    (row,) = [row for label, row in stats_of(path).items() if label[2] == name]
    return {label[2]: edge[0] for label, edge in row[4].items()}


def counted(profile):
    """{name: (primitive calls, calls)} of what the profile recorded."""
    profile.create_stats()
    return {label[2]: row[:2] for label, row in profile.stats.items()}


def own_rows(stats):
    """The dictionary without times."""
    return {
        label[2]: (*row[:2], {caller[2]: edge[:2] for caller, edge in row[4].items()}) for label, row in stats.items()
    }


def trailer_of(path: Union[str, Path]) -> dict:
    """A file's trailer: magic, version, size, CRC-32, then a compressed marshal dictionary."""
    with open(path, "rb") as file:
        marshal.load(file)
        magic, version, size, crc = struct.unpack("<8sIQI", file.read(24))
        data = file.read()
    assert (magic, version, size, crc) == (b"\nprofst\n", 1, len(data), zlib.crc32(data))
    return marshal.loads(zlib.decompress(data))


def facts_of(path: Union[str, Path]) -> dict:
    return trailer_of(path)["facts"]


def run_python(*arguments: str, **options) -> "subprocess.CompletedProcess[str]":
    """Runs the interpreter of the tests.  `options` are those of subprocess.run."""
    settings = {"capture_output": True, "text": True, "timeout": 120, **options}
    return subprocess.run([sys.executable, *arguments], **settings)
