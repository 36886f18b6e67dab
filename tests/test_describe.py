"""The metadata graph: its numbers are those of the graph, its checksums those of the files, and no clock enters it."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest
from rdflib import DCTERMS, PROV, RDF, SH, Dataset, Graph, URIRef

from stratgraph import RELEASE_DATE
from stratgraph.build import build
from stratgraph.describe import CATALOG, DATASET, ENDPOINT, RL_REGIME
from stratgraph.places import Triple
from stratgraph.release import Release
from stratgraph.settings import Layout
from stratgraph.vocab import DCAT, GRAPH, METADATA_GRAPH, PROOFS_GRAPH, SD, SPDX, VOID

from .conftest import PRODUCT


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of the product in miniature."""
    lines: list[str] = []
    return build(Layout(PRODUCT), tmp_path_factory.mktemp("build"), lines.append).release


@pytest.fixture(scope="module")
def graphs(sample: Release) -> dict[str, set[Triple]]:
    """Its named graphs."""
    dataset = Dataset()
    found: dict[str, set[Triple]] = {}
    dataset.parse(sample.graph_file, format="nquads")
    for subject, predicate, value, name in dataset.quads():
        found.setdefault(str(name), set()).add((subject, predicate, value))
    return found


@pytest.fixture(scope="module")
def metadata(graphs: dict[str, set[Triple]]) -> Graph:
    """Its metadata graph."""
    graph = Graph()
    for triple in graphs[METADATA_GRAPH]:
        graph.add(triple)
    return graph


@pytest.fixture(scope="module")
def full(graphs: dict[str, set[Triple]]) -> set[Triple]:
    """All triples but metadata and proofs, each once."""
    return set().union(*(triples for name, triples in graphs.items() if name not in (METADATA_GRAPH, PROOFS_GRAPH)))


def test_statistics_are_those_of_the_graph(metadata: Graph, full: set[Triple]) -> None:
    """VoID's triples, subjects, objects and properties equal what is counted."""
    assert {
        name: int(str(metadata.value(DATASET, VOID[name]))) for name in ("triples", "distinctSubjects", "distinctObjects", "properties")
    } == {
        "triples": len(full),
        "distinctSubjects": len({triple[0] for triple in full}),
        "distinctObjects": len({triple[2] for triple in full}),
        "properties": len({triple[1] for triple in full}),
    }


def test_partitions_are_those_of_the_graph(metadata: Graph, full: set[Triple]) -> None:
    """Each class and property has its partition, with the counts that a query gives."""
    classes = Counter(str(value) for _, predicate, value in full if predicate == RDF.type and isinstance(value, URIRef))
    told = {
        str(metadata.value(part, VOID["class"])): int(str(metadata.value(part, VOID.entities)))
        for part in metadata.objects(DATASET, VOID.classPartition)
    }
    assert told == dict(classes)
    properties = Counter(str(predicate) for _, predicate, _ in full)
    told = {
        str(metadata.value(part, VOID.property)): int(str(metadata.value(part, VOID.triples)))
        for part in metadata.objects(DATASET, VOID.propertyPartition)
    }
    assert told == dict(properties)


def test_every_dump_but_metadata_is_described(metadata: Graph, sample: Release) -> None:
    """Size and SHA-256 of each distribution are those of the file (DCAT 3, spdx:checksum)."""
    told = {}
    for node in metadata.objects(DATASET, DCAT.distribution):
        checksum = metadata.value(node, SPDX.checksum)
        size = int(str(metadata.value(node, DCAT.byteSize)))
        told[str(metadata.value(node, DCTERMS.title))] = (size, str(metadata.value(checksum, SPDX.checksumValue)))
    files = {
        path.relative_to(sample.dumps).as_posix(): (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in sample.dumps.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS" and not path.name.startswith("stratgraph-metadata")
    }
    assert told == files
    assert len(told) == len(files) > 80


def test_the_fingerprint_can_be_computed_from_a_download(metadata: Graph, sample: Release) -> None:
    """As its comment says: the sorted lines of the N-Quads of everything."""
    node = metadata.value(DATASET, SPDX.checksum)
    lines = sorted((sample.dumps / "stratgraph-full.nq").read_bytes().splitlines(keepends=True))
    assert str(metadata.value(node, SPDX.checksumValue)) == hashlib.sha256(b"".join(lines)).hexdigest() == sample.fingerprint


def test_the_build_names_its_inputs_with_their_hashes(metadata: Graph) -> None:
    """Every file of the product is a used entity (PROV-O) whose SHA-256 is the file's."""
    told = {
        str(metadata.value(node, DCTERMS.title)): str(metadata.value(metadata.value(node, SPDX.checksum), SPDX.checksumValue))
        for node in metadata.objects(URIRef(f"{DATASET}#build"), PROV.used)
        if (node, RDF.type, PROV.Entity) in metadata
    }
    files = [path for part in ("ontology", "shapes", "data/ttl", "queries") for path in (PRODUCT / part).rglob("*") if path.is_file()]
    assert told == {path.relative_to(PRODUCT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    assert len(told) >= 8


def test_the_service_tells_graphs_and_entailment(metadata: Graph, graphs: dict[str, set[Triple]]) -> None:
    """Each named graph is told, and the inferred one with its regime (SPARQL 1.1 Service Description)."""
    named = {str(metadata.value(node, SD.name)) for node in metadata.objects(DATASET, SD.namedGraph)}
    assert named == set(graphs)
    assert metadata.value(GRAPH.inferred, SD.entailmentRegime) == RL_REGIME
    service = metadata.value(None, SD.endpoint, ENDPOINT)
    assert (service, RDF.type, SD.Service) in metadata


def test_generic_clients_find_prefixes_and_examples(metadata: Graph) -> None:
    """The three queries of SIB's editor find prefixes, examples and partitions unconfigured."""
    prefixes = {
        (str(metadata.value(node, SH.prefix)), str(metadata.value(node, SH.namespace))) for node in metadata.objects(DATASET, SH.declare)
    }
    assert ("sg", "https://w3id.org/stratgraph/ontology#") in prefixes
    question = URIRef("https://w3id.org/stratgraph/questions/parts-of-a-measure")
    assert (question, RDF.type, SH.SPARQLExecutable) in metadata
    assert "SELECT ?part" in str(metadata.value(question, SH.select))
    assert metadata.value(question, URIRef("https://schema.org/target")) == ENDPOINT


def test_the_release_is_named_and_dated_by_its_source(metadata: Graph, sample: Release) -> None:
    """Identifier and date are the release's; nothing tells when the build ran."""
    assert str(metadata.value(DATASET, DCTERMS.identifier)) == sample.id
    assert str(metadata.value(DATASET, DCTERMS.issued)) == RELEASE_DATE
    assert (CATALOG, DCAT.dataset, DATASET) in metadata
    dated = [value for _, _, value in metadata if "T" in str(value) and "dateTime" in str(getattr(value, "datatype", ""))]
    assert dated == []
