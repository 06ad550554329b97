"""The card table with Django: `gunicorn -k gthread --threads 16 django_app:application`, `uvicorn django_app:asgi`."""

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path

import profstat.asgi
import profstat.wsgi

from cards import card_table, card_table_later, watched_requests

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="of an example")


def table(request, count):
    return JsonResponse(card_table(count))


async def table_later(request, count):
    return JsonResponse(await card_table_later(count))


urlpatterns = [path("table/<int:count>", table), path("later/<int:count>", table_later)]
application = watched_requests(profstat.wsgi.ProfilerMiddleware, get_wsgi_application())
asgi = watched_requests(profstat.asgi.ProfilerMiddleware, get_asgi_application())
