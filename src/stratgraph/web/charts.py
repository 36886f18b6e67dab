"""An answer as a picture, where its question hints at one: what the template draws as SVG. Imports questions and links.

The table beside it says the same in words; the picture only makes sizes and dates comparable at a glance.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from stratgraph.questions import Column, Question
from stratgraph.store.results import Row
from stratgraph.web.resource_page import label_of

_MOST: Final = 24
_MOST_DATED: Final = 40
_WIDTH: Final = 54
_DATED_WIDTH: Final = 44
_NUMBERS: Final = ("integer", "decimal")
Labels = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Mark:
    """A bar or a point: its label in full and cut, its value as told, and its place as a share (0 to 100) of the width."""

    label: str
    short: str
    told: str
    share: float


@dataclass(frozen=True)
class Chart:
    """Kind (bar or timeline), what is measured, marks, and how many were left out. `first` and `last` end a timeline's axis."""

    kind: str
    measured: str
    marks: tuple[Mark, ...]
    left_out: int
    first: str = ""
    last: str = ""


def chart_of(question: Question, rows: Sequence[Row], labels: Labels, language: str) -> Chart | None:
    """The chart that a question hints at, of all rows; None where it hints at none or there is nothing to compare."""
    if question.chart == "bar" and len(rows) > 1:
        return _bars(question, rows, labels, language)
    if question.chart == "timeline" and len(rows) > 1:
        return _timeline(question, rows, labels, language)
    return None


def _bars(question: Question, rows: Sequence[Row], labels: Labels, language: str) -> Chart | None:
    """Bars of the first numeric column; where there is none, of the number of rows with the same label."""
    measured = next((one for one in question.columns if one.type in _NUMBERS), None)
    named = _named(question, labels, rows)
    sums: dict[str, float] = {}
    for row in rows:
        label = _label(row, named, labels, language)
        sums[label] = sums.get(label, 0) + (_number(row, measured) if measured else 1)
    most = max(sums.values(), default=0)
    # Bars that are all one row long compare nothing.
    if len(sums) < 2 or most <= 0 or (measured is None and most == 1):
        return None
    marks = [Mark(label, _cut(label), f"{value:g}", round(100 * max(value, 0) / most, 2)) for label, value in sums.items()]
    return Chart("bar", measured.label.get(language) if measured else "", tuple(marks[:_MOST]), len(marks[_MOST:]))


def _timeline(question: Question, rows: Sequence[Row], labels: Labels, language: str) -> Chart | None:
    """Points in time, by the first column of dates, else by the first of texts that begin with a year."""
    texts = (one for one in question.columns if one.type == "text" and _told_in_dates(one, rows))
    measured = next((one for one in question.columns if one.type == "date"), next(texts, None))
    named = _most_telling(question, labels, rows)
    dated = [(row[measured.name].value, row) for row in rows if measured and measured.name in row]
    points = [(_day(text), text, _label(row, named, labels, language)) for text, row in dated]
    known = sorted((day, text, label) for day, text, label in points if day is not None)
    if measured is None or len(known) < 2 or known[0][0] == known[-1][0]:
        return None
    first, span = known[0][0], known[-1][0] - known[0][0]
    marks = [Mark(label, _cut(label, _DATED_WIDTH), text, round(100 * (day - first) / span, 2)) for day, text, label in known]
    ends = (known[0][1], known[-1][1])
    return Chart("timeline", measured.label.get(language), tuple(marks[:_MOST_DATED]), len(marks[_MOST_DATED:]), *ends)


def _told_in_dates(column: Column, rows: Sequence[Row]) -> bool:
    """Whether all that a column tells is a year, month or day."""
    told = [row[column.name].value for row in rows if column.name in row]
    return bool(told) and all(re.fullmatch(r"\d{4}(-\d{2}){0,2}", text, re.ASCII) for text in told)


def _named(question: Question, labels: Labels, rows: Sequence[Row]) -> Column | None:
    """The column that names a row: a thing with labels, else a text."""
    things = [one for one in question.columns if one.type in ("iri", "concept")]
    named = (one for one in things if any(row[one.name].value in labels for row in rows if one.name in row))
    return next(named, next((one for one in question.columns if one.type == "text"), things[0] if things else None))


def _most_telling(question: Question, labels: Labels, rows: Sequence[Row]) -> Column | None:
    """The column of things with labels that tells most rows apart: an event rather than the document that names it."""
    things = [one for one in question.columns if one.type in ("iri", "concept")]
    told = {one.name: {row[one.name].value for row in rows if one.name in row} & labels.keys() for one in things}
    return max(things, key=lambda one: len(told[one.name]), default=None) or _named(question, labels, rows)


def _label(row: Row, column: Column | None, labels: Labels, language: str) -> str:
    cell = row.get(column.name) if column else None
    if cell is None:
        return "–"
    return label_of(cell.value, labels, language) if cell.kind == "iri" else cell.value


def _number(row: Row, column: Column) -> float:
    try:
        return float(row[column.name].value)
    except (KeyError, ValueError):
        return 0.0


def _day(text: str) -> float | None:
    """A date as told (YYYY, YYYY-MM or YYYY-MM-DD) as a number of days, None where it is none."""
    found = re.match(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", text, re.ASCII)
    if found is None:
        return None
    year, month, day = (int(part) if part else 1 for part in found.groups())
    return year * 365.25 + (month - 1) * 30.44 + day


def _cut(text: str, most: int = _WIDTH) -> str:
    """A label cut to what fits (`most` half widths), full-width characters counted as two."""
    width = 0
    for i, character in enumerate(text):
        width += 2 if unicodedata.east_asian_width(character) in "WFA" else 1
        if width > most:
            return text[:i] + "…"
    return text
