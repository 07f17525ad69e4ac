"""Tables from outside: `read_upload` and `read_pasted` give a Table, `read_rows` values and errors by cell."""

from jugendhilfe.lib.spreadsheets.columns import (
    SECRET,
    CellError,
    Column,
    Header,
    Row,
    Secret,
    find_header,
    one_of,
    parse_statistic,
    parse_text,
    read_rows,
)
from jugendhilfe.lib.spreadsheets.reader import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, read_pasted, read_upload
from jugendhilfe.lib.spreadsheets.table import Cell, SpreadsheetError, Table, cell_name, column_letter

__all__ = [
    "MAX_BYTES",
    "MAX_COLUMNS",
    "MAX_ROWS",
    "SECRET",
    "Cell",
    "CellError",
    "Column",
    "Header",
    "Row",
    "Secret",
    "SpreadsheetError",
    "Table",
    "cell_name",
    "column_letter",
    "find_header",
    "one_of",
    "parse_statistic",
    "parse_text",
    "read_pasted",
    "read_rows",
    "read_upload",
]
