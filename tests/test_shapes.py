"""The shapes, each with cases that keep it and cases that break it.

A case is a small Turtle (or TriG, or N3) file under `cases/shapes/<shape>/`; `invalid-*.expected.txt` has a line for each finding:
shape, focus, and a part of the English message, with ` | ` between. Cases stand beside the ontology's class hierarchy.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SH, BNode, Dataset, Graph, Literal
from rdflib.term import Node

from stratgraph.places import Triple
from stratgraph.turtle import parse_turtle
from stratgraph.validate import Report, Shapes, load_shapes, shorten, validate
from stratgraph.validate.checks import CHECKS
from stratgraph.vocab import DOCUMENT_GRAPHS, ONTOLOGY_GRAPH, SHAPES

ROOT = Path(__file__).parent.parent
CASES = Path(__file__).parent / "cases" / "shapes"
FOLDERS = ("asserted", "inferred")
# Enough of the ontology and vocabularies for classes, domains, ranges and disjointness; the rest only costs time.
STRUCTURE = (RDF.type, RDF.first, RDF.rest, RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, OWL.members, OWL.disjointWith)


@cache
def shapes(folder: str) -> Shapes:
    """All shapes of a folder."""
    return load_shapes(ROOT / "shapes" / folder)


@cache
def shape(name: str) -> Shapes:
    """The one shape of this name, from whichever folder has it."""
    return next(shapes(folder) for folder in FOLDERS if name in shapes(folder).names()).only(name)


@cache
def structure() -> frozenset[Triple]:
    """Classes, properties and concepts that cases may use."""
    files = [
        *sorted((ROOT / "ontology").glob("*.ttl")),
        *(ROOT / "data/ttl/reference" / f"{name}.ttl" for name in ("vocabularies", "themes")),
    ]
    triples = (triple for path in files for triple in parse_turtle(path.read_text(encoding="utf-8"), str(path)))
    return frozenset(triple for triple in triples if triple[1] in STRUCTURE)


def names() -> list[str]:
    """Every shape and check that needs cases."""
    return [name for folder in FOLDERS for name in shapes(folder).names()]


def case_files(kind: str) -> list[Path]:
    """All case files of a kind, `valid` or `invalid`."""
    return sorted(path for path in CASES.glob(f"*/{kind}*") if path.suffix != ".txt")


def parse(path: Path) -> dict[str, frozenset[Triple]]:
    """A case's triples per named graph; Turtle and N3 name none, so they stand for what a document states."""
    if path.suffix == ".trig":
        dataset = Dataset()
        dataset.parse(path, format="trig")
        return {str(graph.identifier): frozenset(graph) for graph in dataset.graphs() if len(graph)}
    # N3 is the one notation that can write a literal as a subject.
    text = path.read_text(encoding="utf-8")
    graph = Graph().parse(data=text, format="n3") if path.suffix == ".n3" else parse_turtle(text, str(path))
    return {f"{DOCUMENT_GRAPHS}2015-example": frozenset(graph)}


def run(path: Path) -> Report:
    """Validate a case with its own shape; only findings about what the case itself names count."""
    case = parse(path)
    named = {str(term) for triples in case.values() for triple in triples for term in triple}
    report = validate({ONTOLOGY_GRAPH: structure(), **case}, shape(path.parent.name))
    return Report(tuple(finding for finding in report.findings if finding.focus in named))


def expectations(path: Path) -> list[list[str]]:
    """Shape, focus and part of the message of each expected finding."""
    lines = path.with_name(f"{path.stem}.expected.txt").read_text(encoding="utf-8").splitlines()
    return [line.split(" | ", 2) for line in lines]


@pytest.mark.parametrize("path", case_files("valid"), ids=lambda path: path.parent.name)
def test_a_valid_case_conforms(path: Path) -> None:
    """What keeps a shape gives no finding at all, not even a warning."""
    assert run(path).to_text() == "no findings"


@pytest.mark.parametrize("path", case_files("invalid"), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_invalid_case_is_found(path: Path) -> None:
    """What breaks a shape gives exactly the expected findings, each about the expected thing and with a telling message."""
    report = run(path)
    assert {(one.shape, shorten(one.focus)) for one in report.findings} == {(name, focus) for name, focus, _ in expectations(path)}
    for name, focus, part in expectations(path):
        messages = [one.message["en"] for one in report.findings if (one.shape, shorten(one.focus)) == (name, focus)]
        assert all(part in message for message in messages), messages


def test_every_shape_has_a_valid_and_an_invalid_case() -> None:
    """No shape or check goes untried, and no case is left without its shape."""
    assert {path.parent.name for path in case_files("valid")} == set(names())
    assert {path.parent.name for path in case_files("invalid")} == set(names())


def test_every_constraint_is_seen_to_fail() -> None:
    """Each property shape, constraint and check with a message occurs in some expected finding."""
    seen = {name for path in case_files("invalid") for name, _, _ in expectations(path)}
    assert seen == {name for folder in FOLDERS for name in shapes(folder).rules()}


@pytest.mark.parametrize("folder", FOLDERS)
def test_messages_are_in_both_languages(folder: str) -> None:
    """Whatever can fail says so in Japanese and in English, once each, and fills in nothing that does not exist."""
    known = {"this", "path", "value", "near", "class", "graph", "first", "second"}
    for node in shapes(folder).graph.subjects(SH.message):
        rule = shapes(folder).rule(node)
        assert len(list(shapes(folder).graph.objects(node, SH.message))) == 2, node
        for text in rule.message.values():
            assert set(re.findall(r"\{\?(\w+)\}", text)) <= known, text
            assert text.endswith(("。", ".", "}")), text
        assert re.search("[ぁ-ん]", rule.message["ja"]), node


@pytest.mark.parametrize("folder", FOLDERS)
def test_whatever_can_fail_has_a_message(folder: str) -> None:
    """Every targeted shape, and every property shape and constraint it reaches, has messages unless it only leads on."""
    graph = shapes(folder).graph
    leading = {
        RDF.type,
        SH.path,
        SH.property,
        SH.severity,
        SH.sparql,
        SH.targetClass,
        SH.targetNode,
        SH.targetSubjectsOf,
        SH.targetObjectsOf,
    }
    waiting: list[Node] = [SHAPES[name] for name in shapes(folder).names()]
    while waiting:
        node = waiting.pop()
        if set(graph.predicates(node)) - leading:
            shapes(folder).rule(node)
        waiting += [*graph.objects(node, SH.property), *graph.objects(node, SH.sparql)]


@pytest.mark.parametrize("folder", FOLDERS)
def test_severity_belongs_to_a_shape(folder: str) -> None:
    """A severity on a constraint in SPARQL has no effect in SHACL, so there is none."""
    graph = shapes(folder).graph
    assert not [node for node in graph.subjects(SH.severity) if (node, RDF.type, SH.SPARQLConstraint) in graph]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_shape_has_an_iri(folder: str) -> None:
    """No shape is a blank node, so every finding can name its shape; and all are in the one namespace."""
    graph = shapes(folder).graph
    for predicate in (SH.path, SH.property, SH.targetClass, SH.select, SH.message):
        assert all(not isinstance(node, BNode) and str(node).startswith(str(SHAPES)) for node in graph.subjects(predicate))
    for predicate in (SH.property, SH.node, SH["not"], SH.qualifiedValueShape, SH.sparql):
        assert not [node for node in graph.objects(None, predicate) if isinstance(node, BNode)]


def test_checks_and_declarations_agree() -> None:
    """Every check is declared among the shapes and carried out by a function, and there are no others."""
    assert {node for folder in FOLDERS for node in shapes(folder).checks()} == set(CHECKS)


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_shape_is_declared_twice(folder: str) -> None:
    """A name is declared in one file only: two files that share one would silently be merged."""
    declared: list[str] = []
    for path in sorted((ROOT / "shapes" / folder).glob("*.ttl")):
        declared += re.findall(r"^(shape:[\w-]+) ", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(declared) == sorted(set(declared))


@pytest.mark.parametrize("folder", FOLDERS)
def test_patterns_are_regular_expressions(folder: str) -> None:
    """Each sh:pattern compiles and is anchored at both ends."""
    for value in shapes(folder).graph.objects(None, SH.pattern):
        assert isinstance(value, Literal)
        re.compile(str(value))
        assert str(value).startswith("^")
        assert str(value).endswith("$")
