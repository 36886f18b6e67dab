"""Writes tables as XLSX: a sheet each, typed cells, and a sheet of what they rest on. Imports openpyxl and this package's tables.

Spreadsheet programs run what looks like a formula, so every text is marked as text. The same report gives the same bytes: no clock
time enters a file.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Sequence
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from stratgraph.report.file import Report
from stratgraph.report.table import Cell, Head, Table
from stratgraph.report.words import word

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_LONGEST: Final = 32_767
_LONGEST_TITLE: Final = 31
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NOT_TITLE: Final = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_MODIFIED: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_WIDTHS: Final = {"iri": 36.0, "summary": 60.0, "label": 36.0, "blank": 32.0, "number": 10.0}
_TEXT_WIDTHS: Final = (8.0, 44.0)
_SAMPLED: Final = 200
_HEAD: Final = PatternFill("solid", fgColor="FFE7ECF3")
_LINE: Final = Border(*[Side("thin", color="FFB8C2CF")] * 4)
_WRAPPED: Final = Alignment(wrap_text=True, vertical="top")


def workbook(report: Report) -> bytes:
    """An XLSX file; the sheets of a single table are `answer` and `about`. Takes a second for some 50,000 cells: run it in a thread."""
    book = Workbook(write_only=True)
    single = len(report.tables) == 1
    about = "about" if single else word("about", report.language)
    titles = ["answer"] if single else sheet_titles([one.title for one in report.tables], about)
    for title, table in zip(titles, report.tables, strict=True):
        _add(book.create_sheet(title), table)
    _add_about(book.create_sheet(about), report)
    raw = io.BytesIO()
    book.save(raw)
    return without_clock(raw.getvalue(), report.date)


def sheet_titles(titles: Sequence[str], *taken: str) -> list[str]:
    """Titles that sheets may have: at most 31 characters, none of those they may not have, each its own whatever its case."""
    found: list[str] = []
    used = {one.casefold() for one in taken}
    for title in titles:
        plain = _NOT_TITLE.sub(" ", title).strip() or "–"
        name, number = plain[:_LONGEST_TITLE], 1
        while name.casefold() in used:
            number += 1
            name = f"{plain[: _LONGEST_TITLE - 1 - len(str(number))]} {number}"
        used.add(name.casefold())
        found.append(name)
    return found


def _add(sheet: Any, table: Table) -> None:
    above = len(table.preface) + 1 if table.preface else 0
    for i, head in enumerate(table.heads, 1):
        sheet.column_dimensions[get_column_letter(i)].width = _width(head, [row[i - 1] for row in table.rows[:_SAMPLED]])
    sheet.freeze_panes = f"A{above + 2}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = "landscape", "9", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{above + 1}:{above + 1}"
    for i, line in enumerate(table.preface):
        sheet.append([text_cell(sheet, line, Font(bold=True, size=14) if i == 0 else None)])
    if above:
        sheet.append([])
    sheet.append([_head(sheet, head) for head in table.heads])
    for row in table.rows:
        sheet.append([_cell(sheet, value, head) for value, head in zip(row, table.heads, strict=True)])


def _width(head: Head, values: Sequence[Cell]) -> float:
    """A column's width in characters; full-width ones count two."""
    if head.kind in _WIDTHS:
        return _WIDTHS[head.kind]
    longest = max((_length(str(value)) for value in (head.heading, *values) if value is not None), default=0)
    return min(max(float(longest) + 2, _TEXT_WIDTHS[0]), _TEXT_WIDTHS[1])


def _length(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text[:100])


def _head(sheet: Any, head: Head) -> Any:
    cell = text_cell(sheet, head.heading, Font(bold=True))
    cell.fill, cell.border, cell.alignment = _HEAD, _LINE, _WRAPPED
    return cell


def _cell(sheet: Any, value: Cell, head: Head) -> Any:
    if value is None and head.kind != "blank":
        return None
    cell = text_cell(sheet, value or "") if isinstance(value, str) or value is None else WriteOnlyCell(sheet, value)
    cell.border, cell.alignment = _LINE, _WRAPPED
    return cell


def text_cell(sheet: Any, text: str, font: Font | None = None) -> Any:
    """A cell that holds this text as text, whatever it begins with."""
    text = _NOT_XML.sub("\ufffd", text)
    cell = WriteOnlyCell(sheet, text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")
    cell.data_type = "s"  # else `=` makes a formula of it
    if text.startswith(FORMULA):
        cell.quotePrefix = True
    if font is not None:
        cell.font = font
    return cell


def _add_about(sheet: Any, report: Report) -> None:
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 26, 110
    sections = [(one.title if len(report.tables) > 1 else "", one.told) for one in report.tables if one.told]
    for title, told in [*sections, ("", report.about)]:
        if title:
            sheet.append([])
            sheet.append([text_cell(sheet, title, Font(bold=True, size=13))])
        for name, text in told:
            value = text_cell(sheet, text)
            value.alignment = _WRAPPED
            sheet.append([text_cell(sheet, name, Font(bold=True)), value])


def without_clock(raw: bytes, date: str) -> bytes:
    """A ZIP file of XML whose entries and properties have this date (ISO 8601) in place of the time it was made."""
    year, month, day = map(int, date.split("-"))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>%sT00:00:00Z" % date.encode(), content)
            entry = zipfile.ZipInfo(name, (year, month, day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return out.getvalue()
