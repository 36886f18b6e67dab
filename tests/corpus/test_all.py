"""What holds for every document: coverage, spans, evidence, figures, labels."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from rdflib import SKOS, Graph, Literal, URIRef

from stratgraph.evidence import check_figures, check_spans, coverage, find_source_texts, wanted_texts
from stratgraph.load import load_product
from stratgraph.settings import Layout
from stratgraph.vocab import OA, SG, VOCAB
from tests.corpus.reading import KEYS, SOURCES, needs_texts, spans_of, things

pytestmark = pytest.mark.xdist_group("corpus")


@needs_texts
@pytest.mark.parametrize("key", KEYS)
def test_nothing_of_a_text_is_unaccounted_for(graph: Graph, texts: dict[str, str], key: str) -> None:
    """Every character is anchored by a statement or left out for a named reason; heads aside, under 3 % is left out."""
    result = coverage(graph, key, texts[key])
    assert (result.unaccounted, result.problems) == (0, ())
    others = sum(count for reason, count in result.excluded.items() if not reason.endswith(("repeated-table-head", "running-head")))
    assert others < 0.03 * result.characters


@needs_texts
def test_every_span_fits_its_text(graph: Graph) -> None:
    """Offsets, hashes and first and last characters of all anchors."""
    assert SOURCES is not None
    check = check_spans(graph, find_source_texts(Path(SOURCES), wanted_texts(graph)))
    assert check.problems == ()
    assert check.not_checked == 0


@pytest.mark.parametrize("kind", ["Quantity", "Deadline", "Target", "AttributionClaim", "StatedChange", "OrganizationalRelation"])
def test_what_stands_in_a_section_says_where(graph: Graph, kind: str) -> None:
    """Whoever asks for the figures, claims or changes of a chapter or document finds them by `sg:occursIn`, as they find its measures."""
    found = things(graph, kind)
    assert found
    assert [iri for iri in found if (iri, SG.occursIn, None) not in graph] == []


@pytest.mark.parametrize(
    "kind",
    [
        "EvidencedLink",
        "Section",
        "Recommendation",
        "PublicComment",
        "GovernmentResponse",
        "Consultation",
        "PlanItem",
        "PolicyElement",
        "Target",
        "Quantity",
        "GlossaryDefinition",
    ],
)
def test_every_element_and_link_has_evidence(graph: Graph, kind: str) -> None:
    """Evidence is an anchor of a source text, and there is exactly one status."""
    found = things(graph, kind)
    assert found
    without = [iri for iri in found if not any((anchor, OA.hasSelector, None) in graph for anchor in graph.objects(iri, SG.evidence))]
    assert without == []
    assert [iri for iri in found if len(set(graph.objects(iri, SG.assertionStatus))) != 1] == []


def test_what_is_known_only_by_citation_says_so(graph: Graph) -> None:
    """Every section of a document that is not in the corpus is marked as such, like the document."""
    outside = {document for document in things(graph, "PolicyDocument") if (document, SG.inCorpus, Literal(False)) in graph}
    sections = {one for document in outside for one in graph.subjects(SG.isPartOf, document)} & things(graph, "Section")
    assert len(outside) == 6
    assert sections
    assert {one for one in things(graph, "Section") if (one, SG.inCorpus, Literal(False)) in graph} == sections


@needs_texts
def test_figures_stand_in_their_spans(layout: Layout) -> None:
    """No statement holds a number or date that the places it rests on do not print, and there are many that could."""
    assert SOURCES is not None
    sources = load_product(layout)
    union = sources.union()
    check = check_figures(sources.graphs, union, find_source_texts(Path(SOURCES), wanted_texts(union)))
    assert [(str(one.triple[0]), one.message["en"]) for one in check.problems] == []
    assert check.checked > 200


@needs_texts
def test_printed_labels_stand_in_their_spans(graph: Graph, texts: dict[str, str]) -> None:
    """What is explicit is labelled as printed, white space aside."""
    explicit = URIRef(VOCAB["assertion-status/explicit"])
    squeeze = re.compile(r"\s+")
    for kind in ("Recommendation", "CommentCategory"):
        for thing in things(graph, kind):
            label = next(one for one in graph.objects(thing, SKOS.prefLabel) if isinstance(one, Literal) and one.language == "ja")
            if graph.value(thing, SG.assertionStatus) == explicit:
                printed = squeeze.sub("", spans_of(graph, texts, thing))
                assert squeeze.sub("", unicodedata.normalize("NFKC", label)) in printed, thing
