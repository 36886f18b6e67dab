"""The command that asks the built graph in SPARQL, and how rows are printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

import click
from prettytable import PrettyTable

from stratgraph.cli.session import Session, with_session
from stratgraph.cli.store import with_store
from stratgraph.formats import offered

if TYPE_CHECKING:
    from stratgraph.store.interface import Store

_RESULTS = click.Choice(["table", *(one.name for one in offered("solutions", "graph"))])
_LEVEL = click.Choice(["asserted", "curated", "full"])


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
    kind, content = with_store(session, lambda store, _: _answer(store, session, sparql, form, entailment))
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
    return print_table(names, rows)


def print_table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows as a table of text, with their number."""
    table = PrettyTable(list(names), align="l", max_width=60)
    table.add_rows([list(row) for row in rows])
    return f"{table}\n{len(rows)} row{'' if len(rows) == 1 else 's'}"
