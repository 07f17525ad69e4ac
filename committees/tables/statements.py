"""What a transition means for every carrier, and who has said something to it."""

from collections.abc import Container
from decimal import Decimal

from django.http import HttpRequest
from django.urls import reverse

from committees.carrier_transition import Meaning
from jugendhilfe.lib import tables


class CarrierTable(tables.Table):
    """Expects dicts, see `carrier_table`."""

    caption = "Was der Übergang für jeden Träger heißt"
    paginated = False
    carrier = tables.LinkColumn(
        verbose_name="Träger", url=lambda row: reverse("committees:carrier_transition", args=[row["key"], row["plan"]])
    )
    old = tables.EuroColumn(verbose_name="Bisher")
    amount = tables.EuroColumn(verbose_name="am Ende")
    change = tables.EuroChangeColumn(verbose_name="gegenüber bisher")
    less = tables.Column(verbose_name="weniger ab", default="–")
    statement = tables.Column(verbose_name="Stellungnahme")

    class Meta:
        empty_text = "Kein Träger führt in diesen Jahren ein Sozialraumbüro."


def carrier_table(
    meanings: list[Meaning], submitted: Container[int], *, request: HttpRequest | None = None
) -> CarrierTable:
    """A row per carrier; `submitted` are the keys of those who have handed in a statement."""
    return CarrierTable([_row(meaning, meaning.carrier.pk in submitted) for meaning in meanings], request=request)


def _row(meaning: Meaning, has_statement: bool) -> dict[str, str | int | Decimal | None]:
    last = meaning.sums[-1]
    return {
        "key": meaning.carrier.pk,
        "plan": meaning.plan.pk,
        "carrier": str(meaning.carrier),
        "old": last.old,
        "amount": last.amount,
        "change": last.change_from_old,
        "less": meaning.less[0] if meaning.less else None,
        "statement": "abgegeben" if has_statement else "keine",
    }
