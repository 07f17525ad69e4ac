"""Domain refusals become a message; they and foreign addresses leave their traces."""

import logging
import time
from collections.abc import Callable

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.encoding import escape_uri_path
from django.utils.http import url_has_allowed_host_and_scheme
from psycopg.errors import ExclusionViolation, UniqueViolation

from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import record
from jugendhilfe.lib.errors import DomainError

IDLE_ACCURACY = 300
"""Seconds between two writes of a session: by so much it may end earlier than two hours after the last visit."""

security_log = logging.getLogger("jugendhilfe.security")


class SavedMeanwhile(DomainError):
    """Of two requests that enter the same at once, the database refuses the second."""

    def __init__(self) -> None:
        super().__init__("Das ist eben schon gespeichert worden. Bitte laden Sie die Seite neu und sehen Sie nach.")


class DomainErrorMiddleware:
    """Translates what no view has caught: the transaction is rolled back by then, so the refusal gets its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in {403, 404}:
            # As the browser sent it: a decoded line break would write a line of the log of its own.
            path = escape_uri_path(request.path)
            security_log.info("denied %s %s user=%s", response.status_code, path, request.user.pk or "-")
        if response.status_code == 405 and request.method == "GET":
            # Who signs in again after a button was pressed too late is led to the address of the button.
            response.content = render(request, "405.html").content
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, IntegrityError) and isinstance(error.__cause__, UniqueViolation | ExclusionViolation):
            error = SavedMeanwhile()
        if not isinstance(error, DomainError):
            return None
        actor = request.user if isinstance(request.user, User) else None
        record(
            actor=actor,
            action="refused",
            data={"rule": type(error).__name__, "path": request.path[:200], "method": request.method},
        )
        back = request.headers.get("Referer", "")
        if request.method == "POST" and url_has_allowed_host_and_scheme(back, {request.get_host()}):
            messages.error(request, str(error))
            return HttpResponseRedirect(back)
        return render(request, "refused.html", {"error": error}, status=409)


class SessionIdleMiddleware:
    """Two hours count from the last visit, not from the sign-in; written at most every IDLE_ACCURACY seconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            if now - request.session.get("seen_at", 0) > IDLE_ACCURACY:
                request.session["seen_at"] = now
        return self.get_response(request)
