"""Workbooks read back from their XML, as a spreadsheet would see them."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree as ET

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return {name: book.read(name).decode() for name in book.namelist()}


def sheets(content: bytes) -> dict[str, list[list[object]]]:
    """Return the cells of every sheet: text, float, bool or None."""
    files = parts(content)
    shared = [
        "".join(part.text or "" for part in item.iter(f"{MAIN}t"))
        for item in ET.fromstring(files["xl/sharedStrings.xml"])
    ]
    book = ET.fromstring(files["xl/workbook.xml"])
    names = [sheet.attrib["name"] for sheet in book.iter(f"{MAIN}sheet")]
    return {
        name: _rows(ET.fromstring(files[f"xl/worksheets/sheet{number}.xml"]), shared)
        for number, name in enumerate(names, start=1)
    }


def _rows(sheet, shared) -> list[list[object]]:
    found = []
    for row in sheet.iter(f"{MAIN}row"):
        cells: dict[int, object] = {}
        for cell in row.iter(f"{MAIN}c"):
            assert cell.find(f"{MAIN}f") is None, "a formula"
            cells[_column(cell.attrib["r"])] = _value(cell, shared)
        found.append([cells.get(place) for place in range(max(cells, default=-1) + 1)])
    return found


def _column(reference: str) -> int:
    number = 0
    for letter in filter(str.isalpha, reference):
        number = number * 26 + ord(letter) - 64
    return number - 1


def _value(cell, shared) -> object:
    value = cell.find(f"{MAIN}v")
    if value is None:
        return None
    kind = cell.attrib.get("t", "n")
    return {"s": lambda text: shared[int(text)], "b": lambda text: text == "1", "n": float}[kind](value.text)
