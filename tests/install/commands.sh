#!/usr/bin/env bash
# commands.sh VENV: uses the package and the commands that pip installed into a virtual environment.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/checks.sh"
bin=$(cd "$1" && pwd)/bin
version=$(sed -n "s/^  version: '\(.*\)',/\1/p" meson.build)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >script.py <<'END'
import sys

from profstat import monitor_profile


@monitor_profile
def greet(name):
    return "hello " + name.upper()


print(greet(sys.argv[1]))
END

# Not found by the interpreter's path, but where pip put it.
python() {
    "$bin/python" -I "$@"
}

check "the package imports" python -c 'import profstat; profstat.Profile(); profstat.run; profstat.runctx'
check "the package's version is $version" prints "^$version\$" \
    python -c 'import importlib.metadata; print(importlib.metadata.version("profstat"))'
check "the package is typed" python -c '
import importlib.resources, profstat
folder = importlib.resources.files(profstat)
assert folder.joinpath("py.typed").is_file()
assert any(entry.name.endswith(".pyi") for entry in folder.iterdir())'
check "profstat -o runs a script" prints '^hello WORLD$' "$bin/profstat" -o script.stat script.py world
check "python -m profstat runs a module" prints 'function calls' python -m profstat -s cumulative -m this
check "the decorator wrote its file" test -s greet.stat
check "pstat --version says $version" prints "^pstat $version\$" "$bin/pstat" --version
check "pstat reads what profstat wrote" prints 'script.py:6(greet)' "$bin/pstat" -g greet script.stat
check "pstat reads what the decorator wrote" prints "{method 'upper' of 'str' objects}" "$bin/pstat" -n 9 greet.stat
check "pstats reads it too" prints 'script.py:6(greet)' \
    python -c 'import pstats; pstats.Stats("script.stat").strip_dirs().print_stats()'
finish
