"""What the tests of several documents share: how texts are read, and which statements stand at a place."""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from collections.abc import Iterator

import pytest
from rdflib import RDF, SKOS, Graph, Literal
from rdflib.term import Node

from stratgraph.vocab import OA, SG

SOURCES = os.environ.get("STRATGRAPH_SOURCES")
needs_texts = pytest.mark.skipif(not SOURCES, reason="left out: the encoded documents against their texts (set STRATGRAPH_SOURCES)")

TABLE, REVIEW, OVERVIEW = "2015-recommendation-response", "2017-interim-review", "2018-strategy-overview"
OUTLINE, COMMENTS = "2021-strategy-outline", "2022-public-comments"
KEYS = (TABLE, REVIEW, OVERVIEW, OUTLINE, COMMENTS)


def things(graph: Graph, kind: str) -> set[Node]:
    """All instances of a class of ours."""
    return set(graph.subjects(RDF.type, SG[kind]))


def table_rows(text: str) -> list[list[str]]:
    """The cells of each line that has tabs, heads of the table aside."""
    rows = [line.split("\t") for line in text.split("\n") if "\t" in line]
    return [row for row in rows if not row[0].startswith(("提言事項", "項番", "通しNo"))]


def names(graph: Graph, thing: Node) -> set[str]:
    """All Japanese labels of a thing."""
    labels = {label for predicate in (SKOS.prefLabel, SKOS.altLabel) for label in graph.objects(thing, predicate)}
    return {str(label) for label in labels if isinstance(label, Literal) and label.language == "ja"}


def label(graph: Graph, thing: Node) -> str:
    """The one preferred Japanese label of a thing."""
    (found,) = (one for one in graph.objects(thing, SKOS.prefLabel) if isinstance(one, Literal) and one.language == "ja")
    return str(found)


def squeeze(text: str) -> str:
    """A text in NFKC without white space."""
    return "".join(unicodedata.normalize("NFKC", text).split())


class Places:
    """Which things have which spans of which text as evidence; offsets are code points, the end exclusive."""

    def __init__(self, graph: Graph) -> None:
        self._spans: dict[str, list[tuple[int, int, Node]]] = defaultdict(list)
        self._anchors: dict[Node, tuple[str, int, int]] = {}
        self._graph = graph
        for anchor, selector in graph.subject_objects(OA.hasSelector):
            key = str(graph.value(anchor, OA.hasSource)).rsplit("/", 1)[1]
            start, end = (int(str(graph.value(selector, bound))) for bound in (OA.start, OA.end))
            self._anchors[anchor] = key, start, end
        for thing, anchor in graph.subject_objects(SG.evidence):
            key, start, end = self._anchors[anchor]
            self._spans[key].append((start, end, thing))

    def at(self, key: str, offset: int, end: int | None = None) -> set[Node]:
        """The things one of whose spans holds the characters from `offset` to `end` (left out: the one character)."""
        last = offset + 1 if end is None else end
        return {thing for start, stop, thing in self._spans[key] if start <= offset and last <= stop}

    def of(self, thing: Node, key: str) -> Iterator[tuple[int, int]]:
        """The spans of a thing in one text."""
        for anchor in self._graph.objects(thing, SG.evidence):
            source, start, end = self._anchors[anchor]
            if source == key:
                yield start, end


def spans_of(graph: Graph, texts: dict[str, str], thing: Node) -> str:
    """The characters of all spans that are evidence of a thing, in NFKC."""
    found = []
    for anchor in graph.objects(thing, SG.evidence):
        key = str(graph.value(anchor, OA.hasSource)).rsplit("/", 1)[1]
        selector = graph.value(anchor, OA.hasSelector)
        found.append((key, int(str(graph.value(selector, OA.start))), int(str(graph.value(selector, OA.end)))))
    return unicodedata.normalize("NFKC", "\n".join(texts[key][start:end] for key, start, end in sorted(found)))
