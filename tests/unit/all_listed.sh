#!/bin/sh
# A check that is in the folder but not in meson's list would never run.   all_listed.sh FOLDER NAME...
folder=$1
shift
status=0
for path in "$folder"/check_*.c; do
    name=${path##*/check_}
    case " $* " in
    *" ${name%.c} "*) ;;
    *) echo "$path is not listed in tests/meson.build" >&2; status=1 ;;
    esac
done
exit $status
