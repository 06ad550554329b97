"""Made-up pstats dictionaries, as strange as the format allows."""

import marshal
import random
from pathlib import Path
from typing import Any, Dict, List, Tuple

Label = Tuple[str, int, str]
Statistics = Dict[Label, Tuple[int, int, float, float, Dict[Label, Any]]]

FOLDERS = ["", "/usr/lib/python3/", "/srv/app/", "app/", "./", "C:\\app\\", "/проект/", "/a b/", "/x/../x/", "//"]
FILES = ["views.py", "модель.py", "日本語.py", "__init__.py", "<string>", "<frozen os>", "", "a:b.py", "e\u0301.py"]
NAMES = [
    *("login", "get_db_user", "<module>", "<lambda>", "Straße", "名前", "ｆｕｌｌ", "😀", "a'b", 'a"b', "back\\slash"),
    *("\ud800", "tab\there", "new\nline", "\x1b[31mred", "nul\x00byte", "", "(", "é", "e\u0301", "\u200b", "{brace}"),
]
BUILTINS = ["<built-in method builtins.len>", "<method 'append' of 'list' objects>", "<", "", "plain", "<>", "<é>"]
COUNTS = [0, 1, 1, 2, 3, 10, 1000, 123456, 99999999, 2**31, 2**40, 2**53 + 1]
TIMES = [0.0, 0.0, 0.0005, 0.0015, 0.0025, 0.001, 0.1, 1 / 3, 2.5, 1e-9, 123.4567, 99999.9995, 1e15, 7, 1e300]


def label(rng: random.Random) -> Label:
    if rng.random() < 0.25:
        return ("~", 0 if rng.random() < 0.9 else 3, rng.choice(BUILTINS))
    folder = rng.choice(FOLDERS[: rng.randint(1, len(FOLDERS))])
    line = rng.choice([0, 1, 1, 2, 7, 42, 1000, 100000, 2**31, 2**40])
    return (folder + rng.choice(FILES), line, rng.choice(NAMES))


def counts(rng: random.Random) -> Tuple[int, int]:
    """Calls and primitive calls."""
    calls = rng.choice(COUNTS)
    return calls, calls if rng.random() < 0.6 else rng.randint(0, calls)


def timed_edge(rng: random.Random) -> Tuple[int, int, float, float]:
    return (*counts(rng), rng.choice(TIMES), rng.choice(TIMES))


def callers(rng: random.Random, candidates: List[Label], plain: bool) -> Dict[Label, Any]:
    chosen = rng.sample(candidates, min(len(candidates), rng.choice([0, 0, 1, 1, 2, 3, 8])))
    return {one: rng.choice(COUNTS) if plain else timed_edge(rng) for one in chosen}


def statistics(rng: random.Random, size: int, plain: bool = False) -> Statistics:
    """`plain`: as the old `profile` module writes it, callers being counts; they are then always listed themselves."""
    labels = list(dict.fromkeys(label(rng) for _ in range(size)))
    candidates = labels if plain else labels + [label(rng) for _ in range(size // 4)]
    candidates = list(dict.fromkeys(candidates))
    made = {}
    for one in labels:
        calls, primitive = counts(rng)
        row = (primitive, calls, rng.choice(TIMES), rng.choice(TIMES), callers(rng, candidates, plain))
        made[one] = row
    return made


def write(path: Path, dictionary: dict, version: int = marshal.version) -> str:
    path.write_bytes(marshal.dumps(dictionary, version))
    return path.name
