from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

app_name = "indicators"


def stub(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html")


urlpatterns = [path("", stub, name="burden")]
