"""The graph and the source texts, once for all documents."""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import Graph

from stratgraph.evidence import find_source_texts, wanted_texts
from stratgraph.release import Release
from tests.corpus.reading import SOURCES, Places


@pytest.fixture(scope="session")
def graph(release: Release) -> Graph:
    """The whole graph, metadata and proofs aside; from the dump of it, which holds each triple once."""
    return Graph().parse(release.dumps / "stratgraph-full.nt", format="nt")


@pytest.fixture(scope="session")
def texts(graph: Graph) -> dict[str, str]:
    """The source texts by document key."""
    assert SOURCES is not None
    return {key: found.text for key, found in find_source_texts(Path(SOURCES), wanted_texts(graph)).items()}


@pytest.fixture(scope="session")
def places(graph: Graph) -> Places:
    """Where each thing's evidence stands."""
    return Places(graph)
