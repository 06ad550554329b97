"""Serves the card table on a free port of the loopback interface: `serve.py COUNT`.

Prints HOST:PORT, answers COUNT requests and ends.  It also ends when nobody asks for long, so that it never
outlives whoever started it.
"""

from __future__ import annotations

import sys

from werkzeug.serving import make_server

from app import app, create_database

LONGEST_WAIT = 30  # seconds


def main() -> None:
    create_database()
    server = make_server("127.0.0.1", 0, app)
    server.timeout = LONGEST_WAIT
    print(f"{server.host}:{server.port}", flush=True)
    for _ in range(int(sys.argv[1])):
        server.handle_request()
    server.server_close()


if __name__ == "__main__":
    main()
