"""The 照会 form: a sheet for each ministry with its items, their roles, and blank columns for the reply. Imports this package's tables.

It is made of the answer of one saved question, `items-by-ministry`: what stands here is what that page shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from stratgraph.questions import QuestionAnswer
from stratgraph.report.table import Cell, Head, Labels, Table, label
from stratgraph.report.words import word
from stratgraph.store.results import Row

MINISTRIES: Final = "items-by-ministry"
_REPLIES: Final = ("replyState", "replyNext", "replyUnit")
_SEEN: Final = (("document", "text"), ("section", "text"), ("item", "label"), ("role", "text"), ("named", "text"))


def ministry_tables(answer: QuestionAnswer, labels: Labels, language: str) -> list[Table]:
    """A table for each ministry of an answer of `items-by-ministry`; those with most items first."""
    groups: dict[str, list[Row]] = {}
    for row in answer.rows:
        groups.setdefault(row["ministry"].value, []).append(row)
    order = sorted(groups, key=lambda iri: (-len(groups[iri]), iri))
    return [_table(label(iri, labels, language), groups[iri], labels, language) for iri in order]


def _table(name: str, rows: Sequence[Row], labels: Labels, language: str) -> Table:
    heads = [Head(word("number", language), "number"), *(Head(word(key, language), kind) for key, kind in _SEEN)]
    heads += [*(Head(word(key, language), "blank") for key in _REPLIES), Head(word("itemIri", language), "iri")]
    preface = (f"{word('inquiry', language)}: {name}", word("inquiryLead", language), word("official", language))
    return Table(name, heads, [_row(i, row, labels, language) for i, row in enumerate(rows, 1)], preface)


def _row(number: int, row: Row, labels: Labels, language: str) -> list[Cell]:
    title = row["title"].value if "title" in row else label(row["item"].value, labels, language)
    place = row["place"].value if "place" in row else ""
    role, named, document = (label(row[key].value, labels, language) for key in ("role", "named", "document"))
    return [number, document, place, title, role, named, *(None for _ in _REPLIES), row["item"].value]
