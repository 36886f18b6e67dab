"""The anchors a graph holds, as values. Imports rdflib and vocab."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rdflib import Graph, Literal
from rdflib.namespace import RDF
from rdflib.term import Node

from stratgraph.evidence.span import Span
from stratgraph.vocab import ID, OA, SG

SOURCE_TEXTS = str(ID["source-text/"])


@dataclass(frozen=True)
class AnchorRecord:
    """What a graph says of an anchor. `span` is None where it has not exactly one start and end; unsaid values are None."""

    iri: str
    key: str | None
    span: Span | None
    sha256: str | None
    first: str | None
    last: str | None
    is_excluded: bool
    reason: str | None


def read_anchors(graph: Graph) -> Iterator[AnchorRecord]:
    """Every anchor and excluded span of a graph, in the order of their places in their texts."""
    excluded = set(graph.subjects(RDF.type, SG.ExcludedSpan))
    anchors = excluded | set(graph.subjects(RDF.type, SG.TextAnchor)) | set(graph.subjects(OA.hasSelector, None))
    records = [_record(graph, anchor, anchor in excluded) for anchor in anchors]
    yield from sorted(records, key=lambda one: (one.key or "", one.span or Span(-1, -1), one.iri))


def _record(graph: Graph, anchor: Node, is_excluded: bool) -> AnchorRecord:
    source = _only(graph, anchor, OA.hasSource)
    key = source.removeprefix(SOURCE_TEXTS) if source and source.startswith(SOURCE_TEXTS) else None
    reason = _only(graph, anchor, SG.exclusionReason)
    return AnchorRecord(
        iri=str(anchor),
        key=key,
        span=_span(graph, anchor),
        sha256=_only(graph, anchor, SG.spanSha256),
        first=_only(graph, anchor, SG.firstCharacters),
        last=_only(graph, anchor, SG.lastCharacters),
        is_excluded=is_excluded,
        reason=reason and reason.rpartition("/")[2],
    )


def _span(graph: Graph, anchor: Node) -> Span | None:
    selectors = list(graph.objects(anchor, OA.hasSelector))
    if len(selectors) != 1:
        return None
    start, end = (_number(graph, selectors[0], predicate) for predicate in (OA.start, OA.end))
    return None if start is None or end is None else Span(start, end)


def _number(graph: Graph, subject: Node, predicate: Node) -> int | None:
    values = list(graph.objects(subject, predicate))
    number = values[0].toPython() if len(values) == 1 and isinstance(values[0], Literal) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _only(graph: Graph, subject: Node, predicate: Node) -> str | None:
    values = list(graph.objects(subject, predicate))
    return str(values[0]) if len(values) == 1 else None
