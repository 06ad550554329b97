# shellcheck shell=bash
# Sourced: makes the virtual environment of an example.

source "$(dirname "${BASH_SOURCE[0]}")/debian.sh"

# make_environment REQUIREMENTS FOLDER: in FOLDER/venv-VERSION, which it leaves in $venv, with profstat and what the file
# asks for; it installs what is missing.  PYTHON=/path/to/python chooses the interpreter.
make_environment() {
    local requirements=$1 work=$2 source_tree version installed python=${PYTHON:-python3}
    local packages=(gcc libc6-dev pkg-config zlib1g-dev libpcre2-dev)
    source_tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
    if [[ -z ${PYTHON:-} ]]; then
        case $(command -v python3) in
            '' | /usr/bin/python3) packages+=(python3 python3-dev python3-venv) ;;
        esac
    fi
    install_missing "${packages[@]}"

    version=$("$python" -c 'import platform; print(platform.python_version())')
    venv=$work/venv-$version
    installed=$venv/installed # touched when all is installed
    if [[ ! -e $installed ]]; then
        echo "Making a virtual environment with Python $version in ${venv#"$PWD"/}"
        "$python" -m venv --clear "$venv"
    fi
    [[ -e $installed && -z $(find "$source_tree"/{ext,tools,meson.build,meson_options.txt,pyproject.toml} \
        "$requirements" -newer "$installed" -print -quit) ]] && return
    echo "Installing profstat and what the example needs into it: pip install . -r ${requirements#"$PWD"/}"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$source_tree" -r "$requirements"
    touch "$installed"
}
