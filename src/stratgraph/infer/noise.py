"""What a closure adds without saying anything about our things. Imports rdflib's terms only.

The kinds and their reasons are in docs/decisions/0003-inference-noise.md.
"""

from __future__ import annotations

from rdflib import OWL, RDF, RDFS, XSD, BNode, Literal, URIRef

from stratgraph.places import Triple

REFLEXIVE = frozenset({OWL.sameAs, OWL.equivalentClass, OWL.equivalentProperty, RDFS.subClassOf, RDFS.subPropertyOf})
LOGICAL = (str(RDF), str(RDFS), str(OWL), str(XSD))
# Everything is one of these; saying so of each thing tells nobody anything.
UNIVERSAL = frozenset({OWL.Thing, RDFS.Resource, RDFS.Literal})


def is_noise(triple: Triple) -> bool:
    """True for what a closure adds without saying anything about our things."""
    subject, predicate, value = triple
    if isinstance(subject, Literal | BNode) or isinstance(value, BNode) or not isinstance(predicate, URIRef):
        return True
    if predicate in REFLEXIVE and subject == value:
        return True
    if value in UNIVERSAL or OWL.Nothing in (subject, value):
        return True
    return str(subject).startswith(LOGICAL)
