"""The answer to a saved question as a value, and as JSON. Imports errors and the modules of this package below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from stratgraph.questions.bind import Term
from stratgraph.questions.model import Column, Question, Text
from stratgraph.questions.scope import Scope
from stratgraph.store.results import Cell, Row
from stratgraph.vocab import QUESTIONS

SUMMARY_MARK: Final = Text("要約（政府の公式見解ではない）", "summary, not the government's text")


@dataclass(frozen=True)
class Window:
    """Which rows of an answer are wanted: `offset` from 0, `limit` rows (None: all)."""

    limit: int | None = None
    offset: int = 0


@dataclass(frozen=True)
class QuestionAnswer:
    """Rows and what they rest on. `count` is the number of all rows, `rows` those of the window, `every` all of them (for charts)."""

    question: Question
    release: str
    parameters: Mapping[str, tuple[Term, ...]]
    scope: Scope
    rows: Sequence[Row]
    count: int
    offset: int
    every: Sequence[Row] = ()

    @property
    def complete(self) -> bool:
        """Whether `rows` are all there are."""
        return len(self.rows) == self.count

    def json(self) -> dict[str, Any]:
        """The answer as JSON: `{question, release, parameters, scope, columns, rows, count, complete}`."""
        return {
            "question": f"{QUESTIONS}{self.question.slug}",
            "release": self.release,
            "parameters": {name: _parameter(self.question, name, terms) for name, terms in self.parameters.items()},
            "scope": self.scope.json(),
            "columns": [column_json(column) for column in self.question.columns],
            "rows": [{one.name: plain(row.get(one.name), one) for one in self.question.columns} for row in self.rows],
            "count": self.count,
            "complete": self.complete,
        }


def column_label(column: Column) -> Text:
    """A column's label; a summary's says that it is not the government's text."""
    if column.type != "summary":
        return column.label
    return Text(f"{column.label.ja}：{SUMMARY_MARK.ja}", f"{column.label.en}: {SUMMARY_MARK.en}")


def column_json(column: Column) -> dict[str, Any]:
    """A column as JSON: name, label in both languages, type."""
    return {"name": column.name, "label": column_label(column).mapping(), "type": column.type}


def plain(cell: Cell | None, column: Column) -> str | int | float | bool | None:
    """A cell as a plain JSON value of its column's type."""
    if cell is None:
        return None
    if column.type == "boolean":
        return cell.value in ("true", "1")
    try:
        if column.type == "integer":
            return int(cell.value)
        if column.type == "decimal":
            return float(cell.value)
    except ValueError:
        return cell.value
    return cell.value


def _parameter(question: Question, name: str, terms: Sequence[Term]) -> Any:
    multiple = next(one.multiple or one.matches for one in question.parameters if one.name == name)
    values = [term.value for term in terms]
    return values if multiple else next(iter(values), None)
