"""The product's addresses and two to measure against: the cheapest answer, and the cheapest page of this house."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path

from jugendhilfe.urls import urlpatterns as product
from regions.models import Region


@login_not_required
def json(request: HttpRequest) -> HttpResponse:
    """All the middleware, no database."""
    return JsonResponse({"ready": True})


def one(request: HttpRequest) -> HttpResponse:
    """Base template, session, user and rights, one more query, no table."""
    return render(request, "bench/one.html", {"title": "Eine Abfrage", "regions": Region.objects.count()})


urlpatterns = [path("bench/json/", json), path("bench/one/", one), *product]
