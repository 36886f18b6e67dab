"""A reader's own questions over HTTP: beside ours, and where a question's answer is a graph."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from rdflib import Graph

from stratgraph.build import build
from stratgraph.questions import load_served
from stratgraph.settings import Layout, Settings
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.web import create_app

PRODUCT = Path(__file__).parents[1] / "cases" / "product"
GRAPH = """\
#+ summary: The parts of a measure as triples
#+ description: Each part with its whole.
#+ tags: [measure]
#+ stratgraph:
#+   name: {ja: 施策と部分のグラフ, en: A graph of parts}
#+   description: {ja: 部分と全体, en: Each part with its whole}
#+   audience: [engineer]
#+   parameters:
#+     - name: measure
#+       type: iri
#+       class: sg:Measure
#+       required: true
#+       label: {ja: 施策, en: Measure}
#+       help: {ja: 名称, en: Its name}
#+   examples:
#+     - name: first
#+       parameters: {measure: measure/2099/1}
PREFIX sg: <https://w3id.org/stratgraph/ontology#>
CONSTRUCT { ?part sg:isPartOf ?measure }
WHERE {
  VALUES ?measure { <https://w3id.org/stratgraph/id/measure/2099/1> }
  ?part sg:isPartOf ?measure .
}
"""


def answers(root: Path, asked: list[tuple[str, dict[str, str], str]], told: list[str]) -> list[httpx.Response]:
    """The answers of an application over the product in miniature and the folder `mine`, without a server between.

    `told` gets what is said of questions that are left out, and of examples that answer otherwise than expected.
    """
    layout = Layout(root / "product")
    release = build(layout, root / "build", list[str]().append).release
    settings = replace(Settings(), client_queries=0, workers=1, questions=str(root / "mine"))

    async def run() -> list[httpx.Response]:
        async with await EmbeddedStore.open(release.graph_file, settings) as store:
            app = create_app(settings, store, release, load_served(layout.queries, settings.own_questions, told.append))
            await app.state.site.check_own(told.append)
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test", timeout=60) as client:
                return [await client.get(path, params=params, headers={"Accept": accept}) for path, params, accept in asked]

    return asyncio.run(run())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The product in miniature, and a folder of questions of which one is broken."""
    shutil.copytree(PRODUCT, tmp_path / "product")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "graph-of-parts.rq").write_text(GRAPH, encoding="utf-8")
    (tmp_path / "mine" / "broken.rq").write_text(GRAPH.replace("required: true", "needed: true"), encoding="utf-8")
    return tmp_path


def test_a_question_of_one_s_own_is_served_beside_ours(root: Path) -> None:
    """Listed, asked as Turtle and as a page, described as RDF, an operation of the interface; what cannot be collected says so."""
    path, first = "/questions/graph-of-parts", {"measure": "measure/2099/1"}
    listed, ours, turtle, page, described, spec, broken, collected, table = answers(
        root,
        [
            ("/questions", {}, "application/json"),
            ("/questions/parts-of-a-measure", first, "application/json"),
            (path, first, "*/*"),
            (path, {**first, "lang": "ja"}, "text/html"),
            (f"{path}.ttl", {}, "*/*"),
            ("/openapi.json", {}, "*/*"),
            ("/questions/broken", {}, "application/json"),
            ("/basket", {"item": "graph-of-parts?measure=measure/2099/1", "format": "xlsx"}, "*/*"),
            (path, {**first, "format": "csv"}, "*/*"),
        ],
        list[str](),
    )
    assert {one["slug"] for one in listed.json()["questions"]} == {"graph-of-parts", "parts-of-a-measure"}
    assert ours.json()["count"] == 2
    assert turtle.headers["content-type"] == "text/turtle; charset=utf-8"
    assert turtle.text.count("isPartOf") >= 1
    above = [line for line in turtle.text.splitlines() if line.startswith("# ")]
    assert turtle.text.startswith("# 施策と部分のグラフ\n# https://w3id.org/stratgraph/questions/graph-of-parts\n")
    assert [line for line in above if "まだ記述されていません" in line]
    assert len(Graph().parse(data=turtle.text, format="turtle")) == 2
    assert "documents=" in turtle.headers["StratGraph-Scope"]
    assert (page.status_code, "施策と部分のグラフ" in page.text) == (200, True)
    assert 'href="/questions/graph-of-parts.ttl?measure=' in page.text
    assert (described.status_code, "A graph of parts" in described.text) == (200, True)
    assert next(iter(spec.json()["paths"]["/questions/graph-of-parts"]["get"]["responses"]["200"]["content"])) == "text/turtle"
    assert (broken.status_code, collected.status_code, table.status_code) == (404, 422, 406)


def test_examples_of_one_s_own_are_compared_where_they_have_rows(root: Path) -> None:
    """One that answers otherwise than expected is told with file and line, and marked on its page; it is served, as are the others."""
    ours = (PRODUCT / "queries" / "parts-of-a-measure.rq").read_text(encoding="utf-8")
    mine = root / "mine"
    for name, rows in (("as-expected", ("1-1", "1-1-1")), ("otherwise", ("1-1", "1-2")), ("not-compared", ())):
        (mine / f"{name}.rq").write_text(ours, encoding="utf-8")
        expected = ["part", *(f"https://w3id.org/stratgraph/id/measure/2099/{number}" for number in rows)]
        if rows:
            (mine / f"{name}.first.csv").write_text("\n".join(expected) + "\n", encoding="utf-8")
    (mine / "no-sparql.rq").write_text(ours.replace("?part sg:isPartOf ?measure .", "?part sg:isPartOf ?measure ; ; , ."), encoding="utf-8")
    told: list[str] = []
    asked = [(f"/questions/{name}", {"measure": "measure/2099/1", "lang": "ja"}, "text/html") for name in ("otherwise", "as-expected")]
    marked, unmarked, data = answers(root, [*asked, ("/questions/otherwise", {"measure": "measure/2099/1"}, "application/json")], told)
    assert data.json()["count"] == 2
    place = "otherwise.first.csv:3: otherwise, example &#39;first&#39;, on the full graph: the expected row is missing"
    assert ("期待した行のとおりには答えません" in marked.text, place in marked.text, str(mine) in marked.text) == (True, True, False)
    assert "期待した行のとおりには答えません" not in unmarked.text
    assert [one for one in told if "is served" in one and f"{mine / 'otherwise.first.csv'}:3: " in one]
    assert not [one for one in told if "as-expected" in one or "not-compared" in one or "graph-of-parts" in one]
    assert [one for one in told if f"{mine / 'no-sparql.rq'}:19: Example 'first' cannot be answered: " in one]
    assert [one for one in told if "This question is left out." in one and "broken.rq" in one]
