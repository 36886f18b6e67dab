"""The terms of the ontology and of the endpoint's functions, for their pages. Imports the store through questions, and expression."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from stratgraph.expression import expression
from stratgraph.questions import Question
from stratgraph.questions.bind import iri_term
from stratgraph.store.interface import Store
from stratgraph.store.results import select

_TERMS = """
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?term ?property ?value WHERE {{
  GRAPH {graph} {{
    {{
      VALUES ?property {{
        rdfs:label skos:prefLabel skos:definition skos:scopeNote rdfs:subClassOf rdfs:subPropertyOf rdfs:domain rdfs:range
        skos:example owl:inverseOf owl:deprecated <http://purl.org/dc/terms/isReplacedBy>
      }}
      ?term ?property ?value .
      FILTER (!ISBLANK(?value))
    }} UNION {{
      VALUES ?value {{ owl:Class owl:ObjectProperty owl:DatatypeProperty owl:AnnotationProperty sd:Function }}
      ?term a ?value .
      BIND ("kind" AS ?property)
    }}
  }}
}} ORDER BY ?term ?property ?value
"""


# What an axiom is called in OWL 2 Manchester Syntax (W3C Note, 2012).
_CHARACTERISTICS: Final = (
    *("TransitiveProperty", "SymmetricProperty", "AsymmetricProperty", "FunctionalProperty"),
    *("InverseFunctionalProperty", "ReflexiveProperty", "IrreflexiveProperty"),
)
_FRAMES: Final = {
    RDFS.subClassOf: "SubClassOf",
    OWL.equivalentClass: "EquivalentTo",
    OWL.disjointWith: "DisjointWith",
    RDFS.subPropertyOf: "SubPropertyOf",
    OWL.equivalentProperty: "EquivalentTo",
    OWL.propertyChainAxiom: "SubPropertyChain",
    RDFS.domain: "Domain",
    RDFS.range: "Range",
    OWL.inverseOf: "InverseOf",
}


@dataclass
class OntologyTerm:
    """A class or property: labels and definitions by language, and its IRIs by property (local name).

    `axioms` are in Manchester Syntax; `questions` are those whose query names the term; `retired`: it stays, and is not to be used.
    """

    iri: str
    kind: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)
    axioms: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    retired: bool = False

    @property
    def name(self) -> str:
        """Its local name."""
        return self.iri.replace("#", "/").rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Version:
    """What the ontology says of itself: its version, when it was last changed, and what changed, by language, newest first."""

    number: str
    modified: str
    changes: Mapping[str, Sequence[str]]


def read_version(ntriples: bytes) -> Version:
    """The version of an ontology given as N-Triples."""
    graph = Graph().parse(data=ntriples, format="nt")
    header = next(iter(graph.subjects(RDF.type, OWL.Ontology)), URIRef(""))
    number, modified = (str(graph.value(header, one) or "") for one in (OWL.versionInfo, DCTERMS.modified))
    notes = sorted((one for one in graph.objects(header, SKOS.changeNote) if isinstance(one, Literal)), reverse=True)
    return Version(number, modified, {tag: [str(one) for one in notes if one.language == tag] for tag in ("ja", "en")})


async def load_terms(store: Store, graph: str, timeout: float) -> tuple[OntologyTerm, ...]:
    """The ontology's own terms, by name. Raises what Store.query raises."""
    _, rows = await select(store, _TERMS.format(graph=iri_term(graph).sparql), timeout=timeout)
    terms: dict[str, OntologyTerm] = {}
    for row in rows:
        if row["term"].kind != "iri":
            continue
        term = terms.setdefault(row["term"].value, OntologyTerm(row["term"].value))
        name, value = row["property"].value.replace("#", "/").rsplit("/", 1)[-1], row["value"]
        if name == "kind":
            term.kind = {"Class": "Class", "Function": "Function"}.get(value.value.rpartition("#")[2], "Property")
        elif name == "deprecated":
            term.retired = value.value == "true"
        elif value.kind == "iri":
            term.retired = term.retired or name == "isReplacedBy"
            term.links.setdefault(name, []).append(value.value)
        else:
            texts = {"prefLabel": "labels", "scopeNote": "notes"}.get(name, f"{name}s")
            if texts in ("labels", "definitions", "notes", "examples"):
                getattr(term, texts).setdefault(value.language or "", value.value)
    for one in terms.values():
        if one.retired and not one.kind:  # what is left of it says no kind; its name does
            one.kind = "Class" if one.name[:1].isupper() else "Property"
    declared = (one for one in terms.values() if one.kind)
    return tuple(sorted(declared, key=lambda one: one.name.casefold()))


def add_axioms(terms: Sequence[OntologyTerm], ntriples: bytes, prefixes: Mapping[str, str]) -> None:
    """Tell each term what the ontology (as N-Triples) states of it."""
    graph = Graph().parse(data=ntriples, format="nt")
    apart = _disjoint(graph)
    for term in terms:
        node = URIRef(term.iri)
        found = sorted({*_axioms(node, graph, prefixes), *(f"DisjointWith: {_short(one, prefixes)}" for one in apart.get(node, ()))})
        term.axioms = tuple(found)


def _axioms(node: URIRef, graph: Graph, prefixes: Mapping[str, str]) -> Iterator[str]:
    for kind in graph.objects(node, RDF.type):
        name = str(kind).rpartition("#")[2]
        if name in _CHARACTERISTICS:
            yield f"Characteristics: {name.removesuffix('Property')}"
    for predicate, value in graph.predicate_objects(node):
        if predicate in _FRAMES:
            yield f"{_FRAMES[URIRef(str(predicate))]}: {_written(value, graph, prefixes)}"
    for subject in graph.subjects(RDFS.subClassOf, node):
        if isinstance(subject, BNode):
            yield f"{expression(subject, graph, prefixes)} SubClassOf: {_short(node, prefixes)}"
    for subject in graph.subjects(OWL.inverseOf, node):
        yield f"InverseOf: {_short(subject, prefixes)}"


def _disjoint(graph: Graph) -> dict[Node, set[Node]]:
    """Classes that are pairwise disjoint by an owl:AllDisjointClasses: class → the others."""
    found: dict[Node, set[Node]] = {}
    for axiom in graph.subjects(RDF.type, OWL.AllDisjointClasses):
        for start in graph.objects(axiom, OWL.members):
            members = set(Collection(graph, start))
            for one in members:
                found.setdefault(one, set()).update(members - {one})
    return found


def _written(node: Node, graph: Graph, prefixes: Mapping[str, str]) -> str:
    return expression(node, graph, prefixes) if isinstance(node, BNode) else _short(node, prefixes)


def _short(node: Node, prefixes: Mapping[str, str]) -> str:
    namespace = next((prefix for prefix, iri in prefixes.items() if str(node).startswith(iri) and "/" not in str(node)[len(iri) :]), None)
    return f"{namespace}:{str(node)[len(prefixes[namespace]) :]}" if namespace else f"<{node}>"


def add_questions(terms: Sequence[OntologyTerm], questions: Sequence[Question], prefix: str) -> None:
    """Tell each term which questions' queries name it, as prefix and name."""
    named = {one.slug: set(re.findall(rf"\b{prefix}:(\w+)", one.query)) for one in questions}
    for term in terms:
        term.questions = tuple(one for one in questions if term.name in named[one.slug])
