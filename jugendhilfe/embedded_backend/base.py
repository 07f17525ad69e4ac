"""Django's PostgreSQL backend, on a server that starts at the first connection."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.postgresql import base

from jugendhilfe import embedded_postgres


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        if not self.settings_dict.get("EMBEDDED"):
            raise ImproperlyConfigured("DATABASE_URL is not set: without DJANGO_DEBUG, the database must be named.")
        server = embedded_postgres.ensure(settings.DATA_DIR / "postgres")
        parameters: dict[str, Any] = super().get_connection_params()
        return {**parameters, "host": server.host, "port": server.port}
