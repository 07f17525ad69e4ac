"""The tables of the page "Belastung" and the list of schemes."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from indicators.inputs import Calculated, Member, Place
from jugendhilfe.lib import tables
from jugendhilfe.lib.charts import quantile_classes
from jugendhilfe.lib.formats import format_factor, format_number


class BurdenTable(tables.Table):
    """One row per space: values with heat by fifths of all spaces, factor; the last line is the whole county's."""

    caption = "Indikatoren und Belastungsfaktor je Sozialraum"
    paginated = False

    region = tables.Column(verbose_name="Region")

    class Meta:
        order_by = "-factor"
        empty_text = "Kein Sozialraum passt zum Filter."

    def __init__(
        self,
        calculated: Calculated,
        *,
        shown: Callable[[Place], bool],
        query: str,
        whole: str,
        request: HttpRequest,
    ) -> None:
        result, inputs = calculated.result, calculated.inputs
        heats = []
        for column, member in enumerate(calculated.members):
            values = result.values[:, column].tolist()
            heats.append(quantile_classes(values, more_is_burden=member.direction == "more"))
        rows = [
            {
                "key": place.key,
                "name": place.name,
                "region": place.region_name,
                "people": place.people,
                "factor": calculated.factors[place.key],
                "row": number,
                **{f"value_{column}": float(value) for column, value in enumerate(result.values[number])},
            }
            for number, place in enumerate(inputs.places)
            if shown(place)
        ]
        for column in range(len(calculated.members)):
            setattr(self, f"cell_class_value_{column}", _heat_of(heats[column]))
        people = format_number(int(result.reference_population.sum()))
        named = tables.LinkColumn(
            verbose_name="Sozialraum",
            url=lambda record: reverse("indicators:burden_steps", args=[record["key"]]) + query,
            footer=whole,
        )
        columns = [
            ("name", named),
            (
                "people",
                tables.NumberColumn(verbose_name=f"{inputs.population} {inputs.population_date.year}", footer=people),
            ),
            *(
                (f"value_{column}", _value_column(member, result.county_values[column]))
                for column, member in enumerate(calculated.members)
            ),
            ("factor", tables.FactorColumn(verbose_name="Belastungsfaktor", footer=format_factor(1))),
        ]
        order = ("name", "region", *(name for name, _ in columns[1:]))
        super().__init__(rows, request=request, extra_columns=columns, sequence=order)

    def cell_class_factor(self, value: Any, record: Any) -> str:
        return "app-strong"

    @property
    def order_in_words(self) -> str:
        """What the rows are sorted by: "Belastungsfaktor (absteigend)"."""
        alias = next(iter(self.order_by), "-factor")
        way = "absteigend" if alias.startswith("-") else "aufsteigend"
        return f"{self.columns[alias.lstrip('-')].header} ({way})"


class ContributionTable(tables.Table):
    """What each indicator adds to the factor of a space or takes away; every row adds up to factor minus 1."""

    caption = "Beiträge der Indikatoren zum Belastungsfaktor"
    paginated = False

    class Meta:
        order_by = "-total"
        empty_text = "Kein Sozialraum passt zum Filter."

    def __init__(self, calculated: Calculated, *, shown: Callable[[Place], bool], request: HttpRequest) -> None:
        result = calculated.result
        rows = [
            {
                "name": place.name,
                "limits": float(result.limits[number]),
                "total": float(result.factor[number] - 1),
                **{f"part_{column}": float(part) for column, part in enumerate(result.contributions[number])},
            }
            for number, place in enumerate(calculated.inputs.places)
            if shown(place)
        ]
        columns: list[tuple[str, Any]] = [("name", tables.Column(verbose_name="Sozialraum"))]
        columns += [
            (f"part_{column}", ContributionColumn(verbose_name=member.short_name))
            for column, member in enumerate(calculated.members)
        ]
        if bool(result.limits.any()):
            columns.append(("limits", ContributionColumn(verbose_name="Begrenzung")))
        columns.append(("total", ContributionColumn(verbose_name="Summe = Faktor − 1")))
        super().__init__(
            rows, request=request, prefix="beitrag-", extra_columns=columns, sequence=[name for name, _ in columns]
        )


class ContributionColumn(tables.NumberColumn):
    """+0,25 or −0,07"""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, places=4, **kwargs)

    def render(self, value: Any) -> str:
        return format_number(value, self.places, sign=True)


class SchemeTable(tables.Table):
    """Weighting schemes in all their versions."""

    caption = "Gewichtungsschemata und ihre Fassungen"

    name = tables.LinkColumn(
        verbose_name="Gewichtungsschema", url=lambda scheme: reverse("indicators:scheme_detail", args=[scheme.pk])
    )
    version = tables.NumberColumn(verbose_name="Fassung")
    status = tables.BadgeColumn(verbose_name="Stand")
    method = tables.Column(verbose_name="Verfahren")
    number_of_indicators = tables.NumberColumn(verbose_name="Indikatoren")
    population = tables.Column(verbose_name="Bezugsgröße")
    adopted_at = tables.DateColumn(verbose_name="festgelegt am")

    class Meta:
        order_by = ("name", "-version")
        empty_text = "Noch kein Gewichtungsschema."


def _heat_of(classes: Sequence[int | None]) -> Callable[..., str]:
    def heat(value: Any, record: Any) -> str:
        return f"app-heat-{classes[record['row']]}"

    return heat


def _value_column(member: Member, county_value: float) -> tables.NumberColumn:
    year = f" ({member.release.reference_date.year})" if member.release else ""
    return tables.NumberColumn(
        verbose_name=f"{member.short_name}{year}",
        places=member.decimals,
        footer=format_number(float(county_value), member.decimals),
    )
