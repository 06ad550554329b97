#!/bin/sh
# Fuzzes with libFuzzer (clang), starting from the corpus; what it finds is left in the working folder.
#
#   tests/fuzz/run.sh statfile|trailer FOLDER [libFuzzer option...]     e.g. -max_total_time=300
#
# FOLDER gets the inputs that reach new code.  `-merge=1 tests/fuzz/corpus/TARGET FOLDER` keeps the best of them.
set -eu
[ $# -ge 2 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
lib=$here/../../tools/lib
target=$1
folder=$2
shift 2
mkdir -p "$folder"
program=$(mktemp)
trap 'rm -f "$program"' EXIT
${CC:-clang} -g -O1 -std=c11 -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -I"$lib" \
    "$here/fuzz_$target.c" "$here/fuzz_file.c" "$here/general_decode.c" "$lib"/base/*.c "$lib"/compression.c "$lib"/marshal_*.c \
    "$lib"/profile.c "$lib"/statfile*.c "$lib"/utf8.c -lz -o "$program"
"$program" "$@" "$folder" "$here/corpus/$target"
