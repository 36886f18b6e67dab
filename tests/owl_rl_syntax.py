"""Which axioms of a graph leave OWL 2 RL? Imports rdflib only.

Source: W3C, OWL 2 Web Ontology Language Profiles (second edition), section 4.2: a class expression is judged by its place
(subclass, superclass, equivalent class); datatypes are those of section 4.2.1. Beyond the grammar it reports what this project
forbids in its ontology: functional and inverse functional properties and keys (they make sameAs, not errors) and imports.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rdflib import OWL, RDF, RDFS, XSD, Graph, URIRef
from rdflib.collection import Collection
from rdflib.term import BNode, Literal, Node

RL_DATATYPES: Final = frozenset(
    {
        RDF.PlainLiteral,
        RDF.XMLLiteral,
        RDFS.Literal,
        XSD.decimal,
        XSD.integer,
        XSD.nonNegativeInteger,
        XSD.nonPositiveInteger,
        XSD.positiveInteger,
        XSD.negativeInteger,
        XSD.long,
        XSD.int,
        XSD.short,
        XSD.byte,
        XSD.unsignedLong,
        XSD.unsignedInt,
        XSD.unsignedShort,
        XSD.unsignedByte,
        XSD.float,
        XSD.double,
        XSD.string,
        XSD.normalizedString,
        XSD.token,
        XSD.language,
        XSD.Name,
        XSD.NCName,
        XSD.NMTOKEN,
        XSD.boolean,
        XSD.hexBinary,
        XSD.base64Binary,
        XSD.anyURI,
        XSD.dateTime,
        XSD.dateTimeStamp,
    }
)

# For each place: the constructors allowed there and the place of their operands (None: individuals or values, nothing to judge).
_ALLOWED: Final[dict[str, dict[URIRef, str | None]]] = {
    "subclass": {
        OWL.intersectionOf: "subclass",
        OWL.unionOf: "subclass",
        OWL.oneOf: None,
        OWL.someValuesFrom: "filler",
        OWL.hasValue: None,
    },
    "superclass": {
        OWL.intersectionOf: "superclass",
        OWL.complementOf: "subclass",
        OWL.allValuesFrom: "superclass",
        OWL.hasValue: None,
        OWL.maxCardinality: "bound",
        OWL.maxQualifiedCardinality: "bound",
    },
    "equivalent class": {OWL.intersectionOf: "equivalent class", OWL.hasValue: None},
}
_CONSTRUCTORS: Final = frozenset(
    {
        OWL.intersectionOf,
        OWL.unionOf,
        OWL.oneOf,
        OWL.complementOf,
        OWL.someValuesFrom,
        OWL.allValuesFrom,
        OWL.hasValue,
        OWL.hasSelf,
        OWL.minCardinality,
        OWL.maxCardinality,
        OWL.cardinality,
        OWL.minQualifiedCardinality,
        OWL.maxQualifiedCardinality,
        OWL.qualifiedCardinality,
    }
)
_LIST_VALUED: Final = frozenset({OWL.intersectionOf, OWL.unionOf})
_NEVER_RL: Final = (
    OWL.disjointUnionOf,
    OWL.hasSelf,
    OWL.minCardinality,
    OWL.cardinality,
    OWL.minQualifiedCardinality,
    OWL.qualifiedCardinality,
)
_NOT_HERE: Final = (OWL.hasKey, OWL.imports)
_PROPERTY_KINDS: Final = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)


def find_violations(graph: Graph) -> list[str]:
    """Sentences, sorted, on each axiom of the graph that is not OWL 2 RL or that the project forbids; empty if there are none."""
    found: set[str] = set()
    for check in (_class_axioms, _property_axioms, _property_types, _declarations, _forbidden_predicates):
        found.update(check(graph))
    return sorted(found)


def _class_axioms(graph: Graph) -> Iterator[str]:
    for sub, sup in graph.subject_objects(RDFS.subClassOf):
        yield from _expression(graph, sub, "subclass")
        yield from _expression(graph, sup, "superclass")
    for one, other in graph.subject_objects(OWL.equivalentClass):
        yield from _expression(graph, one, "equivalent class")
        yield from _expression(graph, other, "equivalent class")
    for one, other in graph.subject_objects(OWL.disjointWith):
        yield from _expression(graph, one, "subclass")
        yield from _expression(graph, other, "subclass")
    for axiom in graph.subjects(RDF.type, OWL.AllDisjointClasses):
        for members in graph.objects(axiom, OWL.members):
            for member in Collection(graph, members):
                yield from _expression(graph, member, "subclass")
    for cls in graph.objects(None, RDF.type):
        if isinstance(cls, BNode):
            yield from _expression(graph, cls, "superclass")


def _property_axioms(graph: Graph) -> Iterator[str]:
    for _, domain in graph.subject_objects(RDFS.domain):
        yield from _expression(graph, domain, "superclass")
    for prop, range_ in graph.subject_objects(RDFS.range):
        if (prop, RDF.type, OWL.DatatypeProperty) in graph:
            yield from _data_range(graph, range_)
        elif _is_datatype(graph, range_):
            yield f"{_name(prop)}: an object property ranges over the datatype {_name(range_)}"
        else:
            yield from _expression(graph, range_, "superclass")


def _property_types(graph: Graph) -> Iterator[str]:
    for prop in graph.subjects(RDF.type, OWL.ReflexiveProperty):
        yield f"{_name(prop)}: reflexive properties are not in OWL 2 RL"
    for kind in (OWL.FunctionalProperty, OWL.InverseFunctionalProperty):
        for prop in graph.subjects(RDF.type, kind):
            yield f"{_name(prop)}: {_name(kind)} makes sameAs of two values and is not used here"
    composite = _composite_properties(graph)
    for kind in (OWL.IrreflexiveProperty, OWL.AsymmetricProperty):
        for prop in graph.subjects(RDF.type, kind):
            if prop in composite:
                yield f"{_name(prop)}: {_name(kind)} on a property that is transitive or concluded by a chain"


def _composite_properties(graph: Graph) -> set[Node]:
    """Properties that OWL 2 DL calls composite: transitive, concluded by a chain, or above or inverse to such a property."""
    composite = set(graph.subjects(RDF.type, OWL.TransitiveProperty)) | set(graph.subjects(OWL.propertyChainAxiom))
    pending = list(composite)
    while pending:
        prop = pending.pop()
        near = {
            *graph.objects(prop, RDFS.subPropertyOf),
            *graph.objects(prop, OWL.inverseOf),
            *graph.subjects(OWL.inverseOf, prop),
        }
        pending.extend(near - composite)
        composite |= near
    return composite


def _declarations(graph: Graph) -> Iterator[str]:
    for prop in set(graph.subjects(RDF.type, None)):
        kinds = [kind for kind in _PROPERTY_KINDS if (prop, RDF.type, kind) in graph]
        if len(kinds) > 1:
            yield f"{_name(prop)}: declared as {' and '.join(_name(kind) for kind in kinds)}"
    used = set(graph.objects(None, OWL.onProperty)) | set(graph.objects(None, RDFS.subPropertyOf))
    used |= {step for chain in graph.objects(None, OWL.propertyChainAxiom) for step in Collection(graph, chain)}
    for prop in used:
        if not any((prop, RDF.type, kind) in graph for kind in _PROPERTY_KINDS):
            yield f"{_name(prop)}: used in an axiom and not declared"
    for cls in {*graph.objects(None, RDFS.subClassOf), *graph.objects(None, RDFS.domain)}:
        if isinstance(cls, URIRef) and (cls, RDF.type, OWL.Class) not in graph and cls != OWL.Thing:
            yield f"{_name(cls)}: used as a class and not declared"


def _forbidden_predicates(graph: Graph) -> Iterator[str]:
    for predicate in _NEVER_RL:
        for subject in graph.subjects(predicate):
            yield f"{_name(subject)}: {_name(predicate)} is not in OWL 2 RL"
    for predicate in _NOT_HERE:
        for subject in graph.subjects(predicate):
            yield f"{_name(subject)}: {_name(predicate)} is not used here"


def _expression(graph: Graph, node: Node, place: str) -> Iterator[str]:
    """Problems of a class expression that stands in the given place, operands included."""
    if isinstance(node, URIRef):
        if node == OWL.Thing:
            yield f"owl:Thing as {place}"
        elif _is_datatype(graph, node):
            yield f"{_name(node)}: a datatype as {place}"
        return
    constructors = [p for p in graph.predicates(node) if p in _CONSTRUCTORS]
    if len(constructors) != 1:
        yield f"an anonymous {place} with {len(constructors)} constructors instead of one"
        return
    constructor = constructors[0]
    if not isinstance(constructor, URIRef) or constructor not in _ALLOWED[place]:
        yield f"{_name(constructor)} as {place}"
        return
    operand = _ALLOWED[place][constructor]
    if operand == "bound":
        yield from _bound(graph, node, constructor)
    elif operand is not None:
        for child in _operands(graph, node, constructor):
            yield from _operand(graph, child, operand)


def _operand(graph: Graph, node: Node, place: str) -> Iterator[str]:
    if _is_datatype(graph, node):
        yield from _data_range(graph, node)
    elif place == "filler":
        if node != OWL.Thing:
            yield from _expression(graph, node, "subclass")
    else:
        yield from _expression(graph, node, place)


def _operands(graph: Graph, node: Node, constructor: URIRef) -> Iterator[Node]:
    for value in graph.objects(node, constructor):
        if constructor in _LIST_VALUED:
            yield from Collection(graph, value)
        else:
            yield value


def _bound(graph: Graph, node: Node, constructor: URIRef) -> Iterator[str]:
    for bound in graph.objects(node, constructor):
        if not isinstance(bound, Literal) or bound.toPython() not in (0, 1):
            yield f"{_name(constructor)} {bound} where only 0 or 1 is allowed"
    for filler in graph.objects(node, OWL.onClass):
        yield from _operand(graph, filler, "filler")
    for filler in graph.objects(node, OWL.onDataRange):
        yield from _data_range(graph, filler)


def _data_range(graph: Graph, node: Node) -> Iterator[str]:
    members = graph.value(node, OWL.intersectionOf)
    if members is not None:
        for member in Collection(graph, members):
            yield from _data_range(graph, member)
    elif node not in RL_DATATYPES:
        yield f"{_name(node)}: not a datatype of OWL 2 RL"


def _is_datatype(graph: Graph, node: Node) -> bool:
    return (
        node in RL_DATATYPES
        or (isinstance(node, URIRef) and (node.startswith(str(XSD)) or node in {OWL.real, OWL.rational, RDF.langString}))
        or (node, RDF.type, RDFS.Datatype) in graph
    )


def _name(node: Node) -> str:
    return "an anonymous node" if isinstance(node, BNode) else str(node).rsplit("/", 1)[-1]
