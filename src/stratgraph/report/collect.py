"""From questions with their values to a report: one question, or several collected ones. Imports questions and this package's tables.

An item of a collection is an answer's address, whole or from the question's name on: `who-leads-a-theme?theme=cybercrime`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from stratgraph.errors import BadParameter, UnknownQuestion
from stratgraph.questions import Question, QuestionAnswer, QuestionService, Term, Window, bind, with_language
from stratgraph.questions.labels import Labels, load_labels
from stratgraph.questions.model import RESERVED
from stratgraph.release import Release
from stratgraph.report.file import Report, about_release
from stratgraph.report.ministries import MINISTRIES, ministry_tables
from stratgraph.report.table import Table, answer_table, iris_of, told_of
from stratgraph.report.words import word
from stratgraph.store.results import Row

# A workbook is made in memory, at some 10 kB a row of ten columns while it is written.
SHEET_ROWS: Final = 100_000
ADDRESS: Final = "an answer's permanent address, or its question's name with ?parameter=value"
_LONGEST: Final = 4000
_MOST_FIELDS: Final = 200
Asked = tuple[Question, Mapping[str, tuple[Term, ...]]]


@dataclass(frozen=True)
class Item:
    """An answer to be collected: its question's name and the values given."""

    slug: str
    raw: Mapping[str, tuple[str, ...]]

    @property
    def text(self) -> str:
        """The item in its shortest form: name and query string."""
        query = urlencode([(name, value) for name, values in self.raw.items() for value in values])
        return f"{self.slug}?{query}" if query else self.slug


@dataclass(frozen=True)
class Collector:
    """Makes reports of one release's answers, in a language ("ja" or "en"); `tell` hears what is done, question by question."""

    service: QuestionService
    release: Release
    language: str
    tell: Callable[[str], None] = lambda _: None

    async def resolve(self, item: Item) -> Asked:
        """The question and the terms of an item. Raises BadParameter."""
        try:
            question = self.service.questions.get_question(item.slug)
        except UnknownQuestion as error:
            japanese = f"「{item.slug[:80]}」という質問はありません。"
            raise BadParameter("item", f"“{item.slug[:80]}” is no saved question.", error.near, japanese) from error
        if question.form != "SELECT":
            raise BadParameter("item", f"“{item.slug}” answers with a graph, not a table.", ja="この質問の答えは表ではありません。")
        return question, await self.service.resolve(question, with_language(question, item.raw, self.language))

    async def one(self, asked: Asked, window: Window, level: str) -> Report:
        """The report of one question, with its SPARQL. Raises what Store.query raises, AnswerTooLarge beyond what a sheet holds."""
        question, terms = asked
        answer = await self.service.ask(question, terms, window, level, SHEET_ROWS)
        table = answer_table(answer, await self._labels([answer]), self.language)
        about = [*about_release(self.release, self.language), (word("query", self.language), bind(question, terms))]
        return Report(table.title, self.language, [table], about, self.release.date)

    async def several(self, asked: Sequence[Asked], layout: str) -> Report:
        """The report of several questions: a table each, or (layout `ministry`) the 照会 form, a table for each ministry.

        Without a question the form holds every item of every ministry. Raises what Store.query raises, and AnswerTooLarge.
        """
        answers: list[QuestionAnswer] = []
        for i, (question, terms) in enumerate(asked, 1):
            answers.append(await self.service.ask(question, terms, Window(), "full", SHEET_ROWS))
            self.tell(f"[{i}/{len(asked)}] {question.name.get(self.language)}: {answers[-1].count}")
        if layout == "ministry":
            return await self._ministries(answers)
        labels = await self._labels(answers)
        return self._report("answers", [answer_table(one, labels, self.language) for one in answers])

    def _report(self, title: str, tables: Sequence[Table], told: Sequence[tuple[str, str]] = ()) -> Report:
        about = [*told, *about_release(self.release, self.language)]
        return Report(word(title, self.language), self.language, tables, about, self.release.date)

    async def _ministries(self, answers: Sequence[QuestionAnswer]) -> Report:
        """Sheets by ministry of what these answers name: rows of `items-by-ministry` as they are, of others the items in them."""
        question, terms = await self.resolve(Item(MINISTRIES, {}))
        whole = await self.service.ask(question, terms, Window())
        direct = {_key(row) for one in answers if one.question.slug == MINISTRIES for row in one.rows}
        named = {cell.value for one in answers if one.question.slug != MINISTRIES for row in one.rows for cell in row.values()}
        rows = [row for row in whole.rows if not answers or _key(row) in direct or row["item"].value in named]
        one = answers[0] if len(answers) == 1 and answers[0].question.slug == MINISTRIES else whole
        found = QuestionAnswer(question, whole.release, one.parameters, one.scope, rows, len(rows), 0)
        labels = await self._labels([found, *answers])
        told = [pair for answer in answers or (found,) for pair in told_of(answer, labels, self.language)]
        tables = ministry_tables(found, labels, self.language)
        self.tell(f"{word('ministries', self.language)}: {len(tables)}")
        return self._report("ministries", tables, told)

    async def _labels(self, answers: Sequence[QuestionAnswer]) -> Labels:
        return await load_labels(self.service.store, [iri for one in answers for iri in iris_of(one)], self.service.timeout)


def parse_item(text: str) -> Item:
    """An item of an answer's address; the reader's language, format and page of rows are no part of it. Raises BadParameter."""
    try:
        parts = urlsplit(text.strip()[:_LONGEST])
        fields = parse_qsl(parts.query, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        message = f"“{text[:80]}” is not the address of an answer."
        raise BadParameter("item", message, [ADDRESS], f"「{text[:80]}」は答えのアドレスではありません。") from error
    raw: dict[str, tuple[str, ...]] = {}
    for name, value in fields:
        if name not in RESERVED:
            raw[name] = (*raw.get(name, ()), value)
    return Item(parts.path.rpartition("questions/")[2].strip("/").partition(".")[0], raw)


def _key(row: Row) -> tuple[str, ...]:
    return tuple(row[name].value for name in ("ministry", "document", "item", "role", "named"))
