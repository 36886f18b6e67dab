"""Each kind of damage to the real data is caught by its check, at the right file and line; docs/validation.md lists them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

import pytest

from stratgraph.build import check_texts
from stratgraph.load import load_product
from stratgraph.settings import Layout
from stratgraph.validate import Finding, Shapes, load_shapes, validate
from stratgraph.vocab import ONTOLOGY_GRAPH
from tests.mutations.corpus import Corpus, Damage, Damaged
from tests.mutations.kinds import KINDS, Kind

ROOT = Path(__file__).parent.parent
SOURCES = os.environ.get("STRATGRAPH_SOURCES")
SAMPLES = 2
BY_NAME = {kind.name: kind for kind in KINDS}
needs_texts = pytest.mark.skipif(not SOURCES, reason="left out: damage that only the texts show (set STRATGRAPH_SOURCES)")
# Of these the data hold one only.
ONE_PLACE = ["changed-start-date", "changed-end-date"]


@cache
def corpus() -> Corpus:
    """The data as it is."""
    return Corpus.read(Layout(ROOT))


@cache
def shapes() -> Shapes:
    """All shapes and checks on what is encoded."""
    return load_shapes(ROOT / "shapes" / "asserted")


@cache
def shape_of(rule: str) -> Shapes:
    """The targeted shape that a finding's rule belongs to, alone."""
    return next(one for name in shapes().names() if rule in (one := shapes().only(name)).rules())


def of_text(kind: Kind) -> bool:
    """Whether the source texts are needed to see the damage."""
    return kind.caught_by.startswith(("span-", "figure-"))


def damages(kind: Kind) -> list[Damage]:
    """Different damages of a kind, always the same ones; fewer where the data has no more places for it."""
    found: dict[object, Damage] = {}
    for seed in range(20):
        damage = kind.make(corpus(), Random(f"{kind.name} {seed}"))
        found.setdefault((frozenset(damage.removed), frozenset(damage.added)), damage)
        if len(found) == SAMPLES:
            break
    return list(found.values())


def samples(kind: Kind) -> Iterator[Damaged]:
    """The data with each of them."""
    return (corpus().damaged(damage) for damage in damages(kind))


def findings(kind: Kind, damaged: Damaged, whole: bool = False) -> list[Finding]:
    """What the kind's check alone finds in damaged data, or, as a `whole`, all checks."""
    found: list[Finding] = []
    if whole or not of_text(kind):
        chosen = shapes() if whole else shape_of(kind.caught_by)
        found += validate(damaged.sources.graphs, chosen, damaged.sources.places).findings
    if SOURCES and (whole or of_text(kind)):
        found += check_texts(damaged.sources, Path(SOURCES), lambda _line: None)
    return found


def is_told(kind: Kind, damaged: Damaged, found: list[Finding]) -> bool:
    """Whether the check's finding points where the damage is: the damaged line itself, or a line of a thing concerned."""
    right = damaged.exact if kind.line else damaged.blocks
    return any(one.shape == kind.caught_by and one.place in right for one in found)


@pytest.mark.parametrize("name", [kind.name for kind in KINDS if not of_text(kind)])
def test_damage_is_caught_by_its_check_at_its_line(name: str) -> None:
    """Every sample gives a finding of the kind's check, and it points to the damage."""
    kind = BY_NAME[name]
    for damaged in samples(kind):
        found = findings(kind, damaged)
        assert is_told(kind, damaged, found), [one.to_text() for one in found]


@needs_texts
@pytest.mark.parametrize("name", [kind.name for kind in KINDS if of_text(kind)])
def test_damage_that_the_texts_show_is_caught_at_its_line(name: str) -> None:
    """The same for what only the source text can tell."""
    kind = BY_NAME[name]
    for damaged in samples(kind):
        found = findings(kind, damaged)
        assert is_told(kind, damaged, found), [one.to_text() for one in found]


@needs_texts
def test_data_without_damage_give_no_finding() -> None:
    """What the tool writes and reads where nothing is damaged is the data: it conforms, and no check speaks."""
    untouched = corpus().damaged(Damage({}, {corpus().ordered[0]: corpus().data[corpus().ordered[0]]}))
    encoded = load_product(Layout(ROOT)).graphs
    assert {name: untouched.sources.graphs[name] for name in encoded if name != ONTOLOGY_GRAPH} == {
        name: triples for name, triples in encoded.items() if name != ONTOLOGY_GRAPH
    }
    assert validate(untouched.sources.graphs, shapes(), untouched.sources.places).findings == ()
    assert SOURCES is not None
    assert check_texts(untouched.sources, Path(SOURCES), lambda _line: None) == ()


def test_there_are_kinds_and_samples_enough() -> None:
    """No kind is listed twice; nearly all are tried in two places, the others have one place only."""
    assert len(KINDS) == len(BY_NAME) >= 50
    assert [kind.name for kind in KINDS if len(damages(kind)) < SAMPLES] == ONE_PLACE


@pytest.mark.long
@needs_texts
@pytest.mark.parametrize("name", BY_NAME)
def test_damage_is_caught_among_all_findings(name: str) -> None:
    """With all checks run, as a build does, the kind's finding is there, and stops the build."""
    kind = BY_NAME[name]
    for damaged in samples(kind):
        found = findings(kind, damaged, whole=True)
        assert is_told(kind, damaged, found), [one.to_text() for one in found]
        assert any(one.severity == "violation" for one in found)


def table() -> str:
    """The rows of docs/validation.md, from the kinds."""
    rows = [f"| {kind.what} | `{kind.caught_by}` | {'the line' if kind.line else 'the thing'} |" for kind in KINDS]
    return "\n".join(["| damage | caught by | points to |", "| --- | --- | --- |", *rows])


def test_the_documentation_lists_the_kinds() -> None:
    """docs/validation.md holds the table as the kinds make it; paste what the failure shows."""
    text = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    assert table() in text, table()
