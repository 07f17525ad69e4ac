from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from regions.views.audit_log import audit_urls
from regions.views.people import people_urls

app_name = "regions"


def stub(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html")


urlpatterns = [path("regionen/", stub, name="region_list"), *people_urls, *audit_urls]
