"""Parts of what is encoded: the slow reference engines run over the three smaller documents in CI, over all in `make check-long`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from stratgraph.load import load_product
from stratgraph.places import Triple
from stratgraph.settings import Layout
from stratgraph.vocab import CURATED_GRAPHS, DOCUMENT_GRAPHS

_ROOT: Final = Path(__file__).parent.parent
_SMALLER: Final = ("2015-recommendation-response", "2017-interim-review", "2022-public-comments")
EXTENTS: Final = (pytest.param(_SMALLER, id="three documents"), pytest.param((), id="all documents", marks=pytest.mark.long))


def of_documents(keys: tuple[str, ...]) -> frozenset[Triple]:
    """What is encoded of some documents (none: all), with the ontology and what documents share."""
    graphs = load_product(Layout(_ROOT)).graphs
    wanted = {iri for iri in graphs if not iri.startswith((DOCUMENT_GRAPHS, CURATED_GRAPHS)) or not keys or iri.endswith(keys)}
    return frozenset[Triple]().union(*(graphs[iri] for iri in wanted))
