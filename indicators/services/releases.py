"""From an uploaded table to a Datenstand: examine, check, take over, discard.

A checked Datenstand holds its values and its file, but only those who see the county's drafts see it; taking it over
makes it visible and nothing else. What was checked is what is taken over: nothing is read a second time in between.
"""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from indicators.imports import (
    Change,
    Checked,
    Columns,
    Level,
    Measure,
    Space,
    changes_of,
    check_table,
    find_columns,
    large_changes,
    uses_of,
)
from indicators.models import DataRelease, Indicator, IndicatorValue, ReleaseStatus
from indicators.services.indicators import must_import
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import keep_file, record
from jugendhilfe.lib.errors import DomainError
from jugendhilfe.lib.spreadsheets import CellError, Table
from jugendhilfe.lib.uploads import Check, Draft
from regions.models import SocialSpace

NAMED_ERRORS = 5


class TableRefused(DomainError):
    """The table has errors; `errors` says where."""

    def __init__(self, errors: Iterable[CellError]) -> None:
        self.errors = tuple(errors)
        more = len(self.errors) - NAMED_ERRORS
        named = " ".join(str(error) for error in self.errors[:NAMED_ERRORS])
        super().__init__(f"Die Tabelle hat Fehler. {named}" + (f" Und {more} weitere." if more > 0 else ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What a person says about a table; `places` None: columns are found by their heads."""

    name: str
    reference_date: dt.date
    source: str
    is_example: bool = False
    sheet: str | None = None
    level: Level = Level.AUTO
    places: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """A table as the check page shows it; `changes` compares with what was known before, by code and key."""

    table: Table
    columns: Columns
    indicators: list[Indicator]
    spaces: list[SocialSpace]
    checked: Checked
    changes: dict[str, dict[str, Change]]

    @property
    def check(self) -> Check:
        return Check(self.table, self.checked.rows, self.checked.errors)

    @property
    def warnings(self) -> list[str]:
        """What is unusual enough to want a person's yes."""
        names = {space.key: space.name for space in self.spaces}
        large = [
            sentence
            for indicator in self.indicators
            for sentence in large_changes(self.changes.get(indicator.code, {}), indicator.short_name, names)
        ]
        return [*self.checked.warnings, *large]

    @property
    def wants_confirmation(self) -> bool:
        return bool(self.warnings or self.check.readings or self.table.formulas())


def examine(table: Table, intake: Intake) -> Examined:
    """Check a table against the county's indicators, spaces and earlier values. Four queries."""
    indicators = list(Indicator.objects.in_use())
    spaces = list(SocialSpace.objects.select_related("region").prefetch_related("members"))
    measures = [measure_of(indicator) for indicator in indicators]
    columns = find_columns(table, uses_of(measures))
    if intake.places is not None:
        columns = Columns(columns.row, intake.places)
    checked = check_table(
        table, columns=columns, measures=measures, spaces=[space_of(space) for space in spaces], level=intake.level
    )
    changes = changes_of(checked.values, previous_values(intake.reference_date)) if checked.values else {}
    return Examined(table, columns, indicators, spaces, checked, changes)


def measure_of(indicator: Indicator) -> Measure:
    """An indicator as the import knows it."""
    return Measure(
        code=indicator.code,
        name=indicator.name,
        short_name=indicator.short_name,
        rate_per=indicator.rate_per,
        numerator_name=indicator.numerator_name,
        denominator_name=indicator.denominator_name,
    )


def space_of(space: SocialSpace) -> Space:
    """A space as the import knows it."""
    members = {member.key: member.name for member in space.members.all()}
    return Space(key=space.key, name=space.name, full_name=space.full_name, members=members)


def previous_values(day: dt.date, *, before: DataRelease | None = None) -> dict[str, dict[str, Decimal]]:
    """The newest value taken over up to `day`, or up to the release `before`, by indicator code and space key."""
    same_day = Q(release__reference_date=day)
    earlier = Q(release__reference_date__lt=day) | (same_day & Q(release__lt=before) if before else same_day)
    rows = (
        IndicatorValue.objects.filter(earlier, release__status=ReleaseStatus.TAKEN_OVER, value__isnull=False)
        .order_by("indicator_id", "space_id", "-release__reference_date", "-release_id")
        .distinct("indicator_id", "space_id")
        .values_list("indicator__code", "space__key", "value")
    )
    found: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for code, key, value in rows:
        if value is not None:
            found[code][key] = value
    return found


@transaction.atomic
def check_release(
    *, draft: Draft, intake: Intake, actor: User | None, confirmed: bool = False, note: str = ""
) -> DataRelease:
    """Keep a table without errors as a checked Datenstand; `confirmed` is a person's yes to its warnings."""
    must_import(actor)
    examined = examine(draft.read(intake.sheet), intake)
    if examined.checked.errors:
        raise TableRefused(examined.checked.errors)
    if examined.wants_confirmation and not confirmed:
        raise DomainError("Die Tabelle hat Auffälligkeiten. Bitte prüfen und bestätigen Sie diese.")
    release = DataRelease(
        name=intake.name,
        reference_date=intake.reference_date,
        source=intake.source,
        is_example=intake.is_example,
        file=keep_file(name=draft.name, content=draft.content, actor=actor),
        created_by=actor,
    )
    _refuse_twice(release)
    release.full_clean(exclude=["created_by"])
    release.save()
    values = _values(release, examined)
    IndicatorValue.objects.bulk_create(values)
    record(
        actor=actor,
        action="releases.check",
        obj=release,
        reason=note,
        data={
            "sha256": draft.key,
            "sheet": examined.table.sheet or "",
            "columns": examined.columns.titles(examined.table),
            "values": sum(value.value is not None for value in values),
            "secret": sum(value.is_secret for value in values),
            "missing": sum(value.value is None and not value.is_secret for value in values),
            "confirmed": examined.warnings,
            "formulas": examined.table.formulas(),
        },
    )
    return release


@transaction.atomic
def take_over_release(*, release: DataRelease, actor: User | None) -> DataRelease:
    """Make a checked Datenstand visible and usable for all."""
    must_import(actor)
    release = _locked(release)
    release.status, release.taken_over_by, release.taken_over_at = ReleaseStatus.TAKEN_OVER, actor, timezone.now()
    release.save(update_fields=["status", "taken_over_by", "taken_over_at"])
    record(actor=actor, action="releases.take_over", obj=release, data=_file_of(release))
    return release


@transaction.atomic
def discard_release(*, release: DataRelease, reason: str, actor: User) -> DataRelease:
    """Put a checked Datenstand aside; its file and values stay as the record of what was handed in."""
    must_import(actor)
    release = _locked(release)
    release.status = ReleaseStatus.DISCARDED
    release.save(update_fields=["status"])
    record(actor=actor, action="releases.discard", obj=release, reason=reason, data=_file_of(release))
    return release


@transaction.atomic
def import_release(
    *,
    name: str,
    reference_date: dt.date,
    source: str,
    filename: str,
    content: bytes,
    actor: User | None,
    is_example: bool = False,
    confirmed: bool = False,
) -> DataRelease:
    """Check a file and take it over at once, by the same rules as the pages; raises DomainError. For the set-up."""
    intake = Intake(name=name, reference_date=reference_date, source=source, is_example=is_example)
    draft = Draft(hashlib.sha256(content).hexdigest(), filename, content)
    release = check_release(draft=draft, intake=intake, actor=actor, confirmed=confirmed)
    return take_over_release(release=release, actor=actor)


def _locked(release: DataRelease) -> DataRelease:
    """The row, locked: of two people who decide at once, the second sees what the first did."""
    release = DataRelease.objects.select_for_update(of=("self",)).select_related("file").get(pk=release.pk)
    if release.status != ReleaseStatus.CHECKED:
        raise DomainError(f"Dieser Datenstand ist schon {release.get_status_display()}. Bitte laden Sie die Seite neu.")
    return release


def _refuse_twice(release: DataRelease) -> None:
    if release.file is None:
        return
    # Of two people who hand in the same file at once, the second waits here and then sees what the first did.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"releases {release.file.sha256}"])
    twin = (
        DataRelease.objects.filter(file=release.file, reference_date=release.reference_date, name=release.name)
        .exclude(status=ReleaseStatus.DISCARDED)
        .first()
    )
    if twin:
        raise DomainError(f"Diese Datei ist schon eingelesen: {twin} ({twin.get_status_display()}).")


def _values(release: DataRelease, examined: Examined) -> list[IndicatorValue]:
    spaces = {space.key: space for space in examined.spaces}
    return [
        IndicatorValue(
            release=release,
            indicator=indicator,
            space=spaces[key],
            value=value.value,
            numerator=value.numerator,
            denominator=value.denominator,
            is_secret=value.is_secret,
        )
        for indicator in examined.indicators
        for key, value in examined.checked.values.get(indicator.code, {}).items()
    ]


def _file_of(release: DataRelease) -> dict[str, str]:
    return {"sha256": release.file.sha256} if release.file else {}
