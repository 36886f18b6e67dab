"""The graph and the source texts, once for all documents."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import Dataset, Graph

from stratgraph.evidence import find_source_texts, wanted_texts
from stratgraph.release import Release
from stratgraph.vocab import METADATA_GRAPH
from tests.corpus.reading import SOURCES, Places


@pytest.fixture(scope="session")
def graph(release: Release) -> Graph:
    """The whole graph, metadata aside."""
    dataset = Dataset()
    dataset.parse(release.graph_file, format="nquads")
    merged = Graph()
    for subject, predicate, value, name in dataset.quads():
        if str(name) != METADATA_GRAPH:
            merged.add((subject, predicate, value))
    return merged


@pytest.fixture(scope="session")
def texts(graph: Graph) -> dict[str, str]:
    """The source texts by document key."""
    assert SOURCES is not None
    return {key: found.text for key, found in find_source_texts(Path(SOURCES), wanted_texts(graph)).items()}


@pytest.fixture(scope="session")
def places(graph: Graph) -> Places:
    """Where each thing's evidence stands."""
    return Places(graph)
