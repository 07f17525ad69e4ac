import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from jugendhilfe.accounts.models import User
from jugendhilfe.audit.models import Entry, SourceFile
from jugendhilfe.audit.services import keep_file
from regions.models import RoleAssignment
from regions.roles import Role
from tests.conftest import Cast, County
from tests.factories import make_user


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def test_an_invited_person_sets_a_password_by_a_link_that_works_once(client: Client, cast: Cast) -> None:
    page = signed_in(client, cast.system).post(
        reverse("regions:person_invite"),
        {"email": "Neu@Example.org", "name": "Neue Planung", "organisation": "Fachdienst"},
    )
    link = re.search(r"http://testserver(/passwort/neu/[^<\s]+)", page.content.decode())
    assert link is not None
    assert link[1] in mail.outbox[0].body
    assert mail.outbox[0].subject == "Einladung zu Sozialraumbudget"
    guest = Client()
    form = guest.get(link[1], follow=True)
    assert "Passwort festlegen" in form.content.decode()
    done = guest.post(
        form.request["PATH_INFO"],
        {"password1": "ein-langes-Wort-2026", "password2": "ein-langes-Wort-2026"},
        follow=True,
    )
    assert "Passwort gespeichert" in done.content.decode()
    assert User.objects.get(email="neu@example.org").check_password("ein-langes-Wort-2026")
    assert "gilt nicht mehr" in Client().get(link[1], follow=True).content.decode()


def test_an_address_is_invited_once(client: Client, cast: Cast) -> None:
    data = {"email": cast.planning.email.upper(), "name": "Doppelt", "organisation": ""}
    page = signed_in(client, cast.system).post(reverse("regions:person_invite"), data)
    assert "hat schon ein Konto" in page.content.decode()


def test_sign_in_works_with_the_password_and_says_german_words_otherwise(client: Client, cast: Cast) -> None:
    make_user("Anmeldung", email="anmeldung@example.org", password="richtig-und-lang")
    wrong = client.post(reverse("account_login"), {"login": "anmeldung@example.org", "password": "falsch"})
    assert "nicht korrekt" in wrong.content.decode() or "falsch" in wrong.content.decode()
    right = client.post(reverse("account_login"), {"login": "anmeldung@example.org", "password": "richtig-und-lang"})
    assert right.status_code == 302
    assert client.get(reverse("account")).status_code == 200


def test_nobody_signs_up(client: Client, db: None) -> None:
    assert client.get("/signup/").status_code == 404
    assert client.get("/accounts/signup/").status_code == 404


def test_a_one_time_code_signs_in_by_e_mail(client: Client, cast: Cast) -> None:
    client.post(reverse("account_request_login_code"), {"email": cast.board_reader.email})
    code = re.search(r"^([A-Z0-9-]{6,9})$", str(mail.outbox[0].body), re.MULTILINE)
    assert code is not None
    answer = client.post(reverse("account_confirm_login_code"), {"code": code[1]})
    assert answer.status_code == 302
    assert client.get(reverse("account")).status_code == 200


def test_granting_asks_for_what_the_role_is_for(client: Client, cast: Cast, county: County) -> None:
    url = reverse("regions:role_grant", args=[cast.nobody.pk])
    data = {"role": Role.COORDINATION, "valid_from": "2026-01-01", "reason": "Vertretung"}
    page = signed_in(client, cast.system).post(url, data)
    assert "bitte auswählen" in page.content.decode()
    page = client.post(url, {**data, "region": county.regions[1].pk, "space": county.spaces["Dahlenburg"].pk})
    assert "bitte leer lassen" in page.content.decode()
    assert client.post(url, {**data, "region": county.regions[1].pk}).status_code == 302
    assert RoleAssignment.objects.get(user=cast.nobody).region == county.regions[1]


def test_a_waiting_role_is_confirmed_by_somebody_else_on_the_page(client: Client, cast: Cast) -> None:
    data = {"role": Role.AUDIT, "valid_from": "2026-01-01", "reason": "Nachfolge"}
    signed_in(client, cast.system).post(reverse("regions:role_grant", args=[cast.nobody.pk]), data)
    assignment = RoleAssignment.objects.get(user=cast.nobody)
    url = reverse("regions:role_confirm", args=[assignment.pk])
    for page in (reverse("regions:person_list"), reverse("regions:person_detail", args=[cast.nobody.pk])):
        assert url not in client.get(page).content.decode()
        assert url in signed_in(Client(), cast.head).get(page).content.decode()
    refused = client.post(url, follow=True)
    assert "andere Person" in refused.content.decode()
    assert Entry.objects.filter(action="refused", data__rule="FourEyesRequired").exists()
    signed_in(client, cast.head).post(url)
    assignment.refresh_from_db()
    assert assignment.confirmed_by == cast.head


def test_withdrawing_needs_a_reason(client: Client, cast: Cast) -> None:
    assignment = RoleAssignment.objects.get(user=cast.planning)
    url = reverse("regions:role_withdraw", args=[assignment.pk])
    assert signed_in(client, cast.system).post(url, {"reason": ""}).status_code == 200
    client.post(url, {"reason": "Wechsel"})
    assignment.refresh_from_db()
    assert assignment.withdrawn_by == cast.system


def test_a_closed_account_cannot_sign_in_and_keeps_its_record(client: Client, cast: Cast) -> None:
    user = make_user("Geht", email="geht@example.org", password="richtig-und-lang")
    signed_in(client, cast.system).post(reverse("regions:person_close", args=[user.pk]), {"reason": "ausgeschieden"})
    guest = Client()
    guest.post(reverse("account_login"), {"login": "geht@example.org", "password": "richtig-und-lang"})
    assert guest.get(reverse("account")).status_code == 302
    assert Entry.objects.filter(action="users.close", object_id=str(user.pk)).exists()


def test_the_audit_log_filters_and_is_exported(client: Client, cast: Cast) -> None:
    signed_in(client, cast.system).post(
        reverse("regions:person_invite"), {"email": "x@example.org", "name": "X", "organisation": ""}
    )
    page = signed_in(client, cast.audit).get(reverse("regions:audit_list"), {"vorgang": "users.invite"})
    assert "Konto angelegt und eingeladen" in page.content.decode()
    csv = client.get(reverse("regions:audit_list"), {"vorgang": "users.invite", "format": "csv"})
    assert csv.content.decode("utf-8-sig").count("Konto angelegt") == 1


def test_a_source_file_is_handed_out_as_a_download_to_those_who_see_drafts(client: Client, cast: Cast) -> None:
    file: SourceFile = keep_file(name="<b>.html", content=b"<script>", actor=cast.planning)
    url = reverse("regions:source_file", args=[file.sha256])
    answer = signed_in(client, cast.planning).get(url)
    assert answer.content == b"<script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert signed_in(client, cast.carrier_lead).get(url).status_code == 403


@pytest.mark.parametrize("name", ["person_list", "person_invite", "role_matrix", "audit_list"])
def test_the_pages_about_people_are_closed_to_others(client: Client, cast: Cast, name: str) -> None:
    assert signed_in(client, cast.planning).get(reverse(f"regions:{name}")).status_code == 403


def test_the_list_of_people_costs_the_same_queries_for_many(
    client: Client, cast: Cast, django_assert_max_num_queries: object
) -> None:
    for number in range(20):
        make_user(f"Person {number}")
    signed_in(client, cast.system).get(reverse("account"))
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        assert client.get(reverse("regions:person_list")).status_code == 200
