"""What OOPS! and FOOPS! would ask of the ontology, as far as it can be told offline, and which terms no question asks for yet."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import partial
from itertools import combinations
from pathlib import Path

import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from stratgraph import RELEASE_DATE, __version__
from stratgraph.infer import infer
from stratgraph.places import Triple
from tests import test_ontology
from tests.test_ontology import ORG, SG, disjoint_groups, ontology, terms

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


def test_no_name_merges_concepts_or_holds_what_is_left_over() -> None:
    """No class is two in one (And, Or) or a heap (Other, Misc), and no IRI asks for a file."""
    assert [named(term) for term in terms() if re.search("(And|Or|Other|Misc|Various)(?![a-z])", named(term))] == []
    assert not re.search(r"\.(owl|rdf|ttl|n3|xml)\b", str(HOME))


def test_symmetric_and_transitive_properties_lead_where_they_start() -> None:
    """Domain and range are the same; none has an inverse as well as being symmetric; a chain has two steps at least."""
    for kind in (OWL.SymmetricProperty, OWL.TransitiveProperty):
        for term in ontology().subjects(RDF.type, kind):
            assert list(ontology().objects(term, RDFS.domain)) == list(ontology().objects(term, RDFS.range)), named(term)
    inverse = {one for pair in ontology().subject_objects(OWL.inverseOf) for one in pair}
    assert inverse & set(ontology().subjects(RDF.type, OWL.SymmetricProperty)) == set()
    assert [
        named(term) for term, chain in ontology().subject_objects(OWL.propertyChainAxiom) if len(list(ontology().items(chain))) < 2
    ] == []


def test_the_terms_of_others_are_used_and_not_changed() -> None:
    """Of a term of another namespace we say what kind it is and who defines it, and nothing that its owners do not say."""
    ours = (str(SG), str(HOME))
    told = {(str(one), predicate) for one, predicate, _ in ontology() if isinstance(one, URIRef) and not str(one).startswith(ours)}
    assert {predicate for _, predicate in told} <= {RDF.type, RDFS.isDefinedBy}


AXIOMS = (RDFS.subClassOf, RDFS.domain, RDFS.range)


def concluded(axioms: frozenset[Triple], used: URIRef) -> set[tuple[str, str]]:
    """Of each axiom `used` of the ontology, by its two names, whether what it is there for follows from `axioms` and one statement."""
    wanted = {}
    given = set(axioms)
    for number, (term, kind) in enumerate(sorted(ontology().subject_objects(used))):
        if not (isinstance(kind, URIRef) and isinstance(term, URIRef)) or str(kind).startswith((str(XSD), str(RDF), str(RDFS))):
            continue
        one, other = (URIRef(f"http://example.org/{number}/{end}") for end in "ab")
        given.add((one, RDF.type, term) if used == RDFS.subClassOf else (one, term, other))
        wanted[other if used == RDFS.range else one, RDF.type, kind] = (named(term), named(kind))
    follows = infer(given, []).triples
    return {names for triple, names in wanted.items() if triple in follows or triple in given}


@pytest.mark.parametrize("used", AXIOMS, ids=named)
def test_every_class_domain_and_range_axiom_does_its_work(used: URIRef) -> None:
    """Each gives the class it is there for; without all of its kind, hardly any other axiom does so in its place."""
    whole = frozenset(ontology())
    wanted = concluded(whole, used)
    named_axioms = [
        pair
        for pair in ontology().subject_objects(used)
        if all(isinstance(one, URIRef) for one in pair) and not str(pair[1]).startswith((str(XSD), str(RDF), str(RDFS)))
    ]
    assert len(wanted) == len(named_axioms) > 20
    left = concluded(frozenset(triple for triple in whole if triple[1] != used or isinstance(triple[0], BNode)), used)
    assert len(left) < len(wanted) / 2, sorted(left)


def test_every_term_is_asked_for_or_marked_as_not_yet() -> None:
    """A saved question uses a term, or not-yet-asked.txt lists it: never both, never neither, and nothing unknown."""
    asked = {name for path in ROOT.glob("queries/*.rq") for name in re.findall(r"\bsg:(\w+)", path.read_text(encoding="utf-8"))}
    listed = NOT_YET.read_text(encoding="utf-8").splitlines()
    names = {named(term) for term in terms()}
    assert listed == sorted(set(listed))
    assert asked <= names
    assert names - asked - set(listed) == set(), "neither asked for nor listed in not-yet-asked.txt"
    assert set(listed) - (names - asked) == set(), "take these from not-yet-asked.txt: a question asks for them, or they are gone"


def remove(*triple: Node | None) -> Callable[[Graph], object]:
    """Take triples of this form out."""
    return lambda graph: graph.remove((triple[0], triple[1], triple[2]))


def say(turtle: str) -> Callable[[Graph], object]:
    """Add these statements."""
    head = f"@prefix sg: <{SG}> . @prefix owl: <{OWL}> . @prefix rdfs: <{RDFS}> . @prefix skos: <{SKOS}> . @prefix org: <{ORG}> .\n"
    return lambda graph: graph.parse(data=head + turtle, format="turtle")


FAULTS: list[tuple[Callable[[], None], Callable[[Graph], object]]] = [
    (partial(test_the_header_says_what_others_need_to_cite_it, OWL.versionInfo, Literal(__version__)), remove(HOME, OWL.versionInfo, None)),
    (partial(test_the_header_has_texts_in_both_languages, DCTERMS.title), remove(HOME, DCTERMS.title, None)),
    (test_every_term_used_is_declared, say("sg:Measure rdfs:seeAlso sg:Meazure .")),
    (test_every_term_used_is_declared, say("sg:Measure a owl:ObjectProperty .")),
    (partial(test_hierarchies_have_no_cycle, RDFS.subClassOf), say("sg:PolicyElement rdfs:subClassOf sg:Measure .")),
    (partial(test_hierarchies_have_no_cycle, RDFS.subPropertyOf), say("sg:involvesOrganization rdfs:subPropertyOf sg:leadAgency .")),
    (test_no_class_is_empty_by_its_axioms, say("sg:Measure rdfs:subClassOf sg:Recommendation .")),
    (test_no_class_is_empty_by_its_axioms, say("sg:Measure owl:equivalentClass sg:Principle .")),
    (test_inverse_properties_fit, say("sg:leadAgency owl:inverseOf sg:leadAgency .")),
    (partial(test_no_property_has_two_domains_or_ranges, RDFS.domain), say("sg:commentNumber rdfs:domain sg:Section .")),
    (test_narrower_properties_stay_within_wider_ones, say("sg:commentNumber rdfs:subPropertyOf sg:recommendationNumber .")),
    (test_no_term_stands_alone, say("sg:Cat a owl:Class .")),
    (test_definitions_differ_and_say_more_than_the_label, say('sg:Measure skos:definition "measure."@en .')),
    (test_no_name_merges_concepts_or_holds_what_is_left_over, say("sg:LawOrPlan a owl:Class .")),
    (test_no_name_merges_concepts_or_holds_what_is_left_over, say("sg:OtherMeasure a owl:Class .")),
    (test_symmetric_and_transitive_properties_lead_where_they_start, say("sg:leadAgency a owl:SymmetricProperty .")),
    (test_symmetric_and_transitive_properties_lead_where_they_start, say("sg:theme owl:propertyChainAxiom ( sg:leadAgency ) .")),
    (test_the_terms_of_others_are_used_and_not_changed, say("org:Organization rdfs:subClassOf sg:Measure .")),
    (test_every_term_is_asked_for_or_marked_as_not_yet, say("sg:Cat a owl:Class .")),
]


@pytest.mark.parametrize(("check", "damage"), FAULTS)
def test_each_check_finds_its_fault(check: Callable[[], None], damage: Callable[[Graph], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks above are not empty: each passes, and fails once the ontology has the fault that it is there for."""
    check()
    damaged = Graph()
    for triple in ontology():
        damaged.add(triple)
    before = set(damaged)
    damage(damaged)
    assert set(damaged) != before
    for module in (test_ontology, sys.modules[__name__]):
        monkeypatch.setattr(module, "ontology", lambda: damaged)
    with pytest.raises(AssertionError):
        check()
