"""Puts what examples/run.sh prints now into the README, shortened to the reports that tell the story."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent
README = EXAMPLES.parent / "README.md"
SESSION = re.compile(r"(<!-- session: .*? -->\n).*?(<!-- end of session -->)", re.DOTALL)
REPORTS = (
    "pstat -f login.stat -s cumulative -p 0.1",
    "pstat --callers get_db_user",
    "pstat -f login-2.stat --callers get_db_user",
)


def shortened(output: str) -> str:
    """The chosen reports and the closing lines, as a console would show them."""
    found = {}
    for part in re.split(r"^\$ ", output, flags=re.MULTILINE)[1:]:
        command, report = part.split("\n", 1)
        found[command] = report.split("\n\n\n")[0].rstrip()
    conclusion = output[output.index("\nget_db_user:") :].strip()
    session = "\n\n".join(f"$ {command}\n{found[command]}" for command in REPORTS)
    return f"```console\n$ examples/run.sh\n...\n{session}\n...\n{conclusion}\n```\n"


def main() -> None:
    run = subprocess.run([str(EXAMPLES / "run.sh")], check=True, capture_output=True, text=True)
    text, count = SESSION.subn(lambda mark: mark[1] + shortened(run.stdout) + mark[2], README.read_text("utf-8"))
    assert count == 1, "the README has no place for the session"
    README.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
