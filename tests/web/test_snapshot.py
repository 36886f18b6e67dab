"""A request that is under way when a new build is taken over is answered wholly from the release that it began with."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from stratgraph.build import build
from stratgraph.errors import SourceError, StoreUnavailable
from stratgraph.questions import load_questions
from stratgraph.release import Release
from stratgraph.settings import Layout, Settings
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.store.interface import Answer, Begun, Description, Hits, QueryRequest, SearchRequest
from stratgraph.web import create_app
from stratgraph.web.follow import take_over
from stratgraph.web.snapshot import retire

PRODUCT = Path(__file__).parents[1] / "cases" / "product"
MEASURES = "data/ttl/document/2099-sample/measures.ttl"
MORE = '\n<measure/2099/2> a sg:Measure ; sg:isPartOf <measure/2099/1> ;\n  skos:prefLabel "二"@ja , "Two"@en .\n'
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
COUNT = "PREFIX sg: <https://w3id.org/stratgraph/ontology#> SELECT (COUNT(?m) AS ?n) { ?m a sg:Measure }"
SETTINGS = replace(Settings(), client_queries=0, workers=1)
# What only the new release knows, asked in each way that the store is asked; None: a text that must be in the answer, or not.
ASKED: dict[str, tuple[str, dict[str, str], str, str]] = {
    "query": ("/sparql", {"query": COUNT}, "text/csv", "4"),
    "query page": ("/sparql", {"query": COUNT}, "text/html", "<td>4</td>"),
    "saved question": ("/questions/parts-of-a-measure", {"measure": "measure/2099/1"}, "application/json", "measure/2099/2"),
    "question page": ("/questions/parts-of-a-measure", {"measure": "measure/2099/1", "lang": "en"}, "text/html", "Two"),
    "reason": ("/why", {"s": "measure/2099/2", "p": TYPE, "o": "sg:Measure"}, "application/json", '"asserted"'),
    "reason page": ("/why", {"s": "measure/2099/2", "p": TYPE, "o": "sg:Measure", "lang": "en"}, "text/html", "Two"),
    "search": ("/search", {"q": "Two"}, "application/json", "measure/2099/2"),
    "thing": ("/id/measure/2099/2.ttl", {}, "*/*", "Two"),
    "graph": ("/graph/document/2099-sample.nt", {}, "*/*", "Two"),
}


class Gate:
    """A store at which something happens before the nth time that it is asked."""

    def __init__(self, store: EmbeddedStore, number: int, happens: Callable[[], Awaitable[None]]) -> None:
        self.store, self.number, self.happens = store, number, happens
        self.asked = 0
        self.closed = False

    async def _pass(self) -> None:
        assert not self.closed, "asked after it was closed"
        self.asked += 1
        if self.asked == self.number:
            await self.happens()

    async def search(self, request: SearchRequest) -> Hits:
        """As the store."""
        await self._pass()
        return await self.store.search(request)

    async def query(self, request: QueryRequest) -> Answer:
        """As the store."""
        await self._pass()
        return await self.store.query(request)

    def begin(self, request: QueryRequest) -> Begun:
        """Nothing is begun ahead of its turn."""
        raise StoreUnavailable(request.query)

    async def describe(self, iri: str, level: str = "full") -> Description:
        """As the store."""
        await self._pass()
        return await self.store.describe(iri, level)

    def graph_names(self, level: str = "full") -> tuple[str, ...]:
        """As the store."""
        return self.store.graph_names(level)

    async def close(self) -> None:
        """As the store."""
        self.closed = True
        await self.store.close()


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Layout, Release, Release]:
    """Two releases of the product in miniature; the second has a measure more."""
    root = tmp_path_factory.mktemp("releases") / "product"
    shutil.copytree(PRODUCT, root)
    layout, told = Layout(root), list[str]()
    old = build(layout, root / "build", told.append).release
    path = root / MEASURES
    path.write_text(path.read_text(encoding="utf-8") + MORE, encoding="utf-8")
    expected = root / "queries" / "parts-of-a-measure.first.csv"
    expected.write_text(f"{expected.read_text(encoding='utf-8')}https://w3id.org/stratgraph/id/measure/2099/2\n", encoding="utf-8")
    return layout, old, build(layout, root / "build", told.append).release


async def get(app: Any, way: str) -> httpx.Response:
    """The answer of the application, without a server between."""
    path, params, accept, _ = ASKED[way]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test", timeout=60) as client:
        return await client.get(path, params=params, headers={"Accept": accept})


def release_of(response: httpx.Response) -> str:
    """The release that an answer names: in its header, its body or its ETag."""
    if "StratGraph-Release" in response.headers:
        return str(response.headers["StratGraph-Release"])
    return str(response.headers.get("ETag", '"')).split('"')[1].split("-")[0]


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("way", list(ASKED))
def test_a_request_sees_one_release(releases: tuple[Layout, Release, Release], way: str, number: int) -> None:
    """The new build comes before the store is asked for the first or second time: the answer is the old one's, the next the new one's."""
    layout, old, new = releases

    async def run() -> None:
        left: list[asyncio.Task[None]] = []

        async def happens() -> None:
            left.append(asyncio.create_task(retire(await take_over(app, layout, new), 60)))
            await asyncio.sleep(0)  # the old one would go now, if it did not wait

        gate = Gate(await EmbeddedStore.open(old.graph_file, SETTINGS), number, happens)
        app = create_app(SETTINGS, gate, old, load_questions(layout.queries))
        try:
            first = await get(app, way)
            only_new = ASKED[way][3]
            assert only_new not in first.text
            if first.status_code == 200:
                assert release_of(first) == old.id
            if not left:  # it asked once only
                assert gate.asked < number
                await happens()
            await asyncio.gather(*left)
            assert gate.closed
            second = await get(app, way)
            assert (second.status_code, release_of(second)) == (200, new.id)
            assert only_new in second.text
        finally:
            await app.state.site.store.close()
            await gate.close()

    asyncio.run(run())


def test_an_old_release_does_not_stay_for_ever(releases: tuple[Layout, Release, Release]) -> None:
    """Held by a request that does not end, it goes after its time."""
    layout, old, _ = releases

    async def run() -> None:
        gate = Gate(await EmbeddedStore.open(old.graph_file, SETTINGS), 0, asyncio.Event().wait)  # type: ignore[arg-type]
        site = create_app(SETTINGS, gate, old, load_questions(layout.queries)).state.site
        with site.held():
            await retire(site, 0.05)
        assert gate.closed

    asyncio.run(run())


def test_a_build_that_cannot_be_loaded_changes_nothing(releases: tuple[Layout, Release, Release], tmp_path: Path) -> None:
    """The error is told; the site is the one of before and answers."""
    layout, old, _ = releases
    (tmp_path / "graph.nq").write_text("nonsense\n", encoding="utf-8")

    async def run() -> None:
        async with await EmbeddedStore.open(old.graph_file, SETTINGS) as store:
            app = create_app(SETTINGS, store, old, load_questions(layout.queries))
            with pytest.raises(SourceError):
                await take_over(app, layout, replace(old, folder=tmp_path))
            assert (await get(app, "query")).text.split() == ["n", "3"]

    asyncio.run(run())
