"""Settings of the tests: the product's own, with a database role that may create and empty databases."""

import os

os.environ.setdefault("DJANGO_DEBUG", "1")

from jugendhilfe.settings import *  # noqa: F403
from jugendhilfe.settings import DATABASES

DATABASES["default"]["USER"] = os.environ.get("SRB_TEST_ROLE", "test")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick: no test is about the strength of a hash
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
