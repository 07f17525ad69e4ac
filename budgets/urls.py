"""Addresses of the money: comparing and adopting distributions, then the years."""

from django.urls import path

from budgets.views import (
    amounts,
    comparison,
    distributions,
    legal_bases,
    regions,
    reviews,
    scheme_comparison,
    splits,
    transitions,
    uncertainty,
    years,
)

app_name = "budgets"

comparison_urls = [
    path("verteilung/", comparison.comparison, name="comparison"),
    path("verteilung/unsicherheit/", uncertainty.bands, name="bands"),
    path("verteilung/fassungen/", scheme_comparison.scheme_comparison, name="scheme_comparison"),
]
distribution_urls = [
    path("verteilung/gewichte/", distributions.save_weights, name="save_weights"),
    path("verteilung/vorschlagen/", distributions.propose_model, name="propose_model"),
    path("verteilung/modelle/", distributions.model_list, name="model_list"),
    path("verteilung/modelle/<int:pk>/", distributions.model_detail, name="model_detail"),
    path("verteilung/modelle/<int:pk>/zurueckziehen/", distributions.model_withdraw, name="model_withdraw"),
    path("verteilung/modelle/<int:pk>/festlegen/", distributions.model_adopt, name="model_adopt"),
    path("verteilung/festgelegt/<int:pk>/", distributions.distribution_detail, name="distribution_detail"),
    path("verteilung/festgelegt/<int:pk>/eingaben.json", distributions.distribution_inputs, name="distribution_inputs"),
    path(
        "verteilung/festgelegt/<int:pk>/faktoren.json", distributions.distribution_factors, name="distribution_factors"
    ),
    path("verteilung/festgelegt/<int:pk>/anwenden/", distributions.apply_quota, name="apply_quota"),
]
review_urls = [
    path("verteilung/festgelegt/<int:pk>/ueberpruefung/", reviews.quota_review, name="quota_review"),
    path(
        "verteilung/festgelegt/<int:pk>/ueberpruefung/eintragen/", reviews.quota_review_hold, name="quota_review_hold"
    ),
    path("verteilung/ueberpruefungen/<int:pk>.json", reviews.quota_review_inputs, name="quota_review_inputs"),
]
transition_urls = [
    path("verteilung/uebergang/", transitions.transition, name="transition"),
    path("verteilung/uebergang/vorschlagen/", transitions.transition_propose, name="transition_propose"),
    path("verteilung/uebergang/liste/", transitions.transition_list, name="transition_list"),
    path("verteilung/uebergang/<int:pk>/", transitions.transition_detail, name="transition_detail"),
    path("verteilung/uebergang/<int:pk>/eingaben.json", transitions.transition_inputs, name="transition_inputs"),
    path("verteilung/uebergang/<int:pk>/zurueckziehen/", transitions.transition_withdraw, name="transition_withdraw"),
    path("verteilung/uebergang/<int:pk>/zeigen/", transitions.transition_show, name="transition_show"),
    path("verteilung/uebergang/<int:pk>/festlegen/", transitions.transition_adopt, name="transition_adopt"),
]
year_urls = [
    path("budgets/", years.year_list, name="year_list"),
    path("budgets/neu/", years.year_create, name="year_create"),
    path("budgets/rechtsgrundlagen/", legal_bases.legal_basis_list, name="legal_basis_list"),
    path("budgets/rechtsgrundlagen/<int:pk>/", legal_bases.legal_basis_detail, name="legal_basis_detail"),
    path("budgets/<int:number>/", years.year_detail, name="year_detail"),
    path("budgets/<int:number>/aendern/", years.year_change, name="year_change"),
    path("budgets/<int:number>/status/", years.year_status, name="year_status"),
    path("budgets/<int:number>/abzuege/neu/", years.deduction_create, name="deduction_create"),
    path("budgets/<int:number>/abzuege/<int:pk>/", years.deduction_change, name="deduction_change"),
    path("budgets/<int:number>/abzuege/<int:pk>/entfernen/", years.deduction_remove, name="deduction_remove"),
    path("budgets/<int:number>/betraege/", amounts.amounts_change, name="amounts_change"),
    path("budgets/<int:number>/betraege/vorlage/", amounts.amounts_file, name="amounts_template"),
    path("budgets/<int:number>/betraege/einlesen/", amounts.amounts_upload, name="amounts_upload"),
    path("budgets/<int:number>/betraege/einlesen/<str:key>/", amounts.amounts_check, name="amounts_check"),
    path("regionen/<int:number>/budgets/<int:year>/", regions.region_budget, name="region_budget"),
]
split_urls = [
    path("budgets/aufteilung/zuordnungen/", splits.split_mapping_list, name="split_mapping_list"),
    path("budgets/aufteilung/zuordnungen/neu/", splits.split_mapping_new, name="split_mapping_new"),
    path("budgets/<int:number>/aufteilung/", splits.split_comparison, name="split_comparison"),
    path("budgets/<int:number>/aufteilung/kosten/", splits.split_costs, name="split_costs"),
    path("budgets/<int:number>/aufteilung/kosten/aendern/", splits.split_costs_change, name="split_costs_change"),
]

urlpatterns = [*comparison_urls, *distribution_urls, *review_urls, *transition_urls, *year_urls, *split_urls]
