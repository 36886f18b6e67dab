"""Writes tables as XLSX: a sheet each, typed cells, and a sheet of what they rest on. Imports openpyxl and this package's tables.

Spreadsheet programs run what looks like a formula, so every text is marked as text. The same report gives the same bytes: no clock
time enters a file.
"""

from __future__ import annotations

import io
import math
import re
import unicodedata
import zipfile
from collections.abc import Sequence
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins

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
# A form to be printed and filled in: three blank columns beside the rest, on A4.
_FORM_WIDTHS: Final = {"label": 30.0, "blank": 24.0, "text": 22.0}
_LINE_POINTS: Final = 18.0
_MOST_LINES: Final = 20
_SAMPLED: Final = 200
_HEAD: Final = PatternFill("solid", fgColor="FFE7ECF3")
_LINE: Final = Border(*[Side("thin", color="FFB8C2CF")] * 4)
_WRAPPED: Final = Alignment(wrap_text=True, vertical="top")
_PLAIN, _BOLD, _LARGE = (
    Font(name="Yu Gothic", size=11),
    Font(name="Yu Gothic", size=11, bold=True),
    Font(name="Yu Gothic", size=14, bold=True),
)


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
    widths = _set_columns(sheet, table)
    sheet.freeze_panes = f"A{above + 2}"
    _set_page(sheet)
    sheet.print_title_rows = f"{above + 1}:{above + 1}"
    for i, line in enumerate(table.preface):
        sheet.append([text_cell(sheet, line, _LARGE if i == 0 else _PLAIN)])
    if above:
        sheet.append([])
    sheet.row_dimensions[above + 1].height = _height([head.heading for head in table.heads], widths)
    sheet.append([_head(sheet, head) for head in table.heads])
    for i, row in enumerate(table.rows, above + 2):
        sheet.row_dimensions[i].height = _height(row, widths)
        sheet.append([_cell(sheet, value, head) for value, head in zip(row, table.heads, strict=True)])


def _set_page(sheet: Any) -> None:
    """A4 on its side, as wide as the page, with the sheet's name and the page's number under it."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = "landscape", "9", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6, header=0.3, footer=0.3)
    sheet.HeaderFooter.oddFooter.center.text = "&A – &P / &N"


def _set_columns(sheet: Any, table: Table) -> list[float]:
    """Set the columns' widths. IRIs are folded away where their labels stand: a click on [+] above the columns opens them."""
    form, folds = any(head.kind == "blank" for head in table.heads), _folds(table)
    widths = []
    for i, head in enumerate(table.heads, 1):
        column = sheet.column_dimensions[get_column_letter(i)]
        column.width = _width(head, [row[i - 1] for row in table.rows[:_SAMPLED]], form=form)
        folded = folds and head.kind == "iri"
        if folded:
            column.outlineLevel, column.hidden = 1, True
        widths.append(0.0 if folded else column.width)
    return widths


def _folds(table: Table) -> bool:
    """Whether the things of a table are told by labels, beside their IRIs."""
    kinds = {head.kind for head in table.heads}
    return "iri" in kinds and "label" in kinds


def _width(head: Head, values: Sequence[Cell], *, form: bool) -> float:
    """A column's width in characters; full-width ones count two."""
    kinds = _WIDTHS | _FORM_WIDTHS if form else _WIDTHS
    if head.kind in kinds and head.kind != "text":
        return kinds[head.kind]
    longest = max((_length(str(value)) for value in (head.heading, *values) if value is not None), default=0)
    return min(max(float(longest) + 2, _TEXT_WIDTHS[0]), kinds.get("text", _TEXT_WIDTHS[1]))


def _length(text: str, most: int = 100) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text[:most])


def _height(values: Sequence[Cell], widths: Sequence[float]) -> float:
    """A row's height in points, for the text that needs most lines in columns of these widths (0: not seen)."""
    lines = 1
    for value, width in zip(values, widths, strict=True):
        if width and isinstance(value, str) and len(value) * 2 > width:
            needed = sum(math.ceil(max(_length(line, 1000), 1) / max(width - 1, 1)) for line in value.split("\n"))
            lines = max(lines, needed)
    return min(lines, _MOST_LINES) * _LINE_POINTS


def _head(sheet: Any, head: Head) -> Any:
    cell = text_cell(sheet, head.heading, _BOLD)
    cell.fill, cell.border, cell.alignment = _HEAD, _LINE, _WRAPPED
    return cell


def _cell(sheet: Any, value: Cell, head: Head) -> Any:
    if value is None and head.kind != "blank":
        return None
    cell = text_cell(sheet, value or "") if isinstance(value, str) or value is None else WriteOnlyCell(sheet, value)
    cell.border, cell.alignment, cell.font = _LINE, _WRAPPED, _PLAIN
    return cell


def text_cell(sheet: Any, text: str, font: Font = _PLAIN) -> Any:
    """A cell that holds this text as text, whatever it begins with."""
    text = _NOT_XML.sub("\ufffd", text)
    cell = WriteOnlyCell(sheet, text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")
    cell.data_type = "s"  # else `=` makes a formula of it
    if text.startswith(FORMULA):
        cell.quotePrefix = True
    cell.font = font
    return cell


def _add_about(sheet: Any, report: Report) -> None:
    widths = (30.0, 110.0)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = widths
    _set_page(sheet)
    row = 0
    sections = [(one.title if len(report.tables) > 1 else "", one.told) for one in report.tables if one.told]
    note = [(word("folded", report.language), word("foldedNote", report.language))] if any(map(_folds, report.tables)) else []
    for title, told in [*sections, ("", [*report.about, *note])]:
        if title:
            sheet.append([])
            sheet.append([text_cell(sheet, title, _LARGE)])
            row += 2
        for name, text in told:
            row += 1
            heading, value = text_cell(sheet, name, _BOLD), text_cell(sheet, text)
            heading.alignment = value.alignment = _WRAPPED
            sheet.row_dimensions[row].height = _height([name, text], widths)
            sheet.append([heading, value])


def without_clock(raw: bytes, date: str) -> bytes:
    """A ZIP file of XML whose entries and properties have this date (ISO 8601) in place of the time it was made.

    Heights of rows stay free: a row grows with what is written into it.
    """
    year, month, day = map(int, date.split("-"))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>%sT00:00:00Z" % date.encode(), content)
            if name.startswith("xl/worksheets/"):
                content = content.replace(b' customHeight="1"', b"")
            entry = zipfile.ZipInfo(name, (year, month, day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return out.getvalue()
