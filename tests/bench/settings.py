"""Settings of the bench: the product's own as in production, on an embedded database and with the two yardsticks."""

from pathlib import Path

from jugendhilfe.settings import *  # noqa: F403
from jugendhilfe.settings import BASE_DIR, DATA_DIR, DATABASES, TEMPLATES

ROOT_URLCONF = "tests.bench.urls"
STATIC_ROOT = DATA_DIR / "static"
TEMPLATES[0]["DIRS"] = [BASE_DIR / "templates", Path(__file__).parent / "templates"]
for alias in DATABASES.values():
    alias["EMBEDDED"] = True
