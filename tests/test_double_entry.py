"""The second, independent reading of each document: every claim holds on the graph and at its place in the text."""

from __future__ import annotations

import os
from pathlib import Path

import pyoxigraph as ox
import pytest

from stratgraph.evidence import find_source_texts
from stratgraph.load import load_prefixes
from stratgraph.release import Release
from stratgraph.settings import Layout
from stratgraph.vocab import ID, METADATA_GRAPH, PROOFS_GRAPH, SG
from tests.double_entry.agreement import KEYS, PAGE, TABLE, VERDICTS, jaccard, kappa, page, read_claims, table

SOURCES = os.environ.get("STRATGRAPH_SOURCES")
pytestmark = pytest.mark.xdist_group("double-entry")


@pytest.fixture(scope="module")
def store(release: Release) -> ox.Store:
    """All graphs but metadata and proofs."""
    store = ox.Store()
    store.bulk_load(path=str(release.graph_file), format=ox.RdfFormat.N_QUADS)
    for name in (METADATA_GRAPH, PROOFS_GRAPH):
        store.remove_graph(ox.NamedNode(name))
    return store


@pytest.fixture(scope="module")
def declared(layout: Layout) -> str:
    """The prefixes of ontology/prefixes.ttl, as SPARQL."""
    return "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in load_prefixes(layout).items())


@pytest.mark.parametrize("key", KEYS)
def test_every_claim_of_the_second_reader_holds(store: ox.Store, declared: str, key: str) -> None:
    """Each ASK is true of the union; one that names a graph or asks for nothing in particular is none."""
    claims = read_claims(key)
    assert claims
    failing = [one.claim for one in claims if not store.query(declared + one.ask, use_default_graph_as_union=True)]
    assert failing == []


@pytest.mark.parametrize("key", KEYS)
def test_every_query_fails_on_an_empty_graph(declared: str, key: str) -> None:
    """No ASK holds of itself."""
    empty = ox.Store()
    absent = ("NOT EXISTS", "MINUS", "COUNT", "!BOUND", "! BOUND")
    claims = [one for one in read_claims(key) if not any(word in one.ask for word in absent)]
    assert [one.claim for one in claims if empty.query(declared + one.ask, use_default_graph_as_union=True)] == []


@pytest.mark.skipif(not SOURCES, reason="left out: the places of claims in their texts (set STRATGRAPH_SOURCES)")
@pytest.mark.parametrize("key", KEYS)
def test_every_claim_stands_in_its_text(store: ox.Store, key: str) -> None:
    """Offsets lie within the text; unless a claim is about the whole of it, they begin and end at a character that is no white space."""
    text = _text(store, key)
    for one in read_claims(key):
        assert 0 <= one.start < one.end <= len(text), one.claim
        if (one.start, one.end) != (0, len(text)):
            words = text[one.start : one.end]
            assert words == words.strip(), (one.claim, words[:10], words[-10:])


def _text(store: ox.Store, key: str) -> str:
    """The source text of a document, found by its hash."""
    source = ox.NamedNode(f"{ID}source-text/{key}")
    (digest,) = {str(quad.object)[1:65] for quad in store.quads_for_pattern(source, ox.NamedNode(str(SG.sha256)), None)}
    assert SOURCES is not None
    return find_source_texts(Path(SOURCES), {key: digest})[key].text


@pytest.mark.parametrize("key", KEYS)
def test_every_adjudication_is_told_and_fits(key: str) -> None:
    """agree, first, second or both; what was not agreed has its reason; "agree" is not said of a difference in what is coded by value."""
    for one in read_claims(key):
        assert one.verdict in VERDICTS, one.claim
        assert one.claim and one.kind and one.second, one
        if one.verdict != "agree":
            assert one.adjudication.partition(":")[2].strip(), one.claim


def test_kappa_and_jaccard_are_those_of_the_literature() -> None:
    """Cohen's own kind of table: 45 and 25 of 100 alike, margins 60/40 and 50/50 by hand; sets with half in common."""
    pairs = [("a", "a")] * 45 + [("a", "b")] * 15 + [("b", "a")] * 25 + [("b", "b")] * 15
    assert kappa(pairs) == pytest.approx((0.60 - 0.54) / 0.46)
    assert kappa([("a", "a")] * 3) is None
    assert jaccard([(frozenset("ab"), frozenset("b")), (frozenset(), frozenset())]) == pytest.approx(0.75)


def test_page_and_product_tell_what_the_tables_hold() -> None:
    """docs/double-entry.md and data/agreement.csv are what the CSVs give; python -m tests.double_entry.agreement writes both."""
    assert PAGE.read_text(encoding="utf-8") == page()
    assert TABLE.read_text(encoding="utf-8") == table()
