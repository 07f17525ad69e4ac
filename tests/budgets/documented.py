"""The tables of a page of the documentation."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def tables_of(page: str) -> dict[str, list[list[str]]]:
    """The cells below the head of every table, by the first word or words of its head."""
    found: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for text in (ROOT / page).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in text.strip("|").split("|")]
        if not text.startswith("|"):
            rows = []
        elif rows:
            rows.append(cells)
        else:
            assert cells[0] not in found, f"two tables begin with {cells[0]}"
            rows = found[cells[0]] = [cells]
    return {name: rows[2:] for name, rows in found.items()}
