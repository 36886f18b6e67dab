"""Reading the product: folders name graphs, places are kept, what cannot be read is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import RDF, URIRef

from stratgraph.errors import SourceError
from stratgraph.load import graph_of, load_product
from stratgraph.settings import Layout
from stratgraph.vocab import GRAPH, ID, SG

MEASURES = "data/ttl/document/2099-sample/measures.ttl"


@pytest.mark.parametrize(
    ("path", "graph"),
    [
        ("document/2099-sample/measures.ttl", "document/2099-sample"),
        ("curated/2099-sample/labels.ttl", "curated/2099-sample"),
        ("curated/across/links.ttl", "curated/across"),
        ("reference/bodies.ttl", "reference"),
    ],
)
def test_a_folder_names_a_graph(path: str, graph: str) -> None:
    """The table of docs/architecture.md."""
    assert graph_of(Path(path), path) == str(GRAPH[graph])


@pytest.mark.parametrize(
    "path", ["bodies.ttl", "document/bodies.ttl", "documents/2099/a.ttl", "document/2099 sample/a.ttl", "reference/a/b.ttl"]
)
def test_a_folder_that_names_no_graph_is_refused(path: str) -> None:
    """A misplaced file would be lost or land in the wrong graph."""
    with pytest.raises(SourceError, match="names no graph"):
        graph_of(Path(path), path)


def test_triples_know_their_place(product: Layout) -> None:
    """The line is the one where the object stands, so that an editor opens there."""
    sources = load_product(product)
    triple = (URIRef(ID["measure/2099/1-1"]), SG.isPartOf, URIRef(ID["measure/2099/1"]))
    lines = (product.root / MEASURES).read_text(encoding="utf-8").splitlines()
    assert triple in sources.graphs[str(GRAPH["document/2099-sample"])]
    assert str(sources.places[triple]) == f"{MEASURES}:{lines.index('  sg:isPartOf <measure/2099/1> .') + 1}"


def test_the_union_holds_every_graph_once(product: Layout) -> None:
    """What two graphs state is one triple of the union."""
    sources = load_product(product)
    assert len(sources.union()) == len(set().union(*sources.graphs.values()))
    assert (URIRef(ID["measure/2099/1"]), RDF.type, SG.Measure) in sources.union()


@pytest.mark.parametrize(
    ("content", "line", "part"),
    [
        (b"<urn:a> <urn:b> .\n", 1, "not Turtle"),
        (b"@prefix x: <urn:x> .\n\nx:a x:b y:c .\n", 3, "not Turtle"),
        (b'<urn:a> <urn:b> "open .\n', 1, "not Turtle"),
        ('<urn:a> <urn:b> "\n'.encode("utf-16"), 1, "not UTF-8"),
    ],
)
def test_a_broken_file_is_told_with_its_line(product: Layout, content: bytes, line: int, part: str) -> None:
    """File and line stand in front, so that editors and CI can jump there."""
    path = product.data / "reference" / "broken.ttl"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=part) as caught:
        load_product(product)
    assert (Path(caught.value.path).name, caught.value.line) == ("broken.ttl", line)


@pytest.mark.parametrize("part", ["ontology", "data"])
def test_an_empty_part_is_refused(product: Layout, part: str) -> None:
    """A build over nothing would publish an empty graph and call it good."""
    for path in getattr(product, part).rglob("*.ttl"):
        path.unlink()
    with pytest.raises(SourceError, match=r"no \*\.ttl file"):
        load_product(product)


def test_a_prefix_without_namespace_is_refused(product: Layout) -> None:
    """The prefix table is read by every tool, so half a line of it is an error."""
    path = product.ontology / "prefixes.ttl"
    path.write_text(path.read_text(encoding="utf-8").replace('  sh:prefix "sg" .', '  sh:name "sg" .'), encoding="utf-8")
    with pytest.raises(SourceError, match="one sh:prefix and one sh:namespace"):
        load_product(product)
