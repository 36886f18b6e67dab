"""Answers to questions as files of office programs: tables with labels, scope, release and citation. Imports reports and the site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import Response
from fastapi.concurrency import run_in_threadpool

from stratgraph.formats import Format
from stratgraph.questions import Question, QuestionAnswer, Term, Window, bind
from stratgraph.report import MINISTRIES, Report, Table, about_release, answer_table, ministry_tables
from stratgraph.report.table import iris_of
from stratgraph.report.words import word
from stratgraph.store.results import Row
from stratgraph.web.sheets import SHEET_ROWS, make
from stratgraph.web.site import Site

Asked = tuple[Question, Mapping[str, tuple[Term, ...]]]


async def answer_report(site: Site, asked: Asked, window: Window, level: str, language: str) -> Report:
    """The report of one question, with its SPARQL. Raises what Store.query raises, AnswerTooLarge beyond what a sheet holds."""
    question, terms = asked
    answer = await site.service.ask(question, terms, window, level, SHEET_ROWS)
    table = answer_table(answer, await site.labels(iris_of(answer)), language)
    about = [*about_release(site.release, language), (word("query", language), bind(question, terms))]
    return Report(table.title, language, [table], about, site.release.date)


async def basket_report(site: Site, basket: Sequence[Asked], layout: str, language: str) -> Report:
    """The report of several questions: a table each, or (layout `ministry`) the 照会 form, a table for each ministry."""
    answers = [await site.service.ask(question, terms, Window(), "full", SHEET_ROWS) for question, terms in basket]
    about = about_release(site.release, language)
    if layout == "ministry":
        tables, title = await _ministries(site, answers, language), word("ministries", language)
    else:
        labels = await site.labels([iri for one in answers for iri in iris_of(one)])
        tables, title = [answer_table(one, labels, language) for one in answers], word("answers", language)
    return Report(title, language, tables, about, site.release.date)


async def _ministries(site: Site, answers: Sequence[QuestionAnswer], language: str) -> list[Table]:
    """Sheets by ministry of what these answers name: rows of `items-by-ministry` as they are, of others the items in them."""
    question = site.questions.get_question(MINISTRIES)
    whole = await site.service.ask(question, await site.service.resolve(question, {"language": [language]}), Window())
    direct = [row for one in answers if one.question.slug == MINISTRIES for row in one.rows]
    named = {cell.value for one in answers if one.question.slug != MINISTRIES for row in one.rows for cell in row.values()}
    kept = {_key(row): row for row in direct} | {_key(row): row for row in whole.rows if row["item"].value in named}
    rows = [row for row in whole.rows if _key(row) in kept]
    one = answers[0] if len(answers) == 1 and answers[0].question.slug == MINISTRIES else whole
    found = QuestionAnswer(question, whole.release, one.parameters, one.scope, rows, len(rows), 0)
    labels = await site.labels([iri for answer in (found, *answers) for iri in iris_of(answer)])
    return ministry_tables(found, labels, language)


def _key(row: Row) -> tuple[str, ...]:
    return tuple(row[name].value for name in ("ministry", "document", "item", "role", "named"))


async def respond_report(report: Report, kind: Format, headers: Mapping[str, str]) -> Response:
    """The file of a report, made in a thread."""
    content = await run_in_threadpool(make, kind.name, report)
    return Response(content, headers={**headers, "Content-Type": kind.content_type})
