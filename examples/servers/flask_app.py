"""The card table with Flask: `gunicorn -k gthread --threads 16 flask_app:app`, or -k gevent."""

from flask import Flask

import profstat.wsgi

from cards import card_table, watched_requests

app = Flask(__name__)
app.wsgi_app = watched_requests(profstat.wsgi.ProfilerMiddleware, app.wsgi_app)


@app.get("/table/<int:count>")
def table(count):
    return card_table(count)
