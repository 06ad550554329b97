"""The card table with Flask: `gunicorn -k gthread --threads 16 flask_app:app`, or -k gevent."""

from flask import Flask

from cards import card_table

app = Flask(__name__)


@app.get("/table/<int:count>")
def table(count):
    return card_table(count)
