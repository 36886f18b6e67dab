"""A release on disk: installed whole or not at all, read back as written."""

from __future__ import annotations

import gzip
import hashlib
import threading
from functools import partial
from pathlib import Path

import pytest
from rdflib import Dataset, Graph, Literal, URIRef

from stratgraph.dumps import compress_gzip, write_dumps
from stratgraph.errors import InputError
from stratgraph.places import Triple
from stratgraph.release import (
    Release,
    build_lock,
    built_from,
    current_release,
    fingerprint_of,
    install,
    level_graphs,
    read_release,
    to_nquads,
    write_release,
)
from stratgraph.vocab import GRAPH

ONE: Triple = (URIRef("urn:a"), URIRef("urn:p"), Literal("静かな海", lang="ja"))
TWO: Triple = (URIRef("urn:b"), URIRef("urn:p"), URIRef("urn:a"))
GRAPHS = {str(GRAPH.ontology): frozenset({ONE}), str(GRAPH["curated/x"]): frozenset({ONE, TWO})}


def write(identifier: str, folder: Path) -> Release:
    """A minimal release in `folder`."""
    nquads = to_nquads(GRAPHS)
    dumps = write_dumps(folder / "dumps", nquads, {"full": list(GRAPHS)}, {})
    release = Release(identifier, "2026-01-01", "0.0.0", {"full": 2}, {iri: len(triples) for iri, triples in GRAPHS.items()}, folder)
    write_release(folder, release, nquads, dumps)
    return release


def test_levels_are_cumulative_and_leave_metadata_out() -> None:
    """Levels grow: asserted ⊂ curated ⊂ full; inferred and metadata stand alone."""
    names = [str(GRAPH[name]) for name in ("ontology", "document/x", "curated/x", "reference", "inferred", "metadata")]
    levels = {level: {iri.removeprefix(str(GRAPH)) for iri in graphs} for level, graphs in level_graphs(names).items()}
    assert levels == {
        "asserted": {"ontology", "document/x", "reference"},
        "curated": {"ontology", "document/x", "reference", "curated/x"},
        "inferred": {"inferred"},
        "full": {"ontology", "document/x", "reference", "curated/x", "inferred"},
        "metadata": {"metadata"},
    }


def test_an_installed_release_is_read_back(tmp_path: Path) -> None:
    """What was written is what `current` tells."""
    installed = install(tmp_path, "hash", lambda folder: write("abc", folder))
    assert current_release(tmp_path) == installed == read_release(tmp_path / "releases" / "abc")
    assert built_from(tmp_path) == "hash"
    assert (tmp_path / "current").resolve().name == "abc"


def test_a_failed_build_leaves_the_last_good_one(tmp_path: Path) -> None:
    """A full disk in mid-build: `current` stays, no half release, no staging folder."""
    install(tmp_path, "old", lambda folder: write("good", folder))

    def fail(folder: Path) -> Release:
        write("bad", folder)
        raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match=r"No space left on device.*untouched"):
        install(tmp_path, "new", fail)
    assert (tmp_path / "current").resolve().name == "good"
    assert built_from(tmp_path) == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["current", "inputs", "releases"]
    assert [path.name for path in (tmp_path / "releases").iterdir()] == ["good"]


def test_only_the_newest_releases_are_kept(tmp_path: Path) -> None:
    """Old folders go, the current one never."""
    for name in ("a", "b", "c", "d"):
        install(tmp_path, name, partial(write, name))
    kept = {path.name for path in (tmp_path / "releases").iterdir()}
    assert len(kept) == 3
    assert "d" in kept


def test_no_build_is_none_and_a_broken_one_is_told(tmp_path: Path) -> None:
    """Before the first build there is nothing; a folder without its facts is an error that says what to run."""
    assert current_release(tmp_path) is None
    assert built_from(tmp_path) is None
    (tmp_path / "current").mkdir()
    with pytest.raises(InputError, match="stratgraph build"):
        current_release(tmp_path)


def test_dumps_of_all_formats_say_the_same(tmp_path: Path) -> None:
    """Each format parses to the same triples; the compressed file holds the plain one; sums hold."""
    release = install(tmp_path, "hash", lambda folder: write("abc", folder))
    for suffix, form in ((".ttl", "turtle"), (".nt", "nt"), (".rdf", "xml"), (".jsonld", "json-ld"), (".trig", "trig"), (".nq", "nquads")):
        plain = (release.dumps / f"stratgraph-full{suffix}").read_bytes()
        assert gzip.decompress((release.dumps / f"stratgraph-full{suffix}.gz").read_bytes()) == plain
        dataset = Dataset()
        dataset.parse(data=plain, format=form)
        assert {(subject, predicate, value) for subject, predicate, value, _ in dataset.quads()} == {ONE, TWO}, form
    for line in (release.dumps / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        checksum, name = line.split("  ")
        assert hashlib.sha256((release.dumps / name).read_bytes()).hexdigest() == checksum


def test_the_same_graphs_give_the_same_bytes(tmp_path: Path) -> None:
    """Order and blank node labels do not depend on the run."""
    graph = Graph().parse(data="[] <urn:p> [ <urn:q> 1 ], [ <urn:q> 2 ] .", format="turtle")
    again = Graph().parse(data="[] <urn:p> [ <urn:q> 2 ], [ <urn:q> 1 ] .", format="turtle")
    assert to_nquads({"urn:g": frozenset(graph)}) == to_nquads({"urn:g": frozenset(again)})


def test_the_lock_can_be_taken_again(tmp_path: Path) -> None:
    """A build that ended frees its lock."""
    for _ in range(2):
        with build_lock(tmp_path / "fresh"):
            assert (tmp_path / "fresh" / "lock").exists()


def test_what_a_killed_build_left_goes_with_the_next(tmp_path: Path) -> None:
    """Half-written folders of builds that are dead are removed; that of a living one, which holds the lock, never is."""
    (tmp_path / "staging-dead" / "dumps").mkdir(parents=True)
    living, seen = tmp_path / "staging-living", list[bool]()

    def next_build() -> None:
        with build_lock(tmp_path):
            seen.append(living.exists())

    waiting = threading.Thread(target=next_build)
    with build_lock(tmp_path):
        assert not (tmp_path / "staging-dead").exists()
        living.mkdir()
        waiting.start()
        waiting.join(0.1)
        assert (waiting.is_alive(), living.exists(), seen) == (True, True, [])
    waiting.join(10)
    assert seen == [False]


def test_compressed_bytes_tell_neither_time_nor_system() -> None:
    """A gzip head has no time, no name, and the system "unknown" (RFC 1952), as any Python writes it."""
    assert compress_gzip(b"abc")[:10] == bytes([31, 139, 8, 0, 0, 0, 0, 0, 0, 255])
    assert gzip.decompress(compress_gzip(b"abc" * 1000)) == b"abc" * 1000


def test_the_fingerprint_is_that_of_the_graph_whatever_its_form() -> None:
    """Isomorphic graphs have one fingerprint, others another."""
    one, same, other = (
        Graph().parse(data=text, format="turtle")
        for text in ("[] <urn:p> [ <urn:q> 1 ] .", "_:b <urn:q> 1 . _:a <urn:p> _:b .", "[] <urn:p> [ <urn:q> 2 ] .")
    )
    found = [fingerprint_of(to_nquads({"urn:g": frozenset(graph)})) for graph in (one, same, other)]
    assert found[0] == found[1] != found[2]
