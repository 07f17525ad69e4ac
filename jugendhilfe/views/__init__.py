"""Pages that join several apps: the home page, open data, and what belongs to no app."""

from jugendhilfe.views.home import example_file, home
from jugendhilfe.views.open_data import distribution_file, open_data, values_file
from jugendhilfe.views.service_pages import csrf_failure, healthz, page, readyz

__all__ = [
    "csrf_failure",
    "distribution_file",
    "example_file",
    "healthz",
    "home",
    "open_data",
    "page",
    "readyz",
    "values_file",
]
