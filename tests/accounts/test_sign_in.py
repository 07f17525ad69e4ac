import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import encrypt
from django.contrib.auth.hashers import identify_hasher, make_password
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from jugendhilfe.accounts.models import User
from tests.factories import make_user

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def user(db: None) -> User:
    cache.clear()
    return make_user("Anmeldung", email="anmeldung@example.org", password="richtig-und-lang")


def sign_in(client: Client, password: str = "richtig-und-lang") -> str:
    answer = client.post(
        reverse("account_login"), {"login": "Anmeldung@Example.org", "password": password}, follow=True
    )
    return answer.content.decode()


def test_passwords_are_hashed_with_argon2(settings: object) -> None:
    from jugendhilfe import settings as product

    settings.PASSWORD_HASHERS = product.PASSWORD_HASHERS  # type: ignore[attr-defined]
    assert identify_hasher(make_password("geheim")).algorithm == "argon2"


def test_a_session_ends_with_the_sign_out(client: Client, user: User) -> None:
    sign_in(client)
    assert client.get(reverse("account")).status_code == 200
    assert client.get(reverse("account_logout")).status_code == 200
    client.post(reverse("account_logout"))
    assert client.get(reverse("account")).status_code == 302


def test_after_five_wrong_passwords_the_door_stays_shut_for_a_while(client: Client, user: User) -> None:
    for _ in range(5):
        sign_in(client, "falsch")
    assert "Zu viele" in sign_in(client)
    assert client.get(reverse("account")).status_code == 302


def test_a_second_factor_is_asked_for_once_set_up(client: Client, user: User) -> None:
    secret = generate_totp_secret()
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": encrypt(secret)})
    assert "Zweiter Faktor" in sign_in(client)
    assert client.get(reverse("account")).status_code == 302
    client.post(reverse("mfa_authenticate"), {"code": format_hotp_value(hotp_value(secret, int(time.time()) // 30))})
    assert client.get(reverse("account")).status_code == 200


def test_setting_up_the_second_factor_shows_key_and_picture(client: Client, user: User) -> None:
    sign_in(client)
    again = client.get(reverse("mfa_activate_totp"), follow=True)
    assert "Bitte noch einmal ausweisen" in again.content.decode()
    address = again.redirect_chain[-1][0]
    page = client.post(address, {"password": "richtig-und-lang"}, follow=True).content.decode()
    assert "QR-Code mit dem Schlüssel" in page
    assert "data:image/svg+xml" in page


def test_an_unknown_address_is_not_told_apart(client: Client, user: User) -> None:
    known = client.post(reverse("account_reset_password"), {"email": user.email})
    unknown = client.post(reverse("account_reset_password"), {"email": "niemand@example.org"})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])


def test_the_database_refuses_a_superuser(user: User) -> None:
    with pytest.raises(IntegrityError, match="user_is_never_superuser"), transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_superuser=True)


def test_an_identity_provider_is_a_matter_of_settings() -> None:
    environment = {
        **os.environ,
        "DJANGO_DEBUG": "1",
        "SRB_OIDC_ISSUER": "https://login.example.org",
        "SRB_OIDC_CLIENT_ID": "sozialraumbudget",
        "SRB_OIDC_SECRET": "geheim",
        "DJANGO_SETTINGS_MODULE": "jugendhilfe.settings",
    }
    code = (
        "import django; django.setup()\n"
        "from django.urls import reverse\n"
        "print(reverse('openid_connect_login', kwargs={'provider_id': 'amt'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1] == "/anmelden/oidc/amt/login/", done.stderr
