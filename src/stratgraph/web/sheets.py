"""Answers as files for office programs: XLSX, DOCX, and CSV for spreadsheet programs. Imports the store's interface and reports.

Spreadsheet programs run what looks like a formula, so what begins like one is marked as text here; `text/csv` stays as the standard
wants it. The same answer gives the same bytes: no clock time enters a file.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Mapping, Sequence
from typing import Final

from fastapi import Response
from fastapi.concurrency import run_in_threadpool

from stratgraph.errors import AnswerTooLarge
from stratgraph.formats import Format
from stratgraph.release import Release
from stratgraph.report import Cell, Head, Report, Table, about_release, document, workbook
from stratgraph.report.words import word
from stratgraph.report.workbook import FORMULA
from stratgraph.store.interface import Answer, Term
from stratgraph.web.results import parse_term

SHEET_BYTES: Final = 32 * 2**20
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_WHOLE: Final = frozenset(f"{_XSD}{name}" for name in ("integer", "int", "long", "short", "nonNegativeInteger", "positiveInteger"))
_REAL: Final = frozenset(f"{_XSD}{name}" for name in ("decimal", "double", "float"))
_LONGEST_EXACT: Final = 15
_FIRST_YEAR: Final = 1901
Rows = Sequence[Sequence[Term | None]]


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
    return [(word("source", language), source), *about_release(release, language), (word("query", language), query)]


def terms_table(headings: Sequence[str], rows: Rows) -> Table:
    """A table of terms: numbers, truth values and dates as such where a spreadsheet holds them exactly, all else as text."""
    return Table("answer", [Head(one) for one in headings], [[None if term is None else _cell(term) for term in row] for row in rows])


def excel_csv(table: Table, told: Sequence[tuple[str, str]] = ()) -> bytes:
    """CSV with a byte order mark, in which an apostrophe marks what begins like a formula as text.

    What is told of the table stands below it, after an empty row: there a spreadsheet program's sorting and filtering end.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_defused(head.heading) for head in table.heads])
    writer.writerows([[_written(value) for value in row] for row in table.rows])
    writer.writerows([[], *([_defused(name), _defused(text)] for name, text in told)] if told else [])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def make(name: str, report: Report) -> bytes:
    """The report in the format of this name: xlsx, docx, or excel-csv (its first table, and what is told of it but the query)."""
    if name == "excel-csv":
        table = report.tables[0]
        about = [one for one in report.about if table.told and one[0] != word("query", report.language)]
        return excel_csv(table, [*table.told, *about])
    return document(report) if name == "docx" else workbook(report)


async def respond_report(report: Report, kind: Format, headers: Mapping[str, str]) -> Response:
    """The file of a report, made in a thread."""
    content = await run_in_threadpool(make, kind.name, report)
    return Response(content, headers={**headers, "Content-Type": kind.content_type})


def _defused(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _written(value: Cell) -> str:
    if isinstance(value, str):
        return _defused(value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else value.isoformat() if isinstance(value, datetime.date) else str(value)


def _cell(term: Term) -> Cell:
    value = _plain(term)
    return term.value if value is None else value


def _plain(term: Term) -> bool | int | float | datetime.date | None:
    """A literal as a number, truth value or date that a spreadsheet can hold exactly; None for all else."""
    if term.kind != "literal" or len(term.value) > _LONGEST_EXACT:
        return None
    try:
        if term.datatype in _WHOLE:
            return int(term.value)
        if term.datatype in _REAL:
            number = float(term.value)
            return number if number - number == 0 else None  # no infinity, no NaN
        if term.datatype == f"{_XSD}date":
            day = datetime.date.fromisoformat(term.value)
            return day if day.year >= _FIRST_YEAR else None
    except ValueError:
        return None
    return {"true": True, "false": False}.get(term.value) if term.datatype == f"{_XSD}boolean" else None
