"""The first stage: read the ontology and the encoded documents, each into the graph that its folder names.

May import rdflib and the layers below; writes nothing. Turtle names no graph, so the folder does:

    ontology/*.ttl                     …/graph/ontology
    data/ttl/document/<key>/*.ttl      …/graph/document/<key>
    data/ttl/curated/<key>/*.ttl       …/graph/curated/<key>
    data/ttl/reference/*.ttl           …/graph/reference
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from rdflib import Graph

from stratgraph.errors import SourceError
from stratgraph.indexed import IndexedGraph
from stratgraph.places import Place, Triple
from stratgraph.settings import Layout
from stratgraph.turtle import parse_with_lines
from stratgraph.vocab import CURATED_GRAPHS, DOCUMENT_GRAPHS, ONTOLOGY_GRAPH, REFERENCE_GRAPH

_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Sources:
    """What is encoded: one named graph per folder, and the place of each triple in the files.

    `graphs` maps graph IRI → its triples; `places` gives the first place where a triple stands, `repeats` the next, in another
    file, of those that stand twice; `prefixes` is the project's table (prefix → namespace).
    """

    graphs: Mapping[str, frozenset[Triple]]
    places: Mapping[Triple, Place]
    prefixes: Mapping[str, str]
    repeats: Mapping[Triple, Place] = field(default_factory=dict)

    @cached_property
    def indexed(self) -> IndexedGraph:
        """All encoded triples, each once, found by property."""
        return IndexedGraph(self.triples())

    def triples(self) -> frozenset[Triple]:
        """All encoded triples, each once."""
        return frozenset[Triple]().union(*self.graphs.values())

    def union(self) -> Graph:
        """All encoded triples as one graph, each once."""
        merged = Graph()
        for triples in self.graphs.values():
            for triple in triples:
                merged.add(triple)
        return merged


def source_files(layout: Layout) -> Iterator[tuple[Path, str]]:
    """Every Turtle file of the product with the graph it belongs to, in a stable order.

    Raises SourceError for a Turtle file in a folder that names no graph, and where a part has no file at all.
    """
    ontology = sorted(layout.ontology.glob("*.ttl"))
    if not ontology:
        raise SourceError("there is no ontology here: no *.ttl file", str(layout.ontology))
    yield from ((path, ONTOLOGY_GRAPH) for path in ontology)
    data = sorted(layout.data.rglob("*.ttl"))
    if not data:
        raise SourceError("nothing is encoded here: no *.ttl file", str(layout.data))
    for path in data:
        yield path, graph_of(path.relative_to(layout.data), str(path))


def graph_of(relative: Path, shown: str) -> str:
    """The graph IRI that a file's folder under data/ttl names. Raises SourceError where it names none."""
    folder = relative.parts[:-1]
    if folder == ("reference",):
        return REFERENCE_GRAPH
    if len(folder) == 2 and folder[0] in ("document", "curated") and _KEY.fullmatch(folder[1]):
        return f"{DOCUMENT_GRAPHS if folder[0] == 'document' else CURATED_GRAPHS}{folder[1]}"
    raise SourceError("the folder names no graph; use document/<key>/, curated/<key>/ or reference/ under data/ttl", shown)


def load_product(layout: Layout) -> Sources:
    """Read everything that is encoded. Raises SourceError with file and line where a file is not Turtle."""
    files = [(path, iri, shown_path(path, layout)) for path, iri in source_files(layout)]
    return merge([(iri, shown, _parse(read_text(path, shown), shown)) for path, iri, shown in files], load_prefixes(layout))


def merge(files: Iterable[tuple[str, str, Mapping[Triple, int]]], prefixes: Mapping[str, str]) -> Sources:
    """What files say together; each is its graph's IRI, its path as messages show it, and its triples with their lines."""
    graphs: dict[str, set[Triple]] = {}
    places: dict[Triple, Place] = {}
    repeats: dict[Triple, Place] = {}
    for iri, shown, lines in files:
        graphs.setdefault(iri, set()).update(lines)
        for triple, line in lines.items():
            place = Place(shown, line)
            if places.setdefault(triple, place) is not place:
                repeats.setdefault(triple, place)
    return Sources({iri: frozenset(triples) for iri, triples in graphs.items()}, places, prefixes, repeats)


# The last text of each file, with what it says: who watches reads all files again for each that is saved.
_LAST: dict[str, tuple[str, Mapping[Triple, int]]] = {}


def _parse(text: str, shown: str) -> Mapping[Triple, int]:
    last = _LAST.get(shown)
    if last is None or last[0] != text:
        last = _LAST[shown] = (text, parse_with_lines(text, shown))
    return last[1]


def forget() -> None:
    """Drop what is kept of files that were read."""
    _LAST.clear()


def shown_path(path: Path, layout: Layout) -> str:
    """The path as messages print it: relative to the root where it lies inside."""
    return str(path.relative_to(layout.root)) if path.is_relative_to(layout.root) else str(path)


def read_text(path: Path, shown: str | None = None) -> str:
    """A file's text. `shown` is what messages call it.

    Raises SourceError where it is missing or not UTF-8, with the line of the first bad byte.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}", shown or str(path)) from error
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise SourceError("is not UTF-8; save the file as UTF-8", shown or str(path), line) from error


def load_prefixes(layout: Layout) -> dict[str, str]:
    """The project's prefix table from ontology/prefixes.ttl. Raises SourceError where it declares none."""
    path = layout.ontology / "prefixes.ttl"
    shown = shown_path(path, layout)
    sh = "http://www.w3.org/ns/shacl#"
    named: dict[object, str] = {}
    namespaces: dict[object, str] = {}
    for subject, predicate, value in parse_with_lines(read_text(path), shown):
        if str(predicate) == f"{sh}prefix":
            named[subject] = str(value)
        elif str(predicate) == f"{sh}namespace":
            namespaces[subject] = str(value)
    if not named or named.keys() != namespaces.keys():
        raise SourceError("each declaration needs one sh:prefix and one sh:namespace", shown)
    return {named[subject]: namespaces[subject] for subject in sorted(named, key=lambda one: named[one])}
