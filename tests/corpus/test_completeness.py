"""What is stated of each document's and section's encoding is there, is true, and is what answers are scoped by."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rdflib import Graph, Literal, URIRef

from stratgraph.evidence import Stretch, coverage, stated
from stratgraph.vocab import ID, SG, VOCAB
from tests.corpus.reading import KEYS, needs_texts, things

pytestmark = pytest.mark.xdist_group("corpus")


def test_every_section_and_document_has_one_statement(graph: Graph) -> None:
    """In the corpus and outside it: nothing without, nothing with two; no statement is about anything else."""
    about = list(graph.objects(None, SG.completenessOf))
    assert len(about) == len(set(about))
    assert set(about) == things(graph, "Section") | things(graph, "PolicyDocument")


def test_no_section_outside_the_corpus_is_stated_complete(graph: Graph) -> None:
    """A text that is not here cannot be encoded completely."""
    complete = URIRef(VOCAB["completeness/complete"])
    outside = set(graph.subjects(SG.inCorpus, Literal(False)))
    said = {about for statement, about in graph.subject_objects(SG.completenessOf) if (statement, SG.completeness, complete) in graph}
    assert said.isdisjoint(outside)


def test_roles_that_a_kind_of_document_never_names_are_assigned_by_none(graph: Graph) -> None:
    """◎, ○ and 【】 stand in the annex of 2018 only, and the others say so."""
    roles = {SG.leadAgency, SG.relatedAgency, SG.implementingAgency}
    for key in KEYS:
        statement = URIRef(ID[f"completeness/{key}"])
        assert set(graph.objects(statement, SG.doesNotName)) == (set() if "2018" in key else roles), key


@needs_texts
@pytest.mark.parametrize("key", KEYS)
def test_what_is_stated_complete_is(graph: Graph, texts: dict[str, str], key: str) -> None:
    """No character between a section's heading and the next is unaccounted for; what is stated partial passes, whatever its share."""
    lines = stated(graph, coverage(graph, key, texts[key]), texts[key])
    sections = {one for one in graph.subjects(SG.isPartOf, URIRef(ID[f"document/{key}"])) if one in things(graph, "Section")}
    assert {URIRef(one.iri) for one in lines[1:]} == sections
    assert [(one.iri, one.level, one.unaccounted) for one in lines if not one.is_true] == []
    assert all(one.start < one.end and one.characters for one in lines)


@needs_texts
def test_a_gap_shows_in_the_section_it_stands_in(graph: Graph, texts: dict[str, str]) -> None:
    """A statement that is taken away makes its section and document untrue, and no other; stated partial, it passes with its share."""
    key, section = KEYS[3], f"{ID}section/{KEYS[3]}/4.1.1"
    whole = coverage(graph, key, texts[key])
    start = next(one.start for one in stated(graph, whole, texts[key]) if one.iri == section) + 20
    gap = replace(whole, stretches=(Stretch(1, start, start + 8, ""),), unaccounted=8)
    untrue = [one for one in stated(graph, gap, texts[key]) if not one.is_true]
    assert [one.iri for one in untrue] == [f"{ID}document/{key}", section]
    assert all(one.unaccounted == 8 and one.share < 100 for one in untrue)
    assert replace(untrue[1], level="partial").is_true
    assert not replace(untrue[1], level="", unaccounted=0).is_true
