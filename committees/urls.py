"""Addresses of the bodies, of what they negotiate, and of their papers."""

from django.urls import path

from committees.views import groups, memberships, papers

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

group_urls = [
    path("gremien/", groups.committee_list, name="committee_list"),
    path("gremien/neu/", groups.committee_edit, name="committee_new"),
    path("gremien/<int:pk>/", groups.committee_detail, name="committee_detail"),
    path("gremien/<int:pk>/bearbeiten/", groups.committee_edit, name="committee_edit"),
    path("gremien/<int:pk>/beenden/", groups.committee_close, name="committee_close"),
    path("gremien/<int:pk>/verlauf/", groups.committee_history, name="committee_history"),
    path("gremien/<int:pk>/mitglieder/neu/", memberships.membership_new, name="membership_new"),
    path("gremien/mitglieder/<int:pk>/", memberships.membership_detail, name="membership_detail"),
    path("gremien/mitglieder/<int:pk>/bearbeiten/", memberships.membership_edit, name="membership_edit"),
    path("gremien/mitglieder/<int:pk>/beenden/", memberships.membership_end, name="membership_end"),
    path("gremien/mitglieder/<int:pk>/verlauf/", memberships.membership_history, name="membership_history"),
    path("gremien/mitglieder/<int:pk>/bindungen/neu/", memberships.tie_new, name="tie_new"),
    path("gremien/mitglieder/<int:pk>/bindungen/<int:tie>/bearbeiten/", memberships.tie_edit, name="tie_edit"),
    path("gremien/mitglieder/<int:pk>/bindungen/<int:tie>/beenden/", memberships.tie_end, name="tie_end"),
]

urlpatterns = [*paper_urls, *group_urls]
