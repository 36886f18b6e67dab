"""Validation as a stage: what a finding tells, where it points, and what happens when the shapes themselves are at fault."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from rdflib import RDF, BNode, Literal, URIRef

from stratgraph.errors import SourceError
from stratgraph.load import load_product
from stratgraph.places import Place, Triple
from stratgraph.settings import Layout
from stratgraph.turtle import parse_with_lines
from stratgraph.validate import Finding, Report, load_shapes, shorten, validate
from stratgraph.vocab import DOCUMENT_GRAPHS, ID, ONTOLOGY_GRAPH, SG, SHAPES

ROOT = Path(__file__).parent.parent
PREFIXES = """@base <https://w3id.org/stratgraph/id/> .
@prefix ex: <https://example.org/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix sg: <https://w3id.org/stratgraph/ontology#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shape: <https://w3id.org/stratgraph/shapes#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
LINES = PREFIXES.count("\n")
MESSAGE = 'sh:message "直す。"@ja , "Mend {?value}."@en'


def shapes_folder(folder: Path, text: str) -> Path:
    """A folder with one file of shapes."""
    (folder / "shapes.ttl").write_text(PREFIXES + text, encoding="utf-8")
    return folder


def report(tmp_path: Path, shapes: str, data: str, ontology: str = "") -> Report:
    """Validate `data`, whose first line counts as line 1, against `shapes`."""
    lines = parse_with_lines(PREFIXES + data, "data.ttl")
    declared = parse_with_lines(PREFIXES + ontology, "ontology.ttl")
    places = {triple: Place("data.ttl", line - LINES) for triple, line in lines.items()}
    graphs: dict[str, frozenset[Triple]] = {f"{DOCUMENT_GRAPHS}2015-example": frozenset(lines), ONTOLOGY_GRAPH: frozenset(declared)}
    return validate(graphs, load_shapes(shapes_folder(tmp_path, shapes)), places)


TARGET = "a sh:NodeShape ; sh:targetClass ex:Thing"
ONE_LABEL = f"""shape:Thing {TARGET} ; sh:property shape:Thing-label .
shape:Thing-label sh:path ex:label ; sh:minCount 1 ; sh:maxCount 1 ; {MESSAGE} ."""
PATTERN = f"""shape:Thing {TARGET} ; sh:property shape:Thing-n .
shape:Thing-n sh:path ex:n ; sh:pattern "^[0-9]$" ; {MESSAGE} ."""


def places(found: Report) -> list[str]:
    """Where the findings point, as text."""
    return [str(finding.place) for finding in found.findings]


def test_what_is_missing_points_to_the_line_that_says_what_the_thing_is(tmp_path: Path) -> None:
    """A missing property has no line, so the finding points to the subject's class."""
    data = "<a/1> ex:other 1 .\n<a/2> ex:label 1 ;\n  a ex:Thing .\n<a/1>\n  a ex:Thing ."
    assert places(report(tmp_path, ONE_LABEL, data)) == ["data.ttl:5"]


def test_a_wrong_value_points_to_its_own_line(tmp_path: Path) -> None:
    """Of several values the finding points to the one that is wrong."""
    found = report(tmp_path, PATTERN, '<a/1> a ex:Thing ;\n  ex:n "1" ;\n  ex:n "x" ;\n  ex:n "2" .')
    assert places(found) == ["data.ttl:3"]
    assert found.findings[0].value == "“x”"
    assert found.findings[0].path == "<https://example.org/n>"


def test_one_too_many_points_to_each_of_them(tmp_path: Path) -> None:
    """Where a property stands twice either line may be the wrong one, so both are shown, each with its value."""
    found = report(tmp_path, ONE_LABEL, '<a/1> a ex:Thing ;\n  ex:label "a" ;\n  ex:label "b" .')
    assert [(str(one.place), one.value) for one in found.findings] == [("data.ttl:2", "“a”"), ("data.ttl:3", "“b”")]


def test_an_inverse_path_points_to_the_triple_that_refers_here(tmp_path: Path) -> None:
    """A fault of what points to a thing is mended where it points from."""
    shapes = f"shape:A {TARGET} ; sh:property shape:A-of .\nshape:A-of sh:path [ sh:inversePath ex:has ] ; sh:class ex:Owner ; {MESSAGE} ."
    found = report(tmp_path, shapes, "<a/1> a ex:Thing .\n<b/1> a ex:Other ;\n  ex:has <a/1> .")
    assert places(found) == ["data.ttl:3"]
    assert found.findings[0].path == "^<https://example.org/has>"


def test_paths_are_shown_as_sparql_writes_them(tmp_path: Path) -> None:
    """Sequences, alternatives and repetition keep their SPARQL form in findings."""
    a, b = "<https://example.org/a>", "<https://example.org/b>"
    paths = {"( ex:a ex:b )": f"{a}/{b}", "[ sh:oneOrMorePath ex:a ]": f"{a}+", "[ sh:alternativePath ( ex:a ex:b ) ]": f"{a}|{b}"}
    for path, shown in paths.items():
        shapes = f"shape:A {TARGET} ; sh:property shape:A-p .\nshape:A-p sh:path {path} ; sh:minCount 1 ; {MESSAGE} ."
        found = report(tmp_path, shapes, "<a/1> a ex:Thing .")
        assert [one.path for one in found.findings] == [shown]


def test_a_thing_in_no_file_has_no_place() -> None:
    """Without places (the inferred graph has none) findings still come, with place None."""
    graphs = {ONTOLOGY_GRAPH: [(ID["comment/2022/1"], SG.comentNumber, Literal(1))]}
    found = validate(graphs, load_shapes(ROOT / "shapes" / "asserted").only("KnownPredicate"))
    assert [(one.place, one.shape) for one in found.findings] == [(None, "KnownPredicate")]


def test_a_constraint_over_a_class_is_about_the_offender(tmp_path: Path) -> None:
    """A SPARQL constraint that targets a class as a node names the offender as ?value, and the finding is about it."""
    shapes = f"""shape:A a sh:NodeShape ; sh:targetNode ex:Thing ; sh:sparql shape:A-s .
shape:A-s sh:select "SELECT $this ?value WHERE {{ ?value a $this }}" ; {MESSAGE} ."""
    found = report(tmp_path, shapes, "<a/1> a ex:Thing .", "ex:Thing a owl:Class .")
    assert [(one.shape, one.focus, str(one.place)) for one in found.findings] == [("A-s", f"{ID}a/1", "data.ttl:1")]


def test_messages_are_filled_in_in_both_languages(tmp_path: Path) -> None:
    """The offending value stands in the message, in whichever language."""
    shapes = PATTERN.replace("直す。", "{?value} を直す。")
    [finding] = report(tmp_path, shapes, '<a/1> a ex:Thing ; ex:n "x" .').findings
    assert finding.message == {"ja": "“x” を直す。", "en": "Mend “x”."}


def test_findings_come_in_one_order(tmp_path: Path) -> None:
    """Violations before warnings, then by file and line, whatever order pyshacl gave."""
    shapes = ONE_LABEL.replace("sh:minCount", "sh:severity sh:Warning ; sh:minCount") + PATTERN.replace("shape:Thing", "shape:Other")
    found = report(tmp_path, shapes, '<a/1> a ex:Thing .\n<a/3> a ex:Thing ; ex:n "y" .\n<a/2> a ex:Thing ; ex:n "x" .')
    assert [(one.severity, str(one.place)) for one in found.findings] == [
        ("violation", "data.ttl:2"),
        ("violation", "data.ttl:3"),
        ("warning", "data.ttl:1"),
        ("warning", "data.ttl:2"),
        ("warning", "data.ttl:3"),
    ]
    assert found.counts == {"violation": 2, "warning": 3}


def test_a_warning_does_not_stop_a_build(tmp_path: Path) -> None:
    """A report with warnings alone conforms; one violation and it does not."""
    assert report(tmp_path, ONE_LABEL.replace("sh:minCount", "sh:severity sh:Warning ; sh:minCount"), "<a/1> a ex:Thing .").conforms
    assert not report(tmp_path, ONE_LABEL, "<a/1> a ex:Thing .").conforms


def test_a_blank_node_subject_is_found() -> None:
    """Under data/ttl a blank node describes nothing: it has no IRI to be cited by."""
    graphs = {f"{DOCUMENT_GRAPHS}2015-example": [(BNode(), RDF.type, SG.PublicComment)]}
    found = validate(graphs, load_shapes(ROOT / "shapes" / "asserted").only("OurSubject"))
    assert [one.shape for one in found.findings] == ["OurSubject"]


FINDING = Finding(
    "violation", "Comment-response", f"{ID}comment/2022/1", "sg:hasResponse", None,
    {"ja": "回答がない。", "en": "There is no response."}, Place("data/ttl/x.ttl", 7), {"ja": "意見1", "en": "Comment 1"},
)  # fmt: skip


def test_text_tells_file_line_fault_and_thing() -> None:
    """The terminal shows file:line first, then the message, then what it is about, in the language asked for."""
    assert Report((FINDING,)).to_text("en") == (
        "data/ttl/x.ttl:7: violation: There is no response.\n"
        "    <comment/2022/1> Comment 1 · shape:Comment-response · property sg:hasResponse\nviolation: 1"
    )
    assert Report((FINDING,)).to_text("ja") == (
        "data/ttl/x.ttl:7: 違反: 回答がない。\n    <comment/2022/1> 意見1 · shape:Comment-response · プロパティ sg:hasResponse\n違反: 1"
    )
    assert Report(()).to_text("ja") == "指摘なし"
    bare = Finding("warning", "TypedThing", "https://example.org/a", None, "“x”", FINDING.message)
    assert bare.to_text() == "warning: There is no response.\n    <https://example.org/a> · shape:TypedThing · value “x”"


def test_json_holds_the_same_in_both_languages() -> None:
    """A program reads full IRIs, place and both messages from the JSON form."""
    value = json.loads(Report((FINDING,)).to_json())
    assert value["conforms"] is False
    assert value["counts"] == {"violation": 1}
    assert value["findings"] == [
        {
            "severity": "violation",
            "shape": f"{SHAPES}Comment-response",
            "focus": f"{ID}comment/2022/1",
            "path": "sg:hasResponse",
            "value": None,
            "message": {"ja": "回答がない。", "en": "There is no response."},
            "label": {"ja": "意見1", "en": "Comment 1"},
            "place": {"path": "data/ttl/x.ttl", "line": 7},
        }
    ]


def test_labels_of_the_thing_are_told(tmp_path: Path) -> None:
    """A finding gives the label of the thing in each language it has one."""
    [finding] = report(tmp_path, ONE_LABEL, '<a/1> a ex:Thing ; skos:prefLabel "もの"@ja , "thing"@en , "もの"@ja-hira .').findings
    assert finding.label == {"en": "thing", "ja": "もの"}


def test_shorten_keeps_what_is_not_ours_in_full() -> None:
    """Our IRIs are shortened as the data write them; others stay whole."""
    assert shorten(f"{ID}comment/2022/1") == "<comment/2022/1>"
    assert shorten(str(SG.PublicComment)) == "sg:PublicComment"
    assert shorten("https://example.org/a") == "<https://example.org/a>"


def test_a_folder_without_shapes_is_an_error(tmp_path: Path) -> None:
    """Validating against nothing must not pass for validation."""
    with pytest.raises(SourceError, match="no shapes here"):
        load_shapes(tmp_path)


def test_shapes_that_are_not_turtle_are_an_error_with_a_line(tmp_path: Path) -> None:
    """A syntax error in a shape is told with file and line."""
    with pytest.raises(SourceError) as caught:
        load_shapes(shapes_folder(tmp_path, "shape:A a sh:NodeShape\nshape:B ."))
    assert caught.value.path.endswith("shapes.ttl")
    assert caught.value.line in (LINES + 1, LINES + 2)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (f'shape:A {TARGET} ; sh:nodeKind sh:Literal ; sh:message "x"@en .', "needs one sh:message in each of ja, en"),
        (f"shape:Unheard a shape:Check ; {MESSAGE} .", "nothing carries out the check shape:Unheard"),
        (f'shape:A {TARGET} ; sh:sparql shape:S .\nshape:S sh:select "SELECT nonsense" ; {MESSAGE} .', "cannot be run"),
        (
            f'shape:A {TARGET} ; sh:sparql shape:S .\nshape:S sh:select "SELECT $this {{ MINUS {{ $this ?p ?o }} }}" ; {MESSAGE} .',
            "cannot be run",
        ),
        (f'shape:A {TARGET} ; sh:property shape:P .\nshape:P sh:path ex:a ; sh:minCount "x" ; {MESSAGE} .', "cannot be run"),
        (f"shape:A {TARGET} ; sh:property shape:A .\n shape:A sh:path ex:a ; {MESSAGE} .", "cannot be run"),
    ],
    ids=["message", "check", "query", "minus", "parameter", "recursion"],
)  # fmt: skip
def test_unusable_shapes_are_our_error(tmp_path: Path, shapes: str, message: str) -> None:
    """Whatever pyshacl makes of a bad shape, a caller gets a SourceError that names the folder, never a result."""
    with pytest.raises(SourceError, match=re.escape(message)) as caught:
        report(tmp_path, shapes, "<a/1> a ex:Thing ; ex:a <a/1> .")
    assert caught.value.path == str(tmp_path)


def test_only_needs_a_shape_of_that_name(tmp_path: Path) -> None:
    """Asking for one shape that does not exist fails instead of validating nothing."""
    with pytest.raises(KeyError):
        load_shapes(shapes_folder(tmp_path, ONE_LABEL)).only("Other")


def test_what_is_encoded_conforms() -> None:
    """The committed documents, reference data and ontology keep every shape; warnings are of what is printed so, or nowhere printed."""
    sources = load_product(Layout(ROOT))
    found = validate(sources.graphs, load_shapes(ROOT / "shapes" / "asserted"), sources.places)
    printed = {"AnnexRoles-leadAndRelated", "Incident-time", "Incident-scope", "Incident-affected", "DialoguePartner"}
    assert [one.to_text() for one in found.findings if one.severity != "warning" or one.shape not in printed] == []


def test_every_shape_on_documents_has_something_to_look_at() -> None:
    """A class that a shape targets exists in the ontology: a misspelt target would pass over everything."""
    sources = load_product(Layout(ROOT))
    known = {triple[0] for triples in sources.graphs.values() for triple in triples}
    for folder in ("asserted", "inferred"):
        graph = load_shapes(ROOT / "shapes" / folder).graph
        for predicate in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "class"):
            for term in graph.objects(None, URIRef(f"http://www.w3.org/ns/shacl#{predicate}")):
                assert isinstance(term, Literal) or term in known, term
