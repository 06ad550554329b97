"""What several test files need."""

import marshal
import pstats
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Iterator, Union

import profstat


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


def varints(data: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            yield value
            value = shift = 0


def zigzags(data: bytes) -> Iterator[int]:
    return (value >> 1 ^ -(value & 1) for value in varints(data))


def paths_in(path: Union[str, Path]) -> dict:
    """{functions from the outermost one on: (calls, ns)} of a profile with one call tree."""
    trailer = trailer_of(path)
    with open(path, "rb") as file:
        labels = [*marshal.load(file), *trailer["labels"]]
    (tree,) = trailer["trees"]
    columns = [zigzags(values) for _, _, values in tree["columns"]]
    nodes: list = []
    found = {}
    for i, (place, distance, *row) in enumerate(zip(varints(tree["function"]), varints(tree["parent"]), *columns)):
        nodes.append((*(nodes[i - distance] if distance else ()), labels[place]))
        assert nodes[i] not in found
        found[nodes[i]] = tuple(row)
    return found


def counts_of(function):
    """What profstat.stats() says of a decorated function."""
    return profstat.stats().functions[f"{function.__module__}.{function.__qualname__}"]


# A program whose threads call a decorated function.  It has a process without audit hooks: while one that is written in
# Python runs, other threads do, even in the middle of the interpreter's own work when a profiler is enabled.
IN_THREADS = """
import sys, threading
import profstat
def work(n):
    return n
@profstat.monitor_profile({options})
def handle(n):
    for i in range(n):
        work(i)
def calls():
    for n in range({calls}):
        handle(n)
sys.setswitchinterval(1e-5)
threads = [threading.Thread(target=calls) for _ in range({threads})]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(profstat.stats().functions["__main__.handle"])
"""


def run_python(*arguments: str, **options) -> "subprocess.CompletedProcess[str]":
    """Runs the interpreter of the tests.  `options` are those of subprocess.run."""
    settings = {"capture_output": True, "text": True, "timeout": 120, **options}
    return subprocess.run([sys.executable, *arguments], **settings)
