"""Answers as spreadsheets: XLSX, and CSV for spreadsheet programs. Imports the store's interface and this package's results.

Spreadsheet programs run what looks like a formula, so what begins like one is marked as text here; `text/csv` stays as the standard
wants it. The same answer gives the same bytes: no clock time enters a file.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from stratgraph.errors import AnswerTooLarge
from stratgraph.release import Release
from stratgraph.store.interface import Answer, Term
from stratgraph.vocab import BASE
from stratgraph.web.results import parse_term

# A workbook is made in memory, at some 10 kB a row of ten columns while it is written.
SHEET_ROWS: Final = 100_000
SHEET_BYTES: Final = 32 * 2**20
_LONGEST: Final = 32_767
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_WHOLE: Final = frozenset(f"{_XSD}{name}" for name in ("integer", "int", "long", "short", "nonNegativeInteger", "positiveInteger"))
_REAL: Final = frozenset(f"{_XSD}{name}" for name in ("decimal", "double", "float"))
_MODIFIED: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
Rows = Sequence[Sequence[Term | None]]


@dataclass(frozen=True)
class Sheet:
    """A table and what is told of it: headings, rows, and pairs of a heading and a text on a sheet of their own."""

    headings: Sequence[str]
    rows: Rows
    about: Sequence[tuple[str, str]]
    date: str


async def read_rows(answer: Answer) -> tuple[list[str], list[list[Term | None]]]:
    """Columns and rows of an answer in TSV. Raises what the body raises, and AnswerTooLarge."""
    body = bytearray()
    async for chunk in answer.body:
        body += chunk
        if len(body) > SHEET_BYTES:
            raise AnswerTooLarge(SHEET_BYTES)
    head, *lines = body.decode("utf-8").split("\n")[:-1]
    columns = [name.removeprefix("?") for name in head.split("\t")] if head else []
    return columns, [[parse_term(cell) for cell in line.split("\t")] for line in lines]


def about(release: Release, language: str, query: str, source: str) -> list[tuple[str, str]]:
    """What a spreadsheet says of its origin, in Japanese or English; `source` is the IRI that was asked."""
    japanese = language == "ja"
    licence = "CC BY 4.0 https://creativecommons.org/licenses/by/4.0/"
    citation = f"StratGraph, release {release.id} ({release.date}). {BASE}"
    names = (
        ("出典", "リリース", "日付", "ライセンス", "引用", "クエリ")
        if japanese
        else ("Source", "Release", "Date", "Licence", "Citation", "Query")
    )
    return list(zip(names, (source, release.id, release.date, licence, citation, query), strict=True))


def workbook(sheet: Sheet) -> bytes:
    """An XLSX file: the table with typed cells, and what is told of it. Takes a second for some 50,000 cells: run it in a thread."""
    book = Workbook(write_only=True)
    table, told = book.create_sheet("answer"), book.create_sheet("about")
    table.freeze_panes = "A2"
    table.append([_text(table, name, bold=True) for name in sheet.headings])
    for row in sheet.rows:
        table.append([_cell(table, term) for term in row])
    told.column_dimensions["A"].width, told.column_dimensions["B"].width = 16, 100
    for name, text in sheet.about:
        told.append([_text(told, name, bold=True), _text(told, text)])
    raw = io.BytesIO()
    book.save(raw)
    return _without_clock(raw.getvalue(), sheet.date)


def excel_csv(sheet: Sheet) -> bytes:
    """CSV with a byte order mark, in which an apostrophe marks what begins like a formula as text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_defused(name) for name in sheet.headings])
    for row in sheet.rows:
        writer.writerow(["" if term is None else str(term.value) if _is_number(term) else _defused(term.value) for term in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def _defused(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _is_number(term: Term) -> bool:
    return isinstance(_plain(term), (int, float))


def _cell(sheet: Any, term: Term | None) -> Any:
    if term is None:
        return None
    value = _plain(term)
    return _text(sheet, term.value) if value is None else value


def _plain(term: Term) -> bool | int | float | datetime.date | None:
    """A literal as a number, truth value or date that a spreadsheet can hold exactly; None for all else."""
    if term.kind != "literal" or len(term.value) > 15:
        return None
    try:
        if term.datatype in _WHOLE:
            return int(term.value)
        if term.datatype in _REAL:
            number = float(term.value)
            return number if number - number == 0 else None  # no infinity, no NaN
        if term.datatype == f"{_XSD}date":
            day = datetime.date.fromisoformat(term.value)
            return day if day.year >= 1901 else None
    except ValueError:
        return None
    return {"true": True, "false": False}.get(term.value) if term.datatype == f"{_XSD}boolean" else None


def _text(sheet: Any, text: str, bold: bool = False) -> Any:
    text = _NOT_XML.sub("\ufffd", text)
    cell = WriteOnlyCell(sheet, text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…")
    cell.data_type = "s"  # else `=` makes a formula of it
    if text.startswith(_FORMULA):
        cell.quotePrefix = True
    if bold:
        cell.font = Font(bold=True)
    return cell


def _without_clock(raw: bytes, date: str) -> bytes:
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


def make(name: str, sheet: Sheet) -> bytes:
    """The sheet in the format of this name (xlsx or excel-csv)."""
    return workbook(sheet) if name == "xlsx" else excel_csv(sheet)
