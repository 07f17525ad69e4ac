"""Addresses of the bodies, of what they negotiate, and of their papers."""

from django.urls import path

from committees.views import papers

app_name = "committees"

paper_urls = [
    path("berichte/", papers.paper_list, name="paper_list"),
    path("berichte/neu/", papers.paper_write, name="paper_write"),
    path("berichte/<int:pk>/", papers.paper_detail, name="paper_detail"),
    path("berichte/<int:pk>/bearbeiten/", papers.paper_edit, name="paper_edit"),
    path("berichte/<int:pk>/herausgeben/", papers.paper_issue, name="paper_issue"),
    path("berichte/<int:pk>/fortschreiben/", papers.paper_continue, name="paper_continue"),
    path("berichte/<int:pk>/verwerfen/", papers.paper_discard, name="paper_discard"),
    path("berichte/<int:pk>/pdf/", papers.paper_pdf, name="paper_pdf"),
    path("berichte/<int:pk>/excel/", papers.paper_excel, name="paper_excel"),
    path("berichte/<int:pk>/zahlen.json", papers.paper_figures, name="paper_figures"),
]

urlpatterns = [*paper_urls]
