# shellcheck shell=bash
# Sourced: counts checks and closes with "N passed, N failed".

passed=0 failed=0

# check NAME COMMAND...: the command has to succeed; its output is shown when it does not.
check() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then
        passed=$((passed + 1))
        echo "ok   $name"
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n     %s\n%s\n' "$name" "$*" "$output"
    fi
}

# prints PATTERN COMMAND...: whether the command succeeds and a line of what it prints matches.
prints() {
    local pattern=$1 output
    shift
    output=$("$@" 2>&1) && grep -q -e "$pattern" <<<"$output" && return
    echo "$output"
    return 1
}

# closes the script with the counts and the status.
finish() {
    echo "$passed passed, $failed failed"
    exit $((failed > 0))
}
