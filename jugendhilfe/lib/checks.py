"""What a production start must not lack; run by every management command and by wsgi."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as WarningMessage
from django.core.exceptions import ImproperlyConfigured


@register("production")
def production_is_configured(**_: Any) -> list[CheckMessage]:
    """DEBUG off needs a database of its own, the embedded server is for development and the demo; and a key."""
    if settings.DEBUG:
        return []
    errors: list[CheckMessage] = []
    if not settings.DATABASE_URL:
        errors.append(
            Error(
                "DATABASE_URL fehlt. Ohne DJANGO_DEBUG=1 startet die Anwendung nur mit einer eigenen "
                "PostgreSQL-Datenbank.",
                hint="Zum Ausprobieren: make demo. Für den Betrieb: docs/operations.md.",
                id="jugendhilfe.E001",
            )
        )
    if not _has_key():
        errors.append(
            Error(
                "DJANGO_SECRET_KEY fehlt. Der Schlüssel unterschreibt Sitzungen und Links für neue Passwörter.",
                hint="Mindestens 50 zufällige Zeichen: docs/operations.md.",
                id="jugendhilfe.E002",
            )
        )
    return errors


@register("database_roles", deploy=True)
def application_is_not_the_owner(**_: Any) -> list[CheckMessage]:
    """One role for both could switch off the triggers that keep what was adopted."""
    app, owner = settings.DATABASES["default"], settings.DATABASES["owner"]
    if app["USER"] != owner["USER"]:
        return []
    return [
        WarningMessage(
            "Anwendung und Eigentümer der Datenbank sind dieselbe Rolle: Sie könnte die Trigger abschalten, die "
            "Festgelegtes schützen.",
            hint="DATABASE_OWNER_URL mit einer eigenen Rolle angeben: docs/operations.md.",
            id="jugendhilfe.W001",
        )
    ]


def _has_key() -> bool:
    try:
        return bool(settings.SECRET_KEY)
    except ImproperlyConfigured:
        return False
