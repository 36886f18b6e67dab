"""The loaded graphs: levels without duplicates, and the dataset a query sees. Imports pyoxigraph, precheck, matching and text.

A triple that stands in two graphs would count twice in their union, and long graph lists make joins slow; so each entailment
level is copied into one hidden graph. A query never sees a hidden graph: `named_graphs` is always passed, and graph names from
users are looked up among the visible ones.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, QuerySolutions, RdfFormat, Store

from stratgraph.errors import QueryError, QueryTooComplex, SourceError
from stratgraph.store.matching import NAME_MATCHES, TextPattern
from stratgraph.store.precheck import Scan
from stratgraph.store.text import TEXT, VARIANT, TextIndex

_MERGES_KEPT = 8
_MATCHES_KEPT = 64
# Triples that the kept graphs of text patterns may have together.
_MATCHES_SIZE = 200_000
_TEXT_PATTERNS = 16

Node = NamedNode | BlankNode | DefaultGraph


@dataclass(frozen=True)
class LevelRule:
    """Which named graphs a level adds to the one before it: exact IRIs, or prefixes where one ends in `/`."""

    name: str
    graphs: tuple[str, ...]

    def has(self, graph: str) -> bool:
        """Whether this level adds the graph."""
        return any(graph.startswith(one) if one.endswith("/") else graph == one for one in self.graphs)


@dataclass(frozen=True)
class Level:
    """One entailment level: the hidden graph with its triples, and the graphs that GRAPH sees."""

    merged: NamedNode
    visible: tuple[NamedNode, ...]


class Graphs:
    """A store, its levels, its visible graphs, and the fragments (`iri#…`) that are described with an IRI."""

    def __init__(self, store: Store, levels: Mapping[str, Level], fragments: Mapping[str, tuple[str, ...]]) -> None:
        self.store = store
        self.levels = levels
        self.fragments = fragments
        self.visible = {graph.value: graph for level in levels.values() for graph in level.visible}
        self.texts = TextIndex(store, self.visible.values())
        self._matches: dict[tuple[TextPattern, frozenset[str]], tuple[NamedNode, int]] = {}
        self._known = {frozenset(one.value for one in level.visible): level.merged for level in levels.values()}
        self._merges: dict[frozenset[str], NamedNode] = {}

    def names(self) -> dict[str, list[str]]:
        """Level → IRIs of its graphs, sorted."""
        return {name: sorted(one.value for one in level.visible) for name, level in self.levels.items()}

    def level(self, name: str) -> Level:
        """The level called `name`. Raises QueryError."""
        if name not in self.levels:
            raise QueryError(f"There is no entailment level “{name}”. There are: {', '.join(self.levels)}.")
        return self.levels[name]

    def dataset(
        self, level: str, protocol: tuple[Sequence[str] | None, Sequence[str] | None], scan: Scan
    ) -> tuple[list[Node], list[NamedNode | BlankNode]]:
        """(default graph, named graphs) for one query: the protocol's dataset, else FROM's, else the level's.

        Unknown graphs are empty. Raises QueryError for what is not an absolute IRI.
        """
        default, named = protocol
        if default is None and named is None:
            default, named = scan.default_graphs, scan.named_graphs
        if default is None and named is None:
            chosen = self.level(level)
            texts = self._text_graphs(scan, (one.value for one in chosen.visible)) if scan.text_patterns else []
            return [chosen.merged, *texts], list(chosen.visible)
        found = self._find(default or ())
        return [*self._merged(found), *self._text_graphs(scan, found)], [self.visible[one] for one in self._find(named or ())]

    def _text_graphs(self, scan: Scan, iris: Iterable[str]) -> list[Node]:
        """Graphs with the triples that the query's text patterns stand for, by the texts of these graphs. Raises QueryTooComplex."""
        if len(scan.text_patterns) > _TEXT_PATTERNS:
            raise QueryTooComplex(f"The query looks for more than {_TEXT_PATTERNS} texts, the limit.")
        searched = frozenset(iris)
        keys = [(pattern, searched) for pattern in scan.text_patterns] if searched else []
        for key in keys:
            if key not in self._matches:
                self._matches[key] = self._match(*key)
        self._forget_matches(keys)
        return [self._matches[key][0] for key in keys]

    def _match(self, pattern: TextPattern, searched: frozenset[str]) -> tuple[NamedNode, int]:
        last = VARIANT if pattern.predicate == NAME_MATCHES else TEXT
        subjects = {match.subject for match in self.texts.find(pattern.text, searched, pattern.language, last)}
        graph, predicate = _hidden(), NamedNode(pattern.predicate)
        text = Literal(pattern.text, language=pattern.language)
        self.store.extend([Quad(subject, predicate, text, graph) for subject in subjects])
        return graph, len(subjects)

    def _forget_matches(self, needed: Sequence[tuple[TextPattern, frozenset[str]]]) -> None:
        size = sum(size for _, size in self._matches.values())
        for key in [key for key in self._matches if key not in needed]:
            if len(self._matches) <= _MATCHES_KEPT and size <= _MATCHES_SIZE:
                return
            graph, triples = self._matches.pop(key)
            self.store.remove_graph(graph)
            size -= triples

    def _find(self, iris: Iterable[str]) -> list[str]:
        found = dict.fromkeys(iris)
        for iri in found:
            try:
                NamedNode(iri)
            except ValueError:
                raise QueryError(f"<{iri}> is not an absolute IRI, so it names no graph.") from None
        return [iri for iri in found if iri in self.visible]

    def _merged(self, iris: list[str]) -> list[Node]:
        if len(iris) <= 1:
            return [self.visible[iri] for iri in iris]
        key = frozenset(iris)
        if key in self._known:
            return [self._known[key]]
        if key not in self._merges:
            if len(self._merges) >= _MERGES_KEPT:
                self.store.remove_graph(self._merges.pop(next(iter(self._merges))))
            # Entered only when complete: a failure in between must not leave half a graph to later queries.
            merged = _hidden()
            for iri in iris:
                _copy(self.store, self.visible[iri], merged)
            self._merges[key] = merged
        return [self._merges[key]]


def load_graphs(path: str, rules: Sequence[LevelRule]) -> Graphs:
    """Read an N-Quads file and make the levels: the first has every graph that no later rule names.

    Quads of the default graph belong to every level. Raises SourceError.
    """
    store = Store()
    try:
        store.bulk_load(path=path, format=RdfFormat.N_QUADS)
    except SyntaxError as error:
        raise SourceError(str(error.msg or error), path, error.lineno) from error
    except OSError as error:
        raise SourceError(error.strerror or str(error), path) from error
    visible = sorted((graph for graph in store.named_graphs() if isinstance(graph, NamedNode)), key=lambda one: one.value)
    levels: dict[str, Level] = {}
    below: Level | None = None
    for position, rule in enumerate(rules):
        later = rules[1:] if position == 0 else ()
        added = [one for one in visible if (not any(other.has(one.value) for other in later) if position == 0 else rule.has(one.value))]
        below = levels[rule.name] = _add_level(store, below, added)
    return Graphs(store, levels, _find_fragments(store, below.merged) if below else {})


def _add_level(store: Store, below: Level | None, added: Sequence[NamedNode]) -> Level:
    merged = _hidden()
    if below is None:
        unnamed = store.quads_for_pattern(None, None, None, DefaultGraph())
        store.extend([Quad(one.subject, one.predicate, one.object, merged) for one in unnamed])
    else:
        _copy(store, below.merged, merged)
    for graph in added:
        _copy(store, graph, merged)
    return Level(merged, (*(below.visible if below else ()), *added))


def _hidden() -> NamedNode:
    return NamedNode(f"urn:uuid:{uuid.uuid4()}")


def _copy(store: Store, source: NamedNode, target: NamedNode) -> None:
    # Inside the engine: twice as quick as through Python, blank nodes stay what they are.
    store.update(f"ADD SILENT GRAPH {source} TO GRAPH {target}")


def _find_fragments(store: Store, graph: NamedNode) -> dict[str, tuple[str, ...]]:
    query = 'SELECT DISTINCT ?s { ?s ?p ?o FILTER(ISIRI(?s) && CONTAINS(STR(?s), "#")) }'
    found: dict[str, list[str]] = {}
    rows = store.query(query, default_graph=graph, named_graphs=[])
    if isinstance(rows, QuerySolutions):
        for row in rows:
            node = row["s"]
            if isinstance(node, NamedNode):
                found.setdefault(node.value.partition("#")[0], []).append(node.value)
    return {iri: tuple(sorted(ones)) for iri, ones in found.items()}
