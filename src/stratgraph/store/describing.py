"""What a worker collects about one IRI, and how it travels to the server. Imports pyoxigraph, graphs and rdf.

The server gets JSON and makes a `Description` of it (`parse_description`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from stratgraph.errors import QueryError, ResourceNotFound
from stratgraph.store.graphs import Graphs
from stratgraph.store.interface import Description, Statement, Term
from stratgraph.store.rdf import statement_of
from stratgraph.vocab import SG

INCOMING_PER_PREDICATE: Final = 200
OUTGOING_MOST: Final = 10_000
EVIDENCE_MOST: Final = 50

# The better one last: it overwrites the other.
_LABELS: Final = (NamedNode("http://www.w3.org/2000/01/rdf-schema#label"), NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel"))
_LANGUAGES: Final = frozenset({"ja", "en"})
_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def describe(graphs: Graphs, iri: str, level: str) -> Description:
    """What the level's graphs say about `iri` and its fragments; where they say nothing, the graphs that are asked by name.

    Raises ResourceNotFound, QueryError.
    """
    try:
        node = NamedNode(iri)
    except ValueError:
        raise QueryError(f"<{iri}> is not an absolute IRI.") from None
    nodes = [node, *(NamedNode(one) for one in graphs.fragments.get(iri, ()) if one != iri)]
    asked = graphs.level(level)
    for group in (asked.visible, asked.aside):
        visible = frozenset(one.value for one in group)
        outgoing, cut = _outgoing(graphs, nodes, visible)
        incoming, counts = _incoming(graphs, node, visible)
        if outgoing or incoming:
            break
    else:
        raise ResourceNotFound(iri)
    merged = asked.merged
    labels = {name: found for name in sorted(_names(outgoing, incoming)) if (found := labels_of(graphs, name, merged))}
    truncated = cut or any(count > INCOMING_PER_PREDICATE for count in counts.values())
    return Description(iri, tuple(outgoing), tuple(incoming), labels, truncated, counts, _around(graphs, outgoing, incoming, visible))


def _around(graphs: Graphs, outgoing: list[Statement], incoming: list[Statement], visible: frozenset[str]) -> tuple[Statement, ...]:
    """The labels of the things that the statements name (not of kinds and properties: they are the ontology's), and the evidence."""
    anchors = [one.object.value for one in outgoing if one.predicate == str(SG.evidence) and one.object.kind == "iri"]
    anchors = list(dict.fromkeys(anchors))[:EVIDENCE_MOST]
    nodes = [NamedNode(one) for anchor in anchors for one in (anchor, *graphs.fragments.get(anchor, ()))]
    found = [] if not nodes else _outgoing(graphs, nodes, visible)[0]
    named = {one.object.value for one in (*outgoing, *found) if one.object.kind == "iri" and one.predicate != _TYPE}
    named |= {one.subject.value for one in incoming if one.subject.kind == "iri"}
    for name in named - {one.subject.value for one in (*outgoing, *found)}:
        for predicate in _LABELS:
            for quad in _seen(graphs.store.quads_for_pattern(NamedNode(name), predicate, None, None), visible):
                if isinstance(quad.object, Literal) and quad.object.language in _LANGUAGES:
                    found.append(statement_of(quad))
    return tuple(sorted(set(found) - set(outgoing) - set(incoming), key=_order))


def _outgoing(graphs: Graphs, nodes: list[NamedNode], visible: frozenset[str]) -> tuple[list[Statement], bool]:
    todo: list[NamedNode | BlankNode] = list(nodes)
    seen = set(todo)
    found: list[Statement] = []
    for node in todo:  # grows while it is read: blank nodes are followed
        for quad in _seen(graphs.store.quads_for_pattern(node, None, None, None), visible):
            if len(found) >= OUTGOING_MOST:
                return sorted(found, key=_order), True
            found.append(statement_of(quad))
            if isinstance(quad.object, BlankNode) and quad.object not in seen:
                seen.add(quad.object)
                todo.append(quad.object)
    return sorted(found, key=_order), False


def _incoming(graphs: Graphs, node: NamedNode, visible: frozenset[str]) -> tuple[list[Statement], dict[str, int]]:
    by_predicate: dict[str, list[Statement]] = {}
    for quad in _seen(graphs.store.quads_for_pattern(None, None, node, None), visible):
        by_predicate.setdefault(quad.predicate.value, []).append(statement_of(quad))
    counts = {predicate: len(ones) for predicate, ones in sorted(by_predicate.items())}
    return [one for predicate in counts for one in sorted(by_predicate[predicate], key=_order)[:INCOMING_PER_PREDICATE]], counts


def _seen(quads: Iterator[Quad], visible: frozenset[str]) -> Iterator[Quad]:
    return (one for one in quads if isinstance(one.graph_name, NamedNode) and one.graph_name.value in visible)


def _order(one: Statement) -> tuple[str, ...]:
    return one.subject.value, one.predicate, one.object.value, one.object.language or "", one.graph


def _names(*groups: list[Statement]) -> set[str]:
    statements = [one for group in groups for one in group]
    terms = {term.value for one in statements for term in (one.subject, one.object) if term.kind == "iri"}
    return terms | {one.predicate for one in statements} | {one.graph for one in statements}


def labels_of(graphs: Graphs, iri: str, merged: NamedNode) -> dict[str, str]:
    """The labels of an IRI in a level's graph, by language (ja, en)."""
    found: dict[str, str] = {}
    for predicate in _LABELS:
        values = (one.object for one in graphs.store.quads_for_pattern(NamedNode(iri), predicate, None, merged))
        # Sorted, so that of two labels in one language always the same is taken.
        labels = sorted((one for one in values if isinstance(one, Literal) and one.language in _LANGUAGES), key=str, reverse=True)
        found.update({str(one.language): one.value for one in labels})
    return found


def serialize_description(description: Description) -> bytes:
    """A description as JSON."""
    groups = [_rows(one) for one in (description.outgoing, description.incoming, description.around)]
    told = [description.iri, *groups[:2], description.labels, description.truncated, description.incoming_counts, groups[2]]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def parse_description(data: bytes) -> Description:
    """The description that `serialize_description` wrote."""
    iri, outgoing, incoming, labels, truncated, counts, around = json.loads(data)
    return Description(iri, _statements(outgoing), _statements(incoming), labels, truncated, counts, _statements(around))


def _rows(statements: Iterable[Statement]) -> list[Any]:
    # Not dataclasses.astuple: it copies every value, and takes longer than finding them does.
    return [(_row(one.subject), one.predicate, _row(one.object), one.graph) for one in statements]


def _row(term: Term) -> tuple[str | None, ...]:
    return term.kind, term.value, term.language, term.datatype


def _statements(rows: list[Any]) -> tuple[Statement, ...]:
    return tuple(Statement(Term(*subject), predicate, Term(*value), graph) for subject, predicate, value, graph in rows)
