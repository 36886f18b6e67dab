"""Tables as files show them, and how an answer becomes one. Imports questions and the store's results.

An IRI of an answer has two columns: its label, for people, and itself. What is a column's own text twice is shown once.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from stratgraph.questions import Column, QuestionAnswer
from stratgraph.questions.answer import SUMMARY_MARK, column_label, plain
from stratgraph.report.words import WORDS, word
from stratgraph.store.results import Cell as Value
from stratgraph.store.results import Row
from stratgraph.vocab import BASE, QUESTIONS

Cell = str | int | float | bool | datetime.date | None
Labels = Mapping[str, Mapping[str, str]]
_LONGEST_EXACT: Final = 15


@dataclass(frozen=True)
class Head:
    """A column's heading and what is in it: text, number, label, iri, summary, or blank (to be written in)."""

    heading: str
    kind: str = "text"


@dataclass(frozen=True)
class Table:
    """A titled table. `preface` stands above it, `told` (heading, text) says what it rests on."""

    title: str
    heads: Sequence[Head]
    rows: Sequence[Sequence[Cell]]
    preface: Sequence[str] = ()
    told: Sequence[tuple[str, str]] = field(default=())


def label(iri: str, labels: Labels, language: str) -> str:
    """A thing's label in a language, else in any, else what is left of its IRI."""
    found = labels.get(iri, {})
    return found.get(language) or next(iter(found.values()), "") or iri.removeprefix(f"{BASE}id/").removeprefix(BASE)


def iris_of(answer: QuestionAnswer) -> list[str]:
    """The IRIs whose labels a table of this answer shows: those in its rows, and those asked about."""
    asked = [term.value for terms in answer.parameters.values() for term in terms if term.sparql.startswith("<")]
    cells = [cell.value for row in answer.rows for cell in row.values() if cell.kind == "iri"]
    return list(dict.fromkeys(asked + cells))


def answer_table(answer: QuestionAnswer, labels: Labels, language: str) -> Table:
    """An answer as a table with its scope, in a language."""
    heads: list[Head] = []
    columns: list[list[Cell]] = []
    for column in answer.question.columns:
        heading = f"{column_label(column).get(language)} ({column.name})"
        if column.type in ("iri", "concept"):
            named = [_label(row, column, labels, language) for row in answer.rows]
            if not _repeated(named, answer, column):
                heads.append(Head(column.label.get(language), "label"))
                columns.append(named)
            heads.append(Head(heading, "iri"))
        else:
            heads.append(Head(heading, _kind(column)))
        columns.append([_value(row.get(column.name), column) for row in answer.rows])
    rows = [list(cells) for cells in zip(*columns, strict=True)] if columns else []
    return Table(answer.question.name.get(language), heads, rows, told=told_of(answer, labels, language))


def told_of(answer: QuestionAnswer, labels: Labels, language: str) -> list[tuple[str, str]]:
    """What was asked, how much was found, and each sentence of the scope."""
    question = answer.question
    told = [(word("question", language), question.name.get(language)), (word("description", language), question.description.get(language))]
    comma = "、" if language == "ja" else ", "
    for one in question.parameters:
        terms = answer.parameters.get(one.name, ())
        values = [label(term.value, labels, language) if term.sparql.startswith("<") else term.value for term in terms]
        if values and one.type != "language":
            told.append((one.label.get(language), comma.join(values)))
    told.append((word("rows", language), str(answer.count)))
    if any(column.type == "summary" for column in question.columns):
        told.append((word("mark", language), SUMMARY_MARK.get(language)))
    told += [(word(name, language), text.get(language)) for name, text in answer.scope.sentences.items() if name in WORDS]
    return [*told, (word("source", language), f"{QUESTIONS}{question.slug}")]


def _label(row: Row, column: Column, labels: Labels, language: str) -> Cell:
    cell = row.get(column.name)
    return None if cell is None else label(cell.value, labels, language) if cell.kind == "iri" else cell.value


def _repeated(named: Sequence[Cell], answer: QuestionAnswer, column: Column) -> bool:
    """Whether a text column says the same as these labels in every row."""
    texts = [one.name for one in answer.question.columns if one.type == "text" and one is not column]
    rows = list(zip(named, answer.rows, strict=True))
    return bool(rows) and any(all(name in row and row[name].value == text for text, row in rows) for name in texts)


def _kind(column: Column) -> str:
    return "number" if column.type in ("integer", "decimal") else column.type if column.type == "summary" else "text"


def _value(cell: Value | None, column: Column) -> Cell:
    """A cell with its type, where a spreadsheet holds it exactly."""
    if cell is None or len(cell.value) > _LONGEST_EXACT:
        return None if cell is None else cell.value
    if column.type == "date":
        try:
            day = datetime.date.fromisoformat(cell.value)
        except ValueError:
            return cell.value
        return day if day.year >= 1901 else cell.value
    value = plain(cell, column)
    return value if isinstance(value, str | int | float | bool) else cell.value
