"""What a transition means for a carrier, and what it says to it: its own figures and words, nobody else's."""

import datetime as dt
import io
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import openpyxl
import pikepdf
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budgets.models import AdoptedDistribution, DistributionModel, LegalBasis, TransitionPlan
from budgets.quota import FrozenOffice
from budgets.services.transitions import (
    adopt_transition,
    propose_transition,
    show_to_carriers,
    withdraw_transition,
)
from budgets.transition_assumptions import source_of, to_start_with
from committees.carrier_transition import meaning_for
from committees.models import CarrierStatement, Paper
from committees.reports import Figures, figures_of, render_report, workbook
from committees.reports.letter import render_letter
from committees.reports.paper import summary
from committees.services.papers import issue_paper
from committees.services.statements import save_statement, submit_statement
from committees.verify import verify_papers, verify_statements
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.canonical import from_json, to_json
from jugendhilfe.lib.errors import DomainError, NotAllowed
from regions.models import Carrier, CarrierKind, OfficeContract
from tests import factories
from tests.conftest import Cast, County

TODAY = dt.date(2026, 3, 1)
# What only Träger B has: Scharnebeck, its amounts and its changes.
FOREIGN = ("352.000", "334.977", "283.909", "68.090", "17.022", "Scharnebeck", "Träger B")


def text_of(response: Any) -> str:
    return unescape(response.content.decode()).replace("\u00a0", " ")


def main_of(response: Any) -> str:
    page = text_of(response)
    return page[page.index("<main") : page.index("</main>")]


def put_forward(basis: AdoptedDistribution | DistributionModel, actor: User, **other: Any) -> TransitionPlan:
    source = source_of(basis)
    inputs = replace(to_start_with(source).inputs(source), **other)
    return propose_transition(source=source, inputs=inputs, name="Abschmelzung", reason="2025/124 c", actor=actor)


@pytest.fixture
def plan(distribution: AdoptedDistribution, cast: Cast) -> TransitionPlan:
    """Proposed and shown."""
    return show_to_carriers(plan=put_forward(distribution, cast.planning), actor=cast.planning)


def page_of(carrier: Carrier, plan: TransitionPlan, rest: str = "") -> str:
    return f"/traeger/{carrier.pk}/uebergang/{plan.pk}/{rest}"


def load(plan: TransitionPlan) -> TransitionPlan:
    related = ("distribution__calculation", "model__scheme__population", "model__year", "basis")
    return TransitionPlan.objects.select_related(*related).get(pk=plan.pk)


def pdf_text(pdf: bytes, folder: Path) -> str:
    if not (program := shutil.which("pdftotext")):
        pytest.skip("pdftotext (poppler-utils) is not installed")
    file = folder / "letter.pdf"
    file.write_bytes(pdf)
    text = subprocess.run([program, "-layout", file, "-"], capture_output=True, check=True).stdout.decode()
    return " ".join(text.replace("\u00a0", " ").split())


# What it means


def test_the_answer_comes_first_and_says_why_there_is_less_from_2027(
    client: Client, plan: TransitionPlan, cast: Cast, county: County
) -> None:
    client.force_login(cast.carrier_lead)
    page = main_of(client.get(page_of(county.carrier_a, plan)))
    assert "Warum bekommen wir ab 2027 weniger?" in page
    assert (
        "Weil Sie nach der neuen Verteilungsquote weniger bekommen als bisher und der Ausgleich dafür Jahr für Jahr "
        "sinkt. 2026 bekommen Sie 262.000,00 €, genauso viel wie bisher. Weniger als im Jahr davor ist es jedes Jahr "
        "von 2027 bis 2030. 2030 sind es 227.952,18 €, 34.047,82 € (13,0 %) weniger als bisher." in page
    )
    for words in (
        "davon Ausgleich 25.535,86 €",
        "9.694 Personen",
        "Belastungsfaktor 1,28",
        "Am meisten hebt den Betrag „Arbeitslose je 1.000“ (+38.018,91 €)",
        "Letzter Tag für eine Kündigung zum 31.12.2026 ist der 30.06.2026.",
        "Das ist ein Vorschlag. Entschieden ist noch nichts.",
    ):
        assert words in page, words


def test_who_loses_nothing_reads_no(distribution: AdoptedDistribution, cast: Cast, county: County) -> None:
    gainer = Carrier.objects.create(name="Träger G")
    OfficeContract.objects.create(
        office=county.offices["Gellersen"], carrier=gainer, legal_ground="77", valid_from=dt.date(2020, 1, 1)
    )
    meaning = meaning_for(gainer, load(put_forward(distribution, cast.planning)), today=TODAY)
    assert meaning.question == "Bekommen wir weniger?"
    assert meaning.answer.replace("\u00a0", " ") == (
        "Nein, in keinem Jahr weniger als im Jahr davor. 2026 bekommen Sie 232.991,35 €, 36.991,35 € (18,9 %) mehr als "
        "bisher. 2030 sind es 232.991,35 €, 36.991,35 € (18,9 %) mehr als bisher."
    )
    assert "Einen Ausgleich brauchen Sie nicht" in meaning.reasons[-1]
    assert meaning.dates == []


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"quota_on": "with_increase"}, "Von Ihrer Quote geht ein Teil in den Ausgleich für andere: jedes Jahr von"),
        ({"rest": "all_spaces"}, "Zu Ihrer Quote kommt ein Teil vom Rest der Erhöhung: jedes Jahr von 2026 bis 2030"),
    ],
)
def test_a_carrier_reads_what_it_gives_for_others_and_gets_of_the_rest(
    distribution: AdoptedDistribution, cast: Cast, county: County, answers: dict[str, str], words: str
) -> None:
    gainer = Carrier.objects.create(name="Träger G")
    OfficeContract.objects.create(
        office=county.offices["Gellersen"], carrier=gainer, legal_ground="77", valid_from=dt.date(2020, 1, 1)
    )
    meaning = meaning_for(gainer, load(put_forward(distribution, cast.planning, **answers)), today=TODAY)
    assert words in meaning.reasons[-1]
    for year, one in zip(meaning.transition.years, meaning.sums, strict=True):
        row = year.by_key[county.spaces["Gellersen"].key]
        assert (one.given, one.from_rest) == (row.given, row.from_rest)
        assert one.given or one.from_rest


@pytest.mark.parametrize(
    ("kind", "question", "because"),
    [
        ("at_once", "Warum bekommen wir ab 2026 weniger?", "Weil Sie nach der neuen Verteilungsquote weniger bekommen"),
        ("convergence", "Warum bekommen wir ab 2026 weniger?", "Weil Ihr Anteil nach der neuen Verteilungsquote"),
    ],
)
def test_every_kind_of_transition_is_explained(
    distribution: AdoptedDistribution, cast: Cast, county: County, kind: str, question: str, because: str
) -> None:
    plan = load(put_forward(distribution, cast.planning, kind=kind))
    meaning = meaning_for(county.carrier_a, plan, today=TODAY)
    assert meaning.question == question
    assert meaning.answer.startswith(because)
    assert len(meaning.reasons) == 2


def test_a_plan_on_a_proposal_is_explained_as_well(proposal: DistributionModel, cast: Cast, county: County) -> None:
    meaning = meaning_for(county.carrier_a, load(put_forward(proposal, cast.planning)), today=TODAY)
    assert "Belastungsfaktor 1,28" in meaning.reasons[0].replace("\u00a0", " ")
    assert "Am meisten hebt" in meaning.reasons[0]


def test_reasons_that_no_longer_hold_are_left_out(proposal: DistributionModel, cast: Cast, county: County) -> None:
    source = source_of(proposal)
    spaces = to_start_with(source).inputs(source).spaces
    plan = load(put_forward(proposal, cast.planning, spaces=tuple(replace(one, need=one.need + 1) for one in spaces)))
    meaning = meaning_for(county.carrier_a, plan, today=TODAY)
    assert meaning.quota is None
    assert "Belastungsfaktor" not in meaning.reasons[0]
    assert meaning.sums[-1].amount == Decimal("227952.18")


def test_two_offices_in_one_space_keep_their_amounts_apart(
    distribution: AdoptedDistribution, cast: Cast, county: County
) -> None:
    source = source_of(distribution)
    inputs = to_start_with(source).inputs(source)
    bleckede, other = county.offices["Bleckede"], county.offices["Adendorf"]
    offices = (
        FrozenOffice(id=bleckede.pk, name=bleckede.name, share_percent=Decimal(75)),
        FrozenOffice(id=other.pk, name=other.name, share_percent=Decimal(25)),
    )
    spaces = tuple(replace(space, offices=offices if space.name == "Bleckede" else ()) for space in inputs.spaces)
    plan = put_forward(distribution, cast.planning, spaces=spaces)
    meaning = meaning_for(county.carrier_a, load(plan), today=TODAY)
    (office,) = meaning.offices
    assert [one.amount for one in office.years if one][:2] == [Decimal("196500.00"), Decimal("190116.03")]
    told = " ".join([meaning.answer, *meaning.reasons]).replace("\u00a0", " ")
    assert "Am meisten hebt den Betrag „Arbeitslose je 1.000“, verglichen" in told
    assert not any(amount in told for amount in ("262.000", "227.952", "65.500", "56.988"))


def test_after_a_change_of_carrier_each_sees_its_own_years(
    distribution: AdoptedDistribution, cast: Cast, county: County
) -> None:
    OfficeContract.objects.filter(pk=county.contract_a.pk).update(valid_to=dt.date(2027, 12, 31))
    OfficeContract.objects.create(
        office=county.offices["Bleckede"], carrier=county.carrier_b, legal_ground="77", valid_from=dt.date(2028, 1, 1)
    )
    plan = load(put_forward(distribution, cast.planning))
    before = meaning_for(county.carrier_a, plan, today=TODAY)
    after = meaning_for(county.carrier_b, plan, today=TODAY)
    assert [one.year if one else None for one in before.offices[0].years] == [2026, 2027, None, None, None]
    taken_over = next(office for office in after.offices if "Bleckede" in office.name)
    assert [one.year if one else None for one in taken_over.years] == [None, None, 2028, 2029, 2030]
    assert taken_over.old is None
    assert next(one for one in taken_over.years if one).change is None
    assert "Ihr Vertrag endet am 31.12.2027" in " ".join(sentence for sentence, _ in before.dates)
    # The step into the first own year says what another had before.
    assert all(change.cut.year != 2028 for change in after.changes if "Bleckede" in change.office)


def test_who_gives_an_office_up_reads_that_first_and_not_that_nothing_changes(
    distribution: AdoptedDistribution, cast: Cast, county: County
) -> None:
    OfficeContract.objects.filter(pk=county.contract_a.pk).update(valid_to=dt.date(2027, 6, 30))
    OfficeContract.objects.create(
        office=county.offices["Bleckede"], carrier=county.carrier_b, legal_ground="77", valid_from=dt.date(2027, 7, 1)
    )
    meaning = meaning_for(county.carrier_a, load(put_forward(distribution, cast.planning)), today=TODAY)
    name = county.offices["Bleckede"].name
    assert meaning.answer.startswith(
        f"Nein, in keinem der Jahre, für die hier Beträge stehen. Ihr Vertrag für {name} endet am 30.06.2027."
    )
    assert f"{name}: Ihr Vertrag endet am 30.06.2027. Beträge stehen hier bis 2026." in dict(meaning.dates)


def test_a_draft_that_came_too_late_says_so(client: Client, plan: TransitionPlan, cast: Cast, county: County) -> None:
    save_statement(plan=plan, carrier=county.carrier_a, text="Entwurf.", actor=cast.carrier_lead)
    withdraw_transition(plan=plan, reason="Neu", actor=cast.planning)
    client.force_login(cast.carrier_lead)
    assert "Nicht abgegeben und nicht mehr möglich" in text_of(client.get(page_of(county.carrier_a, plan)))
    answer = client.get(page_of(county.carrier_a, plan, "stellungnahme/abgeben/"), follow=True)
    assert "Es gibt keinen Entwurf, der abzugeben wäre." in text_of(answer)


# Nobody else's


@pytest.fixture
def addresses(plan: TransitionPlan, county: County) -> Callable[[Carrier], list[str]]:
    rests = ("", "?format=xlsx", "brief/", "stellungnahme/", "stellungnahme/abgeben/")
    return lambda carrier: [page_of(carrier, plan, rest) for rest in rests]


def test_a_carrier_opens_no_page_of_another(
    client: Client, cast: Cast, county: County, addresses: Callable[[Carrier], list[str]]
) -> None:
    for person in (cast.carrier_lead, cast.carrier_staff):
        client.force_login(person)
        assert {client.get(url).status_code for url in addresses(county.carrier_b)} == {404}
        assert {client.post(url, {"text": "X"}).status_code for url in addresses(county.carrier_b)} <= {404, 405}
    assert not CarrierStatement.objects.exists()


@pytest.mark.parametrize(
    "person", ["coordination", "board_reader", "municipality", "case_steering", "system", "nobody"]
)
def test_others_open_no_page_of_a_carrier(
    client: Client, cast: Cast, county: County, addresses: Callable[[Carrier], list[str]], person: str
) -> None:
    client.force_login(getattr(cast, person))
    assert {client.get(url).status_code for url in addresses(county.carrier_a)} == {404}


def test_no_figure_of_another_carrier_stands_on_the_own_page_its_letter_or_its_workbook(
    client: Client, plan: TransitionPlan, cast: Cast, county: County, tmp_path: Path
) -> None:
    client.force_login(cast.carrier_lead)
    page = main_of(client.get(page_of(county.carrier_a, plan)))
    letter = pdf_text(client.get(page_of(county.carrier_a, plan, "brief/")).content, tmp_path)
    book = openpyxl.load_workbook(io.BytesIO(client.get(page_of(county.carrier_a, plan, "?format=xlsx")).content))
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    assert "262000" in " ".join(cells)
    for foreign in FOREIGN:
        assert foreign not in page
        assert foreign not in letter
        assert not any(foreign.replace(".", "") in cell for cell in cells), foreign


def test_a_carrier_sees_a_plan_only_once_it_is_shown(
    client: Client, distribution: AdoptedDistribution, cast: Cast, county: County
) -> None:
    plan = put_forward(distribution, cast.planning)
    client.force_login(cast.carrier_lead)
    assert client.get(page_of(county.carrier_a, plan)).status_code == 404
    client.force_login(cast.planning)
    assert "Der Träger sieht diese Seite noch nicht." in text_of(client.get(page_of(county.carrier_a, plan)))
    show_to_carriers(plan=plan, actor=cast.planning)
    client.force_login(cast.carrier_staff)
    assert client.get(page_of(county.carrier_a, plan)).status_code == 200


def test_an_adopted_plan_is_explained_although_it_was_not_shown(
    client: Client, distribution: AdoptedDistribution, cast: Cast, county: County
) -> None:
    plan = put_forward(distribution, cast.planning)
    adopt_transition(plan=plan, basis=LegalBasis.objects.get(), actor=cast.head)
    client.force_login(cast.carrier_lead)
    page = main_of(client.get(page_of(county.carrier_a, plan)))
    assert "Der Übergang ist festgelegt: Beschluss 2025/124" in page
    assert "Stellungnahme schreiben" not in page


def test_the_first_page_of_a_carrier_leads_to_what_it_means(
    client: Client, plan: TransitionPlan, cast: Cast, county: County
) -> None:
    client.force_login(cast.carrier_staff)
    page = text_of(client.get("/"))
    assert "Was heißt „Abschmelzung“ für uns?" in page
    assert page_of(county.carrier_a, plan) in page
    assert page_of(county.carrier_b, plan) not in page
    client.force_login(cast.planning)
    assert "für uns?" not in text_of(client.get("/"))


def test_the_queries_of_the_page_are_few(client: Client, plan: TransitionPlan, cast: Cast, county: County) -> None:
    client.force_login(cast.carrier_lead)
    client.get(page_of(county.carrier_a, plan))
    with CaptureQueriesContext(connection) as queries:
        client.get(page_of(county.carrier_a, plan))
    assert len(queries) <= 9, [query["sql"][:100] for query in queries]


# The letter


def test_the_letter_says_the_same_and_has_the_same_bytes_every_time(
    plan: TransitionPlan, county: County, tmp_path: Path
) -> None:
    Carrier.objects.filter(pk=county.carrier_a.pk).update(street="Musterweg 1", town="21335 Musterstadt")
    carrier = Carrier.objects.get(pk=county.carrier_a.pk)
    meaning = meaning_for(carrier, load(plan), today=TODAY)
    letter = render_letter(meaning)
    assert render_letter(meaning_for(carrier, load(plan), today=dt.date(2027, 5, 1))) == letter
    text = pdf_text(letter, tmp_path)
    for words in (
        "Musterweg 1",
        "21335 Musterstadt",
        "Warum bekommen Sie ab 2027 weniger?",
        "253.488,04 €",
        "Seite 1 von",
    ):
        assert words in text
    assert "ENTWURF" not in text


def test_the_letter_is_tagged_and_carries_its_amounts(plan: TransitionPlan, county: County) -> None:
    with pikepdf.open(io.BytesIO(render_letter(meaning_for(county.carrier_a, load(plan), today=TODAY)))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "de"
        assert b'pdfuaid:part="1"' in pdf.Root.Metadata.read_bytes()
        assert list(pdf.attachments) == ["betraege.xlsx"]


def test_a_letter_about_a_plan_that_is_not_shown_is_a_draft(
    distribution: AdoptedDistribution, cast: Cast, county: County, tmp_path: Path
) -> None:
    plan = load(put_forward(distribution, cast.planning))
    assert "ENTWURF" in pdf_text(render_letter(meaning_for(county.carrier_a, plan, today=TODAY)), tmp_path)


# Statements


def test_staff_write_the_lead_hands_in_and_then_it_is_fixed(
    client: Client, plan: TransitionPlan, cast: Cast, county: County
) -> None:
    client.force_login(cast.carrier_staff)
    write, submit = (page_of(county.carrier_a, plan, rest) for rest in ("stellungnahme/", "stellungnahme/abgeben/"))
    client.post(write, {"text": "Das trifft uns hart."})
    assert CarrierStatement.objects.get().text == "Das trifft uns hart."
    assert client.get(submit).status_code == 403
    assert client.post(submit).status_code == 403
    client.force_login(cast.carrier_lead)
    assert "Sie lässt sich nicht mehr ändern" in text_of(client.get(submit))
    assert CarrierStatement.objects.get().is_draft
    seen = {"seen": client.get(submit).context["form"]["seen"].value()}
    save_statement(plan=plan, carrier=county.carrier_a, text="Das trifft uns nicht.", actor=cast.carrier_staff)
    assert "Der Entwurf wurde inzwischen geändert." in text_of(client.post(submit, seen, follow=True))
    assert CarrierStatement.objects.get().is_draft
    save_statement(plan=plan, carrier=county.carrier_a, text="Das trifft uns hart.", actor=cast.carrier_staff)
    assert "Die Stellungnahme ist abgegeben." in text_of(client.post(submit, seen, follow=True))
    assert not CarrierStatement.objects.get().is_draft
    client.post(write, {"text": "Doch nicht."})
    assert CarrierStatement.objects.get().text == "Das trifft uns hart."
    with pytest.raises(DomainError, match="abgegeben und ändert sich nicht mehr"):
        save_statement(plan=plan, carrier=county.carrier_a, text="Anders", actor=cast.carrier_lead)
    with pytest.raises(DatabaseError), transaction.atomic():
        CarrierStatement.objects.update(text="Anders")


def test_an_empty_statement_is_refused_in_german(
    client: Client, plan: TransitionPlan, cast: Cast, county: County
) -> None:
    client.force_login(cast.carrier_lead)
    response = client.post(page_of(county.carrier_a, plan, "stellungnahme/"), {"text": " "})
    assert "Dieses Feld ist zwingend erforderlich." in text_of(response) or "ausfüllen" in text_of(response)
    assert not CarrierStatement.objects.exists()


def test_the_county_reads_what_was_handed_in_and_no_draft(
    client: Client, plan: TransitionPlan, cast: Cast, county: County
) -> None:
    save_statement(plan=plan, carrier=county.carrier_a, text="Noch geheim.", actor=cast.carrier_lead)
    overview = f"/verteilung/uebergang/{plan.pk}/traeger/"
    client.force_login(cast.planning)
    for url in (overview, page_of(county.carrier_a, plan)):
        assert "Noch geheim." not in text_of(client.get(url))
    submit_statement(plan=plan, carrier=county.carrier_a, actor=cast.carrier_lead)
    for url in (overview, page_of(county.carrier_a, plan)):
        assert "Noch geheim." in text_of(client.get(url))
    client.force_login(cast.carrier_lead_b)
    assert "Noch geheim." not in text_of(client.get(page_of(county.carrier_b, plan)))
    assert client.get(overview).status_code == 403


def test_the_county_writes_no_statement_for_a_carrier(plan: TransitionPlan, cast: Cast, county: County) -> None:
    for person in (cast.planning, cast.head, cast.carrier_lead_b):
        with pytest.raises(NotAllowed):
            save_statement(plan=plan, carrier=county.carrier_a, text="X", actor=person)
    with pytest.raises(NotAllowed, match="Leitung"):
        submit_statement(plan=plan, carrier=county.carrier_a, actor=cast.carrier_staff)


def test_statements_belong_to_a_proposal_that_was_shown(
    distribution: AdoptedDistribution, plan: TransitionPlan, cast: Cast, county: County
) -> None:
    unseen = put_forward(distribution, cast.finance)
    withdraw_transition(plan=plan, reason="Neu", actor=cast.planning)
    for one in (unseen, plan):
        with pytest.raises(DomainError, match="keine Stellungnahme möglich"):
            save_statement(plan=one, carrier=county.carrier_a, text="X", actor=cast.carrier_lead)


def test_what_somebody_else_wrote_meanwhile_is_said(
    client: Client, plan: TransitionPlan, cast: Cast, county: County
) -> None:
    write = page_of(county.carrier_a, plan, "stellungnahme/")
    save_statement(plan=plan, carrier=county.carrier_a, text="Erster Entwurf", actor=cast.carrier_staff)
    client.force_login(cast.carrier_lead)
    seen = client.get(write).context["form"]["seen"].value()
    save_statement(plan=plan, carrier=county.carrier_a, text="Zweiter Entwurf", actor=cast.carrier_staff)
    response = client.post(write, {"text": "Meiner", "seen": seen})
    assert "Inzwischen geändert: Stellungnahme (jetzt: „Zweiter Entwurf“)" in text_of(response)
    assert CarrierStatement.objects.get().text == "Zweiter Entwurf"


def test_the_log_names_no_freelancer(plan: TransitionPlan, cast: Cast, county: County) -> None:
    Carrier.objects.filter(pk=county.carrier_a.pk).update(kind=CarrierKind.FREELANCER, name="Vorname Nachname")
    carrier = Carrier.objects.get(pk=county.carrier_a.pk)
    save_statement(plan=plan, carrier=carrier, text="X", actor=cast.carrier_lead)
    assert "Nachname" not in str(Entry.objects.filter(action="statements.save").values())


def test_verify_finds_a_statement_that_was_changed(plan: TransitionPlan, cast: Cast, county: County) -> None:
    save_statement(plan=plan, carrier=county.carrier_a, text="Ja.", actor=cast.carrier_lead)
    statement = submit_statement(plan=plan, carrier=county.carrier_a, actor=cast.carrier_lead)
    assert list(verify_statements()) == []
    with factories.as_if_always_so():
        CarrierStatement.objects.filter(pk=statement.pk).update(text="Nein.")
    assert "ein anderer Text" in " ".join(verify_statements())


# Printed with the paper


@pytest.fixture
def paper(distribution: AdoptedDistribution, plan: TransitionPlan, write: Callable[..., Paper]) -> Paper:
    return write(distribution=distribution, transition=plan)


def test_the_paper_prints_the_transition_and_what_carriers_say(
    paper: Paper, plan: TransitionPlan, cast: Cast, county: County, tmp_path: Path
) -> None:
    save_statement(plan=plan, carrier=county.carrier_a, text="Wir bitten um mehr Zeit.", actor=cast.carrier_lead)
    save_statement(plan=plan, carrier=county.carrier_b, text="Nur ein Entwurf.", actor=cast.carrier_lead_b)
    submit_statement(plan=plan, carrier=county.carrier_a, actor=cast.carrier_lead)
    text = pdf_text(render_report(paper, figures_of(paper)), tmp_path)
    for words in (
        "Jahr für Jahr",
        "317.954,69 €",
        "39.853,34 €",
        "85.973,93 €",
        "Wir bitten um mehr Zeit.",
        "Träger A",
    ):
        assert words in text, words
    assert "Nur ein Entwurf." not in text
    told = dict(summary(paper, figures_of(paper)))["Wie ist der Übergang?"]
    assert told.startswith("Vorgeschlagen: Ausgleich und Abschmelzung bis 2030.")


def test_an_issued_paper_keeps_the_transition_and_the_statements_of_its_day(
    paper: Paper, plan: TransitionPlan, cast: Cast, county: County
) -> None:
    issue = issue_paper(paper=paper, actor=cast.head)
    save_statement(plan=plan, carrier=county.carrier_a, text="Zu spät.", actor=cast.carrier_lead)
    submit_statement(plan=plan, carrier=county.carrier_a, actor=cast.carrier_lead)
    kept = from_json(Figures, issue.figures)
    assert kept.transition is not None
    assert kept.transition.statements == ()
    assert kept.transition.inputs.results().years[1].released == Decimal("29256.53")
    assert to_json(kept) == issue.figures
    assert list(verify_papers()) == []


def test_a_paper_without_a_transition_has_the_same_figures_as_before(draft: Paper) -> None:
    assert '"transition"' not in to_json(figures_of(draft))


def test_the_workbook_of_the_paper_has_every_year(paper: Paper) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(figures_of(paper), name="Bericht", date=paper.date)))
    assert {"Übergang", "Jahre", "Wer zahlt für wen"} <= {*book.sheetnames}


def test_a_paper_shows_a_transition_of_its_own_year(
    client: Client, paper: Paper, plan: TransitionPlan, cast: Cast
) -> None:
    client.force_login(cast.planning)
    page = text_of(client.get(f"/berichte/{paper.pk}/bearbeiten/"))
    assert "Abschmelzung, ab 2026 (vorgeschlagen)" in page
    assert "Abschmelzung" in text_of(client.get(f"/berichte/{paper.pk}/"))


def test_a_transition_of_another_year_is_refused(
    distribution: AdoptedDistribution, plan: TransitionPlan, write: Callable[..., Paper]
) -> None:
    with factories.as_if_always_so():
        TransitionPlan.objects.filter(pk=plan.pk).update(year=factories.make_year(2031))
    plan.refresh_from_db()
    with pytest.raises(DomainError, match="zu einem anderen Haushaltsjahr"):
        write(distribution=distribution, transition=plan)


def test_a_freelancer_is_not_named_in_a_paper(paper: Paper, plan: TransitionPlan, cast: Cast, county: County) -> None:
    save_statement(plan=plan, carrier=county.carrier_a, text="Ja.", actor=cast.carrier_lead)
    submit_statement(plan=plan, carrier=county.carrier_a, actor=cast.carrier_lead)
    Carrier.objects.filter(pk=county.carrier_a.pk).update(kind=CarrierKind.FREELANCER, name="Vorname Nachname")
    transition = figures_of(paper).transition
    assert transition is not None
    assert [one.carrier for one in transition.statements] == ["freiberuflich tätige Person"]
