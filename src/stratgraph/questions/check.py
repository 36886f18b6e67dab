"""Compares what the examples of questions answer with their expected rows, level by level. Imports this package's service and model.

An example says by `entailment` which level its rows need. From there up they must be the answer, row by row; on each level below, the
answer must lack some of them and have no more: a claim that does not show is an error, as is a difference that is not declared.
"""

from __future__ import annotations

import asyncio
import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from stratgraph.errors import BadParameter, QueryError, SourceError
from stratgraph.questions.answer import Window
from stratgraph.questions.model import Example, Question
from stratgraph.questions.service import QuestionService, with_language
from stratgraph.vocab import LEVELS

# An example that lacks all its rows is told by its first.
_MOST_TOLD: Final = 5
_LANGUAGE: Final = "ja"
_Row = tuple[str, ...]


@dataclass(frozen=True)
class Expected:
    """The rows that an example must give, of some columns of its question; `lines` are theirs in the file."""

    columns: tuple[str, ...]
    rows: tuple[_Row, ...]
    lines: tuple[int, ...]


async def check_examples(service: QuestionService, questions: Iterable[Question]) -> list[SourceError]:
    """What the examples answer otherwise than expected, on each level, and those that cannot be answered.

    An example without a file of rows is answered only; those of a CONSTRUCT are left out. Raises StoreUnavailable.
    """
    found: list[SourceError] = []
    for question in questions:
        for example in question.examples if question.form == "SELECT" else ():
            found += await _check(service, question, example)
    return found


async def _check(service: QuestionService, question: Question, example: Example) -> list[SourceError]:
    at = (str(question.path), example.line)
    try:
        expected = read_expected(question, example) if example.expected.is_file() else None
        terms = await service.resolve(question, with_language(question, example.parameters, _LANGUAGE))
        answers = await asyncio.gather(*(service.ask(question, terms, Window(), level) for level in LEVELS))
    except SourceError as error:
        return [error]
    except (BadParameter, QueryError) as error:
        return [SourceError(f"Example {example.name!r} cannot be answered: {error}", *at)]
    if expected is None:
        return []
    found: list[SourceError] = []
    for level, answer in zip(LEVELS, answers, strict=True):
        rows = [tuple(row[name].value if name in row else "" for name in expected.columns) for row in answer.rows]
        if LEVELS.index(level) < LEVELS.index(example.entailment):
            found += _compare_below(rows, (question, example), expected, level)
        else:
            found += _compare(rows, (question, example), expected, level)
    return found


def read_expected(question: Question, example: Example) -> Expected:
    """An example's expected rows. Raises SourceError, with the line, for what is no table of the question's columns, or has no row."""
    path = str(example.expected)
    lines: list[int] = []
    rows: list[_Row] = []
    try:
        with example.expected.open(encoding="utf-8", newline="") as handle:
            reader = csv.reader(handle, strict=True)
            columns = tuple(next(reader, ()))
            before = reader.line_num
            for row in reader:
                rows.append(tuple(row))
                lines.append(before + 1)
                before = reader.line_num
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"Not CSV in UTF-8: {error}.", path) from error
    except OSError as error:
        raise SourceError(f"The file cannot be read: {error.strerror}.", path) from error
    known = {one.name for one in question.columns}
    if not columns or not set(columns) <= known or len(set(columns)) < len(columns):
        raise SourceError(f"The first line must name columns of the question, each once: {', '.join(sorted(known))}.", path, 1)
    wrong = next((line for row, line in zip(rows, lines, strict=True) if len(row) != len(columns)), None)
    if wrong is not None:
        raise SourceError(f"The row must have {len(columns)} values, as the first line has names.", path, wrong)
    if not rows:
        raise SourceError("An expectation without a row proves nothing: choose an example that has an answer.", path, 1)
    return Expected(columns, tuple(rows), tuple(lines))


def _compare(rows: Sequence[_Row], asked: tuple[Question, Example], expected: Expected, level: str) -> Iterator[SourceError]:
    """The answer must be the expected rows, in their order."""
    question, example = asked
    missing, extra = _difference(expected.rows, rows), _difference(rows, expected.rows)
    told = f"{question.slug}, example {example.name!r}, on the {level} graph: "
    for number in missing[:_MOST_TOLD]:
        text = f"{told}the expected row is missing: {_shown(expected.rows[number])}.{_declare(level, example)}"
        yield SourceError(text, str(example.expected), expected.lines[number])
    for number in extra[:_MOST_TOLD]:
        yield SourceError(f"{told}this row is not expected: {_shown(rows[number])}.", str(question.path), example.line)
    if left := max(0, len(missing) - _MOST_TOLD) + max(0, len(extra) - _MOST_TOLD):
        yield SourceError(f"{told}{left} rows more are missing or not expected.", str(question.path), example.line)
    if not missing and not extra and tuple(rows) != expected.rows:
        number = next(i for i, (row, wanted) in enumerate(zip(rows, expected.rows, strict=True)) if row != wanted)
        text = f"{told}the rows come in another order; here comes {_shown(rows[number])}."
        yield SourceError(text, str(example.expected), expected.lines[number])


def _compare_below(rows: Sequence[_Row], asked: tuple[Question, Example], expected: Expected, level: str) -> Iterator[SourceError]:
    """The answer must lack some of the expected rows, and have no more rows than these."""
    question, example = asked
    told = f"{question.slug}, example {example.name!r}, on the {level} graph: "
    claim = f"`entailment: {example.entailment}` says that this graph gives fewer of them"
    if not _difference(expected.rows, rows):
        text = f"{told}all expected rows are there, but {claim}. If they need no more, say `entailment: {level}`."
        yield SourceError(text, str(question.path), example.line)
    elif len(rows) > len(expected.rows):
        text = f"{told}there are {len(rows)} rows for {len(expected.rows)} expected, but {claim}; one too many: "
        yield SourceError(f"{text}{_shown(rows[_difference(rows, expected.rows)[0]])}.", str(question.path), example.line)


def _difference(rows: Sequence[_Row], others: Sequence[_Row]) -> list[int]:
    """The places of those rows that the others do not have, or not so often."""
    left = Counter(others)
    found = []
    for number, row in enumerate(rows):
        left[row] -= 1
        if left[row] < 0:
            found.append(number)
    return found


def _declare(level: str, example: Example) -> str:
    """What to say of rows that are missing below the highest level, where they may be there on a higher one."""
    higher = LEVELS[LEVELS.index(level) + 1 :]
    if not higher or level != example.entailment:
        return ""
    return f" If the rows need the {' or '.join(higher)} graph, the header says so by `entailment:`."


def _shown(row: _Row) -> str:
    text = " | ".join(row)
    return f"“{text if len(text) <= 200 else text[:199] + '…'}”"
