#!/usr/bin/env bash
# Shows profstat on a small web application: installs what is missing, runs the application, prints its profiles.
# PYTHON=/path/to/python chooses the interpreter.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_tree=$(dirname "$here")
work=$source_tree/build-example
requirements=$here/card_table/requirements.txt
source "$here/debian.sh"

packages=(gcc libc6-dev pkg-config zlib1g-dev libpcre2-dev)
if [[ -z ${PYTHON:-} ]]; then
    case $(command -v python3) in
        '' | /usr/bin/python3) packages+=(python3 python3-dev python3-venv) ;;
    esac
fi
install_missing "${packages[@]}"

python=${PYTHON:-python3}

version=$("$python" -c 'import platform; print(platform.python_version())')
venv=$work/venv-$version
installed=$venv/installed # touched when all is installed

is_current() {
    [[ -e $installed ]] && [[ -z $(find "$source_tree"/{ext,tools,meson.build,meson_options.txt,pyproject.toml} \
        "$requirements" -newer "$installed" -print -quit) ]]
}

if [[ ! -e $installed ]]; then
    echo "Making a virtual environment with Python $version in ${venv#"$PWD"/}"
    "$python" -m venv --clear "$venv"
fi
if ! is_current; then
    echo "Installing profstat and Flask into it: pip install . -r ${requirements#"$PWD"/}"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$source_tree" -r "$requirements"
    touch "$installed"
fi

mkdir -p "$work/card_table"
cd "$work/card_table"
rm -f ./*.stat
PATH=$venv/bin:$PATH exec "$venv/bin/python" "$here/card_table/play.py"
