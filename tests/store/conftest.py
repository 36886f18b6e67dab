"""A small graph with every kind of named graph, and a store over it that runs on one event loop.

What each level holds is counted by hand in `GRAPH`'s comments; a statement in several graphs (S) is one triple.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from stratgraph.settings import Settings
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.store.interface import QueryRequest
from stratgraph.store.worker import WorkerLimits
from stratgraph.vocab import CURATED_GRAPHS, DOCUMENT_GRAPHS, INFERRED_GRAPH, METADATA_GRAPH, ONTOLOGY_GRAPH, REFERENCE_GRAPH

T = TypeVar("T")

EX = "http://example.org/"
DOCUMENT_A, DOCUMENT_B, THEMES = f"{DOCUMENT_GRAPHS}a", f"{DOCUMENT_GRAPHS}b", f"{CURATED_GRAPHS}themes"
ASSERTED_GRAPHS = sorted([ONTOLOGY_GRAPH, REFERENCE_GRAPH, METADATA_GRAPH, DOCUMENT_A, DOCUMENT_B])

_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
_SHARED = f"<{EX}x> <{EX}p> <{EX}y>"  # S
_LINES = [
    # asserted: 1 ontology, 6 document a, 1 document b beside S, 1 reference, 1 metadata
    (ONTOLOGY_GRAPH, f"<{EX}Doc> {_TYPE} <http://www.w3.org/2002/07/owl#Class>"),
    (DOCUMENT_A, f"<{EX}a> {_TYPE} <{EX}Doc>"),
    (DOCUMENT_A, f'<{EX}a> {_LABEL} "甲"@ja'),
    (DOCUMENT_A, f'<{EX}a#1> {_LABEL} "control \\u0001 and \\uFFFE"'),
    (DOCUMENT_A, f"<{EX}a> <{EX}note> _:n"),
    (DOCUMENT_A, f'_:n <{EX}text> "followed"'),
    (DOCUMENT_A, _SHARED),
    (DOCUMENT_B, f"<{EX}b> {_TYPE} <{EX}Doc>"),
    (DOCUMENT_B, _SHARED),
    (REFERENCE_GRAPH, f'<{EX}Doc> {_LABEL} "Document"@en'),
    (METADATA_GRAPH, f'<{EX}release> {_LABEL} "release"@en'),
    # curated: one more
    (THEMES, f"<{EX}a> <{EX}theme> <{EX}t>"),
    (THEMES, _SHARED),
    # full: one more
    (INFERRED_GRAPH, f"<{EX}a> {_TYPE} <{EX}Thing>"),
    (INFERRED_GRAPH, _SHARED),
]
GRAPH = "".join(f"{triple} <{graph}> .\n" for graph, triple in _LINES)
DISTINCT = {"asserted": 10, "curated": 11, "full": 12}


class Harness:
    """A store, and the loop it lives on."""

    def __init__(self, runner: asyncio.Runner, store: EmbeddedStore) -> None:
        self.runner, self.store = runner, store

    def run(self, work: Awaitable[T]) -> T:
        """Run on the store's loop."""

        async def awaited() -> T:
            return await work

        return self.runner.run(awaited())

    async def fetch(self, request: QueryRequest) -> bytes:
        """The whole body of an answer."""
        answer = await self.store.query(request)
        return b"".join([chunk async for chunk in answer.body])

    def pids(self) -> set[int]:
        """The workers' processes, once all of them have started."""

        async def settled() -> set[int]:
            async with asyncio.timeout(5):
                while True:
                    found = {worker.pid for worker in self.store.workers() if worker.pid and worker.alive}
                    if len(found) == Settings().workers == len(self.store.workers()):
                        return found
                    await asyncio.sleep(0.01)

        return self.runner.run(settled())

    def ask(self, query: str, **options: object) -> bytes:
        """The whole body of an answer to a query."""
        return self.run(self.fetch(QueryRequest(query, **options)))  # type: ignore[arg-type]

    def count(self, pattern: str = "?s ?p ?o", dataset: str = "", **options: object) -> int:
        """How many solutions a pattern has."""
        text = self.ask(f"SELECT (COUNT(*) AS ?n) {dataset} WHERE {{ {pattern} }}", solutions="csv", **options)
        return int(text.split()[1])


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for all tests here."""
    with asyncio.Runner() as one:
        yield one


@pytest.fixture(scope="session")
def graph_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small graph as a file."""
    path = tmp_path_factory.mktemp("build") / "graph.nq"
    path.write_text(GRAPH, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def large_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """5,000 triples: their square is more than any limit here allows."""
    path = tmp_path_factory.mktemp("large") / "graph.nq"
    path.write_text("".join(f'<{EX}{n}> <{EX}p> "value {n}" <{DOCUMENT_A}> .\n' for n in range(5000)), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def harness(runner: asyncio.Runner, graph_file: Path) -> Iterator[Harness]:
    """A store over the small graph, as it runs by default."""
    store = runner.run(EmbeddedStore.open(graph_file, Settings()))
    yield Harness(runner, store)
    runner.run(store.close())


@pytest.fixture(scope="session")
def unguarded(runner: asyncio.Runner, large_file: Path) -> Iterator[Harness]:
    """A store over the large graph without precheck and with little memory: what holds here, holds by the workers alone."""
    limits = WorkerLimits(memory=128, stack=64, precheck=False)
    store = runner.run(EmbeddedStore.open(large_file, Settings(queue_length=4), limits=limits))
    yield Harness(runner, store)
    runner.run(store.close())
