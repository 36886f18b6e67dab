"""The anchors a graph holds, as values. Imports rdflib and vocab."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rdflib import Literal
from rdflib.namespace import RDF
from rdflib.term import Node

from stratgraph.evidence.span import Span
from stratgraph.indexed import ReadableGraph
from stratgraph.vocab import ID, OA, SG

SOURCE_TEXTS: Final = str(ID["source-text/"])
# Each is asked for thousands of times, and a namespace makes a new term every time.
_SOURCE: Final = OA.hasSource
_REASON: Final = SG.exclusionReason
_SHA256: Final = SG.spanSha256
_FIRST: Final = SG.firstCharacters
_LAST: Final = SG.lastCharacters
_SELECTOR: Final = OA.hasSelector
_START: Final = OA.start
_END: Final = OA.end


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
    selector: Node | None = None


def read_anchors(graph: ReadableGraph) -> Iterator[AnchorRecord]:
    """Every anchor and excluded span of a graph, in the order of their places in their texts."""
    excluded = set(graph.subjects(RDF.type, SG.ExcludedSpan))
    anchors = excluded | set(graph.subjects(RDF.type, SG.TextAnchor)) | set(graph.subjects(_SELECTOR, None))
    records = [_record(graph, anchor, anchor in excluded) for anchor in anchors]
    yield from sorted(records, key=lambda one: (one.key or "", one.span or Span(-1, -1), one.iri))


def _record(graph: ReadableGraph, anchor: Node, is_excluded: bool) -> AnchorRecord:
    source = _only(graph, anchor, _SOURCE)
    key = source.removeprefix(SOURCE_TEXTS) if source and source.startswith(SOURCE_TEXTS) else None
    reason = _only(graph, anchor, _REASON)
    return AnchorRecord(
        iri=str(anchor),
        key=key,
        span=_span(graph, anchor),
        sha256=_only(graph, anchor, _SHA256),
        first=_only(graph, anchor, _FIRST),
        last=_only(graph, anchor, _LAST),
        is_excluded=is_excluded,
        reason=reason and reason.rpartition("/")[2],
        selector=min(graph.objects(anchor, _SELECTOR), key=str, default=None),
    )


def _span(graph: ReadableGraph, anchor: Node) -> Span | None:
    selectors = list(graph.objects(anchor, _SELECTOR))
    if len(selectors) != 1:
        return None
    start, end = (_number(graph, selectors[0], predicate) for predicate in (_START, _END))
    return None if start is None or end is None else Span(start, end)


def _number(graph: ReadableGraph, subject: Node, predicate: Node) -> int | None:
    values = list(graph.objects(subject, predicate))
    number = values[0].toPython() if len(values) == 1 and isinstance(values[0], Literal) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _only(graph: ReadableGraph, subject: Node, predicate: Node) -> str | None:
    values = list(graph.objects(subject, predicate))
    return str(values[0]) if len(values) == 1 else None
