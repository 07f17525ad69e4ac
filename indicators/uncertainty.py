"""What the page "Unsicherheit" shows of a stored run: bands and probabilities, groups in words, shifted weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from indicators.inputs import Calculated
from indicators.models import SensitivityRun, WeightingScheme
from indicators.runs import run_of
from indicators.sensitivity import Sensitivity, Shift, Space, Uncertainty
from indicators.tables import ContributionColumn
from jugendhilfe.lib import tables
from jugendhilfe.lib.charts import FactorRow, Lollipop, lollipop
from jugendhilfe.lib.formats import format_number

type Bands = Mapping[str, tuple[Decimal, Decimal]]

CAUSES = {"weights": "Gewichte", "counts": "Fallzahlen"}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A stored run with the names that people know; `calculated` is of the same inputs."""

    run: SensitivityRun
    calculated: Calculated

    @cached_property
    def found(self) -> Sensitivity:
        return Sensitivity.from_json(self.run.result)

    @cached_property
    def names(self) -> dict[str, str]:
        return {place.key: place.name for place in self.calculated.inputs.places}

    @cached_property
    def indicators(self) -> dict[str, str]:
        return {member.code: member.short_name for member in self.calculated.members}

    @property
    def causes(self) -> dict[str, Uncertainty]:
        """What was drawn, by cause, as far as it gave anything."""
        found = {"weights": self.found.weights, "counts": self.found.counts}
        return {cause: one for cause, one in found.items() if one is not None and one.spaces}

    def chart(self, cause: str) -> Lollipop:
        """The factors with the band from one cause."""
        drawn = {space.key: space for space in self.causes[cause].spaces}
        return lollipop(
            id=f"spanne-{cause}",
            title=f"Belastungsfaktor mit Spanne durch die {CAUSES[cause]}",
            rows=[
                FactorRow(self.names[key], factor, drawn[key].factor_low, drawn[key].factor_high)
                for key, factor in self.calculated.factors.items()
            ],
        )

    @property
    def charts(self) -> list[tuple[str, Lollipop, list[str]]]:
        """Per cause its name, its chart and which spaces cannot be told apart."""
        return [(CAUSES[cause], self.chart(cause), self.groups(cause)) for cause in self.causes]

    def groups(self, cause: str) -> list[str]:
        """The spaces whose order is open, in words."""
        return [_listed([self.names[key] for key in group]) for group in self.causes[cause].groups]

    @property
    def fixed(self) -> list[str]:
        """The indicators without a numerator, which stay as they are."""
        counts = self.found.counts
        codes = tuple(self.found.codes) if counts is None else counts.fixed
        return [self.indicators[code] for code in codes]

    @property
    def fixed_cells(self) -> list[str]:
        counts = self.found.counts
        cells = counts.fixed_cells if counts else ()
        return [f"{self.names[key]}: {self.indicators[code]}" for key, code in cells]

    @property
    def refused(self) -> list[tuple[str, int]]:
        """Cause and number of the draws that gave no factors."""
        found = {"weights": self.found.weights, "counts": self.found.counts}
        return [(CAUSES[cause], one.refused) for cause, one in found.items() if one is not None and one.refused]

    @property
    def shifts(self) -> list[Shift]:
        """The shifted weights in the order of the scheme."""
        order = list(self.indicators)
        return sorted(self.found.tornado, key=lambda shift: (order.index(shift.code), shift.shifted))

    @property
    def refusals(self) -> list[tuple[str, str]]:
        return [(self.head_of(shift), shift.refusal) for shift in self.shifts if shift.refusal]

    def head_of(self, shift: Shift) -> str:
        """Arbeitslose je 1.000: 45 statt 50"""
        shifted, points = (format_number(number, 2).rstrip("0").rstrip(",") for number in (shift.shifted, shift.points))
        return f"{self.indicators[shift.code]}: {shifted} statt {points}"


def stored_run(scheme: WeightingScheme, calculated: Calculated) -> Shown | None:
    """The newest stored run of this calculation."""
    run = run_of(scheme, calculated.inputs)
    return Shown(run=run, calculated=calculated) if run else None


def stored_bands(scheme: WeightingScheme, calculated: Calculated) -> Bands:
    """By key from where to where the stored bands of weights and case numbers reach together; empty without a run."""
    shown = stored_run(scheme, calculated)
    if shown is None:
        return {}
    drawn = [space for one in shown.causes.values() for space in one.spaces]
    return {
        key: (
            min(space.factor_low for space in drawn if space.key == key),
            max(space.factor_high for space in drawn if space.key == key),
        )
        for key in {space.key for space in drawn}
    }


class UncertaintyTable(tables.Table):
    """Factor, bands, ranks and P(F > 1) of every space, from both causes."""

    caption = "Belastungsfaktor, Spannen und Ränge je Sozialraum"
    paginated = False

    name = tables.Column(verbose_name="Sozialraum")
    factor = tables.FactorColumn(verbose_name="Belastungsfaktor")
    rank = tables.NumberColumn(verbose_name="Rang")

    class Meta:
        order_by = "-factor"

    def __init__(self, shown: Shown, *, request: Any) -> None:
        agreed = dict(zip(shown.found.keys, zip(shown.found.factors, shown.found.ranks, strict=True), strict=True))
        rows = {
            key: {"name": shown.names[key], "factor": factor, "rank": rank} for key, (factor, rank) in agreed.items()
        }
        columns: list[tuple[str, Any]] = []
        for cause, drawn in shown.causes.items():
            for space in drawn.spaces:
                rows[space.key] |= _cells(cause, space)
            columns += _columns(cause)
        super().__init__(list(rows.values()), request=request, extra_columns=columns)


class ShiftTable(tables.Table):
    """What the factors would change by if one weight moved."""

    caption = "Änderung des Belastungsfaktors bei anderem Gewicht"
    paginated = False

    name = tables.Column(verbose_name="Sozialraum")

    class Meta:
        order_by = "name"

    def __init__(self, shown: Shown, *, request: Any) -> None:
        shifts = [shift for shift in shown.shifts if shift.changes is not None]
        rows = [
            {
                "name": shown.names[key],
                **{f"shift_{number}": shift.changes[row] for number, shift in enumerate(shifts) if shift.changes},
            }
            for row, key in enumerate(shown.found.keys)
        ]
        columns = [
            (f"shift_{number}", ContributionColumn(verbose_name=shown.head_of(shift)))
            for number, shift in enumerate(shifts)
        ]
        super().__init__(rows, request=request, prefix="gewicht-", extra_columns=columns)


def _cells(cause: str, space: Space) -> dict[str, Any]:
    return {
        f"{cause}_low": space.factor_low,
        f"{cause}_high": space.factor_high,
        f"{cause}_ranks": f"{format_number(space.rank_low)} – {format_number(space.rank_high)}",
        f"{cause}_above": 100 * space.above_one,
    }


def _columns(cause: str) -> list[tuple[str, Any]]:
    name = CAUSES[cause]
    return [
        (f"{cause}_low", tables.FactorColumn(verbose_name=f"{name}: von")),
        (f"{cause}_high", tables.FactorColumn(verbose_name=f"{name}: bis")),
        (f"{cause}_ranks", tables.Column(verbose_name=f"{name}: Rang", orderable=False)),
        (f"{cause}_above", tables.PercentColumn(verbose_name=f"{name}: Faktor über 1")),
    ]


def _listed(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} und {last}" if most else last
