"""A card table on the web: players log in at a table and see who else sits there.

`login` is profiled: each request to it writes login.stat into the working directory.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from flask import Flask, abort, g, render_template, request, session

from profstat import monitor_profile

app = Flask(__name__)
app.config["DATABASE"] = os.environ.get("CARD_TABLE_DATABASE", "card_table.sqlite")
app.secret_key = os.urandom(16)


@app.route("/tables/<int:table_id>/login", methods=["POST"])
@monitor_profile
def login(table_id: int) -> str:
    """Seats the player whose name was sent, and shows the table."""
    session["user_id"] = take_seat(table_id, request.form["name"])
    return render_template("table.html", table=get_table(table_id))


def take_seat(table_id: int, name: str) -> int:
    """Gives the player a seat at the table, unless they have one, and returns their id."""
    user = database().execute("SELECT id FROM users WHERE name = ?", (name,)).fetchone()
    if user is None:
        abort(403)
    database().execute("INSERT OR IGNORE INTO seats (table_id, user_id) VALUES (?, ?)", (table_id, user["id"]))
    return user["id"]


def get_table(table_id: int) -> dict[str, object]:
    """The table with its players, in the order in which they sat down."""
    table = database().execute("SELECT id, name FROM tables WHERE id = ?", (table_id,)).fetchone()
    if table is None:
        abort(404)
    seats = database().execute("SELECT user_id FROM seats WHERE table_id = ? ORDER BY id", (table_id,))
    players = []
    for seat in seats.fetchall():
        players.append(get_db_user(seat["user_id"]))
    return {"name": table["name"], "players": players}


def get_db_user(user_id: int) -> sqlite3.Row:
    """The player's name, chips and number of hands won."""
    return database().execute(
        "SELECT name, chips, (SELECT count(*) FROM hands WHERE winner_id = users.id) AS won FROM users WHERE id = ?",
        (user_id,),
    ).fetchone()


def database() -> sqlite3.Connection:
    """The connection of this request."""
    if "database" not in g:
        g.database = sqlite3.connect(app.config["DATABASE"])
        g.database.row_factory = sqlite3.Row
    return g.database


@app.teardown_appcontext
def close_database(error: BaseException | None) -> None:
    """Keeps what the request changed, unless it failed."""
    connection = g.pop("database", None)
    if connection is not None:
        if error is None:
            connection.commit()
        connection.close()


def create_database() -> None:
    """Makes the database anew, with the players and the hands they played."""
    path = Path(app.config["DATABASE"])
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.executescript(Path(__file__).with_name("schema.sql").read_text(encoding="utf-8"))
    connection.close()
