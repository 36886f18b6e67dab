"""SPARQL JSON results as values. Imports the store's interface and errors.

The store hands answers out as bytes in a format; whoever needs rows in Python reads them here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from stratgraph.store.interface import QueryRequest, Store


@dataclass(frozen=True)
class Cell:
    """A term in a row: kind ("iri", "literal" or "blank"), value, language tag and datatype IRI of a literal."""

    kind: str
    value: str
    language: str | None = None
    datatype: str | None = None


Row = Mapping[str, Cell]


async def collect(store: Store, request: QueryRequest) -> bytes:
    """A whole answer's bytes. Raises what Store.query raises."""
    answer = await store.query(request)
    return b"".join([chunk async for chunk in answer.body])


async def select(store: Store, query: str, level: str = "full", timeout: float = 30.0) -> tuple[list[str], list[Row]]:
    """Variables and rows of a SELECT, unbound variables left out of a row. Raises what Store.query raises."""
    request = QueryRequest(query=query, solutions="json", boolean=None, graph=None, level=level, timeout=timeout)
    return parse_rows(await collect(store, request))


def parse_rows(content: bytes) -> tuple[list[str], list[Row]]:
    """Variables and rows of SPARQL JSON results."""
    told = json.loads(content)
    rows: list[Row] = [{name: _cell(binding) for name, binding in row.items()} for row in told["results"]["bindings"]]
    return list(told["head"]["vars"]), rows


def _cell(binding: Mapping[str, str]) -> Cell:
    kind = {"uri": "iri", "bnode": "blank"}.get(binding["type"], "literal")
    return Cell(kind, binding["value"], binding.get("xml:lang"), binding.get("datatype"))
