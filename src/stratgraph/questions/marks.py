"""Marks summaries in the formats that have no place for a label: a column of its own beside each. Imports the model and the scanner.

`unofficialSummary` is followed by `unofficialSummary_note`, which holds the mark in every row that holds a summary, so that the mark goes
where the row goes: into a filter, a merge, a colleague's copy.
"""

from __future__ import annotations

from typing import Final

from stratgraph.questions.answer import SUMMARY_MARK
from stratgraph.questions.model import Question
from stratgraph.questions.scan import head_end, tokenize

NOTE: Final = "_note"


def marked_columns(question: Question) -> list[str]:
    """The names of a question's columns in CSV, TSV, SRJ and SRX: each summary is followed by its mark."""
    columns = ((one.name, f"{one.name}{NOTE}" if one.type == "summary" else "") for one in question.columns)
    return [name for pair in columns for name in pair if name]


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
