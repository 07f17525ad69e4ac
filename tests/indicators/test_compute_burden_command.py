"""compute_burden: the documented files give the documented output, and every slip gives one line and exit code 2."""

import csv
import io
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.indicators.test_burden import WORKED_FACTORS
from tests.indicators.worked_example import NAMES

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "burden-factor.md").read_text(encoding="utf-8")
VALUES, OUTPUT = re.findall(r"```csv\n(.*?)```", DOCUMENT, re.DOTALL)
SCHEME, HDI_SCHEME = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)

SMALL_VALUES = "key,reference_population,a\n2,1,10\n1,1,30\n"
SMALL_SCHEME = '[[indicator]]\ncode = "a"\nweight = 1\ndirection = "more"\n'


def run(folder: Path, values: str | bytes, scheme: str) -> str:
    content = values if isinstance(values, bytes) else values.encode()
    (folder / "VALUES.csv").write_bytes(content)
    (folder / "SCHEME.toml").write_text(scheme, encoding="utf-8")
    out = io.StringIO()
    try:
        call_command("compute_burden", folder / "VALUES.csv", folder / "SCHEME.toml", stdout=out)
    except CommandError:
        assert out.getvalue() == ""
        raise
    return out.getvalue()


def test_the_documented_example_gives_the_documented_output(tmp_path: Path) -> None:
    assert run(tmp_path, VALUES, SCHEME) == OUTPUT


def test_the_documented_output_is_the_worked_example() -> None:
    factors = {NAMES[row["key"]]: Decimal(row["factor"]) for row in csv.DictReader(io.StringIO(OUTPUT))}
    assert factors.keys() == WORKED_FACTORS.keys()
    assert all(abs(factors[name] - Decimal(factor)) <= Decimal("0.0000001") for name, factor in WORKED_FACTORS.items())


def test_the_documented_scheme_of_the_human_development_index_gives_the_published_values(
    tmp_path: Path, shared_data: Path
) -> None:
    with (shared_data / "hdi_2022.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = ["le_2022", "eys_2022", "mys_2022", "gnipc_2022"]
    values = io.StringIO()
    writer = csv.writer(values)
    writer.writerow(["key", "reference_population", *columns])
    writer.writerows([row["iso3"], 1, *(row[column] for column in columns)] for row in rows)
    result = csv.DictReader(io.StringIO(run(tmp_path, values.getvalue(), HDI_SCHEME)))
    ours = {row["key"]: round(Decimal(row["index"]), 3) for row in result}
    assert ours == {row["iso3"]: Decimal(row["hdi_2022"]) for row in rows}
    assert len(ours) == 193


def test_it_runs_as_a_process_without_settings_or_database(tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text(VALUES, encoding="utf-8")
    (tmp_path / "s.toml").write_text(SCHEME, encoding="utf-8")
    unset = ("DJANGO_", "SRB_", "DATABASE_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(unset)}

    def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "manage.py"), "compute_burden", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False
        )

    good, bad = manage("v.csv", "s.toml"), manage("v.csv", "missing.toml")
    assert (good.returncode, good.stdout, good.stderr) == (0, OUTPUT, "")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr == "CommandError: Die Datei missing.toml lässt sich nicht lesen.\n"


def test_the_order_of_the_input_is_the_order_of_the_output(tmp_path: Path) -> None:
    assert run(tmp_path, SMALL_VALUES, SMALL_SCHEME) == (
        "key,index,factor,contribution_a\n2,0.5000000000,0.50000000,-0.5000000000\n1,1.5000000000,1.50000000,0.5000000000\n"
    )


def test_what_rounds_to_nothing_has_no_sign(tmp_path: Path) -> None:
    values = "key,reference_population,a,b\n1,3,1,0.1\n2,7,2,0.1\n3,11,3,0.1\n"
    posts = SMALL_SCHEME + "low = 0\nhigh = 20\n"
    scheme = 'method = "goalposts"\naggregation = "geometric"\n' + posts + posts.replace('"a"', '"b"')
    output = run(tmp_path, values, scheme)
    assert [line.rsplit(",", 1)[1] for line in output.splitlines()[1:]] == ["0.0000000000"] * 3


def test_columns_the_scheme_does_not_name_are_left_aside(tmp_path: Path) -> None:
    values = "key,reference_population,name,a\n2,1,Bleckede,10\n1,1,,30\n"
    assert run(tmp_path, values, SMALL_SCHEME) == run(tmp_path, SMALL_VALUES, SMALL_SCHEME)


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path: Path) -> None:
    windows = b"\xef\xbb\xbf" + SMALL_VALUES.replace("\n", "\r\n").encode()
    assert run(tmp_path, windows, SMALL_SCHEME) == run(tmp_path, SMALL_VALUES, SMALL_SCHEME)


def test_limits_are_read(tmp_path: Path) -> None:
    output = run(tmp_path, SMALL_VALUES, "factor_min = 0.8\nfactor_max = 1.5\n" + SMALL_SCHEME)
    assert [row["factor"] for row in csv.DictReader(io.StringIO(output))] == ["0.80000000", "1.20000000"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ("key,reference_population,a\n1,1,\n2,1,5\n3,1, \n", "Es fehlen 2 Werte: 1 / a, 3 / a."),
        ("key,reference_population,a\n1,1,NaN\n", "VALUES: 1 / a: „NaN“ ist keine Zahl"),
        ("key,reference_population,a\n1,1,Infinity\n", "„Infinity“ ist keine Zahl"),
        ("key,reference_population,a\n1,1,1_000\n", "„1_000“ ist keine Zahl"),
        ("key,reference_population,a\n1,1,１２\n", "„１２“ ist keine Zahl"),
        ('key,reference_population,a\n1,1,"12,5"\n', "„12,5“ ist keine Zahl"),
        ("key,reference_population,a\n1,,5\n", "VALUES: 1 / reference_population fehlt"),
        ("key,reference_population,a\n1,0,5\n", "Bezugsgröße muss eine Zahl größer als 0 sein: 1"),
        ("key,reference_population,a\n1,1,5\n1,1,6\n", "Mehrfach genannt: 1"),
        ("key,reference_population,a\n,1,5\n", r"VALUES, Zeile 2: Der Schlüssel \(key\) fehlt"),
        ("key,reference_population,a\n\n1,1\n", "VALUES, Zeile 3: 2 statt 3 Felder"),
        ("key,reference_population\n1,1\n", "Es fehlt die Spalte a"),
        ("key,reference_population,a,a\n1,1,5,6\n", "Spalte mehrfach vorhanden: a"),
        ("key;reference_population;a\n1;1;5\n", "Kopfzeile"),
        ("", "Kopfzeile"),
        ("key,reference_population,a\n", "keinen Sozialraum"),
        ('key,reference_population,a\n1,1,"5\n', "keine gültige CSV-Datei"),
        ("key,reference_population,a\nKöln,1,5\n".encode("latin-1"), "nicht in UTF-8"),
        ('key,reference_population,a\n"1\n\x1b[31m",1,x\n', "VALUES: 1\ufffd\ufffd.31m / a: „x“ ist keine Zahl"),
    ],
)
def test_a_slip_in_the_values_is_one_clear_line(tmp_path: Path, values: str | bytes, sentence: str) -> None:
    assert_refused(tmp_path, values, SMALL_SCHEME, sentence)


@pytest.mark.parametrize(
    ("scheme", "sentence"),
    [
        ("wieght = 3\n" + SMALL_SCHEME, "SCHEME: unbekannt: wieght"),
        (SMALL_SCHEME + "wieght = 3\ncounty = 1\n", r"SCHEME: \[\[indicator\]\] a: unbekannt: wieght, county"),
        ('[[indicator]]\ncode = "a"\n', r"\[\[indicator\]\] a: es fehlt weight, direction"),
        (SMALL_SCHEME.replace('"a"', "7"), "code = 7 geht nicht, erwartet wird ein Text"),
        (SMALL_SCHEME.replace("= 1", '= "1"'), "weight = 1 geht nicht, erwartet wird eine Zahl"),
        (SMALL_SCHEME.replace("= 1", "= true"), "erwartet wird eine Zahl"),
        (SMALL_SCHEME.replace("= 1", "= nan"), "„nan“ ist keine Zahl"),
        (SMALL_SCHEME.replace("= 1", "= -inf"), "„-inf“ ist keine Zahl"),
        (SMALL_SCHEME.replace("= 1", "= 1_0.5"), "„1_0.5“ ist keine Zahl"),
        (SMALL_SCHEME.replace("more", "up"), "direction = up geht nicht, erwartet wird eines von more, less"),
        ('method = "rank"\n' + SMALL_SCHEME, "method = rank geht nicht"),
        ('method = ["ratio"]\n' + SMALL_SCHEME, "method = .* geht nicht"),
        ('indicator = "a"\n', r"indicator wird als \[\[indicator\]\] geschrieben"),
        ("dimension = [1]\n" + SMALL_SCHEME, r"dimension wird als \[\[dimension\]\] geschrieben"),
        ('[[dimension]]\ncode = "X"\n' + SMALL_SCHEME, r"\[\[dimension\]\] X: es fehlt weight"),
        ("method = \n", "keine gültige TOML-Datei"),
        ("", "keinen Indikator"),
        (SMALL_SCHEME + 'dimension = "X"\n', "Die Dimension X gibt es im Schema nicht"),
    ],
)
def test_a_slip_in_the_scheme_is_one_clear_line(tmp_path: Path, scheme: str, sentence: str) -> None:
    assert_refused(tmp_path, SMALL_VALUES, scheme, sentence)


def assert_refused(folder: Path, values: str | bytes, scheme: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence) as refusal:
        run(folder, values, scheme)
    assert refusal.value.returncode == 2
    assert str(refusal.value).isprintable()
