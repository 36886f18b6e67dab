"""What every finding needs to know of the graph: labels, places, names of terms. Imports rdflib and the layers below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rdflib import RDF, RDFS, SKOS, XSD, Literal, URIRef
from rdflib.term import Node

from stratgraph.indexed import IndexedGraph
from stratgraph.places import Place, Places, Triple
from stratgraph.validate.report import LANGUAGES, Finding, shorten


@dataclass(frozen=True)
class Hit:
    """A breach before it is worded: the thing, the property and value concerned, and words to fill into the message."""

    focus: Node
    path: Node | None = None
    value: Node | None = None
    words: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Rule:
    """How a breach is told: the local name of its shape, its severity, its message per language."""

    name: str
    severity: str
    message: Mapping[str, str]


@dataclass(frozen=True)
class Context:
    """The graph that is validated, and where its triples stand."""

    graph: IndexedGraph
    places: Places

    def finding(self, rule: Rule, hit: Hit, path_text: str | None = None) -> Finding:
        """Word a breach. `path_text` is given where the path is more than one property."""
        path = path_text if path_text is not None else (term_text(hit.path) if hit.path is not None else None)
        value = term_text(hit.value) if hit.value is not None and hit.value != hit.focus else None
        words = {"this": term_text(hit.focus), "path": path or "", "value": value or "", **(hit.words or {})}
        message = {language: _fill(text, words) for language, text in rule.message.items()}
        return Finding(rule.severity, rule.name, str(hit.focus), path, value, message, self.place(hit), self.labels(hit.focus))

    def labels(self, node: Node) -> dict[str, str]:
        """The label per language of a thing or term, as far as it has any."""
        found: dict[str, str] = {}
        for predicate in (RDFS.label, SKOS.prefLabel):
            for label in sorted(self.graph.objects(node, predicate), key=str, reverse=True):
                if isinstance(label, Literal) and label.language in LANGUAGES:
                    found[label.language] = str(label)
        return dict(sorted(found.items()))

    def place(self, hit: Hit) -> Place | None:
        """Where to mend it: the offending triple, else the last line with the property, else where the thing says what it is."""
        lines = [*self._of_value(hit)] or [*self._of_path(hit)]
        if lines:
            return max(lines)
        for node in (hit.value, hit.focus):
            about = self._about(node) if node is not None else ()
            if about:
                # The line that says what it is; labels and summaries may stand in other files.
                return min((place for triple, place in about if triple[1] == RDF.type), default=min(place for _, place in about))
        return None

    def _of_value(self, hit: Hit) -> Iterator[Place]:
        """The line that links focus and value by the path, else the first by which the focus points to the value."""
        if hit.value is None:
            return
        ends = (hit.focus, hit.value), (hit.value, hit.focus)
        exact = [(one, hit.path, other) for one, other in ends if hit.path is not None]
        found = [self.places[triple] for triple in exact if triple in self.places]
        yield from sorted(found or [place for triple, place in self._about(hit.focus) if triple[2] == hit.value])[:1]

    def _of_path(self, hit: Hit) -> Sequence[Place]:
        """The lines with the path's property: of the focus, else of the value, else those that lead to the focus."""
        if hit.path is None:
            return ()
        for node in (hit.focus, hit.value):
            lines = [place for triple, place in (self._about(node) if node is not None else ()) if triple[1] == hit.path]
            if lines:
                return lines
        leading = ((one, hit.path, hit.focus) for one in self.graph.subjects(hit.path, hit.focus))
        return [self.places[triple] for triple in leading if triple in self.places]

    def _about(self, node: Node) -> tuple[tuple[Triple, Place], ...]:
        return self._by_subject.get(node, ())

    @cached_property
    def _by_subject(self) -> dict[Node, tuple[tuple[Triple, Place], ...]]:
        grouped: dict[Node, list[tuple[Triple, Place]]] = {}
        for triple, place in self.places.items():
            grouped.setdefault(triple[0], []).append((triple, place))
        return {node: tuple(entries) for node, entries in grouped.items()}


def term_text(node: Node) -> str:
    """A term as messages show it: shortened IRI, a bare number, or the literal with its tag or datatype."""
    if isinstance(node, URIRef):
        return shorten(str(node))
    if isinstance(node, Literal):
        if node.datatype == XSD.integer and not node.ill_typed:
            return str(node)
        mark = f"@{node.language}" if node.language else f"^^{shorten(str(node.datatype))}" if node.datatype else ""
        return f"“{node}”{mark}"
    return str(node)


def _fill(text: str, words: Mapping[str, str]) -> str:
    for name, word in words.items():
        text = text.replace(f"{{?{name}}}", word).replace(f"{{${name}}}", word)
    return text
