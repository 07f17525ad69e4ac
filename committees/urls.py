"""Addresses of the bodies, of what they negotiate, and of their papers."""

from django.urls import path

from committees.views import acceptance, groups, memberships, papers, rounds, scenarios, session, statements

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
    path("gremien/<int:pk>/aufteilung/", groups.committee_split, name="committee_split"),
    path("gremien/<int:pk>/mitglieder/neu/", memberships.membership_new, name="membership_new"),
    path("gremien/mitglieder/<int:pk>/", memberships.membership_detail, name="membership_detail"),
    path("gremien/mitglieder/<int:pk>/bearbeiten/", memberships.membership_edit, name="membership_edit"),
    path("gremien/mitglieder/<int:pk>/beenden/", memberships.membership_end, name="membership_end"),
    path("gremien/mitglieder/<int:pk>/verlauf/", memberships.membership_history, name="membership_history"),
    path("gremien/mitglieder/<int:pk>/bindungen/neu/", memberships.tie_new, name="tie_new"),
    path("gremien/mitglieder/<int:pk>/bindungen/<int:tie>/bearbeiten/", memberships.tie_edit, name="tie_edit"),
    path("gremien/mitglieder/<int:pk>/bindungen/<int:tie>/beenden/", memberships.tie_end, name="tie_end"),
]

scenario_urls = [
    path("gremien/<int:pk>/verteilung/", scenarios.group_comparison, name="comparison"),
    path("gremien/<int:pk>/verteilung/unsicherheit/", scenarios.group_bands, name="bands"),
    path("gremien/szenarien/", scenarios.scenario_list, name="scenario_list"),
    path("gremien/szenarien/neu/", scenarios.scenario_create, name="scenario_create"),
    path("gremien/szenarien/vergleich/", scenarios.scenario_compare, name="scenario_compare"),
    path("gremien/szenarien/<int:pk>/", scenarios.scenario_detail, name="scenario_detail"),
    path("gremien/szenarien/<int:pk>/bearbeiten/", scenarios.scenario_edit, name="scenario_edit"),
    path("gremien/szenarien/<int:pk>/ablegen/", scenarios.scenario_archive, name="scenario_archive"),
    path("gremien/szenarien/<int:pk>/zurueckholen/", scenarios.scenario_bring_back, name="scenario_bring_back"),
    path("gremien/<int:pk>/sitzung/", session.session, name="session"),
    path("gremien/<int:pk>/sitzung/festhalten/", session.snapshot, name="session_snapshot"),
    path("gremien/<int:pk>/sitzung/<int:scenario>/vereinbaren/", session.session_agree, name="session_agree"),
    path("gremien/<int:pk>/sitzung/<int:scenario>/zuruecknehmen/", session.session_withdraw, name="session_withdraw"),
]

weight_round_urls = [
    path("gremien/<int:pk>/runden/neu/", rounds.weight_round_create, name="weight_round_create"),
    path("gremien/runden/<int:pk>/", rounds.weight_round_detail, name="weight_round_detail"),
    path("gremien/runden/<int:pk>/bearbeiten/", rounds.weight_round_change, name="weight_round_change"),
    path("gremien/runden/<int:pk>/punkte/", rounds.weight_round_points, name="weight_round_points"),
    path("gremien/runden/<int:pk>/punkte/zurueckziehen/", rounds.weight_round_withdraw, name="weight_round_withdraw"),
    path("gremien/runden/<int:pk>/vorschlagen/", rounds.indicator_propose, name="indicator_propose"),
    path("gremien/runden/<int:pk>/schliessen/", rounds.weight_round_close, name="weight_round_close"),
    path("gremien/runden/<int:pk>/uebernehmen/", rounds.weight_round_take_over, name="weight_round_take_over"),
    path("gremien/vorschlaege/<int:pk>/", rounds.indicator_answer, name="indicator_answer"),
]

acceptance_urls = [
    path("gremien/<int:pk>/bewertung/neu/", acceptance.acceptance_round_create, name="acceptance_round_create"),
    path("gremien/bewertung/<int:pk>/", acceptance.acceptance_round_detail, name="acceptance_round_detail"),
    path("gremien/bewertung/<int:pk>/bewerten/", acceptance.acceptance_round_rate, name="acceptance_round_rate"),
    path("gremien/bewertung/<int:pk>/schliessen/", acceptance.acceptance_round_close, name="acceptance_round_close"),
    path("gremien/bewertung/modelle/<int:pk>/", acceptance.rated_model_detail, name="rated_model_detail"),
    path(
        "gremien/bewertung/modelle/<int:pk>/vorlegen/", acceptance.rated_model_hand_over, name="rated_model_hand_over"
    ),
]

statement_urls = [
    path("verteilung/uebergang/<int:pk>/traeger/", statements.transition_carriers, name="transition_carriers"),
    path("traeger/<int:pk>/uebergang/<int:plan>/", statements.carrier_transition, name="carrier_transition"),
    path("traeger/<int:pk>/uebergang/<int:plan>/brief/", statements.carrier_letter, name="carrier_letter"),
    path("traeger/<int:pk>/uebergang/<int:plan>/stellungnahme/", statements.statement_write, name="statement_write"),
    path(
        "traeger/<int:pk>/uebergang/<int:plan>/stellungnahme/abgeben/",
        statements.statement_submit,
        name="statement_submit",
    ),
]

urlpatterns = [*paper_urls, *group_urls, *scenario_urls, *weight_round_urls, *acceptance_urls, *statement_urls]
