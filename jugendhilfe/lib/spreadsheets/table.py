"""A table as it stood in the file, cell by cell, and the refusal when it cannot be taken."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from jugendhilfe.lib.errors import DomainError

type Kind = Literal["empty", "text", "number", "percent", "date", "boolean", "error"]


class SpreadsheetError(DomainError):
    """The file cannot be taken; the message is a German sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as a German reader sees it, numbers without grouping points: 1234,5; 12,8 %; 31.12.2022; WAHR."""

    text: str = ""
    kind: Kind = "empty"
    formula: bool = False

    @property
    def number(self) -> Decimal | None:
        """The exact number of a numeric cell; 12.8 for a cell that shows 12,8 %."""
        if self.kind not in ("number", "percent"):
            return None
        return Decimal(self.text.removesuffix("\u00a0%").replace(",", "."))


EMPTY = Cell()


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it stands in the file; the number of a row or column in the file is its index plus one."""

    rows: tuple[tuple[Cell, ...], ...]
    name: str
    size: int
    sha256: str
    encoding: str
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    decimal_point: bool = False

    def cell(self, row: int, column: int) -> Cell:
        """The cell in this row and column, both counted from one; empty beyond the edge."""
        line = self.rows[row - 1] if row <= len(self.rows) else ()
        return line[column - 1] if column <= len(line) else EMPTY

    def formulas(self) -> list[str]:
        """Names of the cells whose value is a stored result of a formula, for the person to confirm."""
        return [
            cell_name(row, column)
            for row, line in enumerate(self.rows, start=1)
            for column, cell in enumerate(line, start=1)
            if cell.formula
        ]


def column_letter(column: int) -> str:
    """3 → C, 28 → AB"""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """(7, 3) → C7"""
    return f"{column_letter(column)}{row}"
