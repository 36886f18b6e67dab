"""What the store says about one IRI."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from stratgraph.errors import QueryError, ResourceNotFound
from stratgraph.settings import Settings
from stratgraph.store.embedded import EmbeddedStore

from .conftest import DOCUMENT_A, DOCUMENT_B, EX, THEMES, Harness

_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def test_describe_follows_fragments_and_blank_nodes(harness: Harness) -> None:
    """A description has the IRI's statements, its fragments', its blank nodes', and labels of what they name."""
    found = harness.run(harness.store.describe(f"{EX}a"))
    said = {(one.subject.value, one.predicate, one.object.value, one.graph) for one in found.outgoing}
    assert (f"{EX}a", f"{EX}theme", f"{EX}t", THEMES) in said
    assert (f"{EX}a#1", "http://www.w3.org/2000/01/rdf-schema#label", "control \x01 and \ufffe", DOCUMENT_A) in said
    assert [one.object.value for one in found.outgoing if one.subject.kind == "blank"] == ["followed"]
    assert found.labels == {f"{EX}a": {"ja": "甲"}, f"{EX}Doc": {"en": "Document"}}
    assert not found.truncated


def test_describe_incoming(harness: Harness) -> None:
    """Incoming statements carry their graphs and are counted per predicate."""
    found = harness.run(harness.store.describe(f"{EX}Doc"))
    incoming = [(one.subject.value, one.predicate, one.graph) for one in found.incoming]
    assert incoming == [(f"{EX}a", _TYPE, DOCUMENT_A), (f"{EX}b", _TYPE, DOCUMENT_B)]
    assert found.incoming_counts == {_TYPE: 2}


def test_describe_knows_levels(harness: Harness) -> None:
    """What a level does not have, its description has not."""
    asserted, curated = (harness.run(harness.store.describe(f"{EX}a", level)).outgoing for level in ("asserted", "curated"))
    assert {one.predicate for one in curated} - {one.predicate for one in asserted} == {f"{EX}theme"}
    with pytest.raises(ResourceNotFound):
        harness.run(harness.store.describe(f"{EX}t", "asserted"))


def test_describe_nothing(harness: Harness) -> None:
    """An IRI that nothing mentions is not found; what is no IRI is an error; so is an unknown level."""
    with pytest.raises(ResourceNotFound) as caught:
        harness.run(harness.store.describe(f"{EX}none"))
    assert caught.value.iri == f"{EX}none"
    for iri, level in (("no iri", "full"), (f"{EX}a", "none")):
        with pytest.raises(QueryError):
            harness.run(harness.store.describe(iri, level))


def test_describe_is_bounded(tmp_path: Path) -> None:
    """Of 500 incoming statements 200 are given, the first by name; the count is told."""
    path = tmp_path / "graph.nq"
    path.write_text("".join(f"<{EX}{n:03}> <{EX}p> <{EX}hub> <{DOCUMENT_A}> .\n" for n in range(500)))

    async def test() -> None:
        async with await EmbeddedStore.open(path, Settings(workers=1)) as store:
            found = await store.describe(f"{EX}hub")
            assert [one.subject.value for one in found.incoming] == [f"{EX}{n:03}" for n in range(200)]
            assert (found.truncated, found.incoming_counts) == (True, {f"{EX}p": 500})

    asyncio.run(test())
