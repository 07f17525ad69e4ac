from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

app_name = "budgets"


def stub(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html")


urlpatterns = [path("verteilung/", stub, name="comparison"), path("budgets/", stub, name="year_list")]
