#!/usr/bin/env bash
# Shows profstat on real servers under load: installs what is missing, and runs measure.py with the arguments.
# PYTHON=/path/to/python chooses the interpreter.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(dirname "$(dirname "$here")")/build-example/servers
source "$here/../environment.sh"

make_environment "$here/requirements.txt" "$work"

exec "$venv/bin/python" "$here/measure.py" "$@"
