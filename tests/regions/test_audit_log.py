"""What the auditor finds in the log, and takes away."""

import csv
import datetime as dt
import io
import json

import pytest
from django.test import Client
from django.utils import timezone

from jugendhilfe.audit.models import ChainHead, Entry
from jugendhilfe.audit.services import record
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(client: Client, cast: Cast) -> Client:
    record(
        actor=cast.finance, action="years.change_totals", reason="Mehrbedarf", data={"before": "1.00", "after": "2.00"}
    )
    record(actor=cast.head, action="schemes.adopt", reason="JHA vom 28.01.2025")
    client.force_login(cast.audit)
    return client


def exported(client: Client, query: str) -> list[dict[str, str]]:
    content = client.get(f"/protokoll/?{query}&format=csv").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content), delimiter=";"))


def test_the_export_says_what_changed_from_what_to_what(auditor: Client) -> None:
    (row,) = exported(auditor, "vorgang=years.change_totals")
    assert (row["Vorgang"], row["Begründung"]) == ("Gesamtbeträge geändert", "Mehrbedarf")
    assert json.loads(row["Angaben"]) == {"before": "1.00", "after": "2.00"}


def test_the_export_has_the_filter_of_the_page(auditor: Client) -> None:
    assert [row["Vorgang"] for row in exported(auditor, "suche=28.01.2025")] == ["Gewichtungsschema festgelegt"]
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    assert exported(auditor, f"von={tomorrow:%d.%m.%Y}") == []
    assert "Mehrbedarf" not in auditor.get("/protokoll/?suche=28.01.2025").content.decode()


@pytest.mark.django_db(transaction=True)
def test_every_exported_entry_has_its_link_of_the_chain(auditor: Client) -> None:
    first = exported(auditor, "")
    assert all(len(row["Kettenglied"]) == 64 for row in first[1:])
    head = ChainHead.objects.get()
    assert exported(auditor, "")[1]["Kettenglied"] == head.fingerprint
    assert Entry.objects.first().text == "Protokoll ausgegeben"  # type: ignore[union-attr]


@pytest.mark.parametrize("person", ["planning", "finance", "coordination", "carrier_lead"])
def test_the_log_is_for_those_who_answer_for_it(client: Client, cast: Cast, person: str) -> None:
    client.force_login(getattr(cast, person))
    assert client.get("/protokoll/?format=csv").status_code == 403
    assert not Entry.objects.filter(action="audit.export").exists()
