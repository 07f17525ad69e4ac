"""The file with a county's own names and places."""

import tomllib
from pathlib import Path

import pytest

import jugendhilfe
from jugendhilfe.county import TO_BE_FILLED_IN, County

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_example_names_the_area_with_a_youth_office_of_its_own() -> None:
    county = County.load(ROOT / "fixtures" / "lueneburg.toml")
    assert county.outside == (("Hansestadt Lüneburg", 1.5, 1.0),)
    assert county.phone == TO_BE_FILLED_IN


def test_a_file_without_such_areas_has_none(tmp_path: Path) -> None:
    (tmp_path / "county.toml").write_text('name = "Landkreis"\n', encoding="utf-8")
    assert County.load(tmp_path / "county.toml").outside == ()


def test_an_unknown_entry_is_named(tmp_path: Path) -> None:
    (tmp_path / "county.toml").write_text('nmae = "Landkreis"\n', encoding="utf-8")
    with pytest.raises(ValueError, match="unbekannte Einträge nmae"):
        County.load(tmp_path / "county.toml")


def test_the_version_in_exports_is_the_version_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert jugendhilfe.__version__ == project["version"]
