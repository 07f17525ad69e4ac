"""Inviting people and closing their accounts. Roles are given and taken in regions.access."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import transaction
from django.urls import reverse

from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import record
from jugendhilfe.lib.errors import DomainError, NotAllowed
from regions.access import must_leave_an_administrator, scope


@transaction.atomic
def invite(*, email: str, name: str, organisation: str, actor: User | None) -> User:
    """Open an account without a password; it works once the one-time link of `invitation_path` was used."""
    _must_manage(actor)
    user = User.objects.create_user(email, name=name, organisation=organisation)
    record(actor=actor, action="users.invite", obj=user)
    return user


@transaction.atomic
def renew_invitation(*, user: User, actor: User) -> User:
    """Allow another one-time link: the former ones lose their force. Never into an account that is in use."""
    _must_manage(actor)
    user = _locked(user)
    if not user.is_active:
        raise DomainError("Dieses Konto ist gesperrt. Bitte zuerst wieder öffnen.")
    if user.has_usable_password():
        raise DomainError(
            "Diese Person hat schon ein Passwort. Ein neues legt nur sie selbst fest: über „Passwort vergessen“."
        )
    user.set_unusable_password()
    user.save(update_fields=["password"])
    record(actor=actor, action="users.renew_invitation", obj=user)
    return user


@transaction.atomic
def close_account(*, user: User, actor: User, reason: str) -> None:
    """Nobody is deleted: a closed account reaches nothing, and what its owner did stays on record."""
    _must_manage(actor)
    if user == actor:
        raise DomainError("Das eigene Konto kann niemand sperren.")
    user = _locked(user)
    if not user.is_active:
        raise DomainError("Dieses Konto ist schon gesperrt.")
    user.is_active = False
    user.save(update_fields=["is_active"])
    must_leave_an_administrator()
    record(actor=actor, action="users.close", obj=user, reason=reason)


@transaction.atomic
def reopen_account(*, user: User, actor: User, reason: str) -> None:
    """Let a closed account sign in again, with the roles that are still in force."""
    _must_manage(actor)
    user = _locked(user)
    if user.is_active:
        raise DomainError("Dieses Konto ist schon offen.")
    user.is_active = True
    user.save(update_fields=["is_active"])
    record(actor=actor, action="users.reopen", obj=user, reason=reason)


def invitation_path(user: User) -> str:
    """The one-time address for the first password: three days, until used."""
    key = default_token_generator.make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})


def send_invitation(*, user: User, link: str) -> None:
    """Send the link by e-mail; the caller has committed by then."""
    get_adapter().send_mail("account/email/invitation", user.email, {"link": link, "county": settings.COUNTY})


def _locked(user: User) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _must_manage(actor: User | None) -> None:
    """None is the set-up command."""
    if actor is not None and not scope(actor, "edit_users").everything:
        raise NotAllowed("Konten verwaltet die Systemverwaltung.")
