"""Checks proofs step by step, from the standard alone. Imports rdflib, and of StratGraph only the proof values and rule files.

Source: W3C, OWL 2 Web Ontology Language Profiles (second edition), section 4.3, tables 4 to 9: the rules below are copied from there by
hand, lists aside, which are functions. Nothing is shared with the engine: it could not hide a mistake here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from rdflib import OWL, RDF, RDFS, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from stratgraph.infer import Proof, Rule
from stratgraph.places import Triple

# name: if → then. Where one name has several conclusions, each is a line.
STANDARD: Final = """
eq-sym: ?x owl:sameAs ?y → ?y owl:sameAs ?x
eq-trans: ?x owl:sameAs ?y , ?y owl:sameAs ?z → ?x owl:sameAs ?z
eq-rep-s: ?s owl:sameAs ?s2 , ?s ?p ?o → ?s2 ?p ?o
eq-rep-p: ?p owl:sameAs ?p2 , ?s ?p ?o → ?s ?p2 ?o
eq-rep-o: ?o owl:sameAs ?o2 , ?s ?p ?o → ?s ?p ?o2
prp-dom: ?p rdfs:domain ?c , ?x ?p ?y → ?x rdf:type ?c
prp-rng: ?p rdfs:range ?c , ?x ?p ?y → ?y rdf:type ?c
prp-fp: ?p rdf:type owl:FunctionalProperty , ?x ?p ?y1 , ?x ?p ?y2 → ?y1 owl:sameAs ?y2
prp-ifp: ?p rdf:type owl:InverseFunctionalProperty , ?x1 ?p ?y , ?x2 ?p ?y → ?x1 owl:sameAs ?x2
prp-symp: ?p rdf:type owl:SymmetricProperty , ?x ?p ?y → ?y ?p ?x
prp-trp: ?p rdf:type owl:TransitiveProperty , ?x ?p ?y , ?y ?p ?z → ?x ?p ?z
prp-spo1: ?p1 rdfs:subPropertyOf ?p2 , ?x ?p1 ?y → ?x ?p2 ?y
prp-eqp1: ?p1 owl:equivalentProperty ?p2 , ?x ?p1 ?y → ?x ?p2 ?y
prp-eqp2: ?p1 owl:equivalentProperty ?p2 , ?x ?p2 ?y → ?x ?p1 ?y
prp-inv1: ?p1 owl:inverseOf ?p2 , ?x ?p1 ?y → ?y ?p2 ?x
prp-inv2: ?p1 owl:inverseOf ?p2 , ?x ?p2 ?y → ?y ?p1 ?x
cls-svf1: ?x owl:someValuesFrom ?y , ?x owl:onProperty ?p , ?u ?p ?v , ?v rdf:type ?y → ?u rdf:type ?x
cls-svf2: ?x owl:someValuesFrom owl:Thing , ?x owl:onProperty ?p , ?u ?p ?v → ?u rdf:type ?x
cls-avf: ?x owl:allValuesFrom ?y , ?x owl:onProperty ?p , ?u rdf:type ?x , ?u ?p ?v → ?v rdf:type ?y
cls-hv1: ?x owl:hasValue ?y , ?x owl:onProperty ?p , ?u rdf:type ?x → ?u ?p ?y
cls-hv2: ?x owl:hasValue ?y , ?x owl:onProperty ?p , ?u ?p ?y → ?u rdf:type ?x
cls-maxc2: ?x owl:maxCardinality =1 , ?x owl:onProperty ?p , ?u rdf:type ?x , ?u ?p ?y1 , ?u ?p ?y2 → ?y1 owl:sameAs ?y2
cls-maxqc3: ?x owl:maxQualifiedCardinality =1 , ?x owl:onProperty ?p , ?x owl:onClass ?c , ?u rdf:type ?x , ?u ?p ?y1 , ?y1 rdf:type ?c ,
 ?u ?p ?y2 , ?y2 rdf:type ?c → ?y1 owl:sameAs ?y2
cls-maxqc4: ?x owl:maxQualifiedCardinality =1 , ?x owl:onProperty ?p , ?x owl:onClass owl:Thing , ?u rdf:type ?x , ?u ?p ?y1 , ?u ?p ?y2
 → ?y1 owl:sameAs ?y2
cax-sco: ?c1 rdfs:subClassOf ?c2 , ?x rdf:type ?c1 → ?x rdf:type ?c2
cax-eqc1: ?c1 owl:equivalentClass ?c2 , ?x rdf:type ?c1 → ?x rdf:type ?c2
cax-eqc2: ?c1 owl:equivalentClass ?c2 , ?x rdf:type ?c2 → ?x rdf:type ?c1
cls-thing: → owl:Thing rdf:type owl:Class
cls-nothing1: → owl:Nothing rdf:type owl:Class
scm-cls: ?c rdf:type owl:Class → ?c rdfs:subClassOf ?c
scm-cls: ?c rdf:type owl:Class → ?c owl:equivalentClass ?c
scm-cls: ?c rdf:type owl:Class → ?c rdfs:subClassOf owl:Thing
scm-cls: ?c rdf:type owl:Class → owl:Nothing rdfs:subClassOf ?c
scm-sco: ?c1 rdfs:subClassOf ?c2 , ?c2 rdfs:subClassOf ?c3 → ?c1 rdfs:subClassOf ?c3
scm-eqc1: ?c1 owl:equivalentClass ?c2 → ?c1 rdfs:subClassOf ?c2
scm-eqc1: ?c1 owl:equivalentClass ?c2 → ?c2 rdfs:subClassOf ?c1
scm-eqc2: ?c1 rdfs:subClassOf ?c2 , ?c2 rdfs:subClassOf ?c1 → ?c1 owl:equivalentClass ?c2
scm-op: ?p rdf:type owl:ObjectProperty → ?p rdfs:subPropertyOf ?p
scm-op: ?p rdf:type owl:ObjectProperty → ?p owl:equivalentProperty ?p
scm-dp: ?p rdf:type owl:DatatypeProperty → ?p rdfs:subPropertyOf ?p
scm-dp: ?p rdf:type owl:DatatypeProperty → ?p owl:equivalentProperty ?p
scm-spo: ?p1 rdfs:subPropertyOf ?p2 , ?p2 rdfs:subPropertyOf ?p3 → ?p1 rdfs:subPropertyOf ?p3
scm-eqp1: ?p1 owl:equivalentProperty ?p2 → ?p1 rdfs:subPropertyOf ?p2
scm-eqp1: ?p1 owl:equivalentProperty ?p2 → ?p2 rdfs:subPropertyOf ?p1
scm-eqp2: ?p1 rdfs:subPropertyOf ?p2 , ?p2 rdfs:subPropertyOf ?p1 → ?p1 owl:equivalentProperty ?p2
scm-dom1: ?p rdfs:domain ?c1 , ?c1 rdfs:subClassOf ?c2 → ?p rdfs:domain ?c2
scm-dom2: ?p2 rdfs:domain ?c , ?p1 rdfs:subPropertyOf ?p2 → ?p1 rdfs:domain ?c
scm-rng1: ?p rdfs:range ?c1 , ?c1 rdfs:subClassOf ?c2 → ?p rdfs:range ?c2
scm-rng2: ?p2 rdfs:range ?c , ?p1 rdfs:subPropertyOf ?p2 → ?p1 rdfs:range ?c
scm-hv: ?c1 owl:hasValue ?i , ?c1 owl:onProperty ?p1 , ?c2 owl:hasValue ?i , ?c2 owl:onProperty ?p2 , ?p1 rdfs:subPropertyOf ?p2
 → ?c1 rdfs:subClassOf ?c2
scm-svf1: ?c1 owl:someValuesFrom ?y1 , ?c1 owl:onProperty ?p , ?c2 owl:someValuesFrom ?y2 , ?c2 owl:onProperty ?p ,
 ?y1 rdfs:subClassOf ?y2 → ?c1 rdfs:subClassOf ?c2
scm-svf2: ?c1 owl:someValuesFrom ?y , ?c1 owl:onProperty ?p1 , ?c2 owl:someValuesFrom ?y , ?c2 owl:onProperty ?p2 ,
 ?p1 rdfs:subPropertyOf ?p2 → ?c1 rdfs:subClassOf ?c2
scm-avf1: ?c1 owl:allValuesFrom ?y1 , ?c1 owl:onProperty ?p , ?c2 owl:allValuesFrom ?y2 , ?c2 owl:onProperty ?p ,
 ?y1 rdfs:subClassOf ?y2 → ?c1 rdfs:subClassOf ?c2
scm-avf2: ?c1 owl:allValuesFrom ?y , ?c1 owl:onProperty ?p1 , ?c2 owl:allValuesFrom ?y , ?c2 owl:onProperty ?p2 ,
 ?p1 rdfs:subPropertyOf ?p2 → ?c2 rdfs:subClassOf ?c1
"""
NAMESPACES: Final = {"owl": OWL, "rdf": RDF, "rdfs": RDFS}
Pattern = tuple[Node | str, Node | str, Node | str]
Bindings = dict[str, Node]


def standard() -> dict[str, list[tuple[tuple[Pattern, ...], Pattern]]]:
    """The rules by name, each with its premises and its conclusion; a variable is a string."""
    found: dict[str, list[tuple[tuple[Pattern, ...], Pattern]]] = {}
    for line in STANDARD.replace("\n ", " ").split("\n"):
        if line:
            name, _, rest = line.partition(":")
            premises, _, conclusion = rest.partition("→")
            patterns = tuple(_pattern(one) for one in premises.split(" , ") if one.strip())
            found.setdefault(name, []).append((patterns, _pattern(conclusion)))
    return found


def _pattern(text: str) -> Pattern:
    subject, predicate, value = (one if one[0] == "?" else _term(one) for one in text.split())
    return (subject, predicate, value)


def _term(name: str) -> Node:
    if name == "=1":
        return Literal(1, datatype=XSD.nonNegativeInteger)
    prefix, _, local = name.partition(":")
    return URIRef(f"{NAMESPACES[prefix]}{local}")


class Verifier:
    """Checks proofs over `asserted` triples; `inferred` is what else holds (for rules that ask what is absent)."""

    def __init__(self, asserted: Iterable[Triple], rules: Iterable[Rule], inferred: Iterable[Triple]) -> None:
        self.asserted = frozenset(asserted)
        self.rules = {rule.name: rule for rule in rules}
        self.inferred = frozenset(inferred)
        self.standard = standard()
        self.good: set[Proof] = set()
        self._absent: dict[str, frozenset[Triple]] = {}

    def problems(self, proof: Proof) -> Iterator[str]:
        """A line for each step that is not an instance of its rule, and for each leaf that is not asserted."""
        known: set[Triple] = set()
        for step in proof.steps():
            known.add(step.triple)
            missing = [one.triple for one in step.premises if one.triple not in known]
            if missing or not self._holds(step):
                yield f"{step.rule}: {step.triple} from {[one.triple for one in step.premises]}"

    def _holds(self, step: Proof) -> bool:
        premises = [one.triple for one in step.premises]
        if step.rule is None:
            return not premises and step.triple in self.asserted
        if step.rule == "dt-type2":
            return not premises and is_of(step.triple[0], step.triple[2])
        if step.height != 1 + max((one.height for one in step.premises), default=0):
            return False
        if step.rule in self.rules:
            return self._follows_by_rule(self.rules[step.rule], step.triple, premises)
        if step.rule in LISTS:
            return LISTS[step.rule](step.triple, premises)
        return any(_is_instance(patterns, conclusion, step.triple, premises) for patterns, conclusion in self.standard.get(step.rule, ()))

    def _follows_by_rule(self, rule: Rule, triple: Triple, premises: Sequence[Triple]) -> bool:
        """The premises alone give the conclusion, and so does all that holds where the rule asks what is absent."""
        if triple not in _constructed(rule, premises):
            return False
        if not rule.is_monotone and rule.name not in self._absent:
            self._absent[rule.name] = _constructed(rule, self.asserted | self.inferred)
        return rule.is_monotone or triple in self._absent[rule.name]


def _constructed(rule: Rule, triples: Iterable[Triple]) -> frozenset[Triple]:
    graph = Graph()
    for triple in triples:
        graph.add(triple)
    return frozenset((row[0], row[1], row[2]) for row in graph.query(rule.query) if isinstance(row, tuple))


def _is_instance(patterns: Sequence[Pattern], conclusion: Pattern, triple: Triple, premises: Sequence[Triple]) -> bool:
    """The premises are those of the rule, in its order, and give the triple."""
    bindings: Bindings = {}
    return (
        len(patterns) == len(premises)
        and all(_fits(pattern, premise, bindings) for pattern, premise in zip(patterns, premises, strict=True))
        and _fits(conclusion, triple, bindings)
    )


def _fits(pattern: Pattern, triple: Triple, bindings: Bindings) -> bool:
    for term, value in zip(pattern, triple, strict=True):
        if isinstance(term, str) and not isinstance(term, URIRef):
            if bindings.setdefault(term, value) != value:
                return False
        elif term != value:
            return False
    return True


def is_of(literal: Node, datatype: Node) -> bool:
    """Literals of the tests' graphs: of their own datatype, integers decimal too, and plain text of xsd:string."""
    if not isinstance(literal, Literal) or literal.language is not None:
        return False
    own = literal.datatype or XSD.string
    return datatype == own or (own, datatype) == (XSD.integer, XSD.decimal)


def _listed(predicate: URIRef, premises: Sequence[Triple]) -> tuple[Node, list[Node], list[Triple]] | None:
    """Subject, members and the rest of the premises, where these begin with `subject predicate list` and the list's cells."""
    if not premises or premises[0][1] != predicate:
        return None
    subject, _, cell = premises[0]
    members: list[Node] = []
    place = 1
    while cell != RDF.nil:
        first, rest = premises[place : place + 2]
        if first[:2] != (cell, RDF.first) or rest[:2] != (cell, RDF.rest):
            return None
        members.append(first[2])
        cell = rest[2]
        place += 2
    return subject, members, list(premises[place:])


def _with_list(
    predicate: URIRef, then: Callable[[Triple, Node, list[Node], list[Triple]], bool]
) -> Callable[[Triple, Sequence[Triple]], bool]:
    def check(triple: Triple, premises: Sequence[Triple]) -> bool:
        found = _listed(predicate, premises)
        return found is not None and then(triple, *found)

    return check


def _int1(triple: Triple, cls: Node, members: list[Node], rest: list[Triple]) -> bool:
    return triple[1:] == (RDF.type, cls) and rest == [(triple[0], RDF.type, one) for one in members]


def _int2(triple: Triple, cls: Node, members: list[Node], rest: list[Triple]) -> bool:
    return triple[1] == RDF.type and triple[2] in members and rest == [(triple[0], RDF.type, cls)]


def _uni(triple: Triple, cls: Node, members: list[Node], rest: list[Triple]) -> bool:
    return triple[1:] == (RDF.type, cls) and any(rest == [(triple[0], RDF.type, one)] for one in members)


def _scm_int(triple: Triple, cls: Node, members: list[Node], rest: list[Triple]) -> bool:
    return not rest and triple[:2] == (cls, RDFS.subClassOf) and triple[2] in members


def _scm_uni(triple: Triple, cls: Node, members: list[Node], rest: list[Triple]) -> bool:
    return not rest and triple[1:] == (RDFS.subClassOf, cls) and triple[0] in members


def _one_of(triple: Triple, cls: Node, members: list[Node], rest: list[Triple]) -> bool:
    return not rest and triple[1:] == (RDF.type, cls) and triple[0] in members


def _chain(triple: Triple, prop: Node, members: list[Node], rest: list[Triple]) -> bool:
    ends = [rest[0][0], *(one[2] for one in rest)] if rest else []
    steps = [(ends[place], prop, ends[place + 1]) for place, prop in enumerate(members)] if len(ends) == len(members) + 1 else None
    return rest == steps and triple == (ends[0], prop, ends[-1])


LISTS: Final[Mapping[str, Callable[[Triple, Sequence[Triple]], bool]]] = {
    "cls-int1": _with_list(OWL.intersectionOf, _int1),
    "cls-int2": _with_list(OWL.intersectionOf, _int2),
    "cls-uni": _with_list(OWL.unionOf, _uni),
    "cls-oo": _with_list(OWL.oneOf, _one_of),
    "scm-int": _with_list(OWL.intersectionOf, _scm_int),
    "scm-uni": _with_list(OWL.unionOf, _scm_uni),
    "prp-spo2": _with_list(OWL.propertyChainAxiom, _chain),
}
