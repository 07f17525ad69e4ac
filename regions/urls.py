"""Addresses of places, carriers, populations, people and the log."""

from regions.views.audit_log import audit_urls
from regions.views.carriers import carrier_urls
from regions.views.people import people_urls
from regions.views.places import place_urls
from regions.views.populations import population_urls

app_name = "regions"

urlpatterns = [*place_urls, *carrier_urls, *population_urls, *people_urls, *audit_urls]
