"""`manage.py distribute`: CSV in, CSV out, one clear line where something is wrong, and never a database."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

type Run = Callable[..., str]

ROOT = Path(__file__).parents[2]

BASIS = """\
key,offices,reference_population,factor,previous
033550049,1,5320,1.35040354,128000.00
033550009,1,9694,1.28248163,262000.00
033555403,1,6207,1.34385619,148000.00
033555406,1,10644,0.91565731,176000.00
033555407,1,15781,0.98119573,352000.00
033555402,1,18383,0.84152501,268000.00
033550001,1,10956,0.98123330,212000.00
033555404,1,14346,0.88576680,196000.00
033555405,1,10897,0.94179316,164000.00
033555401,1,8487,0.98227615,124000.00
"""
BY_NEED = "base = 0\nhead = 0\nneed = 1\n"
AMOUNTS = """\
key,amount
033550049,131723.96
033550009,227952.18
033555403,152941.07
033555406,178701.17
033555407,283909.38
033555402,283643.60
033550001,197112.37
033555404,232991.35
033555405,188170.72
033555401,152854.20
"""
HEADER = "key,offices,reference_population,factor,previous\n"
SMALL = HEADER + "b,1,1000,1.5,100.00\na,1,500,1,\n"


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command on file contents; returns what it wrote to standard output."""

    def run(total: str = "2030000.00", basis: str | bytes = BASIS, model: str = BY_NEED) -> str:
        for name, content in (("basis.csv", basis), ("model.toml", model)):
            (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        call_command("distribute", total, str(tmp_path / "basis.csv"), str(tmp_path / "model.toml"))
        return capsys.readouterr().out

    return run


def manage(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The real command line, in an environment that names no database and does not allow debugging."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "DATABASE_", "SRB_"))
    }
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "distribute", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_the_demo_comes_out_to_the_cent_without_any_setting_or_database(tmp_path: Path) -> None:
    (tmp_path / "basis.csv").write_text(BASIS)
    (tmp_path / "m2.toml").write_text(BY_NEED)
    done = manage("2030000.00", "basis.csv", "m2.toml", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, AMOUNTS, "")


def test_an_error_is_one_line_on_standard_error_with_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "basis.csv").write_text(BASIS)
    (tmp_path / "floor.toml").write_text(BY_NEED + "floor_percent = 1\n")
    done = manage("2000000.00", "basis.csv", "floor.toml", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "Es fehlen 9.700,00\u00a0€." in done.stderr


def test_the_output_keeps_the_order_of_the_input_and_its_leading_zeros(run: Run) -> None:
    rows = BASIS.splitlines()
    reverse = "\n".join([rows[0], *rows[:0:-1]])
    assert run(basis=reverse).splitlines()[1:] == AMOUNTS.splitlines()[:0:-1]


def test_byte_order_mark_windows_line_ends_and_a_missing_last_line_end_are_read(run: Run) -> None:
    basis = BASIS.rstrip("\n").replace("\n", "\r\n")
    assert run(basis=b"\xef\xbb\xbf" + basis.encode(), model="\ufeff" + BY_NEED.replace("\n", "\r\n")) == AMOUNTS


def test_columns_may_stand_in_any_order(run: Run) -> None:
    basis = "factor,previous,key,reference_population,offices\n1.5,100.00,b,1000,1\n1,,a,500,1\n"
    assert run("200", basis) == run("200", SMALL) == "key,amount\nb,150.00\na,50.00\n"


def test_an_empty_previous_means_no_bounds(run: Run) -> None:
    assert run("200", SMALL, BY_NEED + "cap_percent = 10\n") == "key,amount\nb,110.00\na,90.00\n"


def test_floor_cap_and_unit_are_read_from_the_model(run: Run) -> None:
    model = "base = 0.2\nhead = 0.3\nneed = 0.5\nfloor_percent = 5.0\ncap_percent = 10\nunit = 100\n"
    amounts = dict(line.split(",") for line in run(model=model).splitlines()[1:])
    assert amounts["033555407"] == "334400.00"
    assert amounts["033555404"] == "215600.00"
    assert amounts["033550049"].endswith("00.00")


def test_shares_are_read_exactly_as_they_are_written(run: Run) -> None:
    # As binary floats 0.1 + 0.2 + 0.7 is not 1.
    assert run("200", SMALL, "base = 0.1\nhead = 0.2\nneed = 0.7\n").startswith("key,amount\n")


@pytest.mark.parametrize(
    ("total", "sentence"),
    [
        ("", "TOTAL: „“ ist keine Zahl"),
        ("0", "muss größer als 0,00\u00a0€ sein"),
        ("-5", "TOTAL: „-5“ darf nicht negativ sein"),
        ("1.005", "hat Bruchteile von Cent"),
        ("2,030,000.00", "ohne Tausenderzeichen"),
        ("2.030.000,00", "ohne Tausenderzeichen"),
        ("2_030_000", "ohne Tausenderzeichen"),
        ("2e6", "ist keine Zahl"),
        ("NaN", "ist keine Zahl"),
        ("Infinity", "ist keine Zahl"),
        ("٣", "ist keine Zahl"),
        ("9" * 30, "hat zu viele Stellen"),
    ],
)
def test_a_total_that_is_no_plain_amount_is_refused(run: Run, total: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(total)


@pytest.mark.parametrize(
    ("basis", "sentence"),
    [
        ("", "enthält keinen Sozialraum"),
        (HEADER, "enthält keinen Sozialraum"),
        ("key,offices,factor,previous\na,1,1,\n", "Es fehlt die Spalte reference_population"),
        (HEADER.replace(",", ";"), "Es fehlt die Spalte key, offices"),
        (HEADER.replace("key,", "key,key,") + "a,a,1,500,1,\n", "jede einmal"),
        (HEADER.replace("key,", "key,name,") + "a,A,1,500,1,\n", "genau die Spalten"),
        (SMALL + "a,1,500,1,\n", "Mehrfach angegeben: a"),
        (SMALL + ",1,500,1,\n", "Zeile 4: key ist leer"),
        (SMALL + "c,1,500,1\n", "Zeile 4: 4 Felder statt 5"),
        (SMALL + "c,1,1,500,1,\n", "Zeile 4: 6 Felder statt 5"),
        (SMALL + "c,1,500,NaN,\n", "Zeile 4, factor: „NaN“ ist keine Zahl"),
        (SMALL + "c,1,500,inf,\n", "Zeile 4, factor: „inf“ ist keine Zahl"),
        (SMALL + "c,1,500,-1,\n", "Zeile 4, factor: „-1“ darf nicht negativ sein"),
        (SMALL + "c,1,,1,\n", "Zeile 4, reference_population: „“ ist keine Zahl"),
        (SMALL + "c,1.5,500,1,\n", "Zeile 4, offices: „1.5“ ist keine ganze Zahl"),
        (SMALL + 'c,1,"1,500",1,\n', "Zeile 4, reference_population: „1,500“ ist keine Zahl"),
        (SMALL + "c,1,1 500,1,\n", "Zeile 4, reference_population: „1 500“ ist keine Zahl"),
        (SMALL + "c,1,500,1,0.001\n", "c: Der Betrag des Vorjahres hat Bruchteile von Cent"),
        (SMALL + 'c,1,500,1,"1\n', "Zeile 4: kein lesbares CSV"),
        (SMALL.encode() + b"\xe4,1,500,1,\n", "nicht in UTF-8 gespeichert"),
    ],
)
def test_a_basis_with_a_mistake_is_refused_with_its_place(run: Run, basis: str | bytes, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        run("200", basis)


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("", "Es fehlt base, head, need"),
        ("base = 0\nneed = 1\n", "Es fehlt head"),
        (BY_NEED + "floor = 5\n", "unbekannte Angabe „floor“"),
        (BY_NEED + "[extra]\n", "unbekannte Angabe „extra“"),
        (BY_NEED + "base = 0\n", "kein gültiges TOML"),
        ("base: 0\n", "kein gültiges TOML"),
        (BY_NEED + "unit = 1e9999999999999999999\n", "kein gültiges TOML|hat zu viele Stellen"),
        ("x = " + "[" * 100_000, "kein gültiges TOML"),
        ('base = 0\nhead = 0\nneed = "1"\n', "need muss eine Zahl ohne Anführungszeichen sein"),
        ("base = false\nhead = 0\nneed = 1\n", "base muss eine Zahl"),
        ("base = nan\nhead = 0\nneed = 1\n", "Der Anteil für den Sockel ist keine Zahl"),
        ("base = -1\nhead = 1\nneed = 1\n", "Der Anteil für den Sockel darf nicht negativ sein"),
        ("base = 0.2\nhead = 0\nneed = 0.7\n", "Die Anteile des Modells ergeben zusammen 0,9 statt 1"),
        (BY_NEED + "floor_percent = -5\n", "Der größte Verlust in Prozent darf nicht negativ sein"),
        (BY_NEED + "cap_percent = inf\n", "Der größte Gewinn in Prozent ist keine Zahl"),
        (BY_NEED + "unit = 0.05\n", "Gerundet wird auf"),
    ],
)
def test_a_model_with_a_mistake_is_refused(run: Run, model: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence) as refused:
        run("200", SMALL, model)
    assert refused.value.returncode == 2


def test_a_file_that_is_missing_or_a_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"Die Datei .*nowhere\.csv gibt es nicht"):
        call_command("distribute", "1", str(tmp_path / "nowhere.csv"), "model.toml")
    with pytest.raises(CommandError, match="lässt sich nicht lesen"):
        call_command("distribute", "1", str(tmp_path), "model.toml")


def test_what_a_file_smuggles_into_a_message_stays_on_one_line(run: Run) -> None:
    with pytest.raises(CommandError, match="Mehrfach angegeben: a b") as refused:
        run("200", HEADER + '"a\nb",1,500,1,\n"a\nb",1,500,1,\n')
    assert "\n" not in str(refused.value)
