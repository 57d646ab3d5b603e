"""Reading the workbooks that Minutebook writes, with nothing but the standard library."""

import io
import re
import zipfile
from xml.etree import ElementTree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets_of(workbook: bytes) -> list[list[list[str | None]]]:
    """Return the cells of each sheet, row by row; a formula is given with the equals sign before it and "FORMULA "."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as packed:
        names = packed.namelist()
        shared = "xl/sharedStrings.xml"
        entries = ElementTree.fromstring(packed.read(shared)) if shared in names else []
        strings = ["".join(part.text or "" for part in entry.iter(f"{_MAIN}t")) for entry in entries]
        sheets = sorted(name for name in names if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name))
        return [_rows(ElementTree.fromstring(packed.read(name)), strings) for name in sheets]


def _rows(sheet: ElementTree.Element, strings: list[str]) -> list[list[str | None]]:
    rows = []
    for row in sheet.iter(f"{_MAIN}row"):
        cells: dict[int, str | None] = {}
        for cell in row.iter(f"{_MAIN}c"):
            cells[_column(cell.attrib["r"])] = _value(cell, strings)
        rows.append([cells.get(column) for column in range(max(cells, default=-1) + 1)])
    return rows


def _value(cell: ElementTree.Element, strings: list[str]) -> str | None:
    formula, value = cell.find(f"{_MAIN}f"), cell.find(f"{_MAIN}v")
    if formula is not None:
        return f"FORMULA ={formula.text}"
    if (inline := cell.find(f"{_MAIN}is")) is not None:
        return "".join(part.text or "" for part in inline.iter(f"{_MAIN}t"))
    if value is None or value.text is None:
        return None
    return strings[int(value.text)] if cell.attrib.get("t") == "s" else value.text


def _column(reference: str) -> int:
    number = 0
    for letter in re.sub(r"\d", "", reference):
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
