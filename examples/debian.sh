# shellcheck shell=bash
# Sourced: installs Debian packages that are missing.

# install_missing PACKAGE...: says what it installs.  Does nothing where all are there, or where there is no apt-get.
install_missing() {
    local package missing=() become=()
    command -v apt-get >/dev/null && command -v dpkg-query >/dev/null || return 0
    for package in "$@"; do
        dpkg-query --show --showformat='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            missing+=("$package")
    done
    ((${#missing[@]})) || return 0

    if ((EUID != 0)); then
        command -v sudo >/dev/null || {
            echo "These packages are missing; as root: apt-get install ${missing[*]}" >&2
            return 1
        }
        become=(sudo)
    fi
    echo "Installing with apt-get: ${missing[*]}"
    "${become[@]}" apt-get update -qq
    "${become[@]}" env DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes \
        apt-get install -qq --yes --no-install-recommends "${missing[@]}" </dev/null >/dev/null
}
