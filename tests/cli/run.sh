#!/usr/bin/env bash
# run.sh [--update] PSTAT [WORD...]: runs the transcripts (those whose name contains a WORD) with this pstat.
# --update writes down what it does now; read the difference before you commit it.
exec python3 "$(dirname "${BASH_SOURCE[0]}")/transcripts.py" "$@"
