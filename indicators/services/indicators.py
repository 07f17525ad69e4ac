"""Keeping the list of indicators: entering, changing, putting aside."""

from django.db import transaction

from indicators.models import Indicator, SchemeStatus
from jugendhilfe.accounts.models import User
from jugendhilfe.lib.errors import DomainError, NotAllowed
from regions.access import scope
from regions.services.master_data import keep

TITLES = {"code": "Kürzel", "rate_per": "Rate je", "direction": "Richtung"}


def fixed_fields(indicator: Indicator) -> frozenset[str]:
    """What may no longer change: stored values were computed with it, adopted schemes were decided with it."""
    if indicator.pk is None:
        return frozenset()
    decided = indicator.memberships.filter(scheme__status__in=(SchemeStatus.ADOPTED, SchemeStatus.SUPERSEDED))
    with_values = frozenset({"code", "rate_per"}) if indicator.values.exists() else frozenset[str]()
    return with_values | (frozenset({"code", "direction"}) if decided.exists() else frozenset())


@transaction.atomic
def save_indicator(*, indicator: Indicator, actor: User | None) -> Indicator:
    """Enter a new indicator or change one; `actor` None is the set-up."""
    must_import(actor)
    if indicator.pk is not None:
        stored = Indicator.objects.select_for_update().get(pk=indicator.pk)
        for name in sorted(fixed_fields(indicator)):
            if getattr(stored, name) != getattr(indicator, name):
                raise DomainError(f"„{TITLES[name]}“ steht fest, weil es schon Werte oder festgelegte Fassungen gibt.")
    return keep(indicator, "indicators", actor=actor)


@transaction.atomic
def archive_indicator(*, indicator: Indicator, archived: bool, reason: str, actor: User) -> Indicator:
    """Put an indicator aside or take it up again; values and schemes that have it keep it."""
    must_import(actor)
    indicator = Indicator.objects.select_for_update().get(pk=indicator.pk)
    if indicator.is_archived == archived:
        raise DomainError("Das ist schon geschehen. Bitte laden Sie die Seite neu.")
    indicator.is_archived = archived
    return keep(indicator, "indicators", actor=actor, action="archive" if archived else "restore", reason=reason)


def must_import(actor: User | None) -> None:
    if actor is not None and not scope(actor, "import_indicators").everything:
        raise NotAllowed("Indikatoren und Datenstände pflegt die Jugendhilfeplanung.")
