"""The OWL 2 RL/RDF rules without lists or variable predicates, as a table. Imports rdflib's namespaces and clause only.

Source: W3C, OWL 2 Web Ontology Language Profiles (second edition), section 4.3, tables 4 to 9, whose names these are. Left of `|`
is what an ontology says: a row is specialised to each match of it. A row without left side runs as it stands. `=0` stands for a
literal of that value. Heads are separated by commas; `-> false` marks a contradiction.

eq-ref, and so each x sameAs x, is left out as noise (docs/decisions/0005-compiled-closure.md); hence the second row of eq-diff1.
scm-op and scm-dp take rdf:Property
too, as owlrl does.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from rdflib import OWL, RDF, RDFS, URIRef

TABLE: Final = """
eq-sym      | ?x sameAs ?y -> ?y sameAs ?x
eq-trans    | ?x sameAs ?y . ?y sameAs ?z -> ?x sameAs ?z ; ?x != ?z
eq-diff1    | ?x sameAs ?y . ?x differentFrom ?y -> false
eq-diff1    | ?x differentFrom ?x -> false
prp-dom     ?p domain ?c | ?x ?p ?y -> ?x type ?c
prp-rng     ?p range ?c | ?x ?p ?y -> ?y type ?c
prp-fp      ?p type FunctionalProperty | ?x ?p ?y . ?x ?p ?z -> ?y sameAs ?z ; ?y != ?z
prp-ifp     ?p type InverseFunctionalProperty | ?x ?p ?z . ?y ?p ?z -> ?x sameAs ?y ; ?x != ?y
prp-irp     ?p type IrreflexiveProperty | ?x ?p ?x -> false
prp-symp    ?p type SymmetricProperty | ?x ?p ?y -> ?y ?p ?x
prp-asyp    ?p type AsymmetricProperty | ?x ?p ?y . ?y ?p ?x -> false
prp-trp     ?p type TransitiveProperty | ?x ?p ?y . ?y ?p ?z -> ?x ?p ?z
prp-spo1    ?p subPropertyOf ?q | ?x ?p ?y -> ?x ?q ?y
prp-eqp1    ?p equivalentProperty ?q | ?x ?p ?y -> ?x ?q ?y
prp-eqp2    ?p equivalentProperty ?q | ?x ?q ?y -> ?x ?p ?y
prp-pdw     ?p propertyDisjointWith ?q | ?x ?p ?y . ?x ?q ?y -> false
prp-inv1    ?p inverseOf ?q | ?x ?p ?y -> ?y ?q ?x
prp-inv2    ?p inverseOf ?q | ?x ?q ?y -> ?y ?p ?x
prp-npa1    ?n sourceIndividual ?x . ?n assertionProperty ?p . ?n targetIndividual ?y | ?x ?p ?y -> false
prp-npa2    ?n sourceIndividual ?x . ?n assertionProperty ?p . ?n targetValue ?y | ?x ?p ?y -> false
cls-thing   | -> Thing type Class
cls-nothing1 | -> Nothing type Class
cls-nothing2 | ?x type Nothing -> false
cls-com     ?c complementOf ?d | ?x type ?c . ?x type ?d -> false
cls-svf1    ?r someValuesFrom ?c . ?r onProperty ?p | ?x ?p ?y . ?y type ?c -> ?x type ?r
cls-svf2    ?r someValuesFrom Thing . ?r onProperty ?p | ?x ?p ?y -> ?x type ?r
cls-avf     ?r allValuesFrom ?c . ?r onProperty ?p | ?x type ?r . ?x ?p ?y -> ?y type ?c
cls-hv1     ?r hasValue ?v . ?r onProperty ?p | ?x type ?r -> ?x ?p ?v
cls-hv2     ?r hasValue ?v . ?r onProperty ?p | ?x ?p ?v -> ?x type ?r
cls-maxc1   ?r maxCardinality =0 . ?r onProperty ?p | ?x type ?r . ?x ?p ?y -> false
cls-maxc2   ?r maxCardinality =1 . ?r onProperty ?p | ?x type ?r . ?x ?p ?y . ?x ?p ?z -> ?y sameAs ?z ; ?y != ?z
cls-maxqc1  ?r maxQualifiedCardinality =0 . ?r onProperty ?p . ?r onClass ?c | ?x type ?r . ?x ?p ?y . ?y type ?c -> false
cls-maxqc2  ?r maxQualifiedCardinality =0 . ?r onProperty ?p . ?r onClass Thing | ?x type ?r . ?x ?p ?y -> false
cls-maxqc3  ?r maxQualifiedCardinality =1 . ?r onProperty ?p . ?r onClass ?c |\
 ?x type ?r . ?x ?p ?y . ?y type ?c . ?x ?p ?z . ?z type ?c -> ?y sameAs ?z ; ?y != ?z
cls-maxqc4  ?r maxQualifiedCardinality =1 . ?r onProperty ?p . ?r onClass Thing |\
 ?x type ?r . ?x ?p ?y . ?x ?p ?z -> ?y sameAs ?z ; ?y != ?z
cax-sco     ?c subClassOf ?d | ?x type ?c -> ?x type ?d
cax-eqc1    ?c equivalentClass ?d | ?x type ?c -> ?x type ?d
cax-eqc2    ?c equivalentClass ?d | ?x type ?d -> ?x type ?c
cax-dw      ?c disjointWith ?d | ?x type ?c . ?x type ?d -> false
scm-cls     | ?c type Class -> ?c subClassOf ?c , ?c equivalentClass ?c , ?c subClassOf Thing , Nothing subClassOf ?c
scm-sco     | ?c subClassOf ?d . ?d subClassOf ?e -> ?c subClassOf ?e
scm-eqc1    | ?c equivalentClass ?d -> ?c subClassOf ?d , ?d subClassOf ?c
scm-eqc2    | ?c subClassOf ?d . ?d subClassOf ?c -> ?c equivalentClass ?d
scm-op      | ?p type ObjectProperty -> ?p subPropertyOf ?p , ?p equivalentProperty ?p
scm-op      | ?p type Property -> ?p subPropertyOf ?p , ?p equivalentProperty ?p
scm-dp      | ?p type DatatypeProperty -> ?p subPropertyOf ?p , ?p equivalentProperty ?p
scm-spo     | ?p subPropertyOf ?q . ?q subPropertyOf ?r -> ?p subPropertyOf ?r
scm-eqp1    | ?p equivalentProperty ?q -> ?p subPropertyOf ?q , ?q subPropertyOf ?p
scm-eqp2    | ?p subPropertyOf ?q . ?q subPropertyOf ?p -> ?p equivalentProperty ?q
scm-dom1    | ?p domain ?c . ?c subClassOf ?d -> ?p domain ?d
scm-dom2    | ?q domain ?c . ?p subPropertyOf ?q -> ?p domain ?c
scm-rng1    | ?p range ?c . ?c subClassOf ?d -> ?p range ?d
scm-rng2    | ?q range ?c . ?p subPropertyOf ?q -> ?p range ?c
scm-hv      | ?c hasValue ?i . ?c onProperty ?p . ?d hasValue ?i . ?d onProperty ?q . ?p subPropertyOf ?q -> ?c subClassOf ?d
scm-svf1    | ?c someValuesFrom ?y . ?c onProperty ?p . ?d someValuesFrom ?z . ?d onProperty ?p . ?y subClassOf ?z -> ?c subClassOf ?d
scm-svf2    | ?c someValuesFrom ?y . ?c onProperty ?p . ?d someValuesFrom ?y . ?d onProperty ?q . ?p subPropertyOf ?q -> ?c subClassOf ?d
scm-avf1    | ?c allValuesFrom ?y . ?c onProperty ?p . ?d allValuesFrom ?z . ?d onProperty ?p . ?y subClassOf ?z -> ?c subClassOf ?d
scm-avf2    | ?c allValuesFrom ?y . ?c onProperty ?p . ?d allValuesFrom ?y . ?d onProperty ?q . ?p subPropertyOf ?q -> ?d subClassOf ?c
"""

# prp-ap: the annotation properties that OWL itself has.
ANNOTATION_PROPERTIES: Final = (
    *(RDFS.label, RDFS.comment, RDFS.seeAlso, RDFS.isDefinedBy),
    *(OWL.deprecated, OWL.versionInfo, OWL.priorVersion, OWL.backwardCompatibleWith, OWL.incompatibleWith),
)
_OF_RDF: Final = ("type", "first", "rest", "nil", "Property")
_OF_RDFS: Final = ("subClassOf", "subPropertyOf", "domain", "range", "Resource", "Literal", "Datatype")
# Words of OWL that the rows do not name, for the rules over lists.
_OF_OWL: Final = (
    *("intersectionOf", "unionOf", "oneOf", "propertyChainAxiom", "hasKey", "members", "distinctMembers"),
    "AnnotationProperty",
    *("AllDifferent", "AllDisjointClasses", "AllDisjointProperties"),
)


class Row(NamedTuple):
    """A line of the table; patterns are triples of words, `axioms` those left of the bar. `head` is None for false."""

    name: str
    axioms: tuple[tuple[str, ...], ...]
    body: tuple[tuple[str, ...], ...]
    head: tuple[str, ...] | None
    distinct: tuple[tuple[str, ...], ...]


@cache
def rows() -> tuple[Row, ...]:
    """The table, one row per head."""
    return tuple(row for line in TABLE.splitlines() if line for row in _parse(line))


def _parse(line: str) -> list[Row]:
    left, _, right = line.partition("|")
    name, _, axioms = left.strip().partition(" ")
    body, _, conclusion = right.partition("->")
    heads, _, distinct = conclusion.partition(";")
    pairs = tuple(tuple(one.split(" != ")) for one in _split(distinct, ","))
    patterns = tuple(tuple(one.split()) for one in _split(axioms, " . ")), tuple(tuple(one.split()) for one in _split(body, " . "))
    return [Row(name, *patterns, None if head == "false" else tuple(head.split()), pairs) for head in _split(heads, ",")]


def _split(text: str, separator: str) -> list[str]:
    return [part.strip() for part in text.split(separator) if part.strip()]


@cache
def words() -> dict[str, URIRef]:
    """The IRI of each word that the rules use."""
    named = {word for row in rows() for pattern in (*row.axioms, *row.body, row.head or ()) for word in pattern if word[0] not in "?="}
    found = {word: URIRef(f"{OWL}{word}") for word in (*_OF_OWL, *named)}
    found.update({word: URIRef(f"{RDF}{word}") for word in _OF_RDF})
    found.update({word: URIRef(f"{RDFS}{word}") for word in _OF_RDFS})
    return found
