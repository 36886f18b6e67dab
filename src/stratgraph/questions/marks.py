"""Marks summaries in the formats that have no place for a label: each by a column of its own. Imports answers and the scanner.

`unofficialSummary` has `unofficialSummary_note`, which holds the mark in every row that holds a summary, so that the mark goes
where the row goes: into a filter, a merge, a colleague's copy.
"""

from __future__ import annotations

from typing import Final

from stratgraph.questions.answer import SUMMARY_MARK, QuestionAnswer
from stratgraph.questions.model import Question
from stratgraph.questions.scan import head_end, tokenize

NOTE: Final = "_note"


def marked_columns(question: Question) -> list[str]:
    """The names of a question's columns in CSV, TSV, SRJ and SRX: after its own, the marks of its summaries."""
    summaries = [one.name for one in question.columns if one.type == "summary"]
    return [*(one.name for one in question.columns), *(f"{name}{NOTE}" for name in summaries)]


def mark_summaries(question: Question, text: str, language: str) -> str:
    """A question's bound SPARQL with a column more for each summary: the mark in `language`, where the row has a summary."""
    summaries = [one.name for one in question.columns if one.type == "summary"]
    if not summaries:
        return text
    mark = SUMMARY_MARK.get(language)
    # 1/0 is an error, and an error in a SELECT expression leaves its variable unbound.
    noted = " ".join(f'(IF(BOUND(?{name}), "{mark}", 1/0) AS ?{name}{NOTE})' for name in summaries)
    end = head_end(tokenize(text))
    return f"{text[:end]}{noted}\n{text[end:]}"


def marked_rows(answer: QuestionAnswer, language: str) -> tuple[list[str], list[list[str]]]:
    """An answer's columns and rows as text, with the marks, as CSV has them."""
    columns = answer.question.columns
    mark = SUMMARY_MARK.get(language)
    rows = []
    for row in answer.rows:
        told = [row[one.name].value if one.name in row else "" for one in columns]
        rows.append([*told, *(mark if one.name in row else "" for one in columns if one.type == "summary")])
    return marked_columns(answer.question), rows
