#!/usr/bin/env bash
# A step for CI: profiles the card table and holds rules against what its login did.  Fails, with a line for each rule
# that is broken, when somebody adds a query.  PYTHON=/path/to/python chooses the interpreter.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(dirname "$here")/build-example

mkdir -p "$work"
"$here/run.sh" >"$work/ci.log" || {
    cat "$work/ci.log"
    exit 2
}
version=$("${PYTHON:-python3}" -c 'import platform; print(platform.python_version())')
"$work/venv-$version/bin/pstat" "$work/card_table/login.stat" --rules "$here/card_table/login.rules"
