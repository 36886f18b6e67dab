"""Answers of saved questions that are got before anyone asks: used instead of asking, for the same query at the same level only."""

from __future__ import annotations

import asyncio
from pathlib import Path

from stratgraph.errors import QueryTimeout
from stratgraph.questions import Questions, QuestionService, load_questions, with_language
from stratgraph.questions.answer import Window
from stratgraph.store.exchange import Part
from stratgraph.store.interface import Answer, Begun, Description, Hits, QueryRequest, SearchRequest

QUESTION = load_questions(Path(__file__).parents[1] / "queries")["comments-per-chapter"]
QUESTIONS = Questions({QUESTION.slug: QUESTION})
_ROW = b'{"head":{"vars":["a"]},"results":{"bindings":[{"a":{"type":"literal","value":"1"}}]}}'
_NONE = b'{"head":{"vars":[]},"results":{"bindings":[]}}'


class Counting:
    """A store that gives one row to the question and nothing to what is asked beside it, and counts how often the question is asked."""

    def __init__(self, volatile: bool = False, slow: bool = False) -> None:
        self.asked, self.volatile, self.slow = 0, volatile, slow

    async def query(self, request: QueryRequest) -> Answer:
        """One row, or none."""
        its = "COUNT" in request.query
        self.asked += its
        if its and self.slow:
            raise QueryTimeout(1.0)
        return Answer("solutions", "json", Part(_ROW if its else _NONE), its and self.volatile)

    def begin(self, request: QueryRequest) -> Begun:
        """Not asked for here."""
        raise NotImplementedError

    async def describe(self, iri: str, level: str = "full") -> Description:
        """Not asked for here."""
        raise NotImplementedError

    async def search(self, request: SearchRequest) -> Hits:
        """Not asked for here."""
        raise NotImplementedError

    def graph_names(self, level: str = "full") -> tuple[str, ...]:
        """None."""
        return (level,)[:0]

    async def close(self) -> None:
        """Nothing to close."""


def _asked(store: Counting, level: str = "full") -> tuple[int, int, int]:
    """How many answers are prepared, how often the question is asked by then, and how often when a reader has asked as well."""

    async def run() -> tuple[int, int, int]:
        service = QuestionService(store, QUESTIONS, "r")
        prepared = await service.prepare()
        before = store.asked
        store.slow = False
        terms = await service.resolve(QUESTION, with_language(QUESTION, {}, "en"))
        answer = await service.ask(QUESTION, terms, Window(None, 0), level)
        assert [{name: cell.value for name, cell in row.items()} for row in answer.rows] == [{"a": "1"}]
        return prepared, before, store.asked

    return asyncio.run(run())


def test_a_prepared_answer_is_given_without_asking() -> None:
    """The reader's answer is there, in either language."""
    assert _asked(Counting()) == (2, 2, 2)


def test_another_level_is_asked() -> None:
    """What is prepared is of the full level."""
    assert _asked(Counting(), "asserted") == (2, 2, 3)


def test_what_changes_is_not_prepared() -> None:
    """An answer with the time or chance in it is of its moment."""
    prepared, before, after = _asked(Counting(volatile=True))
    assert (prepared, after) == (0, before + 1)


def test_what_meets_a_limit_is_left_to_the_reader() -> None:
    """One slow question does not keep the server from preparing the rest."""
    assert _asked(Counting(slow=True))[0] == 0
