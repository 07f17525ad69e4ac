"""Who runs this installation: the names and addresses a county sets once in a TOML file."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

TO_BE_FILLED_IN = "[vom Landkreis zu ergänzen]"


@dataclass(frozen=True, slots=True)
class County:
    """The county as it signs its papers; missing entries read "[vom Landkreis zu ergänzen]"."""

    name: str = TO_BE_FILLED_IN
    head: str = "DER LANDRAT"
    office: str = TO_BE_FILLED_IN
    street: str = TO_BE_FILLED_IN
    town: str = TO_BE_FILLED_IN
    phone: str = TO_BE_FILLED_IN
    email: str = ""
    whole_area: str = "Kreis"
    data_licence: str = TO_BE_FILLED_IN
    flag_line: str = ""
    outside: tuple[tuple[str, float, float], ...] = ()
    """Areas of the county with a youth office of their own: name, column and row on the tile map."""

    @classmethod
    def load(cls, path: Path) -> "County":
        """Read a TOML file; an unknown entry is an error that names it."""
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
        unknown = sorted(set(entries) - {field.name for field in fields(cls)})
        if unknown:
            raise ValueError(f"{path.name}: unbekannte Einträge {', '.join(unknown)}")
        outside = tuple((str(name), float(column), float(row)) for name, column, row in entries.pop("outside", ()))
        return cls(**entries, outside=outside)
