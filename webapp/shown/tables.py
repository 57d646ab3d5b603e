"""Tables for spreadsheets: comma-separated values, and Excel workbooks.

A text of the minutes may begin like a formula. In a workbook every text is stored as text; in comma-separated values,
where a spreadsheet would compute it, an apostrophe stands before it.
"""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import IO, Any

import xlsxwriter

Cell = str | int | float | None
Sheet = tuple[str, Sequence[str], Iterable[Sequence[Cell]]]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
MOST_CHARACTERS = 32_767  # of a cell of a workbook
CUT = " [cut: the cell is full]"
WIDTH = 24  # characters of a column
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def harmless(value: Cell) -> Cell:
    """Return a cell with an apostrophe before a text that a spreadsheet would take for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def csv_of(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table as comma-separated values, its first line the names of the columns."""
    return "".join(csv_lines(columns, rows))


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Yield the lines of a table as ``csv_of`` writes them, each with its end."""
    for row in chain([columns], rows):
        out = io.StringIO(newline="")
        csv.writer(out).writerow([harmless(value) for value in row])  # ends in \r\n: with \n it would not quote a \r
        yield out.getvalue()


def xlsx_of(sheets: Iterable[Sheet]) -> bytes:
    """Return a workbook with a sheet for each name, columns and rows; a text too long for a cell says it is cut."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS | {"in_memory": True}) as book:
        _write(book, sheets)
    return out.getvalue()


def xlsx_to(sheets: Iterable[Sheet]) -> IO[bytes]:
    """Return a workbook as ``xlsx_of`` does, in a file that is at its start and vanishes when it is closed.

    A row at a time is in memory. No sheet holds more than 1,048,575 rows below the names of the columns.
    """
    file = tempfile.TemporaryFile()
    with xlsxwriter.Workbook(file, _OPTIONS | {"constant_memory": True}) as book:
        _write(book, sheets)
    file.seek(0)
    return file


def _write(book: Any, sheets: Iterable[Sheet]) -> None:
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


def _fitting(value: Cell) -> Cell:
    if isinstance(value, str) and len(value) > MOST_CHARACTERS:
        return value[: MOST_CHARACTERS - len(CUT)] + CUT
    return value
