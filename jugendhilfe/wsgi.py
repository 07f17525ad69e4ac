"""The door for gunicorn. Refuses to start without what production needs."""

import os

from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jugendhilfe.settings")
application = get_wsgi_application()

errors = [message for message in run_checks(tags=["production"]) if message.is_serious()]
if errors:
    raise ImproperlyConfigured("\n".join(str(message.msg) for message in errors))
