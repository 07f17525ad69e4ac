"""What needs no database must not start one: not at import, and not in commands that only read files."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]

MANAGE = """
import os, sys
from django.core.management import execute_from_command_line
from jugendhilfe import embedded_postgres
def refuse(base): sys.exit("the database was started")
embedded_postgres.ensure = refuse
os.environ["DJANGO_SETTINGS_MODULE"] = "jugendhilfe.settings"
execute_from_command_line(["manage.py", *sys.argv[1:]])
"""


def manage(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    ours = ("DATABASE_", "DJANGO_", "SRB_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", MANAGE, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=PROJECT,
        env={**inherited, **environment},
        check=False,
    )


def test_the_system_check_needs_no_database() -> None:
    done = manage("check", DJANGO_DEBUG="1")
    assert (done.returncode, done.stderr) == (0, "")


def test_collecting_static_files_needs_no_database_and_no_setting() -> None:
    done = manage("collectstatic", "--dry-run", "--no-input", "--verbosity", "0")
    assert (done.returncode, done.stderr) == (0, "")


def test_computing_burden_factors_needs_no_database_and_no_setting(tmp_path: Path) -> None:
    values, scheme = tmp_path / "VALUES.csv", tmp_path / "SCHEME.toml"
    values.write_text("key,reference_population,a\n1,1,30\n2,1,10\n")
    scheme.write_text('[[indicator]]\ncode = "a"\nweight = 1\ndirection = "more"\n')

    done = manage("compute_burden", values, scheme)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("key,index,factor,contribution_a")


@pytest.mark.parametrize(("debug", "refusal"), [("1", "the database was started"), ("", "DATABASE_URL")])
def test_a_command_that_reads_rows_needs_one(debug: str, refusal: str) -> None:
    done = manage("showmigrations", DJANGO_DEBUG=debug)
    assert done.returncode != 0
    assert refusal in done.stderr
    assert "Traceback" not in done.stderr
