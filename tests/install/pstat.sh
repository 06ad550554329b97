#!/usr/bin/env bash
# pstat.sh FOLDER: installs pstat alone below FOLDER and uses it where there is no Python.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/checks.sh"
folder=$(realpath "$1")
build=$folder/pstat-alone root=$folder/pstat-root
pstat=$root/usr/bin/pstat
man_page=$root/usr/share/man/man1/pstat.1
schema=$root/usr/share/pstat/profile.schema.json
bash_completion=$root/usr/share/bash-completion/completions/pstat
zsh_completion=$root/usr/share/zsh/site-functions/_pstat

rm -rf "$build" "$root"
meson setup "$build" --prefix=/usr --buildtype=release -Dextension=disabled -Dtests=disabled
ninja -C "$build"
DESTDIR=$root meson install -C "$build" --no-rebuild
python3 -c 'import cProfile, sys; cProfile.run("sorted([3, 1, 2])", sys.argv[1])' "$root/sorted.stat"

without_python() {
    (cd "$root" && env -i PATH=/nonexistent "$pstat" "$@")
}

without_libpython() {
    ! ldd "$pstat" | grep python
}

holds_nothing_else() {
    local files
    files=$(cd "$root" && find usr -type f | sort)
    echo "$files"
    [[ $files == "$(printf '%s\n' "${pstat#"$root"/}" "${bash_completion#"$root"/}" "${man_page#"$root"/}" \
        "${schema#"$root"/}" "${zsh_completion#"$root"/}" | sort)" ]]
}

# Every long option that --help names also stands in the file.
names_every_option() {
    local option missing=0
    for option in $("$pstat" --help | grep -o -e '--[a-z][a-z-]*' | sort -u); do
        sed 's/\\-/-/g' "$1" | grep -e "${option}\b" >/dev/null || { echo "$option is missing" && missing=1; }
    done
    return "$missing"
}

completes_in_bash() {
    bash -c 'source "$1" && complete -p pstat' bash "$bash_completion"
}

version=$(sed -n "s/^  version: '\(.*\)',/\1/p" meson.build)
check "pstat --version says $version" prints "^pstat $version\$" without_python --version
check "pstat --help" prints '--callers' without_python --help
check "pstat reads a file of cProfile" prints "{built-in method builtins.sorted}" without_python -n 10 sorted.stat
check "pstat finds the newest file" prints "sorted.stat" without_python
check "pstat is not linked to Python" without_libpython
check "only pstat, its page, its schema and its completions are installed" holds_nothing_else
check "the page has the sections of a page" prints '^\.SH SYNOPSIS' cat "$man_page"
check "the page names every option" names_every_option "$man_page"
check "the bash completion names every option" names_every_option "$bash_completion"
check "the bash completion registers itself" completes_in_bash
check "the zsh completion is one" prints '^#compdef pstat' cat "$zsh_completion"
check "the zsh completion names every option" names_every_option "$zsh_completion"
check "the README names every option" names_every_option README.md
finish
