"""Answers saved questions from a store. Imports the store's interface and this package.

What depends on the release alone (choices, documents looked at, the answers that most readers ask for) is read once and kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from stratgraph.errors import AnswerTooLarge, BadParameter, QueryError
from stratgraph.questions.answer import QuestionAnswer, Window
from stratgraph.questions.bind import Term, bind
from stratgraph.questions.model import NARROWING, Parameter, Question, Questions
from stratgraph.questions.origins import Origins, load_origins
from stratgraph.questions.resolve import Choice, Choices, choices_query, load_choices, resolve
from stratgraph.questions.scope import Scope, ScopeDocument, load_scope, narrow
from stratgraph.store.interface import QueryRequest, Store
from stratgraph.store.results import Row, parse_rows, select
from stratgraph.vocab import LEVELS

_KEPT_COUNTS: Final = 4096
_PREPARED_BYTES: Final = 32 * 2**20


@dataclass
class QuestionService:
    """The questions of one release. `timeout` is in seconds, per query."""

    store: Store
    questions: Questions
    release: str
    timeout: float = 30.0
    _choices: dict[str, Choices] = field(default_factory=dict)
    _origins: Origins | None = None
    _documents: tuple[ScopeDocument, ...] | None = None
    _counts: dict[tuple[object, ...], int] = field(default_factory=dict)
    _prepared: dict[str, bytes] = field(default_factory=dict)

    async def resolve(self, question: Question, raw: Mapping[str, Sequence[str]]) -> dict[str, tuple[Term, ...]]:
        """The terms meant by what a user gave. Raises BadParameter, for a parameter the question does not have too."""
        known = {parameter.name for parameter in question.parameters}
        for name in raw:
            if name not in known:
                raise BadParameter(
                    name,
                    f"“{question.slug}” has no such parameter.",
                    sorted(known) or ["no parameter at all"],
                    ja="この質問に、その項目はありません。",
                )
        return {one.name: resolve(one, raw.get(one.name, ()), await self.choices(question, one)) for one in question.parameters}

    async def choices(self, question: Question, parameter: Parameter) -> Choices | None:
        """What a parameter may be; None where any value of its type will do. Raises what Store.query raises."""
        if not parameter.names_a_thing:
            return None
        query = choices_query(question, parameter)
        if query not in self._choices:
            self._choices[query] = await load_choices(self.store, query, await self.origins())
        return self._choices[query]

    async def origins(self) -> Origins:
        """The document that each thing is from, in words. Raises what Store.query raises."""
        if self._origins is None:
            self._origins = await load_origins(self.store)
        return self._origins

    async def about(self, slugs: Sequence[str], words: str, most: int = 2) -> list[tuple[Question, str, Choice]]:
        """Of these questions, those that can be asked about a thing of this name: each with its first such parameter and the thing.

        At most `most` things for a question. Raises what Store.query raises.
        """
        found: list[tuple[Question, str, Choice]] = []
        for question in (self.questions[slug] for slug in slugs if slug in self.questions):
            parameter = next((one for one in question.parameters if one.names_a_thing), None)
            choices = await self.choices(question, parameter) if parameter else None
            if parameter and choices:
                found += [(question, parameter.name, one) for one in choices.search(words, most)]
        return found

    async def scope(self, question: Question, terms: Mapping[str, Sequence[Term]] = MappingProxyType({})) -> Scope:
        """The documents a question looks at, and what its values ask beyond them. Raises what Store.query raises."""
        if self._documents is None:
            self._documents = await load_scope(self.store)
        found = narrow(self._documents, _documents(self._documents, question, terms), _years(question, terms))
        return replace(found, interpreted=question.entailment != LEVELS[0])

    async def prepare(self) -> int:
        """Get the answers that most readers ask for first, of defaults and of examples, one after another; the number of those kept.

        Raises what Store.query raises, but for queries that meet a limit: those are left to who asks.
        """
        for question in self.questions.values():
            if question.form != "SELECT":
                continue
            await self.scope(question)
            examples = [one.parameters for one in question.examples]
            for raw in [*([] if question.needs_input else [{}]), *examples]:
                for language in ("ja", "en"):
                    with suppress(QueryError, BadParameter):
                        await self._prepare(bind(question, await self.resolve(question, with_language(question, raw, language))))
        return len(self._prepared)

    async def _prepare(self, query: str) -> None:
        if query in self._prepared or sum(map(len, self._prepared.values())) > _PREPARED_BYTES:
            return
        answer = await self.store.query(QueryRequest(query, boolean=None, graph=None, timeout=self.timeout))
        content = b"".join([chunk async for chunk in answer.body])
        if not answer.volatile:
            self._prepared[query] = content

    async def _rows(self, query: str, level: str) -> list[Row]:
        if level == "full" and (content := self._prepared.get(query)) is not None:
            return parse_rows(content)[1]
        return (await select(self.store, query, level, self.timeout))[1]

    async def count(self, question: Question, terms: Mapping[str, Sequence[Term]], level: str = "full") -> int:
        """The number of all rows of an answer; kept for the next page of it. Raises what Store.query raises."""
        key = (question.slug, level, tuple((name, tuple(values)) for name, values in sorted(terms.items())))
        if key not in self._counts:
            self._counts[key] = len(await self._rows(bind(question, terms), level))
            if len(self._counts) > _KEPT_COUNTS:
                self._counts.pop(next(iter(self._counts)))
        return self._counts[key]

    async def ask(
        self, question: Question, terms: Mapping[str, Sequence[Term]], window: Window, level: str = "full", most: int = 0
    ) -> QuestionAnswer:
        """The answer of a SELECT question to resolved values. Raises what Store.query raises, AnswerTooLarge for more than `most` rows."""
        query = bind(question, terms)
        scope, rows = await asyncio.gather(self.scope(question, terms), self._rows(query, level))
        if most and len(rows) > most:
            raise AnswerTooLarge(most, "rows")
        end = None if window.limit is None else window.offset + window.limit
        return QuestionAnswer(
            question=question,
            release=self.release,
            parameters={name: tuple(values) for name, values in terms.items()},
            scope=scope,
            rows=rows[window.offset : end],
            every=rows,
            count=len(rows),
            offset=window.offset,
        )


def with_language(question: Question, raw: Mapping[str, Sequence[str]], language: str) -> Mapping[str, Sequence[str]]:
    """What a user gave, with the reader's language ("ja" or "en") where the question takes one and none is given."""
    names = [one.name for one in question.parameters if one.type == "language" and not any(raw.get(one.name, ()))]
    return {**raw, **dict.fromkeys(names, (language,))}


def _documents(known: Sequence[ScopeDocument], question: Question, terms: Mapping[str, Sequence[Term]]) -> Sequence[str]:
    """The keys of the documents looked at: those that the values ask for, else those that the question names (none: all)."""
    asked = {part for name in NARROWING for term in terms.get(name, ()) for part in term.value.split("/")}
    return [one.key for one in known if one.key in asked] or question.documents


def _years(question: Question, terms: Mapping[str, Sequence[Term]]) -> list[str]:
    """The years that dates, and whole numbers called years, ask about."""
    kinds = {one.name: one.type for one in question.parameters}
    dates = [term.value[:4] for name, found in terms.items() if kinds.get(name) == "date" for term in found]
    numbers = [term.value for name, found in terms.items() if kinds.get(name) == "integer" and "year" in name.lower() for term in found]
    return dates + [one for one in numbers if len(one) == 4]
