"""Attacks that were tried on the whole, kept as tests: each was possible once, or would be the first one to try."""

import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jugendhilfe.accounts.models import User
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.errors import DomainError
from jugendhilfe.lib.uploads import LARGEST_REQUEST
from regions.access import grant, withdraw
from regions.models import RoleAssignment
from regions.roles import Role
from regions.services.people import close_account, invite
from tests.conftest import Cast, County
from tests.factories import make_indicators, make_user
from tests.indicators.test_frozen import second_after

pytestmark = pytest.mark.django_db


def test_the_administration_makes_no_link_into_an_account_in_use(client: Client, cast: Cast) -> None:
    head = make_user("Leitung mit Passwort", email="in-gebrauch@example.org", password="richtig-und-lang")
    client.force_login(cast.system)
    answer = client.post(reverse("regions:person_renew", args=[head.pk]))
    assert answer.status_code == 409
    assert "/passwort/neu/" not in answer.content.decode()
    assert not mail.outbox
    assert User.objects.get(pk=head.pk).check_password("richtig-und-lang")


def test_a_button_pressed_twice_does_not_open_the_account_again(client: Client, cast: Cast) -> None:
    url = reverse("regions:person_close", args=[cast.planning.pk])
    client.force_login(cast.system)
    step = re.search(r'name="step" value="(\w+)"', client.get(url).content.decode())
    assert step is not None
    for _ in range(2):
        client.post(url, {"reason": "ausgeschieden", "step": step[1]})
    cast.planning.refresh_from_db()
    assert not cast.planning.is_active
    assert not Entry.objects.filter(action="users.reopen").exists()


def test_an_indicator_put_aside_twice_stays_aside(client: Client, cast: Cast, county: County) -> None:
    indicator = make_indicators(county.spaces)["employment"]
    url = reverse("indicators:indicator_archive", args=[indicator.pk])
    client.force_login(cast.planning)
    step = re.search(r'name="step" value="(\w+)"', client.get(url).content.decode())
    for _ in range(2):
        client.post(url, {"reason": "nicht mehr erhoben", "step": step[1] if step else ""})
    indicator.refresh_from_db()
    assert indicator.is_archived


@pytest.mark.django_db(transaction=True)
def test_of_two_who_send_the_same_at_once_the_second_is_told(client: Client, cast: Cast) -> None:
    client.force_login(cast.system)
    data = {"email": "neu@example.org", "name": "Neu", "organisation": ""}
    answers = []
    second_after(
        lambda: invite(**data, actor=cast.system),
        lambda: answers.append(client.post(reverse("regions:person_invite"), data)),
    )
    # By the database, or already by the form where the first was quick.
    sentence = {409: "schon gespeichert", 200: "hat schon ein Konto"}[answers[0].status_code]
    assert sentence in answers[0].content.decode()
    assert User.objects.filter(email="neu@example.org").count() == 1


def test_a_report_has_no_more_rows_than_people_write(client: Client, cast: Cast) -> None:
    client.force_login(cast.planning)
    rows = {f"{part}-{name}_FORMS": "999999" for part in ("beratung", "sachlage") for name in ("TOTAL", "INITIAL")}
    page = client.post(reverse("committees:paper_write"), rows).content.decode()
    assert 0 < len(re.findall(r'name="beratung-\d+-body"', page)) <= 50


def test_an_open_session_ends_with_its_account_or_its_role(client: Client, cast: Cast) -> None:
    guest = Client()
    guest.force_login(cast.planning)
    client.force_login(cast.system)
    assert guest.get(reverse("indicators:release_upload")).status_code == 200
    role = cast.planning.role_assignments.get()
    client.post(reverse("regions:role_withdraw", args=[role.pk]), {"reason": "Wechsel"})
    assert guest.get(reverse("indicators:release_upload")).status_code == 403
    client.post(reverse("regions:person_close", args=[cast.planning.pk]), {"reason": "ausgeschieden"})
    assert guest.get(reverse("account")).status_code == 302


def test_a_foreign_host_is_a_bad_request_and_no_fault_of_ours(client: Client) -> None:
    client.raise_request_exception = False
    answer = client.get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "Anfrage nicht verstanden" in answer.content.decode()


def test_the_address_of_a_button_says_that_there_is_nothing_to_see(client: Client, cast: Cast) -> None:
    client.force_login(cast.planning)
    answer = client.get(reverse("committees:scenario_archive", args=[1]))
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "Gespeichert wurde nichts" in answer.content.decode()


def test_an_address_with_a_line_break_writes_one_line_of_the_log(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="jugendhilfe.security"):
        client.get("/nix%0Adenied 403 / user=1%1b[2J")
    lines = [entry.getMessage() for entry in caplog.records if entry.name == "jugendhilfe.security"]
    assert len(lines) == 1
    assert lines[0].isprintable()


def test_a_request_of_any_size_is_turned_away_before_it_fills_the_disk(client: Client, cast: Cast) -> None:
    client.raise_request_exception = False
    huge = SimpleUploadedFile("huge.csv", b"x" * (LARGEST_REQUEST + 1))
    assert client.post(reverse("account_login"), {"login": huge}).status_code == 400
    client.force_login(cast.planning)
    too_big = SimpleUploadedFile("big.csv", b"x" * (11 << 20))
    answer = client.post(reverse("regions:space_upload"), {"file": too_big})
    assert "größer als 10 MB" in answer.content.decode()


def test_too_many_attempts_are_answered_in_german(client: Client) -> None:
    cache.clear()
    for number in range(21):
        answer = client.post(reverse("account_reset_password"), {"email": f"{number}@example.org"})
    assert answer.status_code == 429
    assert "Zu viele Versuche" in answer.content.decode()


def test_entries_of_the_cache_do_not_push_each_other_out() -> None:
    from jugendhilfe import settings as product

    # Beyond its limit the cache forgets any third of its entries: counted attempts, and tables waiting to be checked.
    assert product.CACHES["default"]["OPTIONS"]["MAX_ENTRIES"] >= 100_000


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(client: Client, address: str) -> None:
    cache.clear()
    make_user("Anmeldung", email="anmeldung@example.org", password="richtig-und-lang")
    data = {"login": "anmeldung@example.org", "password": "richtig-und-lang", "next": address}
    answer = client.post(f"{reverse('account_login')}?next={address}", data)
    assert answer.headers["Location"] == "/"


def test_a_form_without_its_token_is_refused_from_htmx_too(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.system)
    answer = client.post(
        reverse("regions:person_invite"), {"email": "x@example.org", "name": "X"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 403
    assert not User.objects.filter(email="x@example.org").exists()


def test_no_page_needs_what_its_security_policy_forbids() -> None:
    root = Path(settings.BASE_DIR, "templates")
    found = [
        f"{path.relative_to(root)}: {match[0]}"
        for path in sorted(root.rglob("*.html"))
        if "papers" not in path.parts
        for match in re.finditer(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?! src=)", path.read_text())
    ]
    assert found == []


def withdraw_system(who: User, actor: User) -> object:
    role = RoleAssignment.objects.get(user=who, role=Role.SYSTEM)
    return withdraw(assignment=role, actor=actor, reason="Streit")


def close(who: User, actor: User) -> object:
    return close_account(user=who, actor=actor, reason="Streit")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", [withdraw_system, close])
@pytest.mark.parametrize("second", [withdraw_system, close])
def test_two_administrators_who_turn_on_each_other_leave_one(
    cast: Cast, first: Callable[[User, User], object], second: Callable[[User, User], object]
) -> None:
    told = second_after(lambda: first(cast.system_2, cast.system), lambda: second(cast.system, cast.system_2))
    assert "Systemverwaltung" in told  # the last one stays, or who has been withdrawn withdraws nobody
    administrators = RoleAssignment.objects.filter(role=Role.SYSTEM, user__is_active=True)
    assert administrators.effective_on(timezone.localdate()).exists()


@pytest.mark.django_db(transaction=True)
def test_a_role_given_twice_at_once_is_refused_in_words(cast: Cast) -> None:
    def give() -> object:
        try:
            return grant(user=cast.nobody, role=Role.PLANNING, actor=cast.system, reason="Vertretung")
        except ValidationError as error:
            raise DomainError(" ".join(error.messages)) from error

    assert second_after(give, give) == "Diese Person hat diese Rolle in diesem Zeitraum schon."
