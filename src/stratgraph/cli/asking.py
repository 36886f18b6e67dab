"""Commands that ask the built graph: query (SPARQL) and ask (saved questions)."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click
from prettytable import PrettyTable

from stratgraph.cli.session import MISUSE, Session, say, with_session
from stratgraph.formats import offered

if TYPE_CHECKING:
    from stratgraph.questions import Question, Questions
    from stratgraph.store.interface import Store

T = TypeVar("T")
_RESULTS = click.Choice(["table", *(one.name for one in offered("solutions", "graph"))])
_LEVEL = click.Choice(["asserted", "curated", "full"])


def _with_store(session: Session, body: Callable[[Store, str], Awaitable[T]]) -> T:
    """Build what has changed, open the graph, run `body(store, release id)`, close."""
    from stratgraph.build import build
    from stratgraph.store.embedded import EmbeddedStore

    progress = say if sys.stderr.isatty() else lambda _: None
    release = build(session.layout, session.build_dir, progress, False, session.sources(None), session.settings.reasoner).release

    async def run() -> T:
        store = await EmbeddedStore.open(release.graph_file, replace(session.settings, workers=1))
        try:
            return await body(store, release.id)
        finally:
            await store.close()

    return asyncio.run(run())


@click.command(
    epilog="Example: stratgraph query --format csv 'PREFIX sg: <https://w3id.org/stratgraph/ontology#> SELECT ?c { ?c a sg:PublicComment }'"
)
@click.argument("text", required=False)
@click.option("-f", "--file", type=click.File(encoding="utf-8"), help="Read the query from a file ('-': standard input).")
@click.option("--format", "form", type=_RESULTS, default="table", show_default=True, help="How to print the answer.")
@click.option("--entailment", type=_LEVEL, default="full", show_default=True, help="Which triples the query sees.")
@with_session
def query(session: Session, text: str | None, file: IO[str] | None, form: str, entailment: str) -> None:
    """Run a SPARQL query over the built graph."""
    if (text is None) == (file is None):
        raise click.UsageError("Give the query as an argument or with --file, one of the two.")
    sparql = file.read() if file is not None else str(text)
    kind, content = _with_store(session, lambda store, _: _answer(store, session, sparql, form, entailment))
    if form == "table" and kind != "graph":
        click.echo(_results_table(json.loads(content)))
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()


async def _answer(store: Store, session: Session, sparql: str, form: str, entailment: str) -> tuple[str, bytes]:
    from stratgraph.store.interface import QueryRequest

    def chosen(family: str) -> str | None:
        return form if any(one.name == form for one in offered(family)) else None

    table = form == "table"
    request = QueryRequest(
        query=sparql,
        solutions="json" if table else chosen("solutions"),
        boolean="json" if table else chosen("boolean"),
        graph="turtle" if table else chosen("graph"),
        level=entailment,
        timeout=session.settings.query_timeout,
        response_bytes=session.settings.response_bytes,
    )
    answer = await store.query(request)
    return answer.kind, b"".join([chunk async for chunk in answer.body])


def _results_table(results: Mapping[str, Any]) -> str:
    if "boolean" in results:
        return "yes" if results["boolean"] else "no"
    names = results["head"]["vars"]
    rows = [[row[name]["value"] if name in row else "" for name in names] for row in results["results"]["bindings"]]
    return _table(names, rows)


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    table = PrettyTable(list(names), align="l", max_width=60)
    table.add_rows([list(row) for row in rows])
    return f"{table}\n{len(rows)} row{'' if len(rows) == 1 else 's'}"


@click.command(epilog="Example: stratgraph ask where-is-a-recommendation-reflected recommendation=recommendation/2015/2-4 --lang ja")
@click.argument("question", required=False)
@click.argument("values", nargs=-1, metavar="[NAME=VALUE]…")
@click.option("--lang", type=click.Choice(["en", "ja"]), default="en", show_default=True, help="Language of labels.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv", "tsv"]), default="table", show_default=True)
@with_session
def ask(session: Session, question: str | None, values: tuple[str, ...], lang: str, form: str) -> None:
    """Answer a saved question. Without a question: list them, with their parameters."""
    from stratgraph.questions import load_questions

    questions = load_questions(session.layout.queries)
    if question is None:
        for one in questions.values():
            parameters = " ".join(f"{p.name}=…" if p.required else f"[{p.name}=…]" for p in one.parameters)
            click.echo(f"{one.slug} {parameters}".rstrip())
            click.echo(f"    {one.names[lang]}")
        return
    chosen = questions.get_question(question)
    raw = _pairs(values)
    click.echo(_with_store(session, lambda store, release: _ask(store, session, (chosen, questions, release), raw, (lang, form))), nl=False)


def _pairs(values: Sequence[str]) -> dict[str, list[str]]:
    raw: dict[str, list[str]] = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or not name:
            say(f"stratgraph: “{value}” is no NAME=VALUE.")
            raise SystemExit(MISUSE)
        raw.setdefault(name, []).append(text)
    return raw


async def _ask(
    store: Store, session: Session, asked: tuple[Question, Questions, str], raw: Mapping[str, Sequence[str]], shown: tuple[str, str]
) -> str:
    from stratgraph.questions import QuestionService, Window

    question, questions, release = asked
    language, form = shown
    service = QuestionService(store, questions, release, session.settings.query_timeout)
    answer = await service.ask(question, await service.resolve(question, raw), Window())
    told = answer.json()
    if form == "json":
        return json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    names = [column["name"] for column in told["columns"]]
    rows = [["" if row[name] is None else str(row[name]) for name in names] for row in told["rows"]]
    if form == "table":
        return _table([column["label"][language] for column in told["columns"]], rows) + "\n"
    out = io.StringIO()
    csv.writer(out, delimiter="," if form == "csv" else "\t", lineterminator="\n").writerows([names, *rows])
    return out.getvalue()
