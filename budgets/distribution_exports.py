"""An adopted distribution as Excel and CSV, with its fingerprint."""

from django.http import HttpResponse
from django.utils import timezone

from budgets.models import AdoptedDistribution
from budgets.quota import QuotaInputs
from jugendhilfe import __version__
from jugendhilfe.lib import exports
from jugendhilfe.lib.exports import Column, Notes, Sheet
from jugendhilfe.lib.formats import format_date


def distribution_file(adopted: AdoptedDistribution, inputs: QuotaInputs, kind: str | None) -> HttpResponse | None:
    """The download that `?format=xlsx` or `?format=csv` asks for; read the distribution by `with_rows()`."""
    name = f"Verteilung {inputs.year}"
    match kind:
        case "xlsx":
            return exports.xlsx_response([_spaces(adopted, inputs), _offices(adopted, inputs)], _notes(adopted), name)
        case "csv":
            return exports.csv_response(_spaces(adopted, inputs), name)
    return None


def _spaces(adopted: AdoptedDistribution, inputs: QuotaInputs) -> Sheet:
    columns = [
        Column("Schlüssel"),
        Column("Sozialraum"),
        Column("Region"),
        Column("Bezugsgröße", "integer"),
        Column("Belastungsfaktor", "factor", places=8),
        Column("Bisher", "euro"),
        Column("Anteil in %", "percent", places=8),
        Column("Betrag", "euro"),
        Column("Veränderung", "euro"),
    ]
    regions = {space.key: space.region_name for space in inputs.spaces}
    rows = [
        [
            row.space.key,
            row.space_name,
            regions[row.space.key],
            row.reference_population,
            row.factor,
            row.previous,
            row.share * 100,
            row.amount,
            None if row.previous is None else row.amount - row.previous,
        ]
        for row in adopted.rows.all()
    ]
    total = ["", "Summe", "", None, None, None, None, adopted.total, None]
    return Sheet(f"Verteilung {inputs.year}", columns, rows, total)


def _offices(adopted: AdoptedDistribution, inputs: QuotaInputs) -> Sheet:
    columns = [Column("Sozialraumbüro"), Column("Träger"), Column("Sozialraum"), Column("Betrag", "euro")]
    spaces = {office.id: space.name for space in inputs.spaces for office in space.offices}
    rows = [[row.office_name, row.carrier_name, spaces[row.office_id], row.amount] for row in adopted.office_rows.all()]
    return Sheet("Sozialraumbüros", columns, rows)


def _notes(adopted: AdoptedDistribution) -> Notes:
    day = timezone.localdate(adopted.adopted_at)
    lines = [
        ("Rechtsgrundlage", str(adopted.basis)),
        ("Festgelegt am", format_date(day)),
        ("Gewichtungsschema", str(adopted.calculation.scheme)),
        ("Prüfsumme der Eingaben (SHA-256)", adopted.sha256),
        ("Prüfsumme der Belastungsfaktoren (SHA-256)", adopted.calculation.sha256),
    ]
    if adopted.is_example:
        lines.append(("Beispieldaten", "Ein Teil der Angaben ist ein Beispiel und steht in keinem Beschluss."))
    return Notes(source=f"Festgelegte Verteilung {adopted.year.year}", date=day, version=__version__, lines=lines)
