"""Addresses are German sentences."""

from django.urls import include, path

from jugendhilfe import views
from regions.views.people import account

FOOTER_PAGES = {
    "impressum": "impressum",
    "datenschutz": "datenschutz",
    "barrierefreiheit": "barrierefreiheit",
    "barriere-melden": "barriere_melden",
    "leichte-sprache": "leichte_sprache",
    "hilfe": "hilfe",
}

urlpatterns = [
    path("", views.home, name="home"),
    path("beispiele/<str:name>", views.example_file, name="example_file"),
    path("offene-daten/", views.open_data, name="open_data"),
    path("offene-daten/verteilung-<int:year>.<slug:kind>", views.distribution_file, name="distribution_file"),
    path("offene-daten/indikatorwerte.<slug:kind>", views.values_file, name="values_file"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    *(
        path(f"{address}/", views.page, {"template": f"pages/{name}.html"}, name=name)
        for address, name in FOOTER_PAGES.items()
    ),
    path("konto/", account, name="account"),
    path("", include("jugendhilfe.accounts.urls")),
    path("", include("committees.urls")),
    path("", include("regions.urls")),
    path("belastung/", include("indicators.urls")),
    path("", include("budgets.urls")),
]
