#!/usr/bin/env bash
# Draws the pictures of the README from a profile of the example, into examples/pictures/.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/debian.sh"
install_missing chromium graphviz fonts-dejavu-core

"$here/run.sh" >/dev/null
cd "$here/../build-example/card_table"
venvs=("$here"/../build-example/venv-*)
PATH=${venvs[-1]}/bin:$PATH

# picture_of PAGE PNG SIZE SCHEME: as Chromium shows it; 0 is the dark scheme, 1 the light one.
picture_of() {
    local options=(--headless --disable-gpu --hide-scrollbars "--blink-settings=preferredColorScheme=$4")
    ((EUID)) || options+=(--no-sandbox)
    chromium "${options[@]}" "--window-size=$3" "--screenshot=$2" "file://$1" 2>/dev/null
}

mkdir -p "$here/pictures"
pstat -o "$here/pictures/flame.svg" --icicle login.stat
pstat -o "$here/pictures/change.svg" --icicle login.stat --diff login-2.stat
pstat --format graph -o "$here/pictures/graph.svg" --root app.py --node 2% login.stat
pstat -o page.html login.stat
picture_of "$PWD/page.html" "$here/pictures/page.png" 1200,620 1
picture_of "$PWD/page.html" "$here/pictures/page-dark.png" 1200,620 0
