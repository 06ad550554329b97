#!/usr/bin/env bash
# run.sh PYTHON FOLDER JUNIT_XML: tests what other programs make of the formats that pstat writes, those programs being
# installed into the folder where they can be had; $PSTAT is the pstat.  What needs one that is missing is skipped.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=$1 folder=$(realpath -m "$2") results=$3
speedscope=1.25.0

mkdir -p "$folder"
"$here/../suites/venv.sh" "$python" "$folder/venv" "$here/requirements.txt"
if [[ ! -d $folder/speedscope ]] && command -v npm >/dev/null; then
    (cd "$folder" && npm pack --silent "speedscope@$speedscope" >/dev/null &&
        mkdir speedscope && tar -xzf "speedscope-$speedscope.tgz" -C speedscope --strip-components 1) ||
        echo "speedscope cannot be had" >&2
fi
[[ -d $folder/speedscope ]] && export SPEEDSCOPE=$folder/speedscope

exec "$folder/venv/bin/python" -m pytest -q -p no:cacheprovider --junit-xml="$results" "$here"
