#!/usr/bin/env bash
# sdist.sh FOLDER: makes a source distribution, installs that with pip as a user does, and uses the commands.
# PYTHON is the interpreter.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(realpath "$1")/sdist
rm -rf "$folder"
mkdir -p "$folder"

"$PYTHON" -m venv "$folder/venv"
python=$folder/venv/bin/python
"$python" -m pip install --quiet build==1.2.2.post1
"$python" -m build --sdist --outdir "$folder" .
"$python" -m pip install "$folder"/profstat-*.tar.gz
"$here/commands.sh" "$folder/venv"
