"""Shapes: reading them, and running them over a graph. The one importer of pyshacl, whose faults become ours.

pyshacl gives exceptions back as results and drops the language of messages, so nothing but which shape failed on which
node is taken from its report; words come from the shapes themselves.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rdflib import OWL, RDF, SH, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from stratgraph.errors import SourceError
from stratgraph.turtle import parse_turtle
from stratgraph.validate.context import Context, Hit, Rule
from stratgraph.validate.report import LANGUAGES, Finding, shorten
from stratgraph.vocab import SHAPES

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyshacl

CHECK = SHAPES.Check
_TARGETS = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
_MARKS = ((SH.inversePath, "^{}"), (SH.oneOrMorePath, "{}+"), (SH.zeroOrMorePath, "{}*"), (SH.zeroOrOnePath, "{}?"))


@dataclass(frozen=True)
class Shapes:
    """The shapes and checks of one folder. `folder` names it in messages."""

    graph: Graph
    folder: str

    def names(self) -> tuple[str, ...]:
        """The local names of all shapes with a target, and of all checks: what a test case is about."""
        targeted = {node for predicate in _TARGETS for node in self.graph.subjects(predicate)}
        return tuple(sorted(_local(node) for node in targeted | set(self.checks())))

    def rules(self) -> tuple[str, ...]:
        """The local names of everything that can be named by a finding: what has messages."""
        return tuple(sorted({_local(node) for node in self.graph.subjects(SH.message)}))

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
        return Rule(_local(node), _local(severity).lower(), {language: message[language] for language in LANGUAGES})


def load_shapes(folder: Path) -> Shapes:
    """Read all `*.ttl` of a folder. Raises SourceError where there is none, and with file and line where one is not Turtle."""
    graph = Graph()
    files = sorted(folder.glob("*.ttl"))
    if not files:
        raise SourceError("there are no shapes here: no *.ttl file", str(folder))
    for path in files:
        for triple in parse_turtle(path.read_text(encoding="utf-8"), str(path)):
            graph.add(triple)
    return Shapes(graph, str(folder))


def run_shapes(context: Context, shapes: Shapes) -> Iterator[Finding]:
    """The findings of the SHACL shapes, unordered. Raises SourceError where pyshacl cannot use the shapes."""
    results = _run_pyshacl(context.graph, shapes)
    for result in results.objects(None, SH.result):
        focus = results.value(result, SH.focusNode)
        shape = results.value(result, SH.sourceShape)
        constraint = results.value(result, SH.sourceConstraint)
        named = constraint if constraint is not None else shape
        if focus is None or named is None:
            raise SourceError("pyshacl gave a result without focus node or shape", shapes.folder)
        value = results.value(result, SH.value)
        if constraint is not None and value is not None and (focus, RDF.type, OWL.Class) in context.graph:
            focus, value = value, None  # a constraint over all of a class: the value is the offender
        path = results.value(result, SH.resultPath)
        rule = shapes.rule(named)
        severity = results.value(result, SH.resultSeverity)
        told = Rule(rule.name, _local(severity).lower() if severity is not None else rule.severity, rule.message)
        text = None if path is None or isinstance(path, URIRef) else _path_text(shapes.graph, shapes.graph.value(shape, SH.path))
        yield context.finding(told, Hit(focus, _first_step(results, path), value), text)


def _run_pyshacl(graph: Graph, shapes: Shapes) -> Graph:
    silent = logging.getLogger("pyshacl-validate")
    silent.setLevel(logging.CRITICAL)
    try:
        _, results, text = pyshacl.validate(graph, shacl_graph=shapes.graph, inplace=True, inference="none", do_owl_imports=False)
    except Exception as error:  # pyshacl and rdflib raise many kinds, and none is about the data
        raise SourceError(f"the shapes cannot be run: {error}", shapes.folder) from error
    if not isinstance(results, Graph):
        raise SourceError(f"the shapes cannot be run: {text}", shapes.folder)
    return results


def _first_step(results: Graph, path: Node | None) -> Node | None:
    """The property a path begins with: where the offending triple most likely stands."""
    while path is not None and not isinstance(path, URIRef):
        inner = [results.value(path, mark) for mark in (*(mark for mark, _ in _MARKS), SH.alternativePath, RDF.first)]
        path = next((one for one in inner if one is not None), None)
    return path


def _path_text(graph: Graph, path: Node | None) -> str:
    """A SHACL path as SPARQL writes it, with our short names."""
    if path is None or isinstance(path, URIRef):
        return shorten(str(path))
    for mark, form in _MARKS:
        inner = graph.value(path, mark)
        if inner is not None:
            return form.format(_path_text(graph, inner))
    either = graph.value(path, SH.alternativePath)
    steps = Collection(graph, either if either is not None else path)
    return ("/" if either is None else "|").join(_path_text(graph, step) for step in steps)


def _local(node: Node) -> str:
    return str(node).rpartition("#")[2]
