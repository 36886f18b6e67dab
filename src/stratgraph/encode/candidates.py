"""Likely predecessors of a measure or section in other documents, ranked, each with its reasons. Imports errors and vocab.

What two things share counts by how rare it is among all candidates: an instrument or programme most, then a threat, a body, a theme,
a target group. To that comes how alike labels and summaries are, by pairs of characters (Japanese has no blanks). The score
orders and says no more: whether one follows the other is for a person to judge.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rdflib import RDF, SKOS, Graph, Literal, URIRef
from rdflib.term import Node

from stratgraph.errors import InputError
from stratgraph.vocab import ID, SG

# What may be shared: its name in both languages, its weight, and the paths of properties that lead to it.
_SHARED: Final[Mapping[str, tuple[str, float, tuple[tuple[URIRef, ...], ...]]]] = {
    "instruments": ("政策手段", 2.0, ((SG.usesInstrument,), (SG.mentionsInstrument,))),
    "threats": ("脅威", 1.5, ((SG.hasThreatResponse, SG.respondsToThreat), (SG.mentionsThreat,))),
    "bodies": (
        "機関",
        0.5,
        (
            *(
                (one, SG.assignee)
                for one in (SG.hasLeadAssignment, SG.hasRelatedAssignment, SG.hasImplementingAssignment, SG.hasNamedAssignment)
            ),
            (SG.mentionsOrganization,),
        ),
    ),
    "themes": ("主題", 1.0, ((SG.hasThemeLink, SG.linkedTheme), (SG.theme,))),
    "target groups": ("対象", 0.5, ((SG.targetGroup,),)),
}
_LIKENESS: Final = 8.0
_SHOWN_LIKENESS: Final = 0.1
_KIND: Final = re.compile(rf"{re.escape(str(ID))}(?P<kind>measure|section)/(?P<key>(?P<year>\d{{4}})-[a-z-]+)/(?P<path>.+)")


@dataclass(frozen=True)
class Candidate:
    """A thing of another document. `shared` maps what is shared (themes …) to its labels @ja; `likeness` is 0 to 1."""

    iri: str
    label: str
    score: float
    shared: Mapping[str, tuple[str, ...]]
    likeness: float

    def reasons(self, language: str) -> str:
        """Why it is here, for people: 政策手段（CYDER）、主題（人材）、名称等の類似 0.41."""
        if language == "ja":
            told = [f"{_SHARED[name][0]}（{'、'.join(labels)}）" for name, labels in self.shared.items()]
            return "、".join([*told, *([f"名称等の類似 {self.likeness:.2f}"] if self.likeness >= _SHOWN_LIKENESS else [])])
        told = [f"{name} ({', '.join(labels)})" for name, labels in self.shared.items()]
        return "; ".join([*told, *([f"likeness of label and summary {self.likeness:.2f}"] if self.likeness >= _SHOWN_LIKENESS else [])])


def find_candidates(graph: Graph, iri: str, limit: int = 10) -> tuple[Candidate, ...]:
    """The best `limit` predecessors of a measure or section, the best first: things of its class in other documents, none later.

    Raises InputError where the IRI is no measure or section of the graph.
    """
    found = _KIND.fullmatch(iri)
    thing = URIRef(iri)
    if found is None or (thing, RDF.type, None) not in graph:
        raise InputError(f"<{iri}> is no measure or section that is encoded. Give its IRI, or its path, such as section/2022-strategy/4.1.")
    pool = _Pool(graph, found["kind"])
    others = [
        one
        for one in pool.things
        if (place := _KIND.fullmatch(str(one))) and place["key"] != found["key"] and place["year"] <= found["year"]
    ]
    ranked = sorted((pool.compare(thing, one) for one in others), key=lambda one: (-one.score, one.iri))
    return tuple(one for one in ranked[:limit] if one.score > 0)


class _Pool:
    """All things of a class, with what they share and how they read."""

    def __init__(self, graph: Graph, kind: str) -> None:
        self._graph = graph
        self.things = sorted(set(graph.subjects(RDF.type, SG.Measure if kind == "measure" else SG.Section)), key=str)
        self._values = {thing: {name: self._of(thing, paths) for name, (_, _, paths) in _SHARED.items()} for thing in self.things}
        self._pairs = {thing: self._pairs_of(thing) for thing in self.things}
        self._having = Counter(value for values in self._values.values() for some in values.values() for value in some)
        self._reading = Counter(pair for pairs in self._pairs.values() for pair in pairs)

    def _of(self, thing: Node, paths: tuple[tuple[URIRef, ...], ...]) -> frozenset[Node]:
        """What a thing leads to; a section, what is stated in it too."""
        sources = [thing, *self._graph.subjects(SG.statedIn, thing)]
        return frozenset(value for source in sources for path in paths for value in self._follow(source, path))

    def _follow(self, node: Node, path: tuple[URIRef, ...]) -> Iterator[Node]:
        if not path:
            yield node
            return
        for value in self._graph.objects(node, path[0]):
            yield from self._follow(value, path[1:])

    def _pairs_of(self, thing: Node) -> frozenset[str]:
        texts = (self._text(thing, predicate) for predicate in (SKOS.prefLabel, SG.summary))
        return frozenset(text[at : at + 2] for text in texts for at in range(len(text) - 1))

    def _text(self, thing: Node, predicate: URIRef) -> str:
        texts = (str(one) for one in self._graph.objects(thing, predicate) if isinstance(one, Literal) and one.language == "ja")
        return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", "".join(texts)))

    def label(self, thing: Node) -> str:
        """The label @ja, else the IRI."""
        labels = (str(one) for one in self._graph.objects(thing, SKOS.prefLabel) if isinstance(one, Literal) and one.language == "ja")
        return next(labels, str(thing))

    def _rarity(self, counted: int) -> float:
        return math.log(1 + len(self.things) / counted)

    def compare(self, thing: Node, other: Node) -> Candidate:
        """A candidate, with its score."""
        shared: dict[str, tuple[str, ...]] = {}
        score = 0.0
        for name, (_, weight, _) in _SHARED.items():
            one, two = self._values[thing][name], self._values[other][name]
            if both := one & two:
                shared[name] = tuple(sorted(self.label(value) for value in both))
                # What names everything shares something with everyone.
                score += weight * sum(self._rarity(self._having[value]) for value in both) / math.sqrt(max(len(one), len(two)))
        likeness = self._likeness(thing, other)
        return Candidate(str(other), self.label(other), score + _LIKENESS * likeness, shared, likeness)

    def _likeness(self, thing: Node, other: Node) -> float:
        one, two = self._pairs[thing], self._pairs[other]
        weights = [sum(self._rarity(self._reading[pair]) ** 2 for pair in pairs) for pairs in (one & two, one, two)]
        return weights[0] / math.sqrt(weights[1] * weights[2]) if weights[1] and weights[2] else 0.0
