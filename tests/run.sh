#!/usr/bin/env bash
# Runs every test; installs what is missing first.  The last line is "N passed, N failed".
#
#   tests/run.sh [--list] [SUITE...]    all suites, or those whose name contains one of the words
#
# PYTHONS="PATH..." names the interpreters; without it every CPython 3.9 to 3.13 that is found is used.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../examples/debian.sh"

install_missing gcc libc6-dev libc6-dbg pkg-config zlib1g-dev libpcre2-dev libncurses-dev libcurl4-openssl-dev \
    check valgrind meson ninja-build git python3 python3-dev python3-venv

# Tests that need one of these are skipped where it cannot be had.
for package in chromium graphviz tmux golang-go npm; do
    [[ $package == golang-go ]] && command -v go >/dev/null && continue
    [[ $package == npm ]] && command -v npm >/dev/null && continue
    install_missing "$package" || echo "Tests that need $package are skipped"
done

python=/usr/bin/python3
[[ -x $python ]] || python=python3
exec "$python" "$here/suites/main.py" "$@"
