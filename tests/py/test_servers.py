"""Real servers under load, briefly: examples/servers does it at length."""

from pathlib import Path

import pytest

from support import run_python

pytest.importorskip("gunicorn")
pytest.importorskip("uvicorn")
pytest.importorskip("gevent")

SERVERS = Path(__file__).resolve().parents[2] / "examples" / "servers"


@pytest.mark.parametrize(
    "name", ["flask-gthread", "flask-gevent", "asgi-uvicorn", "django-gthread", "django-uvicorn"]
)
def test_each_profile_is_that_of_its_request(name):
    done = run_python(str(SERVERS / "measure.py"), "-n", "400", name)
    assert (done.stdout.splitlines()[-1], done.stderr) == ("Every response and every profile is right.", "")
    assert done.returncode == 0
