#!/usr/bin/env python3
"""embed.py OUT NAME=FILE[+FILE...]...: writes a C file with these files, one after the other, as `const struct asset
asset_NAME`, and with their SHA-256 in the form of a content security policy as asset_NAME_hash.  Licences become
comments, since they have to go with what they are about."""

from __future__ import annotations

import base64
import hashlib
import sys
from pathlib import Path


def lines_of(path: Path) -> list[bytes]:
    lines = path.read_bytes().splitlines()
    return [b"/*!", *lines, b"*/"] if path.name == "LICENSE" else lines


def content(files: list[str]) -> bytes:
    """Without the lines that lead debuggers to further files."""
    lines = [line for file in files for line in lines_of(Path(file))]
    return b"\n".join(line for line in lines if not line.startswith(b"//# sourceMappingURL=")) + b"\n"


def asset(name: str, data: bytes) -> str:
    rows = ",\n".join(",".join(map(str, data[i : i + 40])) for i in range(0, len(data), 40))
    array = f"static const unsigned char {name}[] = {{\n{rows}}};\n"
    return f"\n{array}const struct asset asset_{name} = {{{name}, {len(data)}}};\n"


def main() -> None:
    out, *assets = sys.argv[1:]
    text = '#include "assets.h"\n'
    for name, files in (word.split("=", 1) for word in assets):
        data = content(files.split("+"))
        text += asset(name, data)
        text += asset(f"{name}_hash", b"sha256-" + base64.b64encode(hashlib.sha256(data).digest()))
    Path(out).write_text(text, encoding="utf-8")


main()
