"""The pstat that the tests run."""

import os
import shutil
import subprocess
import sys
from typing import Any, Optional


def find_pstat() -> Optional[str]:
    """The program under test: $PSTAT, that of the build in $PROFSTAT_BUILD, or the one beside the interpreter."""
    if "PSTAT" in os.environ:
        return os.environ["PSTAT"]
    if "PROFSTAT_BUILD" in os.environ:
        return os.path.join(os.environ["PROFSTAT_BUILD"], "tools", "pstat", "pstat")
    return shutil.which("pstat", path=os.path.dirname(sys.executable)) or shutil.which("pstat")


PSTAT = find_pstat()


def run_pstat(*words: str, **options: Any) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run([str(PSTAT), *words], capture_output=True, timeout=60, **options)
