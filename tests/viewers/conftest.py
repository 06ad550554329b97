"""The profiles, each in a file of its own."""

from __future__ import annotations

import marshal
from pathlib import Path
from typing import Dict

import profiles
import pytest

EXACT = ("flat", "recursive", "library")
OF_OTHERS = tuple(f"{name}-{version}" for version in profiles.recorders() for name in EXACT)
NAMES = (*EXACT, *OF_OTHERS, *(f"{name}-estimated" for name in (*EXACT, *OF_OTHERS)), "hostile")


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Dict[str, Path]:
    folder = tmp_path_factory.mktemp("profiles")
    made = {name: folder / f"{name}.stat" for name in NAMES}
    for name in EXACT:
        profiles.write_recorded(made[name], getattr(profiles, name))
    for version, python in profiles.recorders().items():
        profiles.write_recorded_by(python, {name: made[f"{name}-{version}"] for name in EXACT})
    for name in (*EXACT, *OF_OTHERS):
        profiles.write_estimated(made[f"{name}-estimated"], made[name])
    made["hostile"].write_bytes(marshal.dumps(profiles.hostile_stats()))
    return made


@pytest.fixture(params=NAMES)
def profile(request: pytest.FixtureRequest, files: Dict[str, Path]) -> Path:
    return files[request.param]
