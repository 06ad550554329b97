"""The card table as an ASGI application: `uvicorn asgi_app:app`."""

import json

from cards import card_table_later


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    players = await card_table_later(int(scope["path"].rpartition("/")[2]))
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]},
    )
    await send({"type": "http.response.body", "body": json.dumps(players).encode()})
