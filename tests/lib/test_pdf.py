"""Papers for the council: valid, accessible, the same bytes every time, and nothing loaded from outside."""

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import page
import pikepdf
import pytest
from django.conf import settings
from django.template import engines
from pikepdf import ContentStreamInstruction, Name, parse_content_stream

from jugendhilfe.county import County
from jugendhilfe.lib.pdf import AddressRefused, Attachment, render

NBSP = "\u00a0"
CREATED = datetime(2026, 11, 22, 8, 41, tzinfo=UTC)
TITLE = "Bericht 2026/0XX: Weiterentwicklung der sozialräumlichen Jugendhilfe"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CALCULATION = Attachment("rechenweg.xlsx", b"PK\x03\x04" + bytes(range(256)) * 20, XLSX, "Rechenweg und Datenstand")

# name, factor, previous, quota, change; unemployed 2019, 2020, 2021
SPACES = [
    ("Amt Neuhaus", "1,35040354", "128.000,00", "131.723,96", "3.723,96", (158, 179, 165)),
    ("Bleckede", "1,28248163", "262.000,00", "227.952,18", "−34.047,82", (294, 325, 304)),
    ("Dahlenburg", "1,34385619", "148.000,00", "152.941,07", "4.941,07", (178, 200, 207)),
    ("Ostheide", "0,91565731", "176.000,00", "178.701,17", "2.701,17", (199, 218, 212)),
    ("Scharnebeck", "0,98119573", "352.000,00", "283.909,38", "−68.090,62", (309, 376, 369)),
    ("Bardowick", "0,84152501", "268.000,00", "283.643,60", "15.643,60", (278, 343, 328)),
    ("Adendorf", "0,98123330", "212.000,00", "197.112,37", "−14.887,63", (194, 236, 248)),
    ("Gellersen", "0,88576680", "196.000,00", "232.991,35", "36.991,35", (241, 270, 245)),
    ("Ilmenau", "0,94179316", "164.000,00", "188.170,72", "24.170,72", (171, 218, 223)),
    ("Amelinghausen", "0,98227615", "124.000,00", "152.854,20", "28.854,20", (164, 179, 179)),
]
REGIONS = [("Region 1", "691.318,38", 461), ("Region 2", "764.665,35", 510), ("Region 3", "574.016,27", 383)]


def euro(amount: str) -> str:
    return f"{amount}{NBSP}€"


def sample_html() -> str:
    text = Path(__file__).with_name("sample_paper.html").read_text(encoding="utf-8")
    context = {
        "county": County(name="Landkreis Lüneburg", head="DER LANDRAT"),
        "paper": {
            "department": "Jugendhilfe und Sport",
            "responsible": "Jugendhilfeplanung",
            "date": date(2026, 11, 22),
            "kind": "Bericht",
            "number": "2026/0XX",
            "publicity": "öffentlich",
            "subject": "Weiterentwicklung der sozialräumlichen Jugendhilfe im Landkreis Lüneburg",
            "products": ["363-200 Förderung der Erziehung in der Familie", "363-300 Hilfe zur Erziehung"],
            "consultations": [
                {"status": "Ö", "date": date(2027, 1, 28), "body": "Jugendhilfeausschuss"},
                {"status": "Ö", "date": date(2027, 3, 17), "body": "Jugendhilfeausschuss"},
            ],
            "attachments": ["1 – Rechenweg und Datenstand (Excel, in dieser Datei enthalten)"],
            "fingerprint": hashlib.sha256(b"sample").hexdigest(),
        },
        "example_data": "Die Beträge des Jahres 2025 und die Verteilung sind Beispiele, nicht die des Landkreises.",
        "regions": [
            {"name": name, "amount": euro(amount), "width": width, "y": 10 + 45 * i, "text_y": 31 + 45 * i}
            for i, (name, amount, width) in enumerate(REGIONS)
        ],
        "spaces": [(name, factor, *map(euro, amounts)) for name, factor, *amounts, _ in SPACES],
        "unemployed": [(name, 2019 + i, count) for name, *_, counts in SPACES for i, count in enumerate(counts)],
    }
    return engines["django"].from_string(text).render(context)


@pytest.fixture(scope="module")
def sample() -> bytes:
    return render(sample_html(), title=TITLE, attachments=[CALCULATION], created=CREATED)


@pytest.fixture(scope="module")
def sample_text(sample: bytes, tmp_path_factory: pytest.TempPathFactory) -> str:
    if not (program := shutil.which("pdftotext")):
        pytest.skip("pdftotext (poppler-utils) is not installed")
    file = tmp_path_factory.mktemp("paper") / "paper.pdf"
    file.write_bytes(sample)
    return subprocess.run([program, "-layout", file, "-"], capture_output=True, check=True).stdout.decode()


def tagged(pdf: pikepdf.Pdf, tag: Name) -> list[Any]:
    """The structure elements with this tag, in reading order."""

    def below(element: Any) -> Iterator[Any]:
        yield element
        for kid in element.K:
            if isinstance(kid, pikepdf.Dictionary) and Name.S in kid:
                yield from below(kid)

    return [element for element in below(pdf.Root.StructTreeRoot.K[0]) if tag == element.S]


@pytest.mark.parametrize("profile", [page.ValidationProfile.PDF_A_3A, page.ValidationProfile.PDF_UA_1])
def test_a_paper_keeps_to_the_standard(sample: bytes, profile: page.ValidationProfile) -> None:
    report = page.validate_pdf_bytes(sample, profile=profile)

    assert [(failure.rule_id, failure.message) for failure in report.failures] == []
    assert report.is_compliant


def test_a_paper_without_attachments_keeps_to_the_standard() -> None:
    bare = render('<html lang="de"><body><h1>Übersicht</h1><p>Nichts weiter.</p>', title="Übersicht", created=CREATED)

    assert page.is_pdf_compliant_bytes(bare, profile=page.ValidationProfile.PDF_A_3A)
    assert page.is_pdf_compliant_bytes(bare, profile=page.ValidationProfile.PDF_UA_1)


def test_the_same_input_gives_the_same_bytes(sample: bytes) -> None:
    assert render(sample_html(), title=TITLE, attachments=[CALCULATION], created=CREATED) == sample


def test_another_process_gives_the_same_bytes(sample: bytes) -> None:
    code = (
        "import sys, django; django.setup(); from tests.lib.test_pdf import *;"
        "pdf = render(sample_html(), title=TITLE, attachments=[CALCULATION], created=CREATED);"
        "sys.stdout.buffer.write(pdf)"
    )
    elsewhere = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland", "PYTHONPATH": os.pathsep.join(sys.path)}

    result = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, env=elsewhere, capture_output=True, check=True
    )

    assert result.stdout == sample


def test_the_calculation_comes_out_byte_for_byte(sample: bytes) -> None:
    with pikepdf.open(io.BytesIO(sample)) as pdf:
        [name] = pdf.attachments
        specification = pdf.attachments[name]
        file = specification.get_file()

        assert (name, file.mime_type) == (CALCULATION.name, XLSX)
        assert file.read_bytes() == CALCULATION.data
        assert specification.description == CALCULATION.description
        assert file.creation_date == file.mod_date == CREATED
        assert [entry.objgen for entry in pdf.Root.AF] == [specification.obj.objgen]
        assert specification.obj.AFRelationship == Name.Data


@pytest.mark.parametrize(
    "part",
    [
        '<img alt="x" src="https://example.org/x.png">',
        '<img alt="x" src="http://127.0.0.1:9/x.png">',
        '<img alt="x" src="file:///etc/hostname">',
        '<img alt="x" src="data:image/png;base64,AAAA">',
        '<img alt="x" src="css/../../settings.py">',
        '<img alt="x" src="%2e%2e/settings.py">',
        '<img alt="x" src="css/missing.png">',
        '<base href="https://example.org/"><link rel="stylesheet" href="css/print.css">',
        '<link rel="stylesheet" href="//example.org/print.css">',
        '<link rel="attachment" href="file:///etc/hostname">',
        '<style>@import "https://example.org/x.css";</style>',
        '<style>@font-face { font-family: X; src: url("https://example.org/x.woff2") }</style>',
        '<style>p { background: url("https://example.org/x.png") }</style>',
        '<svg width="9" height="9"><title>x</title><image href="https://example.org/x" width="9" height="9"/></svg>',
    ],
)
def test_an_address_outside_the_static_files_is_refused(part: str) -> None:
    with pytest.raises(AddressRefused):
        render(f'<html lang="de"><body><p>Text</p>{part}', title="Titel", created=CREATED)


def test_a_link_without_its_host_is_refused() -> None:
    with pytest.raises(AddressRefused, match="regionen/1"):
        render('<html lang="de"><body><a href="/regionen/1/">Region 1</a>', title="Titel", created=CREATED)


def test_a_date_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        render("<p>Text</p>", title="Titel", created=datetime(2026, 11, 22))  # noqa: DTZ001


def test_without_pango_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "weasyprint.py").write_text("raise OSError(\"cannot load library 'libpango-1.0-0'\")")
    code = (
        "import datetime, django; django.setup(); from jugendhilfe.lib import pdf\n"
        "try: pdf.render('<p>Text</p>', title='Titel', created=datetime.datetime.now(datetime.UTC))\n"
        "except pdf.PangoMissing as error: print(error)"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path]), "PYTHONIOENCODING": "utf-8"}

    result = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)

    assert "die Bibliothek Pango fehlt" in result.stdout.decode()
    assert "apt install libpango-1.0-0" in result.stdout.decode()


def test_title_language_and_dates_are_set(sample: bytes) -> None:
    with pikepdf.open(io.BytesIO(sample)) as pdf:
        assert str(pdf.docinfo.Title) == TITLE
        assert str(pdf.Root.Lang) == "de"
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        assert str(pdf.docinfo.CreationDate) == str(pdf.docinfo.ModDate) == "D:20261122084100Z"


def test_every_table_head_says_what_it_heads(sample: bytes) -> None:
    with pikepdf.open(io.BytesIO(sample)) as pdf:
        heads = tagged(pdf, Name.TH)

        assert {str(head.A.Scope) for head in heads} == {"/Row", "/Column"}


def test_a_chart_is_read_aloud_with_its_figures(sample: bytes) -> None:
    with pikepdf.open(io.BytesIO(sample)) as pdf:
        [figure] = tagged(pdf, Name.Figure)

        assert str(figure.Alt).startswith(f"Budget 2026 je Region. Region 1: {euro('691.318,38')}; Region 2:")


def test_page_footers_are_no_content(sample: bytes) -> None:
    with pikepdf.open(io.BytesIO(sample)) as pdf:
        for number, sheet in enumerate(pdf.pages):
            marks = [cast("ContentStreamInstruction", mark).operands for mark in parse_content_stream(sheet, "BDC")]
            footers = [mark for mark in marks if mark[0] == Name.Artifact and mark[1].get(Name.Type) == Name.Pagination]
            owners = pdf.Root.StructTreeRoot.ParentTree.Nums[2 * number + 1]

            assert len(footers) == 3  # number of the paper, fingerprint, "Seite x von y"
            assert sum(owner is None for owner in owners) == 3


def test_only_fira_sans_is_used(sample: bytes) -> None:
    with pikepdf.open(io.BytesIO(sample)) as pdf:
        dictionaries = [obj for obj in pdf.objects if isinstance(obj, pikepdf.Dictionary)]
        fonts = {str(obj.FontName) for obj in dictionaries if Name.FontName in obj}

        assert fonts
        assert all("Fira-Sans" in name for name in fonts)


def test_umlauts_and_tables_can_be_copied_in_order(sample_text: str) -> None:
    lines = [" ".join(line.split()) for line in sample_text.splitlines()]

    assert "LANDKREIS LÜNEBURG" in lines
    assert "Öffentlichkeitsstatus öffentlich" in " ".join(lines)
    assert "Scharnebeck 0,98119573 352.000,00 € 283.909,38 € −68.090,62 €" in lines
    assert "Summe 2.030.000,00 € 2.030.000,00 € 0,00 €" in lines
    in_table_2 = [line for line in lines if re.search(r"\d,\d{8} ", line)]
    assert [re.split(r" \d,", line)[0] for line in in_table_2] == [name for name, *_ in SPACES]


def test_heads_repeat_on_the_next_page_and_sums_do_not(sample_text: str) -> None:
    pages = sample_text.split("\f")
    heads = [text for text in pages if re.search(r"Sozialraum +Jahr +Arbeitslose", text)]

    assert len(heads) == 2
    assert len(re.findall(r"Mittel +2019 bis 2021", sample_text)) == 1


def test_every_page_says_which_paper_and_which_figures(sample_text: str) -> None:
    pages = sample_text.split("\f")[:-1]

    for number, text in enumerate(pages, start=1):
        footer = text.rstrip().splitlines()[-1]
        assert f"Seite {number} von {len(pages)}" in footer
        assert "Bericht 2026/0XX – Beispieldaten" in footer
        assert f"Prüfsumme {hashlib.sha256(b'sample').hexdigest()[:16]}" in footer


def test_a_paper_with_real_figures_shows_no_banner() -> None:
    text = engines["django"].from_string('{% extends "papers/base.html" %}').render({"paper": {"kind": "Bericht"}})

    assert "Beispieldaten" not in text
    assert "Prüfsumme" not in text
