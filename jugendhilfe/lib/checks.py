"""What a production start must not lack; run by every management command and by wsgi."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register("production")
def production_is_configured(**_: Any) -> list[CheckMessage]:
    """DEBUG off needs a database of its own: the embedded server is for development and the demo."""
    if settings.DEBUG or settings.DATABASE_URL:
        return []
    return [
        Error(
            "DATABASE_URL fehlt. Ohne DJANGO_DEBUG=1 startet die Anwendung nur mit einer eigenen PostgreSQL-Datenbank.",
            hint="Zum Ausprobieren: make demo. Für den Betrieb: docs/operations.md.",
            id="jugendhilfe.E001",
        )
    ]
