"""Shapes: reading them, and the words that each tells its breach in. Imports rdflib and the layers below."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from rdflib import RDF, SH, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from stratgraph.errors import SourceError
from stratgraph.turtle import parse_turtle
from stratgraph.validate.context import Rule
from stratgraph.validate.report import LANGUAGES, shorten
from stratgraph.vocab import SHAPES

CHECK: Final = SHAPES.Check
TARGETS: Final = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
_MARKS: Final = ((SH.inversePath, "^{}"), (SH.oneOrMorePath, "{}+"), (SH.zeroOrMorePath, "{}*"), (SH.zeroOrOnePath, "{}?"))


@dataclass(frozen=True)
class Breach:
    """A shape that does not hold of a node, as an engine found it.

    `constraint` is the SPARQL constraint it comes from, if any; `path` the property shape's path as the shapes write it.
    """

    focus: Node
    shape: Node
    constraint: Node | None = None
    value: Node | None = None
    path: Node | None = None
    severity: Node | None = None


@dataclass(frozen=True)
class Shapes:
    """The shapes and checks of one folder. `folder` names it in messages."""

    graph: Graph
    folder: str

    def names(self) -> tuple[str, ...]:
        """The local names of all shapes with a target, and of all checks: what a test case is about."""
        targeted = {node for predicate in TARGETS for node in self.graph.subjects(predicate)}
        return tuple(sorted(local_name(node) for node in targeted | set(self.checks())))

    def rules(self) -> tuple[str, ...]:
        """The local names of everything that can be named by a finding: what has messages."""
        return tuple(sorted({local_name(node) for node in self.graph.subjects(SH.message)}))

    def worded(self) -> tuple[Rule, ...]:
        """How everything that can be named by a finding tells its breach. Raises SourceError where messages are missing."""
        return tuple(self.rule(node) for node in sorted(set(self.graph.subjects(SH.message)), key=str))

    def checks(self) -> tuple[Node, ...]:
        """The checks that Python carries out, in order."""
        return tuple(sorted(self.graph.subjects(RDF.type, CHECK), key=str))

    def only(self, name: str) -> Shapes:
        """The one shape or check of this local name, with what it refers to. Raises KeyError where there is none."""
        start = SHAPES[name]
        if (start, None, None) not in self.graph:
            raise KeyError(name)
        chosen = Graph()
        waiting: list[Node] = [start, URIRef(str(SHAPES).removesuffix("#"))]
        while waiting:
            node = waiting.pop()
            for triple in self.graph.triples((node, None, None)):
                if triple not in chosen:
                    chosen.add(triple)
                    waiting.append(triple[2])
        return Shapes(chosen, self.folder)

    def rule(self, node: Node) -> Rule:
        """How the shape, property shape, constraint or check `node` tells its breach. Raises SourceError without messages."""
        message = {text.language: str(text) for text in self.graph.objects(node, SH.message) if isinstance(text, Literal)}
        if set(message) != set(LANGUAGES):
            raise SourceError(f"{shorten(str(node))} needs one sh:message in each of {', '.join(LANGUAGES)}", self.folder)
        severity = self.graph.value(node, SH.severity) or SH.Violation
        return Rule(local_name(node), local_name(severity).lower(), {language: message[language] for language in LANGUAGES})

    def first_step(self, path: Node | None) -> Node | None:
        """The property a path begins with: where the offending triple most likely stands."""
        while path is not None and not isinstance(path, URIRef):
            inner = [self.graph.value(path, mark) for mark in (*(mark for mark, _ in _MARKS), SH.alternativePath, RDF.first)]
            path = next((one for one in inner if one is not None), None)
        return path

    def path_text(self, path: Node | None) -> str:
        """A SHACL path as SPARQL writes it, with our short names."""
        if path is None or isinstance(path, URIRef):
            return shorten(str(path))
        for mark, form in _MARKS:
            inner = self.graph.value(path, mark)
            if inner is not None:
                return form.format(self.path_text(inner))
        either = self.graph.value(path, SH.alternativePath)
        steps = Collection(self.graph, either if either is not None else path)
        return ("/" if either is None else "|").join(self.path_text(step) for step in steps)


def load_shapes(folder: Path) -> Shapes:
    """Read all `*.ttl` of a folder. Raises SourceError where there is none, and with file and line where one is not Turtle."""
    files = sorted(folder.glob("*.ttl"))
    if not files:
        raise SourceError("there are no shapes here: no *.ttl file", str(folder))
    return _read(str(folder), tuple((str(path), path.read_text(encoding="utf-8")) for path in files))


@lru_cache(maxsize=8)  # who watches asks for them at every save
def _read(folder: str, files: tuple[tuple[str, str], ...]) -> Shapes:
    graph = Graph()
    for path, text in files:
        for triple in parse_turtle(text, path):
            graph.add(triple)
    return Shapes(graph, folder)


def local_name(node: Node) -> str:
    """What follows the # of an IRI."""
    return str(node).rpartition("#")[2]
