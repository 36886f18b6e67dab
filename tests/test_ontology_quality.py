"""What OOPS! and FOOPS! would ask of the ontology, as far as it can be told offline, and which terms no question asks for yet."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, XSD, Literal, Namespace, URIRef
from rdflib.term import Node

from stratgraph import RELEASE_DATE, __version__
from tests.test_ontology import SG, disjoint_groups, ontology, terms

ROOT = Path(__file__).parent.parent
HOME = URIRef("https://w3id.org/stratgraph/ontology")
SCHEMA = Namespace("https://schema.org/")
VANN = Namespace("http://purl.org/vocab/vann/")
NOT_YET = ROOT / "tests" / "cases" / "ontology" / "not-yet-asked.txt"
KINDS = {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty}
# What tells of a term without tying it to another.
TEXTS = {RDF.type, RDFS.label, RDFS.comment, RDFS.isDefinedBy, SKOS.definition, SKOS.scopeNote, SKOS.example}
# Tied to no other term: what documents hold beside policy elements; dates, whose datatype OWL 2 RL has not and which things
# of many kinds have; what an overview presents and what a document's
# kind does not name, which may be any thing or term.
ALONE = {"ContextStatement", "ForeignPolicy", "GlossaryDefinition", "OverviewItem", "asOf", "date", "doesNotName", "endDate"} | {
    "fiscalYear",
    "presentsElement",
    "startDate",
}


def named(node: Node) -> str:
    """The local name of a term."""
    return str(node).rpartition("#")[2]


@pytest.mark.parametrize(
    ("predicate", "value"),
    [
        (OWL.versionInfo, Literal(__version__)),
        (OWL.versionIRI, URIRef(f"{HOME}/{__version__}")),
        (DCTERMS.license, URIRef("https://creativecommons.org/licenses/by/4.0/")),
        (DCTERMS.creator, Literal("The StratGraph founders")),
        (SCHEMA.publisher, Literal("The StratGraph founders")),
        (DCTERMS.created, Literal("2026-11-21", datatype=XSD.date)),
        (DCTERMS.modified, Literal(RELEASE_DATE, datatype=XSD.date)),
        (VANN.preferredNamespacePrefix, Literal("sg")),
        (VANN.preferredNamespaceUri, Literal(str(SG))),
    ],
    ids=named,
)
def test_the_header_says_what_others_need_to_cite_it(predicate: URIRef, value: Node) -> None:
    """Version, licence, people, dates, prefix and namespace, once each; dates and version are those of the release."""
    assert list(ontology().objects(HOME, predicate)) == [value]


@pytest.mark.parametrize("predicate", [DCTERMS.title, DCTERMS.description])
def test_the_header_has_texts_in_both_languages(predicate: URIRef) -> None:
    """Title and description in Japanese and English."""
    assert sorted(one.language or "" for one in ontology().objects(HOME, predicate) if isinstance(one, Literal)) == ["en", "ja"]


def test_every_term_used_is_declared() -> None:
    """Whatever of our namespace stands anywhere in the ontology has a kind, one only, and everything described has a type."""
    used = {
        node for node in ontology().all_nodes() | set(ontology().predicates()) if isinstance(node, URIRef) and str(node).startswith(str(SG))
    }
    assert used == set(terms())
    assert [named(one) for one in used if len(KINDS & set(ontology().objects(one, RDF.type))) != 1] == []
    assert [one for one in set(ontology().subjects()) if isinstance(one, URIRef) and (one, RDF.type, None) not in ontology()] == []


@pytest.mark.parametrize("predicate", [RDFS.subClassOf, RDFS.subPropertyOf])
def test_hierarchies_have_no_cycle(predicate: URIRef) -> None:
    """Nothing is narrower than itself, along however many steps."""
    for term in terms():
        above = {one for wider in ontology().objects(term, predicate) for one in ontology().transitive_objects(wider, predicate)}
        assert term not in above, term


def test_no_class_is_empty_by_its_axioms() -> None:
    """No class lies under two that exclude each other, and none is said to be equivalent to another."""
    above = {term: set(ontology().transitive_objects(term, RDFS.subClassOf)) for term in terms()}
    for group in disjoint_groups():
        for pair in combinations(group, 2):
            assert [named(term) for term, wider in above.items() if set(pair) <= wider] == []
    assert list(ontology().subject_objects(OWL.equivalentClass)) == []
    assert list(ontology().subject_objects(OWL.equivalentProperty)) == []


def test_inverse_properties_fit() -> None:
    """The domain of a property, where both are declared, is the range of its inverse; none is its own inverse or has two."""
    pairs = list(ontology().subject_objects(OWL.inverseOf))
    assert pairs
    assert len({one for pair in pairs for one in pair}) == 2 * len(pairs)
    for one, other in pairs:
        for here, there in ((one, other), (other, one)):
            domain, range_ = ontology().value(here, RDFS.domain), ontology().value(there, RDFS.range)
            assert None in (domain, range_) or domain == range_, named(here)


@pytest.mark.parametrize("side", [RDFS.domain, RDFS.range], ids=["domain", "range"])
def test_no_property_has_two_domains_or_ranges(side: URIRef) -> None:
    """Two would mean both at once, which is hardly ever what is meant."""
    assert [named(term) for term in terms() if len(list(ontology().objects(term, side))) > 1] == []


def test_narrower_properties_stay_within_wider_ones() -> None:
    """A property's declared class is that of the wider property, or under it."""
    for narrow, wide in ontology().subject_objects(RDFS.subPropertyOf):
        for side in (RDFS.domain, RDFS.range):
            mine, above = (ontology().value(one, side) for one in (narrow, wide))
            if isinstance(mine, URIRef) and isinstance(above, URIRef) and str(mine).startswith(str(SG)):
                assert above in set(ontology().transitive_objects(mine, RDFS.subClassOf)), (named(narrow), named(wide))


def test_no_term_stands_alone() -> None:
    """Every term is tied to another by an axiom, those aside for which there is a reason."""
    tied = {node for triple in ontology() if triple[1] not in TEXTS for node in (triple[0], triple[2])}
    assert {named(term) for term in terms() if term not in tied} == ALONE


def test_definitions_differ_and_say_more_than_the_label() -> None:
    """No two terms share a definition, and none only repeats its label."""
    for language in ("ja", "en"):
        found = [
            (str(text).rstrip("。.").lower(), term)
            for term in terms()
            for text in ontology().objects(term, SKOS.definition)
            if isinstance(text, Literal) and text.language == language
        ]
        assert len({text for text, _ in found}) == len(found)
        assert [named(term) for text, term in found if text in {str(one).lower() for one in ontology().objects(term, RDFS.label)}] == []


def test_every_term_is_asked_for_or_marked_as_not_yet() -> None:
    """A saved question uses a term, or not-yet-asked.txt lists it: never both, never neither, and nothing unknown."""
    asked = {name for path in ROOT.glob("queries/*.rq") for name in re.findall(r"\bsg:(\w+)", path.read_text(encoding="utf-8"))}
    listed = NOT_YET.read_text(encoding="utf-8").splitlines()
    names = {named(term) for term in terms()}
    assert listed == sorted(set(listed))
    assert asked <= names
    assert names - asked - set(listed) == set(), "neither asked for nor listed in not-yet-asked.txt"
    assert set(listed) - (names - asked) == set(), "take these from not-yet-asked.txt: a question asks for them, or they are gone"
