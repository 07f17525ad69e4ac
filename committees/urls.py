"""Berichte."""

from django.urls import path

from committees import views

app_name = "committees"

urlpatterns = [
    path("", views.paper_list, name="paper_list"),
    path("neu/", views.paper_write, name="paper_write"),
    path("<int:pk>/", views.paper_detail, name="paper_detail"),
    path("<int:pk>/bearbeiten/", views.paper_edit, name="paper_edit"),
    path("<int:pk>/herausgeben/", views.paper_issue, name="paper_issue"),
    path("<int:pk>/fortschreiben/", views.paper_continue, name="paper_continue"),
    path("<int:pk>/verwerfen/", views.paper_discard, name="paper_discard"),
    path("<int:pk>/pdf/", views.paper_pdf, name="paper_pdf"),
    path("<int:pk>/excel/", views.paper_excel, name="paper_excel"),
    path("<int:pk>/zahlen.json", views.paper_figures, name="paper_figures"),
]
