"""Addresses of the money: comparing and adopting distributions, then the years."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

app_name = "budgets"


def stub(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html")


comparison_urls = [path("verteilung/", stub, name="comparison")]
distribution_urls: list[object] = []
year_urls = [path("budgets/", stub, name="year_list")]

urlpatterns = [*comparison_urls, *distribution_urls, *year_urls]
