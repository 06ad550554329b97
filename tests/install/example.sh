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

# A step for CI, and somebody adds a query.
check "the rules hold" examples/ci.sh
rm -rf "$1/card_table" "$1/evening"
cp -r examples/card_table "$1/card_table"
sed -i 's/^def take_seat(.*$/&\n    database().execute("SELECT 1")/' "$1/card_table/app.py"
mkdir "$1/evening"
bin=$(dirname "$(ls build-example/venv-*/bin/pstat | head -1)")
check "the changed application runs" \
    bash -c 'cd "$0" && PATH=$1:$PATH python3 ../card_table/play.py >/dev/null' "$1/evening" "$PWD/$bin"
check "the rules are broken" prints '^broken: execute ncalls <= 11: .* has ncalls 12; called by ' \
    bash -c '! "$0"/pstat "$1" --rules examples/card_table/login.rules' "$bin" "$1/evening/login.stat"
check "two players and seven are drawn" prints '^7 calls, was 2</title>' "$bin/pstat" --format flame \
    build-example/card_table/login.stat --diff build-example/card_table/login-2.stat
check "and put onto a page" prints '"app.py:[0-9]*(get_db_user)",7,7,.*,2,2,' "$bin/pstat" --format html \
    build-example/card_table/login.stat --diff build-example/card_table/login-2.stat
for profile in build-example/card_table/login.stat examples/card_table/login.stat login.stat; do
    check "$profile is kept out of git" git check-ignore "$profile"
done
finish
