"""Kept releases and what changed between them: ten releases, skipped nights, patches, and the words for it."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from rdflib import RDF, SKOS, BNode, Literal, URIRef

from stratgraph.archive import Published, content_of, find_release, keep_release, patch_between, read_archive, stored_patch
from stratgraph.changes import Change, apply_patch, make_patch, read_patch, tell_changes, word, write_patch
from stratgraph.dumps import write_dumps
from stratgraph.errors import InputError, SourceError
from stratgraph.places import Triple
from stratgraph.release import Release, fingerprint_of, to_nquads, write_release
from stratgraph.vocab import GRAPH, ID, INFERRED_GRAPH, ONTOLOGY_GRAPH, SG

DOCUMENT = str(GRAPH["document/2099-sample"])
CURATED = str(GRAPH["curated/2099-sample"])


def release_of(folder: Path, graphs: dict[str, frozenset[Triple]]) -> Release:
    """A release in `folder` whose content these graphs are."""
    content = to_nquads(graphs)
    found = fingerprint_of(content)
    place = folder / found[:16]
    dumps = write_dumps(place / "dumps", content, {"full": list(graphs)}, {})
    release = Release(found[:16], "2026-01-01", "0", {}, {}, place, found)
    write_release(place, release, content, dumps)
    return release


def random_graphs(chance: random.Random, night: int) -> dict[str, frozenset[Triple]]:
    """A document's graph and an ontology with blank nodes, most of it different from the night before."""
    things = [ID[f"thing/{number}"] for number in range(40)]
    said: set[Triple] = {(chance.choice(things), SKOS.prefLabel, Literal(f"名 {chance.randrange(9)}\n", lang="ja")) for _ in range(60)}
    knots = [BNode() for _ in range(chance.randrange(2, 6))]
    bound: set[Triple] = {(knot, SG.part, Literal(number)) for number, knot in enumerate(knots)}
    bound |= {(knots[0], SG.next, knot) for knot in knots[1:]} | {(things[night], SG.part, knots[-1])}
    return {DOCUMENT: frozenset(said), ONTOLOGY_GRAPH: frozenset(bound)}


def sorted_lines(content: bytes) -> bytes:
    """The lines in the order of the fingerprint."""
    return b"".join(sorted(content.splitlines(keepends=True)))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten releases, one a night."""
    chance, built = random.Random(7), tmp_path_factory.mktemp("built")
    folder = tmp_path_factory.mktemp("archive")
    for night in range(10):
        release = release_of(built, random_graphs(chance, night))
        assert keep_release(folder, release, f"2026-01-{night + 1:02}T00:00:00Z") is not None
        assert keep_release(folder, release, "2026-02-01T00:00:00Z") is None  # nothing new: nothing written
    return folder


def kept(archive: Path, entry: Published) -> Release:
    """An archived release."""
    found = find_release(archive, entry.id)
    assert found is not None
    return found


@pytest.mark.parametrize("nights", [range(10), (0, 9), (0, 3, 4, 8, 9), (2, 7, 9)], ids=str)
def test_a_mirror_that_skips_nights_stays_in_step(archive: Path, nights: range | tuple[int, ...]) -> None:
    """Patched from release to release, whatever was skipped, the copy is the dump, and its hash is the fingerprint."""
    entries = read_archive(archive)
    copy = sorted_lines(content_of(kept(archive, entries[nights[0]])))
    for old, new in itertools.pairwise(nights):
        patch = patch_between(kept(archive, entries[old]), kept(archive, entries[new]))
        copy = apply_patch(copy, read_patch(write_patch(patch)))
        assert copy == sorted_lines(content_of(kept(archive, entries[new])))
        assert fingerprint_of(copy) == entries[new].fingerprint
    assert len(entries) == 10


def test_the_patches_of_the_archive_make_a_chain(archive: Path) -> None:
    """Each release has its patch from the one before; applied one after the other they give the last."""
    entries = read_archive(archive)
    copy = content_of(kept(archive, entries[0]))
    for old, new in itertools.pairwise(entries):
        path = stored_patch(archive, old.id, new.id)
        assert path is not None
        copy = apply_patch(copy, read_patch(path.read_bytes()))
    assert fingerprint_of(copy) == entries[-1].fingerprint
    assert stored_patch(archive, entries[0].id, entries[9].id) is None


def test_patches_fit_their_release_only() -> None:
    """A patch for another content, a cut one and nonsense are refused with a reason."""
    patch = make_patch("a", "b", b"<urn:x> <urn:p> <urn:y> .\n", b"<urn:x> <urn:p> <urn:z> .\n")
    assert read_patch(write_patch(patch)) == patch
    with pytest.raises(SourceError, match="not that of release a"):
        apply_patch(b"", patch)
    with pytest.raises(SourceError, match="cut off"):
        read_patch(write_patch(patch)[:-5])
    with pytest.raises(SourceError, match="not a line"):
        read_patch(b"X <urn:x> .\n")


def test_a_release_that_is_published_again_is_kept_in_order(tmp_path: Path) -> None:
    """Going back to an earlier content is a release too."""
    one = release_of(tmp_path / "built", {DOCUMENT: frozenset({(ID["a"], SG.part, ID["b"])})})
    two = release_of(tmp_path / "built", {DOCUMENT: frozenset()})
    for release in (one, two, one):
        keep_release(tmp_path / "kept", release, "2026-01-01T00:00:00Z")
    assert [entry.id for entry in read_archive(tmp_path / "kept")] == [one.id, two.id, one.id]
    assert find_release(tmp_path / "kept", "../built") is None


def test_a_broken_archive_is_told(tmp_path: Path) -> None:
    """A list that is none, and a release without its content, are errors that name the file."""
    (tmp_path / "releases.json").write_text("{")
    with pytest.raises(InputError, match=r"releases\.json"):
        read_archive(tmp_path)
    with pytest.raises(InputError, match=r"stratgraph-full\.nq"):
        content_of(Release("x", "", "", {}, {}, tmp_path))


def told(before: dict[str, set[Triple]], after: dict[str, set[Triple]]) -> tuple[Change, ...]:
    """What is told of the step from one content to another, both with the ontology's words."""
    words: set[Triple] = {
        (SG.Measure, URIRef("http://www.w3.org/2000/01/rdf-schema#label"), Literal("施策", lang="ja")),
        (SG.Measure, URIRef("http://www.w3.org/2000/01/rdf-schema#label"), Literal("measure", lang="en")),
        (SG.leadAgency, URIRef("http://www.w3.org/2000/01/rdf-schema#label"), Literal("主担当", lang="ja")),
        (ID["body/a"], SKOS.prefLabel, Literal("甲省", lang="ja")),
        (ID["body/b"], SKOS.prefLabel, Literal("乙省", lang="ja")),
    }
    contents = [
        to_nquads({ONTOLOGY_GRAPH: frozenset(words), **{iri: frozenset(ones) for iri, ones in one.items()}}) for one in (before, after)
    ]
    return tell_changes(make_patch("a", "b", *contents), *contents).told


MEASURE: set[Triple] = {(ID["measure/1"], RDF.type, SG.Measure), (ID["measure/1"], SKOS.prefLabel, Literal("演習", lang="ja"))}


def test_a_new_measure_is_one_change_and_so_is_one_that_went() -> None:
    """A thing is told once, by name and class, not statement by statement."""
    (added,) = told({}, {DOCUMENT: MEASURE})
    assert (added.how, added.iri, added.names["ja"], added.kind_names["en"]) == ("added", str(ID["measure/1"]), "演習", "measure")
    (removed,) = told({DOCUMENT: MEASURE}, {})
    assert (removed.how, removed.names["ja"]) == ("removed", "演習")


def test_a_corrected_label_and_a_changed_lead_tell_before_and_after() -> None:
    """The property by its name, the values by theirs; a lead is told although it is inferred."""
    label: Triple = (ID["measure/1"], SKOS.prefLabel, Literal("演習", lang="ja"))
    new: Triple = (ID["measure/1"], SKOS.prefLabel, Literal("合同演習", lang="ja"))
    lead, other = ((ID["measure/1"], SG.leadAgency, ID[f"body/{one}"]) for one in "ab")
    changes = told({DOCUMENT: MEASURE, INFERRED_GRAPH: {lead}}, {DOCUMENT: MEASURE - {label} | {new}, INFERRED_GRAPH: {other}})
    found = {word(one.property_names, "ja", one.property): (one.before, one.after) for one in changes}
    assert found["主担当"] == (({"ja": "甲省"},), ({"ja": "乙省"},))
    assert found["名称"] == (({"ja": "演習"},), ({"ja": "合同演習"},))
    assert {one.how for one in changes} == {"changed"}


def test_our_interpretation_is_marked_and_places_are_counted() -> None:
    """A curated note says that it is ours; anchors are not told one by one; what is merely restated elsewhere is no change."""
    note: Triple = (ID["measure/1"], SG.summary, Literal("要約", lang="ja"))
    (one,) = told({DOCUMENT: MEASURE}, {DOCUMENT: MEASURE, CURATED: {note}})
    assert (one.curated, one.property) == (True, str(SG.summary))
    assert told({DOCUMENT: MEASURE}, {DOCUMENT: MEASURE | {(ID["anchor/x/1-2"], RDF.type, SG.TextAnchor)}}) == ()
    assert told({DOCUMENT: MEASURE}, {CURATED: MEASURE}) == ()
