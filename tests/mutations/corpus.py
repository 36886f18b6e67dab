"""The encoded files, parsed once, and what becomes of them when one is damaged: the text anew, its triples and their lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Final

from rdflib import RDF, Graph
from rdflib.term import Node, URIRef

from stratgraph.load import Sources, load_prefixes, merge, shown_path, source_files
from stratgraph.places import Place, Triple
from stratgraph.settings import Layout
from stratgraph.turtle import format_graph, parse_with_lines
from stratgraph.vocab import ID

HEAD: Final = "# A file of the data, with damage in one place.\n"


@dataclass(frozen=True)
class EncodedFile:
    """A file of the product: its path as messages show it, the graph it belongs to, its triples with their lines."""

    path: str
    graph: str
    lines: Mapping[Triple, int]
    text: str = ""


@dataclass(frozen=True)
class Damage:
    """Triples taken out of files and put into files.

    `lacking` is what lacks something then, if not what the triples were about; `wrong` are the triples to be named, if not those
    put in: what was done before to have something to damage.
    """

    removed: Mapping[Triple, str]
    added: Mapping[Triple, str] = field(default_factory=dict)
    lacking: tuple[Node, ...] = ()
    wrong: Mapping[Triple, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Damaged:
    """The data with the damage in it, and where it is.

    `lines` are the lines that were changed or inserted, any of which a finding may name; where lines were only taken out, the
    line that says what the thing is, or, where that is gone, the thing's first.
    """

    sources: Sources
    lines: frozenset[Place]
    texts: Mapping[str, str]


@dataclass(frozen=True)
class Corpus:
    """All files, whole."""

    files: tuple[EncodedFile, ...]
    prefixes: Mapping[str, str]

    @classmethod
    def read(cls, layout: Layout) -> Corpus:
        """Parse everything that is encoded."""
        files = []
        for path, graph in source_files(layout):
            shown = shown_path(path, layout)
            files.append(EncodedFile(shown, graph, parse_with_lines(Path(path).read_text(encoding="utf-8"), shown)))
        return cls(tuple(files), load_prefixes(layout))

    @cached_property
    def data(self) -> dict[Triple, str]:
        """Every triple outside ontology/, with the first file it stands in."""
        found: dict[Triple, str] = {}
        for file in self.files:
            if file.path.startswith("data/"):
                for triple in file.lines:
                    found.setdefault(triple, file.path)
        return found

    @cached_property
    def ordered(self) -> list[Triple]:
        """The same in an order that does not depend on the files' layout."""
        return sorted(self.data, key=lambda one: tuple(f"{term}@{getattr(term, 'language', '')}" for term in one))

    @cached_property
    def by_predicate(self) -> dict[Node, list[Triple]]:
        """The same by predicate."""
        found: dict[Node, list[Triple]] = {}
        for triple in self.ordered:
            found.setdefault(triple[1], []).append(triple)
        return found

    @cached_property
    def graph(self) -> Graph:
        """All triples of the data."""
        merged = Graph()
        for triple in self.data:
            merged.add(triple)
        return merged

    def pick(self, rng: Random, predicate: URIRef, where: Callable[[Triple], bool] = lambda _: True) -> Triple:
        """One of the triples with this predicate that `where` accepts."""
        return rng.choice([triple for triple in self.by_predicate[predicate] if where(triple)])

    def is_a(self, thing: Node, kind: URIRef) -> bool:
        """Whether the data says that a thing is of a class."""
        return (thing, RDF.type, kind) in self.graph

    def of(self, triples: Iterable[Triple]) -> dict[Triple, str]:
        """Triples of the data with their files."""
        return {triple: self.data[triple] for triple in triples}

    def damaged(self, damage: Damage) -> Damaged:
        """Write the files that the damage touches anew, and read them as the loader does."""
        return self.damaged_together([damage])[0]

    def damaged_together(self, damages: Sequence[Damage]) -> list[Damaged]:
        """The same of several damages done to one copy of the data; each is told with its own lines."""
        removed, added = ({triple: path for one in damages for triple, path in part(one).items()} for part in (_removed, _added))
        all_of_it = Damage(removed, added)
        touched = {*removed.values(), *added.values()}
        files = [self._rewritten(file, all_of_it) if file.path in touched else file for file in self.files]
        parts = [(file.graph, file.path, file.lines) for file in files]
        sources = merge(parts, self.prefixes)
        written = {file.path: file for file in files}
        texts = {path: written[path].text for path in touched}
        return [Damaged(sources, _lines(one, written, sources), texts) for one in damages]

    def _rewritten(self, file: EncodedFile, damage: Damage) -> EncodedFile:
        triples = {triple for triple in file.lines if damage.removed.get(triple) != file.path}
        triples |= {triple for triple, path in damage.added.items() if path == file.path}
        text = format_graph(triples, self.prefixes, str(ID), HEAD)
        lines = parse_with_lines(text, file.path)
        assert set(lines) == triples, file.path
        return EncodedFile(file.path, file.graph, lines, text)


def _removed(damage: Damage) -> Mapping[Triple, str]:
    return damage.removed


def _added(damage: Damage) -> Mapping[Triple, str]:
    return damage.added


def _lines(damage: Damage, written: Mapping[str, EncodedFile], sources: Sources) -> frozenset[Place]:
    lines = {Place(path, written[path].lines[triple]) for triple, path in (damage.wrong or damage.added).items()}
    lacking = damage.lacking or {triple[0] for triple in damage.removed}
    return frozenset(lines or {_line_of(thing, sources.places) for thing in lacking})


def apart(damages: Iterable[Damage], least: int) -> list[list[Damage]]:
    """Damages in at least so many batches, so that no two of a batch touch the same thing of ours: none hides what another breaks."""
    batches: list[tuple[set[Node], list[Damage]]] = [(set(), []) for _ in range(least)]
    for damage in damages:
        touched = _things(damage)
        fitting = [batch for batch in batches if not batch[0] & touched]
        if not fitting:
            batches.append((set(), []))
        things, members = min(fitting or batches[-1:], key=lambda batch: len(batch[1]))
        things |= touched
        members.append(damage)
    return [members for _, members in batches]


def _things(damage: Damage) -> set[Node]:
    triples = {*damage.removed, *damage.added, *damage.wrong}
    return {node for triple in triples for node in (triple[0], triple[2], *damage.lacking) if str(node).startswith(str(ID))}


def _line_of(thing: Node, places: Mapping[Triple, Place]) -> Place:
    about = [(triple, place) for triple, place in places.items() if triple[0] == thing]
    return min((place for triple, place in about if triple[1] == RDF.type), default=None) or min(place for _, place in about)
