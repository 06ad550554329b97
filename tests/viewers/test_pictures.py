"""Hostile names in pictures: XML, JSON and Graphviz's language can be read, and every name is in it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Dict, List

import pytest
from profiles import PSTAT, Label, export, read


def visible(text: str) -> str:
    """As pictures show it: control characters and halves of surrogate pairs as on a terminal."""

    def shown(character: str) -> str:
        code = ord(character)
        if code < 0x20 or 0x7F <= code < 0xA0:
            return f"\\x{code:02x}"
        is_unseen = 0x200B <= code <= 0x200F or 0x2028 <= code <= 0x202E or 0x2060 <= code <= 0x2069
        return f"\\u{code:04x}" if is_unseen or 0xD800 <= code <= 0xDFFF else character

    return "".join(map(shown, text))


def name_of(label: Label) -> str:
    file, line, name = label
    return beginning(visible(f"{name} ({file}:{line})"))


def compared(new: Path, base: Path, output: Path) -> Path:
    subprocess.run([PSTAT, str(new), "--diff", str(base), "-d", "-o", str(output)], check=True, timeout=60)
    return output


def beginning(name: str) -> str:
    """Of names that are too long for a picture."""
    return name[:200]


def titles(path: Path) -> List[str]:
    root = ElementTree.parse(path).getroot()
    return [beginning((title.text or "").split("\n")[0]) for title in root.iter("{http://www.w3.org/2000/svg}title")]


def test_flame_graphs(files: Dict[str, Path], tmp_path: Path) -> None:
    names = set(map(name_of, read(files["hostile"])))
    drawn = tmp_path / "x.svg"
    subprocess.run([PSTAT, str(files["hostile"]), "-d", "-o", str(drawn)], check=True, timeout=60)
    assert names <= set(titles(drawn))
    assert names <= set(titles(compared(files["hostile"], files["flat"], drawn)))
    assert not names & set(titles(compared(files["flat"], files["hostile"], drawn)))


def test_pages(files: Dict[str, Path], tmp_path: Path) -> None:
    names = {visible(f"{file}:{line}({name})") for file, line, name in read(files["hostile"])}
    output = tmp_path / "x.html"
    for base in ([], ["--diff", str(files["flat"])], ["--diff", str(files["hostile"])]):
        subprocess.run([PSTAT, str(files["hostile"]), *base, "-d", "-o", str(output)], check=True, timeout=60)
        page = output.read_text(encoding="utf-8")
        scripts = re.findall(r"<script[^>]*>(.*?)</script>", page, re.S)
        assert len(scripts) == 2
        assert names <= {row[1] for row in json.loads(scripts[0])["functions"]}


@pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz is not installed")
def test_graphs(files: Dict[str, Path], tmp_path: Path) -> None:
    output = export(files["hostile"], tmp_path / "x.dot")
    done = subprocess.run(["dot", "-Tcanon", str(output)], capture_output=True, timeout=120, check=True)
    assert done.stderr == b""
    nodes = re.findall(r"^\tn\d+\t", done.stdout.decode(), re.M)
    assert len(nodes) == len(read(files["hostile"]))
