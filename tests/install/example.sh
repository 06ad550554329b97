#!/usr/bin/env bash
# example.sh FOLDER: runs the example as a reader does, and once more without a package index.
# PYTHON is the interpreter.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/checks.sh"
first=$1/example.txt second=$1/example-again.txt

check "the example runs" bash -c 'examples/run.sh >"$0"' "$first"
check "it runs again without a package index" \
    env PIP_NO_INDEX=1 PIP_CONFIG_FILE=/dev/null bash -c 'examples/run.sh >"$0"' "$second"
for output in "$first" "$second"; do
    check "it shows the top of the report" prints '^\$ pstat -f login.stat -s cumulative -p 0.1$' cat "$output"
    check "it shows the callers" prints '^\$ pstat --callers get_db_user$' cat "$output"
    check "it shows few players" prints '^\$ pstat -f login-2.stat ' cat "$output"
    check "it shows many players" prints '^\$ pstat -f login-7.stat ' cat "$output"
    check "two calls with two players" prints '<- *2 .*app.py:[0-9]*(get_table)$' cat "$output"
    check "seven calls with seven" prints '<- *7 .*app.py:[0-9]*(get_table)$' cat "$output"
    check "it says so" prints '^get_db_user: 2 calls with 2 players, 7 calls with 7' cat "$output"
done
for profile in build-example/card_table/login.stat examples/card_table/login.stat login.stat; do
    check "$profile is kept out of git" git check-ignore "$profile"
done
finish
