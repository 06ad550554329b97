import os
from pathlib import Path

import pytest


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PROFSTAT", raising=False)
    return tmp_path


@pytest.fixture
def written(here: Path):
    """Tells the names of the profiles in the working directory."""
    return lambda: sorted(os.listdir(here))
