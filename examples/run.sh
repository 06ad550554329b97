#!/usr/bin/env bash
# Shows profstat on a small web application: installs what is missing, runs the application, prints its profiles.
# PYTHON=/path/to/python chooses the interpreter.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(dirname "$here")/build-example
source "$here/environment.sh"

make_environment "$here/card_table/requirements.txt" "$work"

mkdir -p "$work/card_table"
cd "$work/card_table"
rm -f ./*.stat
PATH=$venv/bin:$PATH exec "$venv/bin/python" "$here/card_table/play.py"
