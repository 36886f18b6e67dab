"""What a document's completeness statements say, beside what its text shows. Imports rdflib, coverage, vocab."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rdflib import RDF
from rdflib.term import Node

from stratgraph.evidence.anchors import read_anchors
from stratgraph.evidence.coverage import Coverage
from stratgraph.indexed import ReadableGraph
from stratgraph.vocab import ID, SG, VOCAB

_LEVELS = f"{VOCAB}completeness/"


@dataclass(frozen=True)
class Stated:
    """A document or section: the level it is stated to be encoded at ("complete", "partial", "not-yet", "" where nothing is said).

    Its text runs from `start` to `end`, for a section from its heading to the next; `characters` and `unaccounted` leave out white space.
    """

    iri: str
    level: str
    start: int
    end: int
    characters: int
    unaccounted: int

    @property
    def share(self) -> float:
        """Characters accounted for, in per cent; 100 for an empty span."""
        return 100.0 * (self.characters - self.unaccounted) / self.characters if self.characters else 100.0

    @property
    def is_true(self) -> bool:
        """Whether something is said, and, where that is "complete", nothing is unaccounted for."""
        return bool(self.level) and (self.level != "complete" or not self.unaccounted)


def stated(graph: ReadableGraph, result: Coverage, text: str) -> tuple[Stated, ...]:
    """The document whose text `result` covers, then its sections in the order of their headings."""
    document = ID[f"document/{result.key}"]
    levels = {about: _level(graph, statement) for statement, about in graph.subject_objects(SG.completenessOf)}
    spans: list[tuple[Node, int, int]] = [(document, 0, len(text)), *_sections(graph, result.key, document, len(text))]
    return tuple(
        Stated(str(iri), levels.get(iri, ""), start, end, _count(text, start, end), _unaccounted(result, text, start, end))
        for iri, start, end in spans
    )


def _level(graph: ReadableGraph, statement: Node) -> str:
    return str(next(iter(graph.objects(statement, SG.completeness)), "")).removeprefix(_LEVELS)


def _sections(graph: ReadableGraph, key: str, document: Node, length: int) -> Iterator[tuple[Node, int, int]]:
    """Each section that stands in the document, from the first character of its evidence to the next section's."""
    places = {record.iri: record.span for record in read_anchors(graph) if record.key == key and record.span}
    parents = dict(graph.subject_objects(SG.isDirectPartOf))
    starts: dict[Node, int] = {}
    for section in graph.subjects(RDF.type, SG.Section):
        spans = [places[str(anchor)] for anchor in graph.objects(section, SG.evidence) if str(anchor) in places]
        if spans and _is_within(section, document, parents):
            starts[section] = min(span.start for span in spans)
    borders = sorted({*starts.values(), length})
    for section, start in sorted(starts.items(), key=lambda one: (one[1], str(one[0]))):
        yield section, start, next(border for border in borders if border > start)


def _is_within(section: Node, document: Node, parents: dict[Node, Node]) -> bool:
    above: Node | None = section
    for _ in range(len(parents) + 1):
        above = parents.get(above) if above is not None else None
        if above is None or above == document:
            return above == document
    return False


def _count(text: str, start: int, end: int) -> int:
    return sum(not character.isspace() for character in text[start:end])


def _unaccounted(result: Coverage, text: str, start: int, end: int) -> int:
    return sum(_count(text, max(start, one.start), min(end, one.end)) for one in result.stretches if one.start < end and start < one.end)
