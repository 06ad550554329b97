"""speedscope itself, in Chromium: what its table of functions says."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest
from profiles import export, read

FOLDER = os.environ.get("SPEEDSCOPE", "")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(not (FOLDER and CHROMIUM), reason="needs Chromium, and speedscope in $SPEEDSCOPE")

OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--allow-file-access-from-files")
UNITS = {"ns": 1.0, "\u00b5s": 1e3, "ms": 1e6, "s": 1e9, "": 1.0}
VALUE = re.compile(r"^([\d.,]+)(ns|\u00b5s|ms|s|) \(\S+%\)$")


def shown(path: Path, place: int, folder: Path) -> List[str]:
    """The texts of the page for the profile at this place in the file."""
    exported: Dict[str, Any] = json.loads(path.read_text())
    exported["activeProfileIndex"] = place
    encoded = base64.b64encode(json.dumps(exported).encode()).decode()
    script = folder / "load.js"
    script.write_text(f"speedscope.loadFileFromBase64({json.dumps(path.name)}, {json.dumps(encoded)})")
    page = f"file://{FOLDER}/dist/release/index.html#view=sandwich&localProfilePath={script}"
    words = [str(CHROMIUM), *OPTIONS, f"--user-data-dir={folder}/browser", "--window-size=1600,3000"]
    done = subprocess.run(
        [*words, "--virtual-time-budget=10000", "--dump-dom", page], capture_output=True, timeout=120, check=True
    )
    body = re.sub(r"<style.*?</style>", "", done.stdout.decode(), flags=re.S)
    return [html.unescape(text) for text in re.split(r"<[^>]+>", body) if text.strip()]


def rows(texts: List[str]) -> Dict[str, Tuple[float, float]]:
    """Total and own value of each function."""
    found = [(place, VALUE.match(text)) for place, text in enumerate(texts)]
    values = {place: float(m[1].replace(",", "")) * UNITS[m[2]] for place, m in found if m}
    return {texts[place + 2]: (values[place], values[place + 1]) for place in values if place + 1 in values}


@pytest.mark.parametrize("name", ["flat", "flat-estimated"])
def test_its_table_has_the_totals(files: Dict[str, Path], tmp_path: Path, name: str) -> None:
    output = export(files[name], tmp_path / "x.speedscope.json")
    stats = {label[2]: totals for label, totals in read(files[name]).items() if label[2] != "__init__"}
    times = rows(shown(output, 0, tmp_path))
    assert set(stats) <= set(times)
    for function, (calls, own, cumulative) in stats.items():
        assert times[function][0] == pytest.approx(cumulative, rel=0.01, abs=10)
        assert times[function][1] == pytest.approx(own, rel=0.01, abs=10)
    counts = rows(shown(output, 1, tmp_path))
    assert {function: counts[function][1] for function in stats} == {name: row[0] for name, row in stats.items()}
