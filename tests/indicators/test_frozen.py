"""What was decided on stays: PostgreSQL refuses late factors and changes to the values of a Datenstand."""

import datetime as dt
import threading
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from indicators.models import (
    BurdenCalculation,
    BurdenFactor,
    DataRelease,
    Indicator,
    IndicatorValue,
    ReleaseStatus,
)
from indicators.services.releases import Intake, check_release, take_over_release
from jugendhilfe.accounts.models import User
from jugendhilfe.lib.errors import DomainError
from jugendhilfe.lib.uploads import Draft
from tests import factories
from tests.conftest import Cast, County

TABLE = b"Sozialraum;Einkommensteuer je Kopf\nDahlenburg;412,50\n"


@pytest.fixture
def release(county: County) -> DataRelease:
    """The Datenstand of 2021 was taken over, that of 2022 is only checked."""
    factories.make_indicators(county.spaces)
    checked_value(county, 2022)
    return DataRelease.objects.get(reference_date=dt.date(2021, 12, 31))


def checked_value(county: County, year: int) -> IndicatorValue:
    """The only value of a release nobody has decided on."""
    value = IndicatorValue(
        indicator=Indicator.objects.get(code="income_tax"), space=county.spaces["Dahlenburg"], value=Decimal(400)
    )
    factories.make_release(year, [value], status=ReleaseStatus.CHECKED)
    return value


def own(release: DataRelease) -> IndicatorValue:
    return release.values.filter(space__name="Dahlenburg")[0]


def other(release: DataRelease) -> DataRelease:
    return DataRelease.objects.get(reference_date=dt.date(2022, 12, 31))


@pytest.mark.parametrize("status", [ReleaseStatus.TAKEN_OVER, ReleaseStatus.DISCARDED])
@pytest.mark.parametrize(
    "change",
    [
        lambda release: IndicatorValue.objects.filter(pk=own(release).pk).update(value=1),
        lambda release: IndicatorValue.objects.filter(pk=own(release).pk).update(release=other(release)),
        lambda release: other(release).values.update(release=release, space=factories.make_space("Neu")),
        lambda release: own(release).delete(),
        lambda release: IndicatorValue.objects.create(
            release=release, indicator=Indicator.objects.get(code="employment"), space=own(release).space
        ),
        lambda release: connection.cursor().execute("TRUNCATE indicators_indicatorvalue"),
        lambda release: DataRelease.objects.filter(pk=release.pk).update(source="anders"),
        lambda release: DataRelease.objects.filter(pk=release.pk).update(reference_date=dt.date(2020, 1, 1)),
        lambda release: DataRelease.objects.filter(pk=release.pk).update(status=ReleaseStatus.CHECKED),
        lambda release: DataRelease.objects.filter(pk=release.pk)._raw_delete("default"),
        lambda release: connection.cursor().execute("TRUNCATE indicators_datarelease CASCADE"),
    ],
    ids=[
        "change a value",
        "move a value away",
        "move a value in",
        "delete a value",
        "add a value",
        "truncate values",
        "change the source",
        "change the date",
        "back to checked",
        "delete the release",
        "truncate releases",
    ],
)
def test_the_database_refuses_to_change_a_release_that_was_decided_on(
    release: DataRelease, status: str, change: Callable[[DataRelease], object]
) -> None:
    with factories.as_if_always_so():
        DataRelease.objects.filter(pk=release.pk).update(status=status)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or TRUNCATE would fail for the checks that are still to come
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
        change(release)


def test_until_then_values_may_change(release: DataRelease, county: County) -> None:
    value = other(release).values.get()
    value.value = Decimal(500)
    value.save()
    assert other(release).values.get().value == 500
    value.delete()
    assert not other(release).values.exists()


@pytest.mark.django_db(transaction=True)
def test_a_factor_comes_with_its_calculation_or_never(county: County) -> None:
    indicators = factories.make_indicators(county.spaces)
    scheme = factories.make_scheme(indicators, factories.make_population(county.spaces))
    space = county.spaces["Dahlenburg"]
    with transaction.atomic():
        calculation = BurdenCalculation.objects.create(
            scheme=scheme, population=scheme.population, as_of=dt.date(2026, 1, 1), inputs="{}", sha256="0" * 64
        )
        BurdenFactor.objects.create(calculation=calculation, space=space, factor=1, index=1)
    with pytest.raises(DatabaseError, match="the calculation stands already"):
        BurdenFactor.objects.create(calculation=calculation, space=county.spaces["Ilmenau"], factor=1, index=1)
    assert calculation.factors.count() == 1


def second_after(first: Callable[[], object], second: Callable[[], object]) -> str:
    """What the second person is told, whose deed on a connection of their own begins before the first has committed."""
    told = []

    def run() -> None:
        try:
            second()
        except (DomainError, DatabaseError) as error:
            told.append(str(error))
        finally:
            connection.close()

    late = threading.Thread(target=run)
    with transaction.atomic():
        first()
        late.start()
        wait_until_it_waits(late)
    late.join()
    return "".join(told)


def wait_until_it_waits(thread: threading.Thread) -> None:
    waiting = False
    while thread.is_alive() and not waiting:
        with connection.cursor() as cursor:
            # Only in this database: other workers of the test run wait in theirs.
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)"
                " WHERE NOT granted AND datname = current_database())"
            )
            (waiting,) = cursor.fetchone()


def check(actor: User, name: str = "Steuer 2022") -> DataRelease:
    draft = Draft("0" * 64, "steuer.csv", TABLE)
    intake = Intake(name=name, reference_date=dt.date(2022, 12, 31), source="LSN")
    return check_release(draft=draft, intake=intake, actor=actor, confirmed=True)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_hand_in_one_file_at_once_the_second_is_told(cast: Cast, county: County) -> None:
    factories.make_indicators(county.spaces)
    check(cast.planning, name="Vorher")  # the file is kept already: nothing but the lock makes the second wait
    told = second_after(lambda: check(cast.planning), lambda: check(cast.planning))
    assert told == "Diese Datei ist schon eingelesen: Steuer 2022, Stichtag 31.12.2022 (geprüft, nicht übernommen)."
    assert DataRelease.objects.filter(name="Steuer 2022").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_over_at_once_the_second_is_told(cast: Cast, county: County) -> None:
    factories.make_indicators(county.spaces)
    release = check(cast.planning)
    told = second_after(
        lambda: take_over_release(release=release, actor=cast.planning),
        lambda: take_over_release(release=release, actor=cast.planning),
    )
    assert told == "Dieser Datenstand ist schon übernommen. Bitte laden Sie die Seite neu."


@pytest.mark.django_db(transaction=True)
def test_a_value_that_comes_while_its_release_is_taken_over_waits_and_is_refused(county: County) -> None:
    factories.make_indicators(county.spaces)
    value = checked_value(county, 2022)
    late = IndicatorValue(release=value.release, indicator=value.indicator, space=county.spaces["Ilmenau"])
    told = second_after(lambda: take_over_release(release=value.release, actor=None), late.save)
    assert "is refused: the release is taken_over" in told
