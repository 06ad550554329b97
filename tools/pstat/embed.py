#!/usr/bin/env python3
"""embed.py OUT NAME=FILE...: writes a C file with the bytes of each FILE as `const struct asset asset_NAME`."""

import sys
from pathlib import Path


def rows(data: bytes) -> str:
    return ",\n".join(",".join(map(str, data[i : i + 40])) for i in range(0, len(data), 40))


def main() -> None:
    out, *assets = sys.argv[1:]
    text = '#include "assets.h"\n'
    for name, path in (asset.split("=", 1) for asset in assets):
        data = Path(path).read_bytes()
        text += f"\nstatic const unsigned char {name}[] = {{\n{rows(data)}}};\n"
        text += f"const struct asset asset_{name} = {{{name}, {len(data)}}};\n"
    Path(out).write_text(text, encoding="utf-8")


main()
