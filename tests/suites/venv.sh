#!/usr/bin/env bash
# venv.sh PYTHON FOLDER REQUIREMENTS: makes a virtual environment, or keeps the one that was made for the same.
set -euo pipefail

python=$1 folder=$2 requirements=$3
made_for=$("$python" -VV && echo "$python" && cat "$requirements")
[[ -e $folder/made-for && $(<"$folder/made-for") == "$made_for" ]] && exit

"$python" -m venv --clear "$folder"
"$folder/bin/python" -m pip install --quiet -r "$requirements"
echo "$made_for" >"$folder/made-for"
