"""What the applications of this folder do for a request: seat the players at a card table, each looked up by itself.

The number of players comes from the request, and so does the number of calls of get_db_user that its profile has to
have.  The profile says by itself what was asked for: asked_for() is a function in the line of that number.

The environment chooses what is profiled: with HANDLER=N the handler of every N-th request, by the decorator; with
REQUEST=N every N-th request, by the middleware.  The files go to the folder PROFILES.
"""

import asyncio
import os
import time

from profstat import monitor_profile

MOST_PLAYERS = 12
FOLDER = os.environ.get("PROFILES", "profiles")


def _asked_for(count):
    namespace = {}
    exec(compile("\n" * (count - 1) + "def asked_for(): pass", "<request>", "exec"), namespace)
    return namespace["asked_for"]


ASKED_FOR = {count: _asked_for(count) for count in range(1, MOST_PLAYERS + 1)}


def _every(what):
    return int(os.environ.get(what, "0"))


def watched(handler):
    """The handler, under profstat if it is to be."""
    path = os.path.join(FOLDER, "handler.{pid}.{n}.stat")
    return monitor_profile(path=path, every=_every("HANDLER"))(handler) if _every("HANDLER") else handler


def watched_requests(middleware, app):
    """The application, within the middleware if it is to be."""
    path = "{method}.{route}.{pid}.{n}.stat"
    return middleware(app, FOLDER, path=path, every=_every("REQUEST")) if _every("REQUEST") else app


def get_db_user(number):
    time.sleep(0.0002)  # other threads and greenlets go on meanwhile
    return f"user {number}"


@watched
def card_table(count):
    ASKED_FOR[count]()
    return {"players": [get_db_user(number) for number in range(count)]}


async def get_db_user_later(number):
    await asyncio.sleep(0.0002)  # other tasks go on meanwhile
    return get_db_user_now(number)


def get_db_user_now(number):
    return f"user {number}"


@watched
async def card_table_later(count):
    """Half of the players one after the other, the others at once, in tasks."""
    ASKED_FOR[count]()
    first = [await get_db_user_later(number) for number in range(count // 2)]
    return {"players": first + await asyncio.gather(*map(get_db_user_later, range(count // 2, count)))}
