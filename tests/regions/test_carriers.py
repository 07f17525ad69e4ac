"""Carriers: their names are public, those of freelancers are not."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jugendhilfe.audit.models import Entry
from regions.history import history_of
from regions.models import Carrier, CarrierKind
from tests.conftest import Cast, County


def get(client: Client, name: str, *args: object, **query: str) -> str:
    response = client.get(reverse(f"regions:{name}", args=args), query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.fixture
def freelancer(county: County) -> Carrier:
    """Runs the office of contract A now."""
    carrier = Carrier.objects.create(name="Freie Fachkraft", kind=CarrierKind.FREELANCER)
    county.contract_a.carrier = carrier
    county.contract_a.save()
    return carrier


def test_everybody_who_is_signed_in_sees_the_carriers(client: Client, cast: Cast) -> None:
    assert client.get(reverse("regions:carrier_list")).status_code == 302
    client.force_login(cast.nobody)
    assert "Träger B" in get(client, "carrier_list")


def test_a_freelancer_is_seen_by_the_county_alone(client: Client, cast: Cast, freelancer: Carrier) -> None:
    url = reverse("regions:carrier_detail", args=[freelancer.pk])
    for person in (cast.coordination, cast.carrier_lead_b, cast.municipality, cast.system, cast.nobody):
        client.force_login(person)
        assert "Freie Fachkraft" not in get(client, "carrier_list")
        assert "Freie Fachkraft" not in get(client, "carrier_list", format="csv")
        assert client.get(url).status_code == 404
    for person in (cast.planning, cast.finance, cast.head, cast.audit):
        client.force_login(person)
        assert "Freie Fachkraft" in get(client, "carrier_list")
        assert client.get(url).status_code == 200


def test_a_region_sees_the_contract_of_a_freelancer_without_the_name(
    client: Client, cast: Cast, county: County, freelancer: Carrier
) -> None:
    client.force_login(cast.coordination)
    for html in (
        get(client, "contract_list"),
        get(client, "contract_list", format="csv"),
        get(client, "contract_detail", county.contract_a.pk),
        get(client, "office_detail", county.offices["Bleckede"].pk),
    ):
        assert "Freie Fachkraft" not in html
    assert "freiberuflich tätige Person" in get(client, "contract_list")
    assert "Kein Vertrag passt" in get(client, "contract_list", suche="Fachkraft")


def test_the_log_names_a_freelancer_by_number_alone(client: Client, cast: Cast, freelancer: Carrier) -> None:
    client.force_login(cast.planning)
    url = reverse("regions:carrier_edit", args=[freelancer.pk])
    client.post(url, {"name": "Andere Fachkraft", "kind": "freelancer"})
    assert Entry.objects.get(action="carriers.change").object_label == f"Träger {freelancer.pk}"


def test_carriers_are_kept_by_planning_and_head_alone(client: Client, cast: Cast, county: County) -> None:
    pages = [reverse("regions:carrier_new"), reverse("regions:carrier_edit", args=[county.carrier_a.pk])]
    for person in (cast.finance, cast.audit, cast.carrier_lead, cast.coordination):
        client.force_login(person)
        assert [client.post(page, {"name": "X", "kind": "free"}).status_code for page in pages] == [403, 403]
    assert Carrier.objects.count() == 2
    client.force_login(cast.head)
    assert [client.get(page).status_code for page in pages] == [200, 200]


def test_a_carrier_is_entered_and_renamed(client: Client, cast: Cast) -> None:
    client.force_login(cast.planning)
    client.post(reverse("regions:carrier_new"), {"name": "Träger C", "kind": "public"})
    carrier = Carrier.objects.get(name="Träger C")
    client.post(reverse("regions:carrier_edit", args=[carrier.pk]), {"name": "Träger Z", "kind": "public"})
    newest, first = history_of(carrier)
    assert newest.changes == (("Name", "Träger C", "Träger Z"),)
    assert (first.text, first.changes) == ("Träger angelegt", ())


def test_a_name_is_given_once(client: Client, cast: Cast) -> None:
    client.force_login(cast.planning)
    html = client.post(reverse("regions:carrier_new"), {"name": "Träger A", "kind": "free"}).content.decode()
    assert "existiert bereits" in html


def test_carriers_are_found_by_name_and_kind(client: Client, cast: Cast, county: County) -> None:
    Carrier.objects.create(name="Samtgemeinde Dahlenburg", kind=CarrierKind.PUBLIC)
    client.force_login(cast.finance)
    rows = get(client, "carrier_list", art="public", format="csv").splitlines()
    assert [row.split(";")[0] for row in rows[1:]] == ["Samtgemeinde Dahlenburg"]
    assert "Kein Träger passt" in get(client, "carrier_list", suche="gibt es nicht")


def test_the_list_counts_the_offices_of_today(client: Client, cast: Cast, county: County) -> None:
    client.force_login(cast.finance)
    rows = get(client, "carrier_list", format="csv", sort="name").splitlines()
    assert [row.split(";")[-2:] for row in rows[1:]] == [["1", "Beispieldaten"]] * 2


def test_the_list_asks_as_many_questions_for_one_row_as_for_many(client: Client, cast: Cast) -> None:
    client.force_login(cast.planning)
    get(client, "carrier_list")  # the session is stored once
    with CaptureQueriesContext(connection) as few:
        get(client, "carrier_list")
    Carrier.objects.bulk_create(Carrier(name=f"Träger {number}") for number in range(20))
    with CaptureQueriesContext(connection) as many:
        get(client, "carrier_list")
    assert len(few) == len(many) <= 8
