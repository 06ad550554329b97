"""The card table as an ASGI application: `uvicorn asgi_app:app`."""

import json

import profstat.asgi

from cards import card_table_later, watched_requests


async def card_tables(scope, receive, send):
    if scope["type"] != "http":
        return
    players = await card_table_later(int(scope["path"].rpartition("/")[2]))
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]},
    )
    await send({"type": "http.response.body", "body": json.dumps(players).encode()})


app = watched_requests(profstat.asgi.ProfilerMiddleware, card_tables)
