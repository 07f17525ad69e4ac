"""How the application behaves where it is in use: DEBUG off, behind a proxy that speaks TLS."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from django.utils.csp import CSP

from jugendhilfe.accounts.models import User
from jugendhilfe.lib.checks import application_is_not_the_owner

PROJECT = Path(__file__).parents[2]
CONFIGURED = {
    "DATABASE_URL": "postgresql://app@127.0.0.1:1/none",
    "DJANGO_SECRET_KEY": "only-for-this-test-" * 4,
    "DJANGO_ALLOWED_HOSTS": "jugend.example",
}
NEEDS_NO_DATABASE = "/healthz"

ASK = """
import json, sys, warnings
warnings.simplefilter("ignore")  # no static files were collected here
from wsgiref.util import setup_testing_defaults
from jugendhilfe.wsgi import application

def ask(path, **headers):
    environ = {"PATH_INFO": path, "HTTP_HOST": "jugend.example", **headers}
    setup_testing_defaults(environ)
    answer = {}
    def start(status, headers, exc_info=None):
        answer.update(status=int(status[:3]), headers=dict(headers))
    answer["body"] = b"".join(application(environ, start)).decode()
    return answer

print(json.dumps([ask(path, **headers) for path, headers in json.loads(sys.argv[1])]))
"""


def production(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Python in a process that has nothing but this environment of ours."""
    ours = ("DATABASE_", "DJANGO_", "SRB_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env={**inherited, **environment},
        check=False,
    )


def answers(*questions: tuple[str, dict[str, str]]) -> list[dict[str, Any]]:
    """What the application of wsgi.py says to requests given as path and WSGI variables."""
    done = production(ASK, json.dumps(questions), **CONFIGURED)
    assert done.returncode == 0, done.stderr
    said: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return said


@pytest.mark.parametrize("missing", ["DATABASE_URL", "DJANGO_SECRET_KEY"])
def test_it_does_not_start_without_what_it_needs(missing: str) -> None:
    given = {name: value for name, value in CONFIGURED.items() if name != missing}
    done = production("import jugendhilfe.wsgi", **given)
    assert done.returncode != 0
    assert f"{missing} fehlt." in done.stderr.splitlines()[-1]


def test_every_answer_says_what_a_browser_may_do_with_it() -> None:
    (answer,) = answers((NEEDS_NO_DATABASE, {"HTTP_X_FORWARDED_PROTO": "https"}))
    headers = answer["headers"]
    assert answer["status"] == 200
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy
    for blocked in ("object-src", "base-uri", "frame-ancestors"):
        assert f"{blocked} {CSP.NONE}" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"


def test_nobody_stays_without_tls_and_nobody_is_sent_elsewhere() -> None:
    for answer in answers(("/regionen/", {}), ("/regionen/", {"HTTP_X_FORWARDED_HOST": "evil.example"})):
        assert (answer["status"], answer["headers"]["Location"]) == (301, "https://jugend.example/regionen/")


def test_cookies_travel_only_over_tls() -> None:
    names = ["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"]
    code = f"from jugendhilfe import settings; print([getattr(settings, name) for name in {names}])"
    assert production(code, **CONFIGURED).stdout.strip() == "[True, True]"


@pytest.mark.django_db
def test_every_cookie_is_out_of_reach_for_scripts_and_other_sites(client: Client) -> None:
    User.objects.create_user("jemand@example.org", "richtig-und-lang-1", name="Jemand")
    client.get("/anmelden/")
    client.post("/anmelden/", {"login": "jemand@example.org", "password": "richtig-und-lang-1"})
    assert {"sessionid", "csrftoken"} <= set(client.cookies)
    for name, cookie in client.cookies.items():
        assert (name, cookie["httponly"], cookie["samesite"]) == (name, True, "Lax")


# --- errors -------------------------------------------------------------------------------------------------------


def broken(request: HttpRequest) -> HttpResponse:
    secret = "ein Wert im Speicher"
    raise RuntimeError(secret)


urlpatterns = [path("kaputt/", broken), path("", include("jugendhilfe.urls"))]


@pytest.mark.django_db
@pytest.mark.urls("tests.project.test_production")
@pytest.mark.parametrize(
    ("url", "host", "status", "sentence"),
    [
        ("/hilfe/", "evil.example", 400, "Anfrage nicht verstanden"),
        ("/benutzer/", "testserver", 403, "Dafür fehlt Ihnen das Recht"),
        ("/gibt-es-nicht/", "testserver", 404, "Seite nicht gefunden"),
        ("/kaputt/", "testserver", 500, "Da ist etwas schiefgegangen"),
    ],
)
def test_errors_speak_german_and_tell_nothing_of_the_inside(
    client: Client, settings: Any, url: str, host: str, status: int, sentence: str
) -> None:
    assert settings.DEBUG is False
    client.raise_request_exception = False
    client.force_login(User.objects.create_user("jemand@example.org", name="Jemand"))
    answer = client.get(url, headers={"host": host})
    assert answer.status_code == status
    html = answer.content.decode()
    assert sentence in html
    assert '<html lang="de">' in html
    for inside in ("Traceback", "RuntimeError", "ein Wert im Speicher", "django", "tests/", ".py"):
        assert inside not in html


def test_one_database_role_for_application_and_owner_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.DATABASES["owner"], "USER", settings.DATABASES["default"]["USER"])
    assert [message.id for message in application_is_not_the_owner()] == ["jugendhilfe.W001"]
