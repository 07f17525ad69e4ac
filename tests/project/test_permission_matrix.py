"""Every address × every role, expected codes written by hand.

Region 1, Träger A, its office in Bleckede and the space Dahlenburg are the own ones of the people below; region 2 and
the carrier of Scharnebeck are foreign. A row names an address, what it is opened for, and who gets which code. 302 for
a visitor is the way to the sign-in page. Who is denied is denied by POST as well, and a denied request writes nothing
but its session and the audit log.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from budgets.models import (
    AdoptedDistribution,
    Deduction,
    DistributionModel,
    LegalBasis,
    ProposalStatus,
    QuotaReview,
    TransitionPlan,
)
from committees.models import (
    AcceptanceRound,
    Committee,
    IndicatorProposal,
    Membership,
    Paper,
    PaperStatus,
    ProposalAnswer,
    RatedModel,
    RoundStatus,
    SavedScenario,
    Tie,
    WeightRound,
)
from indicators.models import DataRelease, Indicator, ReleaseStatus, SchemeStatus, WeightingScheme
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.models import SourceFile
from jugendhilfe.demo import PEOPLE
from regions.models import Carrier, Office, OfficeContract, ReferencePopulation, RoleAssignment
from regions.roles import Role
from tests.browser.test_accessibility import url_names
from tests.unfinished import unfinished_work

pytestmark = pytest.mark.django_db

COLUMNS = {
    "visitor": None,
    "none": "ohne-rolle",
    "planning": "planung",
    "finance": "finanzen",
    "head": "leitung",
    "coordination 1": "region1",
    "coordination 2": "region2",
    "board 1": "gremium1",
    "board 2": "gremium2",
    "youth committee": "jha",
    "carrier lead": "traeger-a",
    "carrier staff": "traeger-a-team",
    "municipality": "gemeinde",
    "case steering": "fallsteuerung",
    "audit": "pruefung",
    "system": "system",
    "group chair": "vorsitz",
    "group member": "jugend",
}

# visitor, none | planning, finance, head | coordination 1, 2 | board 1, 2, youth committee | carrier lead, staff |
# municipality, case steering | audit, system | group chair, group member (both without a role)
PROFILES = {
    "public":           "200 200 | 200 200 200 | 200 200 | 200 200 200 | 200 200 | 200 200 | 200 200 | 200 200",
    "guests":           "200 302 | 302 302 302 | 302 302 | 302 302 302 | 302 302 | 302 302 | 302 302 | 302 302",
    "signed in":        "302 200 | 200 200 200 | 200 200 | 200 200 200 | 200 200 | 200 200 | 200 200 | 200 200",
    "elsewhere":        "302 302 | 302 302 302 | 302 302 | 302 302 302 | 302 302 | 302 302 | 302 302 | 302 302",
    "not set up":       "302 404 | 404 404 404 | 404 404 | 404 404 404 | 404 404 | 404 404 | 404 404 | 404 404",
    "withdraw model":   "302 404 | 200 200 403 | 404 404 | 404 404 404 | 404 404 | 404 404 | 403 404 | 404 404",
    "adopt model":      "302 404 | 403 403 200 | 404 404 | 404 404 404 | 404 404 | 404 404 | 403 404 | 404 404",
    "master data":      "302 403 | 200 403 200 | 403 403 | 403 403 403 | 403 403 | 403 403 | 403 403 | 403 403",
    "master data back": "302 403 | 302 403 302 | 403 403 | 403 403 403 | 403 403 | 403 403 | 403 403 | 403 403",
    "planning":         "302 403 | 200 403 403 | 403 403 | 403 403 403 | 403 403 | 403 403 | 403 403 | 403 403",
    "planning back":    "302 403 | 302 403 403 | 403 403 | 403 403 403 | 403 403 | 403 403 | 403 403 | 403 403",
    "head":             "302 403 | 403 403 200 | 403 403 | 403 403 403 | 403 403 | 403 403 | 403 403 | 403 403",
    "finance":          "302 403 | 403 200 403 | 403 403 | 403 403 403 | 403 403 | 403 403 | 403 403 | 403 403",
    "finance back":     "302 403 | 403 302 403 | 403 403 | 403 403 403 | 403 403 | 403 403 | 403 403 | 403 403",
    "simulate":         "302 403 | 200 200 200 | 403 403 | 403 403 403 | 403 403 | 403 403 | 200 403 | 403 403",
    "propose":          "302 403 | 200 200 403 | 403 403 | 403 403 403 | 403 403 | 403 403 | 403 403 | 403 403",
    "propose nothing":  "302 403 | 409 409 403 | 403 403 | 403 403 403 | 403 403 | 403 403 | 403 403 | 403 403",
    "no gap":           "302 403 | 404 403 403 | 403 403 | 403 403 403 | 403 403 | 403 403 | 403 403 | 403 403",
    "unseen draft":     "404 404 | 200 200 200 | 404 404 | 404 404 404 | 404 404 | 404 404 | 200 404 | 404 404",
    "reports done":     "302 403 | 302 403 302 | 403 403 | 403 403 403 | 403 403 | 403 403 | 403 403 | 403 403",
    "drafts":           "302 403 | 200 200 200 | 403 403 | 403 403 403 | 403 403 | 403 403 | 200 403 | 403 403",
    "history":          "302 403 | 200 403 200 | 403 403 | 403 403 403 | 403 403 | 403 403 | 200 403 | 403 403",
    "contracts":        "302 403 | 200 200 200 | 200 200 | 403 403 403 | 200 200 | 403 403 | 200 403 | 403 403",
    "hidden draft":     "302 404 | 200 200 200 | 404 404 | 404 404 404 | 404 404 | 404 404 | 200 404 | 404 404",
    "contract A":       "302 404 | 200 200 200 | 200 404 | 404 404 404 | 200 200 | 404 404 | 200 404 | 404 404",
    "contract B":       "302 404 | 200 200 200 | 404 200 | 404 404 404 | 404 404 | 404 404 | 200 404 | 404 404",
    "plan for A":       "302 404 | 200 200 200 | 404 404 | 404 404 404 | 200 200 | 404 404 | 200 404 | 404 404",
    "statement of A":   "302 404 | 403 403 403 | 404 404 | 404 404 404 | 200 200 | 404 404 | 403 404 | 404 404",
    "statement of B":   "302 404 | 403 403 403 | 404 404 | 404 404 404 | 404 404 | 404 404 | 403 404 | 404 404",
    "hand in for A":    "302 404 | 403 403 403 | 404 404 | 404 404 404 | 200 403 | 404 404 | 403 404 | 404 404",
    "region 1":         "302 404 | 200 200 200 | 200 404 | 200 404 200 | 200 200 | 200 404 | 200 404 | 404 404",
    "region 2":         "302 404 | 200 200 200 | 404 200 | 404 200 200 | 404 404 | 404 404 | 200 404 | 404 404",
    "reports":          "302 403 | 200 403 200 | 403 403 | 403 403 403 | 403 403 | 403 403 | 403 403 | 403 403",
    "people":           "302 403 | 403 403 200 | 403 403 | 403 403 403 | 403 403 | 403 403 | 200 200 | 403 403",
    "people edit":      "302 403 | 403 403 403 | 403 403 | 403 403 403 | 403 403 | 403 403 | 403 200 | 403 403",
    "people confirm":   "302 403 | 403 403 200 | 403 403 | 403 403 403 | 403 403 | 403 403 | 403 200 | 403 403",
    "group":            "302 404 | 200 200 200 | 404 404 | 404 404 404 | 200 404 | 200 404 | 200 404 | 200 200",
    "tie of a carrier": "302 404 | 200 403 200 | 404 404 | 404 404 404 | 200 404 | 403 404 | 403 404 | 403 403",
    "audit log":        "302 403 | 403 403 200 | 403 403 | 403 403 403 | 403 403 | 403 403 | 200 403 | 403 403",
    "in group: propose": "302 404 | 200 200 403 | 404 404 | 404 404 404 | 403 404 | 403 404 | 403 404 | 200 403",
    "in group: vote":   "302 404 | 403 200 403 | 404 404 | 404 404 404 | 200 404 | 200 404 | 403 404 | 200 200",
    "in group: lead":   "302 404 | 200 403 403 | 404 404 | 404 404 404 | 403 404 | 403 404 | 403 404 | 200 403",
    "what-if":          "302 403 | 200 200 200 | 403 403 | 403 403 403 | 200 403 | 200 403 | 200 403 | 200 200",
    "own":              "302 404 | 404 404 404 | 404 404 | 404 404 404 | 200 404 | 404 404 | 404 404 | 404 404",
    "own back":         "302 404 | 404 404 404 | 404 404 | 404 404 404 | 302 404 | 404 404 | 404 404 | 404 404",
    "in group: own":    "302 404 | 403 403 403 | 404 404 | 404 404 404 | 200 404 | 403 404 | 403 404 | 403 403",
    "in group: own back": "302 404 | 403 403 403 | 404 404 | 404 404 404 | 302 404 | 403 404 | 403 404 | 403 403",
    "in group: lead back": "302 404 | 302 403 403 | 404 404 | 404 404 404 | 403 404 | 403 404 | 403 404 | 302 403",
    "in group: lead nothing": "302 404 | 409 403 403 | 404 404 | 404 404 404 | 403 404 | 403 404 | 403 404 | 409 403",
    "withdraw points":  "302 404 | 403 302 403 | 404 404 | 404 404 404 | 409 404 | 302 404 | 403 404 | 409 409",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """An address, what it is opened for, and the profile of its codes."""

    name: str
    target: str
    profile: str
    method: str = "get"

    @property
    def codes(self) -> dict[str, int]:
        codes = [int(code) for code in PROFILES[self.profile].replace("|", "").split()]
        return dict(zip(COLUMNS, codes, strict=True))

    @property
    def url(self) -> str:
        return reverse(self.name, kwargs=TARGETS[self.target]() if self.target else {})


MATRIX = (
    # for everybody
    Row("home", "", "public"),
    Row("healthz", "", "public"),
    Row("readyz", "", "public"),
    Row("impressum", "", "public"),
    Row("datenschutz", "", "public"),
    Row("barrierefreiheit", "", "public"),
    Row("barriere_melden", "", "public"),
    Row("leichte_sprache", "", "public"),
    Row("hilfe", "", "public"),
    Row("open_data", "", "public"),
    Row("distribution_file", "distribution of 2026", "public"),
    Row("values_file", "values", "public"),
    Row("example_file", "example", "signed in"),
    # sign-in
    Row("account_login", "", "guests"),
    Row("account_request_login_code", "", "guests"),
    Row("account_confirm_login_code", "", "elsewhere"),
    Row("mfa_authenticate", "", "elsewhere"),
    Row("account_logout", "", "signed in"),
    Row("account_inactive", "", "public"),
    Row("account_reauthenticate", "", "signed in"),
    Row("mfa_reauthenticate", "", "elsewhere"),
    Row("account_change_password", "", "signed in"),
    Row("account_reset_password", "", "public"),
    Row("account_reset_password_done", "", "public"),
    Row("account_reset_password_from_key_done", "", "public"),
    Row("mfa_index", "", "signed in"),
    Row("mfa_activate_totp", "", "elsewhere"),
    Row("mfa_deactivate_totp", "", "not set up"),
    Row("mfa_view_recovery_codes", "", "not set up"),
    Row("mfa_generate_recovery_codes", "", "elsewhere"),
    Row("mfa_download_recovery_codes", "", "not set up"),
    Row("account_reset_password_from_key", "no key", "public"),
    Row("account_set_password", "", "elsewhere"),
    Row("account", "", "signed in"),
    # regions: public facts
    Row("regions:region_list", "", "public"),
    Row("regions:office_list", "", "public"),
    Row("regions:region_detail", "region 2", "public"),
    Row("regions:space_detail", "Scharnebeck", "public"),
    Row("regions:office_detail", "office B", "public"),
    # regions: carriers, contracts, reference populations
    Row("regions:carrier_list", "", "signed in"),
    Row("regions:contract_list", "", "contracts"),
    Row("regions:population_list", "", "public"),
    Row("regions:carrier_detail", "carrier B", "signed in"),
    Row("regions:population_detail", "population", "public"),
    Row("regions:contract_detail", "contract A", "contract A"),
    Row("regions:contract_detail", "contract B", "contract B"),
    # regions: master data
    Row("regions:region_new", "", "master data"),
    Row("regions:region_edit", "region 2", "master data"),
    Row("regions:region_history", "region 2", "history"),
    Row("regions:space_new", "", "master data"),
    Row("regions:space_upload", "", "master data"),
    Row("regions:space_template", "", "master data"),
    Row("regions:space_edit", "Scharnebeck", "master data"),
    Row("regions:space_members", "Scharnebeck", "master data"),
    Row("regions:space_history", "Scharnebeck", "history"),
    Row("regions:member_upload", "", "master data"),
    Row("regions:member_template", "", "master data"),
    Row("regions:office_new", "", "master data"),
    Row("regions:office_edit", "office B", "master data"),
    Row("regions:office_close", "office B", "master data"),
    Row("regions:office_history", "office B", "history"),
    Row("regions:carrier_new", "", "master data"),
    Row("regions:carrier_edit", "carrier B", "master data"),
    Row("regions:carrier_history", "carrier B", "history"),
    Row("regions:contract_new", "", "master data"),
    Row("regions:contract_edit", "contract B", "master data"),
    Row("regions:contract_end", "contract B", "master data"),
    Row("regions:supplement_add", "contract B", "master data"),
    Row("regions:contract_history", "contract B", "history"),
    Row("regions:population_new", "", "master data"),
    Row("regions:population_edit", "population", "master data"),
    Row("regions:population_counts", "population", "master data"),
    Row("regions:population_delete", "population", "master data"),
    Row("regions:population_upload", "population", "master data"),
    Row("regions:population_template", "population", "master data"),
    Row("regions:population_history", "population", "history"),
    Row("regions:space_upload_check", "no draft", "master data back"),
    Row("regions:member_upload_check", "no draft", "master data back"),
    Row("regions:population_upload_check", "no draft of a population", "master data back"),
    # people and log
    Row("regions:person_list", "", "people"),
    Row("regions:role_matrix", "", "people"),
    Row("regions:person_detail", "person", "people"),
    Row("regions:person_invite", "", "people edit"),
    Row("regions:person_close", "person", "people edit"),
    Row("regions:role_grant", "person", "people edit"),
    Row("regions:role_withdraw", "role", "people edit"),
    Row("regions:person_renew", "person", "people edit", "post"),
    Row("regions:role_confirm", "waiting role", "people confirm"),
    Row("regions:audit_list", "", "audit log"),
    Row("regions:source_file", "file", "drafts"),
    # burden: adopted schemes and data taken over are for all
    Row("indicators:burden", "", "signed in"),
    Row("indicators:burden_steps", "Scharnebeck", "signed in"),
    Row("indicators:burden_diagnosis", "", "signed in"),
    Row("indicators:uncertainty", "", "signed in"),
    Row("indicators:indicator_list", "", "signed in"),
    Row("indicators:indicator_detail", "indicator", "signed in"),
    Row("indicators:release_list", "", "signed in"),
    Row("indicators:release_detail", "release", "signed in"),
    Row("indicators:scheme_list", "", "signed in"),
    Row("indicators:scheme_detail", "scheme", "signed in"),
    Row("indicators:release_detail", "checked release", "hidden draft"),
    Row("indicators:scheme_detail", "draft scheme", "hidden draft"),
    Row("indicators:gap_list", "draft scheme", "hidden draft"),
    Row("indicators:indicator_new", "", "planning"),
    Row("indicators:indicator_edit", "indicator", "planning"),
    Row("indicators:indicator_archive", "indicator", "planning"),
    Row("indicators:release_upload", "", "planning"),
    Row("indicators:release_template", "", "planning back"),
    Row("indicators:release_take_over", "checked release", "planning"),
    Row("indicators:release_discard", "checked release", "planning"),
    Row("indicators:scheme_create", "", "planning"),
    Row("indicators:scheme_change", "draft scheme", "planning"),
    Row("indicators:scheme_copy", "scheme", "planning"),
    Row("indicators:scheme_propose", "draft scheme", "planning"),
    Row("indicators:scheme_discard", "draft scheme", "planning"),
    Row("indicators:scheme_recalculate", "scheme", "planning"),
    Row("indicators:gap_decide", "gap", "no gap"),
    Row("indicators:gap_restore", "dropped", "planning back", "post"),
    Row("indicators:release_check", "no upload", "planning back"),
    Row("indicators:scheme_return", "proposed scheme", "head"),
    Row("indicators:scheme_adopt", "proposed scheme", "head"),
    # distribution
    Row("budgets:comparison", "", "simulate"),
    Row("budgets:bands", "", "simulate"),
    Row("budgets:scheme_comparison", "", "signed in"),
    Row("budgets:model_list", "", "signed in"),
    Row("budgets:save_weights", "", "planning back"),
    Row("budgets:propose_model", "", "propose nothing"),
    Row("budgets:model_detail", "adopted model", "signed in"),
    Row("budgets:model_detail", "open model", "hidden draft"),
    Row("budgets:model_withdraw", "open model", "withdraw model"),
    Row("budgets:model_adopt", "open model", "adopt model"),
    Row("budgets:distribution_detail", "distribution", "public"),
    Row("budgets:distribution_inputs", "distribution", "public"),
    Row("budgets:distribution_factors", "distribution", "public"),
    Row("budgets:apply_quota", "distribution", "head"),
    Row("budgets:quota_review", "distribution", "public"),
    Row("budgets:quota_review_inputs", "review", "public"),
    Row("budgets:quota_review_hold", "distribution", "head"),
    # transitions
    Row("budgets:transition", "", "simulate"),
    Row("budgets:transition_propose", "", "propose"),
    Row("budgets:transition_list", "", "signed in"),
    Row("budgets:transition_detail", "shown plan", "unseen draft"),
    Row("budgets:transition_inputs", "shown plan", "unseen draft"),
    Row("budgets:transition_withdraw", "shown plan", "withdraw model"),
    Row("budgets:transition_show", "unseen plan", "withdraw model"),
    Row("budgets:transition_adopt", "shown plan", "adopt model"),
    Row("committees:transition_carriers", "shown plan", "drafts"),
    Row("committees:carrier_transition", "shown plan for A", "plan for A"),
    Row("committees:carrier_transition", "shown plan for B", "hidden draft"),
    Row("committees:carrier_transition", "unseen plan for A", "hidden draft"),
    Row("committees:carrier_letter", "shown plan for A", "plan for A"),
    Row("committees:carrier_letter", "shown plan for B", "hidden draft"),
    Row("committees:statement_write", "shown plan for A", "statement of A"),
    Row("committees:statement_write", "shown plan for B", "statement of B"),
    Row("committees:statement_submit", "shown plan for A", "hand in for A"),
    Row("committees:statement_submit", "shown plan for B", "statement of B"),
    # years
    Row("budgets:year_list", "", "signed in"),
    Row("budgets:year_detail", "year", "signed in"),
    Row("budgets:year_detail", "draft year", "hidden draft"),
    Row("budgets:legal_basis_list", "", "signed in"),
    Row("budgets:legal_basis_detail", "basis", "signed in"),
    Row("budgets:year_create", "", "finance"),
    Row("budgets:year_change", "year", "finance"),
    Row("budgets:year_status", "year", "finance"),
    Row("budgets:deduction_create", "draft year", "finance"),
    Row("budgets:deduction_change", "deduction", "finance"),
    Row("budgets:deduction_remove", "deduction", "finance"),
    Row("budgets:amounts_change", "year", "finance"),
    Row("budgets:amounts_template", "year", "finance"),
    Row("budgets:amounts_upload", "year", "finance"),
    Row("budgets:amounts_check", "no draft of a year", "finance back"),
    Row("budgets:region_budget", "region 1 in 2026", "region 1"),
    Row("budgets:region_budget", "region 2 in 2026", "region 2"),
    # splitting the total: own offices, costs with them; the working group all
    Row("budgets:split_comparison", "year", "contracts"),
    Row("budgets:split_costs", "year", "contracts"),
    Row("budgets:split_costs_change", "year", "finance"),
    Row("budgets:split_mapping_list", "", "signed in"),
    Row("budgets:split_mapping_new", "", "propose"),
    Row("committees:committee_split", "group", "group"),
    # bodies: that they exist is for all who are signed in, who sits there for members and the county
    Row("committees:committee_list", "", "signed in"),
    Row("committees:committee_detail", "group", "signed in"),
    Row("committees:committee_new", "", "master data"),
    Row("committees:committee_edit", "group", "master data"),
    Row("committees:committee_close", "group", "master data"),
    Row("committees:committee_history", "group", "history"),
    Row("committees:membership_detail", "seat", "group"),
    Row("committees:membership_new", "group", "master data"),
    Row("committees:membership_edit", "seat", "master data"),
    Row("committees:membership_end", "seat", "master data"),
    Row("committees:membership_history", "seat", "history"),
    Row("committees:tie_new", "seat", "tie of a carrier"),
    Row("committees:tie_edit", "tie", "master data"),
    Row("committees:tie_end", "tie", "tie of a carrier"),
    # bodies: scenarios are the owner's, who shares them or not; chair and planning lead the session
    Row("committees:comparison", "group", "group"),
    Row("committees:bands", "group", "group"),
    Row("committees:scenario_list", "", "signed in"),
    Row("committees:scenario_compare", "", "signed in"),
    Row("committees:scenario_create", "", "what-if"),
    Row("committees:scenario_detail", "shared scenario", "group"),
    Row("committees:scenario_edit", "shared scenario", "in group: own"),
    Row("committees:scenario_archive", "shared scenario", "in group: own back", "post"),
    Row("committees:scenario_detail", "private scenario", "own"),
    Row("committees:scenario_edit", "private scenario", "own"),
    Row("committees:scenario_bring_back", "private scenario", "own back", "post"),
    Row("committees:session", "group", "in group: lead"),
    Row("committees:session_snapshot", "group", "in group: lead nothing", "post"),
    Row("committees:session_agree", "agreed scenario", "in group: lead nothing", "post"),
    Row("committees:session_withdraw", "agreed scenario", "in group: lead back", "post"),
    # bodies: ratings
    Row("committees:acceptance_round_create", "group", "in group: propose"),
    Row("committees:acceptance_round_detail", "open ratings", "group"),
    Row("committees:acceptance_round_detail", "closed ratings", "group"),
    Row("committees:acceptance_round_rate", "open ratings", "in group: vote"),
    Row("committees:acceptance_round_close", "open ratings", "in group: lead"),
    Row("committees:rated_model_detail", "rated model", "group"),
    Row("committees:rated_model_hand_over", "rated model", "in group: propose"),
    # rounds of points: members with a vote give, chair and planning lead
    Row("committees:weight_round_detail", "open points", "group"),
    Row("committees:weight_round_detail", "closed points", "group"),
    Row("committees:weight_round_points", "open points", "in group: vote"),
    Row("committees:weight_round_withdraw", "open points", "withdraw points", "post"),
    Row("committees:indicator_propose", "open points", "in group: vote"),
    Row("committees:weight_round_create", "group", "in group: lead"),
    Row("committees:weight_round_change", "open points", "in group: lead"),
    Row("committees:weight_round_close", "open points", "in group: lead"),
    Row("committees:weight_round_take_over", "closed points", "in group: lead"),
    Row("committees:indicator_answer", "proposed indicator", "in group: lead"),
    # reports
    Row("committees:paper_list", "", "public"),
    Row("committees:paper_detail", "issued paper", "public"),
    Row("committees:paper_pdf", "issued paper", "public"),
    Row("committees:paper_excel", "issued paper", "public"),
    Row("committees:paper_figures", "issued paper", "public"),
    Row("committees:paper_detail", "draft paper", "unseen draft"),
    Row("committees:paper_pdf", "draft paper", "unseen draft"),
    Row("committees:paper_excel", "draft paper", "unseen draft"),
    Row("committees:paper_write", "", "reports"),
    Row("committees:paper_edit", "draft paper", "reports"),
    Row("committees:paper_issue", "draft paper", "reports"),
    Row("committees:paper_discard", "draft paper", "reports"),
    Row("committees:paper_continue", "issued paper", "reports done", "post"),
)


def first(queryset: Any, **conditions: Any) -> int:
    """The key of the one row that is meant."""
    key: int = queryset.filter(**conditions).order_by("pk").values_list("pk", flat=True)[0]
    return key


def plan_for(carrier: str, plan: str) -> dict[str, Any]:
    """A carrier and the plan of another target."""
    return {"pk": first(Carrier.objects, name=carrier), "plan": TARGETS[plan]()["pk"]}


TARGETS: dict[str, Callable[[], dict[str, Any]]] = {
    "distribution of 2026": lambda: {"year": 2026, "kind": "csv"},
    "values": lambda: {"kind": "csv"},
    "example": lambda: {"name": "sozialraeume.csv"},
    "no key": lambda: {"uidb36": "1", "key": "abc-def"},
    "no draft": lambda: {"draft": "gibtesnicht"},
    "no upload": lambda: {"key": "gibtesnicht"},
    "no draft of a population": lambda: {"pk": first(ReferencePopulation.objects), "draft": "gibtesnicht"},
    "no draft of a year": lambda: {"number": 2026, "key": "gibtesnicht"},
    "region 2": lambda: {"number": 2},
    "region 1 in 2026": lambda: {"number": 1, "year": 2026},
    "region 2 in 2026": lambda: {"number": 2, "year": 2026},
    "Scharnebeck": lambda: {"key": "033555407"},
    "office B": lambda: {"pk": first(Office.objects, space__name="Scharnebeck")},
    "carrier B": lambda: {"pk": first(Carrier.objects, contracts__office__space__name="Scharnebeck")},
    "contract A": lambda: {"pk": first(OfficeContract.objects, office__space__name="Bleckede")},
    "contract B": lambda: {"pk": first(OfficeContract.objects, office__space__name="Scharnebeck")},
    "population": lambda: {"pk": first(ReferencePopulation.objects)},
    "person": lambda: {"pk": first(User.objects, email="eingeladen@example.org")},
    "role": lambda: {"pk": first(RoleAssignment.objects, role=Role.PLANNING)},
    "waiting role": lambda: {"pk": first(RoleAssignment.objects.waiting())},
    "file": lambda: {"sha256": SourceFile.objects.order_by("pk")[0].sha256},
    "indicator": lambda: {"pk": first(Indicator.objects)},
    "release": lambda: {"pk": first(DataRelease.objects, status=ReleaseStatus.TAKEN_OVER)},
    "checked release": lambda: {"pk": first(DataRelease.objects, status=ReleaseStatus.CHECKED)},
    "scheme": lambda: {"pk": first(WeightingScheme.objects, status=SchemeStatus.ADOPTED)},
    "draft scheme": lambda: {"pk": first(WeightingScheme.objects, status=SchemeStatus.DRAFT)},
    "proposed scheme": lambda: {"pk": first(WeightingScheme.objects, status=SchemeStatus.PROPOSED)},
    "gap": lambda: {
        "pk": first(WeightingScheme.objects, status=SchemeStatus.DRAFT),
        "code": "income_tax",
        "key": "033555407",
    },
    "dropped": lambda: {"pk": first(WeightingScheme.objects, status=SchemeStatus.DRAFT), "code": "income_tax"},
    "adopted model": lambda: {"pk": first(DistributionModel.objects, status=ProposalStatus.ADOPTED)},
    "open model": lambda: {"pk": first(DistributionModel.objects, status=ProposalStatus.PROPOSED)},
    "distribution": lambda: {"pk": first(AdoptedDistribution.objects)},
    "shown plan": lambda: {"pk": first(TransitionPlan.objects, shown_to_carriers_at__isnull=False)},
    "unseen plan": lambda: {"pk": first(TransitionPlan.objects, shown_to_carriers_at=None)},
    "shown plan for A": lambda: plan_for("Träger A", "shown plan"),
    "shown plan for B": lambda: plan_for("PädIn e.V.", "shown plan"),
    "unseen plan for A": lambda: plan_for("Träger A", "unseen plan"),
    "review": lambda: {"pk": first(QuotaReview.objects)},
    "year": lambda: {"number": 2026},
    "draft year": lambda: {"number": 2027},
    "deduction": lambda: {"number": 2027, "pk": first(Deduction.objects, year__year=2027)},
    "basis": lambda: {"pk": first(LegalBasis.objects)},
    "issued paper": lambda: {"pk": first(Paper.objects, status=PaperStatus.ISSUED)},
    "open ratings": lambda: {"pk": first(AcceptanceRound.objects, status=RoundStatus.OPEN)},
    "closed ratings": lambda: {"pk": first(AcceptanceRound.objects, status=RoundStatus.CLOSED)},
    "rated model": lambda: {"pk": first(RatedModel.objects, round__status=RoundStatus.CLOSED)},
    "open points": lambda: {"pk": first(WeightRound.objects, status=RoundStatus.OPEN)},
    "closed points": lambda: {"pk": first(WeightRound.objects, status=RoundStatus.CLOSED)},
    "proposed indicator": lambda: {"pk": first(IndicatorProposal.objects, answer=ProposalAnswer.OPEN)},
    "group": lambda: {"pk": first(Committee.objects, negotiates=True)},
    "shared scenario": lambda: {"pk": first(SavedScenario.objects, committee__isnull=False)},
    "private scenario": lambda: {"pk": first(SavedScenario.objects, committee=None)},
    "agreed scenario": lambda: {
        "pk": first(Committee.objects, negotiates=True),
        "scenario": first(SavedScenario.objects, is_agreed=True),
    },
    "seat": lambda: {"pk": first(Membership.objects, person__email="traeger-a@example.org")},
    "tie": lambda: {
        "pk": first(Membership.objects, person__email="traeger-a@example.org"),
        "tie": first(Tie.objects, person__email="traeger-a@example.org"),
    },
    "draft paper": lambda: {"pk": first(Paper.objects, status=PaperStatus.DRAFT)},
}

WRITES = re.compile(r'^(INSERT INTO|UPDATE|DELETE FROM) "(?!audit_entry|django_session|cache)', re.IGNORECASE)


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The demo, loaded once for this module and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_demo", verbosity=0)
        unfinished_work()
        yield
        transaction.set_rollback(True)


def visitor(role: str) -> Client:
    client = Client()
    if account := COLUMNS[role]:
        client.force_login(User.objects.get(email=f"{account}@example.org"))
    return client


def test_every_address_has_a_row() -> None:
    assert {row.name for row in MATRIX} == set(url_names())


def test_every_person_of_the_demo_stands_in_the_matrix() -> None:
    accounts = {person.account for person in PEOPLE}
    assert {account for account in COLUMNS.values() if account} - accounts == {"ohne-rolle"}


@pytest.mark.parametrize("role", COLUMNS)
def test_the_codes_are_those_of_the_matrix(demo: None, role: str) -> None:
    client, found = visitor(role), []
    for row in MATRIX:
        with transaction.atomic():
            code = getattr(client, row.method)(row.url).status_code
            transaction.set_rollback(True)
        if code != row.codes[role]:
            found.append(f"{row.method} {row.name} for {row.target or 'all'}: {code} instead of {row.codes[role]}")
    assert "\n".join(found) == ""


@pytest.mark.parametrize("role", COLUMNS)
def test_who_is_denied_is_denied_by_post_too_and_writes_nothing(demo: None, role: str) -> None:
    client, found = visitor(role), []
    for row in MATRIX:
        if row.codes[role] not in {403, 404}:
            continue
        with CaptureQueriesContext(connection) as queries:
            code = client.post(row.url).status_code
        if code not in {row.codes[role], 405}:
            found.append(f"{row.name} for {row.target or 'all'}: {code} instead of {row.codes[role]}")
        found += [f"{row.name} wrote: {query['sql'][:120]}" for query in queries if WRITES.match(query["sql"])]
    assert "\n".join(found) == ""


@pytest.mark.parametrize("role", COLUMNS)
def test_a_foreign_row_looks_like_one_that_does_not_exist(demo: None, role: str) -> None:
    client, found = visitor(role), []
    for row in MATRIX:
        if row.codes[role] != 404 or not row.target or row.target.startswith("no "):
            continue
        missing = {
            key: value + 100_000 if isinstance(value, int) else value for key, value in TARGETS[row.target]().items()
        }
        foreign, absent = client.get(row.url), client.get(reverse(row.name, kwargs=missing))
        if (foreign.status_code, foreign.content) != (absent.status_code, absent.content):
            found.append(row.name)
    assert "\n".join(found) == ""
