"""Pages that belong to no app: texts of the footer, health of the process, the answer to a lost form."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
@login_not_required
def page(request: HttpRequest, *, template: str) -> HttpResponse:
    """A page of text from the footer."""
    return render(request, template)


@require_safe
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Database reached, migrations applied, no trigger of ours switched off."""
    findings = list(_not_ready())
    return JsonResponse({"ready": not findings, "findings": findings}, status=503 if findings else 200)


def _not_ready() -> Any:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield "migrations are missing"
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled = 'D' AND NOT tgisinternal ORDER BY 1")
        for (name,) in cursor.fetchall():
            yield f"trigger {name} is switched off"


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", {"reason": reason}, status=403)
