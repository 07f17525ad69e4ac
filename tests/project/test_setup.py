"""Where a county begins: `setup` opens its first account, the demo stays out of what is in use."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from jugendhilfe.accounts.models import User
from regions.access import roles_of
from regions.models import SocialSpace
from regions.roles import Role


def run(command: str, /, **options: Any) -> str:
    out = StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


@pytest.mark.django_db
def test_the_demo_stays_away_from_a_county_that_has_begun() -> None:
    User.objects.create_user("jemand@example.org", name="Jemand")

    with pytest.raises(CommandError, match="leere Datenbank"):
        run("load_demo")
    assert not SocialSpace.objects.exists()


@pytest.mark.django_db
def test_the_demo_password_never_comes_into_a_real_database(settings: Any) -> None:
    settings.DATABASE_URL, settings.DEMO = "postgresql://app@localhost/county", False

    with pytest.raises(CommandError, match="SRB_DEMO=1"):
        run("load_demo")
    assert not User.objects.exists()


@pytest.mark.django_db
def test_setup_opens_the_first_administration_with_a_link_that_works(client: Client) -> None:
    said = run("setup", email="verwaltung@example.org", name="Systemverwaltung", base_url="https://jugend.example")

    user = User.objects.get()
    assert [row.role for row in roles_of(user)] == [Role.SYSTEM]
    assert not user.has_usable_password()
    link = next(word for word in said.split() if word.startswith("https://jugend.example/"))
    answer = client.get(link.removeprefix("https://jugend.example"), follow=True)
    assert answer.status_code == 200
    assert 'type="password"' in answer.text


@pytest.mark.django_db
def test_setup_refuses_when_there_is_an_administration() -> None:
    run("setup", email="verwaltung@example.org", name="Systemverwaltung")

    with pytest.raises(CommandError, match="schon eine Systemverwaltung"):
        run("setup", email="zweite@example.org", name="Zweite")
    assert User.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("email", "base_url"), [("adresse", "https://a.example"), ("a@example.org", "a.example")])
def test_setup_names_what_is_wrong_and_opens_nothing(email: str, base_url: str) -> None:
    with pytest.raises(CommandError):
        run("setup", email=email, name="Systemverwaltung", base_url=base_url)
    assert not User.objects.exists()
