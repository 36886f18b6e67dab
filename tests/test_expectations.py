"""Expected rows are scoped to documents: a document more breaks none of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from rdflib import URIRef
from rdflib.term import Node

from stratgraph.errors import SourceError
from stratgraph.infer import infer, load_rules
from stratgraph.load import load_product
from stratgraph.questions import Question, QuestionService, check_examples, load_questions
from stratgraph.release import to_nquads
from stratgraph.settings import Layout, Settings
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.vocab import CURATED_GRAPHS, DOCUMENT_GRAPHS, INFERRED_GRAPH


def _renamed(term: Node, keys: list[str]) -> Node:
    """An IRI of a document or of something of its own under a key that is no document's."""
    key = next((one for one in keys if one in term), "") if isinstance(term, URIRef) else ""
    return URIRef(str(term).replace(key, f"{key}-again")) if key else term


async def _check(graph: Path, questions: list[Question]) -> list[SourceError]:
    async with await EmbeddedStore.open(graph, replace(Settings(), workers=2)) as store:
        return await check_examples(QuestionService(store, load_questions(questions[0].path.parent), "", 120.0), questions)


@pytest.mark.long
def test_new_documents_break_no_expected_rows(layout: Layout, tmp_path: Path) -> None:
    """Every document stands in the corpus once more, under another key: a second one that says the same of the same bodies and themes."""
    sources = load_product(layout)
    keys = [iri.removeprefix(DOCUMENT_GRAPHS) for iri in sources.graphs if iri.startswith(DOCUMENT_GRAPHS)]
    graphs = dict(sources.graphs)
    for iri, triples in sources.graphs.items():
        if iri.startswith((DOCUMENT_GRAPHS, CURATED_GRAPHS)) and any(iri.endswith(key) for key in keys):
            again = frozenset((_renamed(s, keys), _renamed(p, keys), _renamed(o, keys)) for s, p, o in triples)
            graphs[f"{iri}-again"] = again
    said = frozenset().union(*graphs.values())
    graphs[INFERRED_GRAPH] = infer(said, load_rules(layout.rules), list[str]().append).triples
    file = tmp_path / "graph.nq"
    file.write_bytes(to_nquads(graphs))
    # What is asked of proofs cannot be shown here: this graph has none.
    asked = [one for one in load_questions(layout.queries).values() if "graph/proofs" not in one.sparql]
    found = asyncio.run(_check(file, asked))
    assert len(keys) >= 5
    assert not found, "\n".join(map(str, found))
