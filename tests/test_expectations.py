"""Expected rows are scoped to documents: a document more breaks none of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from rdflib import URIRef
from rdflib.term import Node

from stratgraph.errors import SourceError
from stratgraph.infer import infer, load_rules
from stratgraph.load import load_product
from stratgraph.places import Triple
from stratgraph.questions import Question, QuestionService, check_examples, load_questions
from stratgraph.release import to_nquads
from stratgraph.settings import Layout, Settings
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.vocab import CURATED_GRAPHS, DOCUMENT_GRAPHS, ID, INFERRED_GRAPH


def _again(graphs: Mapping[str, frozenset[Triple]], key: str) -> dict[str, frozenset[Triple]]:
    """A document's graphs under another key: with it all that they alone describe has another IRI; what they share is the same."""
    mine = {f"{DOCUMENT_GRAPHS}{key}", f"{CURATED_GRAPHS}{key}"}
    elsewhere = {s for iri, triples in graphs.items() if iri not in mine for s, _, _ in triples}
    own = {s for iri in mine for s, _, _ in graphs.get(iri, ()) if s not in elsewhere}
    # A section of a document outside the corpus is that document's, whoever names it.
    own = {one for one in own if key in str(one) or not str(one).startswith(f"{ID}section/")}

    def renamed(term: Node) -> Node:
        if not isinstance(term, URIRef) or (term not in own and key not in term):
            return term
        return URIRef(str(term).replace(key, f"{key}-again") if key in term else f"{term}-again")

    return {f"{iri}-again": frozenset((renamed(s), p, renamed(o)) for s, p, o in graphs[iri]) for iri in mine if iri in graphs}


async def _check(graph: Path, questions: list[Question]) -> list[SourceError]:
    async with await EmbeddedStore.open(graph, replace(Settings(), workers=2)) as store:
        return await check_examples(QuestionService(store, load_questions(questions[0].path.parent), "", 120.0), questions)


@pytest.mark.long
def test_new_documents_break_no_expected_rows(layout: Layout, tmp_path: Path) -> None:
    """Every document stands in the corpus once more, under another key: a second one that says the same of the same bodies and themes."""
    sources = load_product(layout)
    keys = [iri.removeprefix(DOCUMENT_GRAPHS) for iri in sources.graphs if iri.startswith(DOCUMENT_GRAPHS)]
    graphs = dict(sources.graphs)
    for key in keys:
        graphs |= _again(sources.graphs, key)
    said = frozenset[Triple]().union(*graphs.values())
    graphs[INFERRED_GRAPH] = infer(said, load_rules(layout.rules), list[str]().append).triples
    file = tmp_path / "graph.nq"
    file.write_bytes(to_nquads(graphs))
    # This graph has no proofs; and what follows about a comment tells of the second categories too, which have the same sections.
    left_out = ("why-does-the-graph-say-so", "what-is-only-inferred-about-a-thing")
    asked = [one for slug, one in load_questions(layout.queries).items() if slug not in left_out]
    found = asyncio.run(_check(file, asked))
    assert len(keys) >= 5
    assert not found, "\n".join(map(str, found))
