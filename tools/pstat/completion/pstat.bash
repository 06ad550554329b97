# Completion of pstat(1) for bash.

_pstat()
{
    local word=$2 previous=$3
    local keys='awaited calls cumtime cumulative filename line module name ncalls nfl pcalls stdname time tottime -1 0 1 2'
    local options='--file --files-from --skip-bad --sort --reverse --percent --limit --grep --columns
        --percent-of-total --unit --dir --callers --callees --async --diff --match --trend --check --rules --thread --output --format --interactive
        --push --app --label --tenant --push-timeout --icicle --fold --node --edge --root --leaf --help --version
        -f -s -r -p -n -g -d -i -o -h'

    # bash splits words at "=".
    if [[ $previous == = ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    elif [[ $word == = ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 1]} word=
    fi

    case $previous in
        -s | --sort)
            mapfile -t COMPREPLY < <(compgen -W "$keys" -- "$word")
            return
            ;;
        --format)
            mapfile -t COMPREPLY < <(compgen -W 'text stat json csv callgrind pprof folded speedscope flame graph dot html' -- "$word")
            return
            ;;
        --unit)
            mapfile -t COMPREPLY < <(compgen -W 's ms us ns' -- "$word")
            return
            ;;
        --match)
            mapfile -t COMPREPLY < <(compgen -W 'file name' -- "$word")
            return
            ;;
        -p | --percent | -n | --limit | -g | --grep | --check | --thread | --node | --edge | --root | --leaf | \
            --push | --app | --label | --tenant | --push-timeout)
            return
            ;;
    esac

    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
        return
    fi
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -X '!*.stat' -- "$word" && compgen -d -- "$word")
    [[ ${#COMPREPLY[@]} -gt 0 ]] || mapfile -t COMPREPLY < <(compgen -f -- "$word")
}

complete -F _pstat pstat
