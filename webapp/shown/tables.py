"""Tables for spreadsheets: comma-separated values, and Excel workbooks.

A text of the minutes may begin like a formula. In a workbook every text is stored as text; in comma-separated values,
where a spreadsheet would compute it, an apostrophe stands before it.
"""

import csv
import io
from collections.abc import Iterable, Sequence

import xlsxwriter

Cell = str | int | float | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
MOST_CHARACTERS = 32_767  # of a cell of a workbook
CUT = " [cut: the cell is full]"
WIDTH = 24  # characters of a column


def harmless(value: Cell) -> Cell:
    """Return a cell with an apostrophe before a text that a spreadsheet would take for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def csv_of(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table as comma-separated values, its first line the names of the columns."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)  # its lines end in \r\n: with \n alone it would not quote a \r
    writer.writerow(columns)
    writer.writerows([harmless(value) for value in row] for row in rows)
    return out.getvalue()


def xlsx_of(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Cell]]]]) -> bytes:
    """Return a workbook with a sheet for each name, columns and rows; a text too long for a cell says it is cut."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for name, columns, rows in sheets:
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 1)
            sheet.set_column(0, len(columns) - 1, WIDTH)
            sheet.write_row(0, 0, columns, heading)
            for number, row in enumerate(rows, 1):
                for column, value in enumerate(row):
                    sheet.write(number, column, _fitting(value), wrapped)
    return out.getvalue()


def _fitting(value: Cell) -> Cell:
    if isinstance(value, str) and len(value) > MOST_CHARACTERS:
        return value[: MOST_CHARACTERS - len(CUT)] + CUT
    return value
