"""Hypothesis strategies: small ontologies of every OWL 2 RL axiom kind, with data. Imports rdflib and hypothesis only.

Left out, since owlrl is known to differ there (docs/decisions/0005-compiled-closure.md): keys, axioms about owl:sameAs, lists whose
members are the same as another term, literals without datatype.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import strategies as st
from rdflib import OWL, RDF, RDFS, XSD, BNode, Literal, Namespace, URIRef
from rdflib.term import Node

from stratgraph.places import Triple

EX = Namespace("http://example.org/")
CLASSES = [EX[f"C{one}"] for one in range(5)]
# Only these are said to be the same as one another: they stand in no list.
ALIASES = [EX[f"K{one}"] for one in range(2)]
PROPERTIES = [EX[f"p{one}"] for one in range(5)]
ALIAS_PROPERTIES = [EX[f"k{one}"] for one in range(2)]
VALUED = [EX[f"d{one}"] for one in range(2)]
THINGS = [EX[f"i{one}"] for one in range(5)]
NUMBERS = [Literal(one) for one in (1, 2)]
TEXTS = [Literal(one, datatype=XSD.string) for one in ("x", "y")]
ONE = Literal(1, datatype=XSD.nonNegativeInteger)
ZERO = Literal(0, datatype=XSD.nonNegativeInteger)

_any_class = st.sampled_from([*CLASSES, *ALIASES])
_any_property = st.sampled_from([*PROPERTIES, *ALIAS_PROPERTIES])
_thing = st.sampled_from(THINGS)
Draw = Callable[[st.SearchStrategy[Node]], Node]


class Writer:
    """Collects triples; anonymous nodes are named in about half of all cases, so that what follows of them is seen."""

    def __init__(self, draw: st.DrawFn, expressions: Sequence[str]) -> None:
        self.draw, self.expressions = draw, sorted(expressions)
        self.triples: list[Triple] = []
        self.nodes = 0
        self.depth = 0

    def node(self) -> Node:
        """A new node."""
        self.nodes += 1
        return EX[f"n{self.nodes}"] if self.draw(st.booleans()) else BNode(f"n{self.nodes}")

    def add(self, subject: Node, predicate: Node, value: Node) -> None:
        """A triple."""
        self.triples.append((subject, predicate, value))

    def list_of(self, members: Sequence[Node]) -> Node:
        """An RDF list."""
        head: Node = RDF.nil
        for member in reversed(members):
            cell = BNode(f"l{len(self.triples)}")
            self.add(cell, RDF.first, member)
            self.add(cell, RDF.rest, head)
            head = cell
        return head

    def listed_class(self) -> Node:
        """A class that may stand in a list: named, or an expression."""
        return self.draw(st.sampled_from(CLASSES)) if self.depth > 1 or self.draw(st.integers(0, 2)) else self.expression()

    def class_(self) -> Node:
        """Any class."""
        return self.draw(_any_class) if self.depth > 1 or self.draw(st.integers(0, 2)) else self.expression()

    def expression(self) -> Node:
        """A class expression."""
        node = self.node()
        kind = self.draw(st.sampled_from(self.expressions))
        self.depth += 1
        EXPRESSIONS[kind](self, node)
        self.depth -= 1
        return node

    def restriction(self, node: Node, prop: Node) -> None:
        """What restrictions share."""
        self.add(node, RDF.type, OWL.Restriction)
        self.add(node, OWL.onProperty, prop)


def _boolean(predicate: URIRef) -> Callable[[Writer, Node], None]:
    def write(writer: Writer, node: Node) -> None:
        members = [writer.listed_class() for _ in range(writer.draw(st.integers(1, 3)))]
        writer.add(node, predicate, writer.list_of(members))
        if writer.draw(st.booleans()):
            writer.add(node, RDF.type, OWL.Class)

    return write


def _some(writer: Writer, node: Node) -> None:
    if writer.draw(st.integers(0, 4)) == 0:
        writer.restriction(node, writer.draw(st.sampled_from(VALUED)))
        writer.add(node, OWL.someValuesFrom, writer.draw(st.sampled_from([XSD.integer, XSD.string, XSD.decimal])))
    else:
        writer.restriction(node, writer.draw(_any_property))
        writer.add(node, OWL.someValuesFrom, OWL.Thing if writer.draw(st.integers(0, 3)) == 0 else writer.class_())


def _all(writer: Writer, node: Node) -> None:
    writer.restriction(node, writer.draw(_any_property))
    writer.add(node, OWL.allValuesFrom, writer.class_())


def _value(writer: Writer, node: Node) -> None:
    if writer.draw(st.integers(0, 4)) == 0:
        writer.restriction(node, writer.draw(st.sampled_from(VALUED)))
        writer.add(node, OWL.hasValue, writer.draw(st.sampled_from(NUMBERS)))
    else:
        writer.restriction(node, writer.draw(_any_property))
        writer.add(node, OWL.hasValue, writer.draw(_thing))


def _at_most(writer: Writer, node: Node) -> None:
    writer.restriction(node, writer.draw(_any_property))
    bound = ONE if writer.draw(st.integers(0, 3)) else ZERO
    if writer.draw(st.booleans()):
        writer.add(node, OWL.maxCardinality, bound)
    else:
        writer.add(node, OWL.maxQualifiedCardinality, bound)
        writer.add(node, OWL.onClass, OWL.Thing if writer.draw(st.integers(0, 3)) == 0 else writer.class_())


def _one_of(writer: Writer, node: Node) -> None:
    writer.add(node, OWL.oneOf, writer.list_of([writer.draw(_thing) for _ in range(writer.draw(st.integers(1, 2)))]))


EXPRESSIONS: dict[str, Callable[[Writer, Node], None]] = {
    "and": _boolean(OWL.intersectionOf),
    "or": _boolean(OWL.unionOf),
    "some": _some,
    "all": _all,
    "value": _value,
    "at most": _at_most,
    "one of": _one_of,
}


def _between(predicate: URIRef) -> Callable[[Writer], None]:
    return lambda writer: writer.add(writer.class_(), predicate, writer.class_())


def _of_properties(predicate: URIRef) -> Callable[[Writer], None]:
    return lambda writer: writer.add(writer.draw(_any_property), predicate, writer.draw(_any_property))


def _characteristic(kind: URIRef) -> Callable[[Writer], None]:
    return lambda writer: writer.add(writer.draw(_any_property), RDF.type, kind)


def _declare(writer: Writer) -> None:
    for cls in (*CLASSES, *ALIASES):
        if writer.draw(st.integers(0, 4)):
            writer.add(cls, RDF.type, OWL.Class)
    for prop in (*PROPERTIES, *ALIAS_PROPERTIES):
        if writer.draw(st.integers(0, 4)):
            writer.add(prop, RDF.type, OWL.ObjectProperty)


def _disjoint_all(writer: Writer) -> None:
    node = writer.node()
    writer.add(node, RDF.type, OWL.AllDisjointClasses)
    writer.add(node, OWL.members, writer.list_of(CLASSES[2:]))


def _chain(writer: Writer) -> None:
    steps = [writer.draw(st.sampled_from(PROPERTIES)) for _ in range(writer.draw(st.integers(1, 3)))]
    writer.add(writer.draw(_any_property), OWL.propertyChainAxiom, writer.list_of(steps))


def _denied(writer: Writer) -> None:
    node = writer.node()
    writer.add(node, OWL.sourceIndividual, writer.draw(_thing))
    writer.add(node, OWL.assertionProperty, writer.draw(_any_property))
    writer.add(node, OWL.targetIndividual, writer.draw(_thing))


def _domain(writer: Writer) -> None:
    writer.add(writer.draw(_any_property), RDFS.domain, writer.class_())


def _range(writer: Writer) -> None:
    writer.add(writer.draw(_any_property), RDFS.range, writer.class_())


def _valued(writer: Writer) -> None:
    one, other = VALUED if writer.draw(st.booleans()) else VALUED[::-1]
    writer.add(one, RDF.type, OWL.DatatypeProperty)
    axioms = [
        (one, RDFS.subPropertyOf, other),
        (one, RDFS.range, XSD.integer),
        (one, RDFS.domain, writer.draw(_any_class)),
        (one, OWL.equivalentProperty, other),
    ]
    writer.add(*writer.draw(st.sampled_from(axioms)))


def _same_terms(writer: Writer) -> None:
    pool = ALIASES if writer.draw(st.booleans()) else ALIAS_PROPERTIES
    writer.add(pool[0], OWL.sameAs, pool[1])


def _nothing(writer: Writer) -> None:
    writer.add(writer.class_(), RDFS.subClassOf, OWL.Nothing)


def _everything(writer: Writer) -> None:
    writer.add(OWL.Thing, RDFS.subClassOf, writer.class_())


def _odd(writer: Writer) -> None:
    prop = writer.draw(_any_property)
    pairs = [(RDF.type, RDFS.subPropertyOf, prop), (prop, RDFS.subPropertyOf, RDF.type), (RDFS.subClassOf, RDFS.subPropertyOf, prop)]
    writer.add(
        *writer.draw(st.sampled_from([*pairs, (prop, RDFS.subPropertyOf, RDFS.subClassOf), (RDF.type, RDFS.range, writer.class_())]))
    )


AXIOMS: dict[str, Callable[[Writer], None]] = {
    "subclass": _between(RDFS.subClassOf),
    "subclass again": _between(RDFS.subClassOf),
    "equivalent class": _between(OWL.equivalentClass),
    "disjoint": _between(OWL.disjointWith),
    "complement": _between(OWL.complementOf),
    "all disjoint": _disjoint_all,
    "subproperty": _of_properties(RDFS.subPropertyOf),
    "equivalent property": _of_properties(OWL.equivalentProperty),
    "inverse": _of_properties(OWL.inverseOf),
    "disjoint property": _of_properties(OWL.propertyDisjointWith),
    "transitive": _characteristic(OWL.TransitiveProperty),
    "symmetric": _characteristic(OWL.SymmetricProperty),
    "functional": _characteristic(OWL.FunctionalProperty),
    "inverse functional": _characteristic(OWL.InverseFunctionalProperty),
    "irreflexive": _characteristic(OWL.IrreflexiveProperty),
    "asymmetric": _characteristic(OWL.AsymmetricProperty),
    "chain": _chain,
    "domain": _domain,
    "range": _range,
    "denied": _denied,
    "valued": _valued,
    "same terms": _same_terms,
    "nothing": _nothing,
    "everything": _everything,
}
# With an axiom about rdf:type or rdfs:subClassOf itself; nothing else here makes terms the same, or all would be.
BESIDE_ODD = ("subclass", "equivalent class", "subproperty", "inverse", "transitive", "symmetric", "chain", "domain", "range")


def _data(writer: Writer, kinds: int = 9) -> None:
    for _ in range(writer.draw(st.integers(6, 18))):
        kind = writer.draw(st.integers(0, kinds))
        if kind < 4:
            writer.add(writer.draw(_thing), RDF.type, writer.draw(_any_class))
        elif kind < 8:
            writer.add(writer.draw(_thing), writer.draw(_any_property), writer.draw(_thing))
        elif kind == 8:
            writer.add(
                writer.draw(_thing), writer.draw(st.sampled_from(VALUED)), writer.draw(st.sampled_from([*NUMBERS, *NUMBERS, *TEXTS]))
            )
        else:
            same = writer.draw(st.sampled_from([OWL.sameAs, OWL.sameAs, OWL.differentFrom]))
            writer.add(writer.draw(_thing), same, writer.draw(_thing))


@st.composite
def graphs(draw: st.DrawFn) -> frozenset[Triple]:
    """An ontology of a few axioms of any kinds, with data."""
    writer = Writer(draw, tuple(EXPRESSIONS))
    _declare(writer)
    for kind in draw(st.lists(st.sampled_from(sorted(AXIOMS)), min_size=3, max_size=9)):
        AXIOMS[kind](writer)
    _data(writer)
    return frozenset(writer.triples)


@st.composite
def odd_graphs(draw: st.DrawFn) -> frozenset[Triple]:
    """An ontology with an axiom about the words of RDFS themselves, with data."""
    writer = Writer(draw, ("and", "or", "some", "all", "value"))
    _declare(writer)
    _odd(writer)
    for kind in draw(st.lists(st.sampled_from(BESIDE_ODD), min_size=1, max_size=4)):
        AXIOMS[kind](writer)
    _data(writer, kinds=7)
    return frozenset(writer.triples)


@st.composite
def plain_graphs(draw: st.DrawFn) -> frozenset[Triple]:
    """An ontology without lists, numbers or disjointness, with data: what naive rounds can close in a test's time."""
    writer = Writer(draw, ("some", "all", "value"))
    _declare(writer)
    for kind in draw(st.lists(st.sampled_from((*(one for one in BESIDE_ODD if one != "chain"), "functional")), min_size=3, max_size=6)):
        AXIOMS[kind](writer)
    _data(writer, kinds=7)
    return frozenset(writer.triples)
