"""The loaded graphs: levels without duplicates, and the dataset a query sees. Imports pyoxigraph, precheck, matching and text.

A triple that stands in two graphs would count twice in their union, and long graph lists make joins slow; so each entailment
level is copied into one hidden graph. A query never sees a hidden graph: `named_graphs` is always passed, and graph names from
users are looked up among the visible ones.

The engine looks a pattern up over all graphs and then drops what is of others, so the copies make it slower by as many times. The
level that most queries ask, the last, therefore stands once more in a store of its own, for queries that name no graph.
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
# Whether in the store without named graphs; what is looked for; in the texts of which graphs.
_MatchKey = tuple[bool, TextPattern, frozenset[str]]


@dataclass(frozen=True)
class Dataset:
    """A store, and the graphs of it that a query sees: the default graph's parts, and those that GRAPH sees.

    None twice: the store's default graph, for a query that names no other; the engine then compares no graphs.
    """

    store: Store
    default: list[Node] | None
    named: list[NamedNode | BlankNode] | None


@dataclass(frozen=True)
class LevelRule:
    """Which named graphs a level adds to the one before it: exact IRIs, or prefixes where one ends in `/`.

    Those of `aside` can be asked by their names only: they are no part of what the level says.
    """

    name: str
    graphs: tuple[str, ...]
    aside: tuple[str, ...] = ()

    def has(self, graph: str) -> bool:
        """Whether this level adds the graph."""
        return any(graph.startswith(one) if one.endswith("/") else graph == one for one in self.graphs)

    def names(self, graph: str) -> bool:
        """Whether the graph is this level's in either way."""
        return graph in self.aside or self.has(graph)


@dataclass(frozen=True)
class Level:
    """One entailment level: the hidden graph with its triples, the graphs that these are from, and what else GRAPH sees."""

    merged: NamedNode
    visible: tuple[NamedNode, ...]
    aside: tuple[NamedNode, ...] = ()

    @property
    def named(self) -> tuple[NamedNode, ...]:
        """The graphs that GRAPH sees."""
        return (*self.visible, *self.aside)


class Graphs:
    """A store, its levels, its visible graphs, and the fragments (`iri#…`) that are described with an IRI."""

    def __init__(self, store: Store, levels: Mapping[str, Level], fragments: Mapping[str, tuple[str, ...]]) -> None:
        self.store = store
        self.levels = levels
        self.fragments = fragments
        self.visible = {graph.value: graph for level in levels.values() for graph in level.named}
        self.texts = TextIndex(store, self.visible.values())
        self._matches: dict[_MatchKey, tuple[NamedNode, int]] = {}
        self._last = list(levels)[-1] if levels else ""
        self._plain = _alone(store, levels[self._last].merged) if levels else Store()
        self._known = {frozenset(one.value for one in level.visible): level.merged for level in levels.values()}
        self._merges: dict[frozenset[str], NamedNode] = {}

    def names(self) -> dict[str, list[str]]:
        """Level → IRIs of its graphs, sorted."""
        return {name: sorted(one.value for one in level.named) for name, level in self.levels.items()}

    def level(self, name: str) -> Level:
        """The level called `name`. Raises QueryError."""
        if name not in self.levels:
            raise QueryError(f"There is no entailment level “{name}”. There are: {', '.join(self.levels)}.")
        return self.levels[name]

    def dataset(self, level: str, protocol: tuple[Sequence[str] | None, Sequence[str] | None], scan: Scan) -> Dataset:
        """What one query is asked of: the protocol's dataset, else FROM's, else the level's.

        Unknown graphs are empty. Raises QueryError for what is not an absolute IRI.
        """
        default, named = protocol
        if default is None and named is None:
            default, named = scan.default_graphs, scan.named_graphs
        if default is None and named is None:
            chosen = self.level(level)
            searched = [one.value for one in chosen.visible] if scan.text_patterns else []
            if level == self._last and not scan.names_graphs:
                texts = self._text_graphs(self._plain, scan, searched)
                return Dataset(self._plain, [DefaultGraph(), *texts], []) if texts else Dataset(self._plain, None, None)
            return Dataset(self.store, [chosen.merged, *self._text_graphs(self.store, scan, searched)], list(chosen.named))
        found = self._find(default or ())
        return Dataset(
            self.store,
            [*self._merged(found), *self._text_graphs(self.store, scan, found)],
            [self.visible[one] for one in self._find(named or ())],
        )

    def _text_graphs(self, store: Store, scan: Scan, iris: Iterable[str]) -> list[Node]:
        """Graphs with the triples that the query's text patterns stand for, by the texts of these graphs. Raises QueryTooComplex."""
        if len(scan.text_patterns) > _TEXT_PATTERNS:
            raise QueryTooComplex(f"The query looks for more than {_TEXT_PATTERNS} texts, the limit.")
        searched = frozenset(iris)
        keys = [(store is self._plain, pattern, searched) for pattern in scan.text_patterns] if searched else []
        for key in keys:
            if key not in self._matches:
                self._matches[key] = self._match(store, *key[1:])
        self._forget_matches(keys)
        return [self._matches[key][0] for key in keys]

    def _match(self, store: Store, pattern: TextPattern, searched: frozenset[str]) -> tuple[NamedNode, int]:
        last = VARIANT if pattern.predicate == NAME_MATCHES else TEXT
        subjects = self.texts.find_subjects(pattern.text, searched, pattern.language, last)
        graph, predicate = _hidden(), NamedNode(pattern.predicate)
        text = Literal(pattern.text, language=pattern.language)
        store.extend([Quad(subject, predicate, text, graph) for subject in subjects])
        return graph, len(subjects)

    def _forget_matches(self, needed: Sequence[_MatchKey]) -> None:
        size = sum(size for _, size in self._matches.values())
        while len(self._matches) > _MATCHES_KEPT or size > _MATCHES_SIZE:
            oldest = next((key for key in self._matches if key not in needed), None)
            if oldest is None:
                return
            graph, triples = self._matches.pop(oldest)
            (self._plain if oldest[0] else self.store).remove_graph(graph)
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
        added = [one for one in visible if (not any(other.names(one.value) for other in later) if position == 0 else rule.has(one.value))]
        below = levels[rule.name] = _add_level(store, below, added, tuple(one for one in visible if one.value in rule.aside))
    return Graphs(store, levels, _find_fragments(store, below.merged) if below else {})


def _add_level(store: Store, below: Level | None, added: Sequence[NamedNode], aside: tuple[NamedNode, ...]) -> Level:
    merged = _hidden()
    if below is None:
        unnamed = store.quads_for_pattern(None, None, None, DefaultGraph())
        store.extend([Quad(one.subject, one.predicate, one.object, merged) for one in unnamed])
    else:
        _copy(store, below.merged, merged)
    for graph in added:
        _copy(store, graph, merged)
    return Level(merged, (*(below.visible if below else ()), *added), (*(below.aside if below else ()), *aside))


def _hidden() -> NamedNode:
    return NamedNode(f"urn:uuid:{uuid.uuid4()}")


def _copy(store: Store, source: NamedNode, target: NamedNode) -> None:
    # Inside the engine: twice as quick as through Python, blank nodes stay what they are.
    store.update(f"ADD SILENT GRAPH {source} TO GRAPH {target}")


def _alone(store: Store, graph: NamedNode) -> Store:
    """A store whose default graph is this graph. By the engine's own text format: quicker than triple by triple."""
    alone = Store()
    alone.bulk_load(store.dump(format=RdfFormat.N_TRIPLES, from_graph=graph), format=RdfFormat.N_TRIPLES)
    return alone


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
