"""VoID linksets (which datasets are linked, by which property, how often) and example resources. Imports rdflib's terms and vocab.

Source: W3C Interest Group Note, Describing Linked Datasets with the VoID Vocabulary (2011), sections 2.4.1 and 5.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from rdflib import OWL, RDF, RDFS, SKOS, XSD, Literal, URIRef
from rdflib.term import Node

from stratgraph.places import Triple
from stratgraph.vocab import BASE, CURATED_GRAPHS, DOCUMENT_GRAPHS, ID, INFERRED_GRAPH, ONTOLOGY_GRAPH, SG, VOID

_MAPPINGS: Final = frozenset(
    {
        OWL.equivalentClass,
        OWL.equivalentProperty,
        OWL.sameAs,
        RDFS.seeAlso,
        RDFS.subClassOf,
        RDFS.subPropertyOf,
        SKOS.broadMatch,
        SKOS.closeMatch,
        SKOS.exactMatch,
        SKOS.narrowMatch,
        SKOS.relatedMatch,
    }
)
# Not links between documents: what a thing is, and where it stands.
_WITHIN: Final = frozenset({RDF.type, SG.evidence})


def linksets(dataset: URIRef, graphs: Mapping[str, frozenset[Triple]]) -> Iterator[Triple]:
    """A linkset for each property that joins things of two documents, or a term of ours to another vocabulary; and their datasets.

    `graphs` are the named graphs of the release's levels. A link that several graphs state is counted once.
    """
    for iri in graphs:
        yield dataset, VOID.subset, URIRef(iri)
        yield URIRef(iri), RDF.type, VOID.Dataset
    homes = _homes(graphs)
    counts: Counter[tuple[URIRef, URIRef, Node]] = Counter()
    for subject, predicate, value in frozenset[Triple]().union(*graphs.values()):
        if predicate in _MAPPINGS:
            if str(subject).startswith(BASE) and isinstance(value, URIRef) and not value.startswith(BASE):
                counts[URIRef(ONTOLOGY_GRAPH), _external(value), predicate] += 1
        elif predicate not in _WITHIN:
            source, target = homes.get(subject), homes.get(value)
            if source and target and source != target:
                counts[source, target, predicate] += 1
    for (source, target, predicate), count in counts.items():
        yield from _linkset(dataset, (source, target, predicate), count)


def _homes(graphs: Mapping[str, frozenset[Triple]]) -> dict[Node, URIRef]:
    """The document's graph that each thing belongs to: the one that says what it is, be it there or by our interpretation."""
    found: dict[Node, URIRef] = {}
    for start in (CURATED_GRAPHS, DOCUMENT_GRAPHS):  # what a document says itself comes last, and stays
        for iri in sorted(graphs):
            home = f"{DOCUMENT_GRAPHS}{iri.removeprefix(start)}"
            if iri.startswith(start) and home in graphs:
                found.update((subject, URIRef(home)) for subject, predicate, _ in graphs[iri] if predicate == RDF.type)
    return found


def _external(iri: URIRef) -> URIRef:
    """The node of another's dataset, by its namespace."""
    cut = max(iri.rfind("#"), iri.rfind("/"), iri.rfind(":"))
    return URIRef(f"{BASE}.well-known/void#external-{_name(iri[: cut + 1])}")


def _name(iri: str) -> str:
    return iri.removeprefix("http://").removeprefix("https://").replace("#", "/").replace(":", "/").strip("/")


def _linkset(dataset: URIRef, link: tuple[URIRef, URIRef, Node], count: int) -> Iterator[Triple]:
    source, target, predicate = link
    parts = (_name(str(one).removeprefix(BASE).removeprefix(".well-known/void#external-")) for one in (source, predicate, target))
    node = URIRef(f"{BASE}.well-known/void#linkset-{'-'.join(parts)}")
    yield dataset, VOID.subset, node
    yield node, RDF.type, VOID.Linkset
    yield node, VOID.subjectsTarget, source
    yield node, VOID.objectsTarget, target
    yield node, VOID.linkPredicate, predicate
    yield node, VOID.triples, Literal(count, datatype=XSD.integer)
    if str(target).startswith(f"{BASE}.well-known/void#"):
        yield target, RDF.type, VOID.Dataset


def examples(dataset: URIRef, graphs: Mapping[str, frozenset[Triple]]) -> Iterator[Triple]:
    """A thing of each class that data states, the first by IRI: where a crawler may begin."""
    first: dict[Node, str] = {}
    for iri, triples in graphs.items():
        if iri in (ONTOLOGY_GRAPH, INFERRED_GRAPH):
            continue
        for subject, predicate, value in triples:
            name = str(subject)
            if predicate == RDF.type and name.startswith(ID) and "#" not in name and name < first.get(value, "\U0010ffff"):
                first[value] = name
    for name in first.values():
        yield dataset, VOID.exampleResource, URIRef(name)
