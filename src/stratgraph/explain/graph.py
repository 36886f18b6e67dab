"""Proofs as RDF: what the proofs graph holds and what `/why` gives. Imports rdflib's reader, this package and the store's values.

A statement of a proof is an rdf:Statement whose IRI follows from its triple. Inferred, it has its rule, its premises and its height;
asserted, the graphs that state it (docs/decisions/0008-proofs-graph.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from rdflib import Literal
from rdflib.term import Node
from rdflib.util import from_n3

from stratgraph.explain.kept import Proofs, Step, Written, premises_first
from stratgraph.places import Triple
from stratgraph.store.interface import Statement, Term
from stratgraph.vocab import ONTOLOGY_GRAPH, PROOF, PROOFS_GRAPH, RULE, SG

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS_LABEL: Final = "http://www.w3.org/2000/01/rdf-schema#label"
_IS_PART_OF: Final = "http://purl.org/dc/terms/isPartOf"
_INTEGER: Final = "http://www.w3.org/2001/XMLSchema#integer"
_DERIVED: Final = "http://www.w3.org/ns/prov#wasDerivedFrom"
# Of SHA-256: 80 bits, so that among a million statements two have one IRI with a chance of 1 in 10¹².
_DIGITS: Final = 20


def statement_iri(triple: Written) -> str:
    """The IRI of a triple in proofs: the same in every release."""
    return f"{PROOF}{_hash(' '.join(triple))}"


def has_expression(triple: Written) -> bool:
    """Whether the triple names an anonymous class or a list, which only the ontology has."""
    return any(term.startswith("_:") for term in triple)


def proofs_graph(proofs: Proofs, graphs: Mapping[str, Iterable[Triple]]) -> Iterator[Statement]:
    """The proofs graph: each step of the proofs and each asserted triple that one rests on; `graphs` says where those are stated."""
    heights = _heights(proofs)
    stated = _stated([triple for triple in heights if triple not in proofs], graphs)
    for triple, step in proofs.items():
        yield from told(triple, step, heights[triple], ())
    for triple, found in stated.items():
        yield from told(triple, None, 0, found)


def told(triple: Written, step: Step | None, height: int, graphs: Collection[str]) -> Iterator[Statement]:
    """One triple of a proof: by its step where it was inferred, else by the graphs that state it."""
    node = Term("iri", statement_iri(triple))

    def state(predicate: str, value: Term, subject: Term = node) -> Statement:
        return Statement(subject, predicate, value, PROOFS_GRAPH)

    yield state(f"{_RDF}type", Term("iri", f"{_RDF}Statement"))
    for name, written in zip(("subject", "predicate", "object"), triple, strict=True):
        term = _term(written)
        yield state(_RDF + name, term)
        if written.startswith("_:"):
            yield state(_RDFS_LABEL, Term("literal", written.removeprefix("_:")), term)
    yield state(f"{SG}proofHeight", Term("literal", str(height), None, _INTEGER))
    if step is not None:
        yield state(f"{SG}appliedRule", Term("iri", f"{RULE}{step.rule}"))
        for premise in step.premises:
            yield state(_DERIVED, Term("iri", statement_iri(premise)))
    for graph in graphs:
        yield state(_IS_PART_OF, Term("iri", graph))


def _heights(proofs: Proofs) -> dict[Written, int]:
    """The height of each step and leaf."""
    heights: dict[Written, int] = {}
    for triple in premises_first(proofs, proofs):
        step = proofs.get(triple)
        heights[triple] = height_over(step.rule, (heights[one] for one in step.premises)) if step else 0
    return heights


def height_over(rule: str, premises: Iterable[int]) -> int:
    """The height of what the rule gives from premises of these heights; what a value's datatype is (dt-type2) needs none."""
    return 0 if rule == "dt-type2" else 1 + max(premises, default=0)


def _stated(leaves: Collection[Written], graphs: Mapping[str, Iterable[Triple]]) -> dict[Written, tuple[str, ...]]:
    """Each leaf with the graphs that state it, sorted."""
    found: dict[Written, tuple[str, ...]] = {leaf: (ONTOLOGY_GRAPH,) if has_expression(leaf) else () for leaf in sorted(leaves)}
    words: dict[Node, str] = {}
    for graph, triples in sorted(graphs.items()):
        for triple in triples:
            subject, predicate, value = (words.get(one) or words.setdefault(one, str(one.n3())) for one in triple)
            leaf = (subject, predicate, value)
            if leaf in found and graph not in found[leaf]:
                found[leaf] = (*found[leaf], graph)
    return found


def _term(written: str) -> Term:
    """A written term as a value; an anonymous class gets an IRI of its own, which its expression labels."""
    if written.startswith("<"):
        return Term("iri", written[1:-1])
    if written.startswith("_:"):
        return Term("iri", f"{PROOF}expression/{_hash(written)}")
    found = from_n3(written)
    assert isinstance(found, Literal)
    return Term("literal", str(found), found.language, str(found.datatype) if found.datatype else None)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]
