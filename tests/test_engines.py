"""The compiled engine against pyshacl, the reference: what the one finds, the other finds, to the word."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from zlib import crc32

import pytest
from rdflib import RDF, SKOS, XSD, Literal, URIRef
from rdflib.term import Node

from stratgraph.errors import SourceError
from stratgraph.infer import infer, load_rules
from stratgraph.places import Triple
from stratgraph.settings import Layout
from stratgraph.turtle import parse_turtle
from stratgraph.validate import Finding, Report, Shapes, load_shapes, validate
from stratgraph.vocab import DOCUMENT_GRAPHS, ID, OA, SG, VOCAB
from tests.parts import EXTENTS, of_documents
from tests.test_shapes import CASES, FOLDERS, case_files, parse, shapes, structure
from tests.test_validate import MESSAGE, PREFIXES, TARGET, shapes_folder

ROOT = Path(__file__).parent.parent
TEXT_AS_NUMBER = CASES / "Selector" / "invalid-shared.ttl"
GRAPH = f"{DOCUMENT_GRAPHS}2015-example"


def both(graphs: dict[str, frozenset[Triple]], chosen: Shapes) -> tuple[Report, Report]:
    """The reports of the two engines."""
    compiled, reference = (validate(graphs, chosen, None, engine) for engine in ("compiled", "pyshacl"))
    return compiled, reference


# pyshacl compares an ill-typed date, and rdflib answers with NotImplemented.
@pytest.mark.filterwarnings("ignore:NotImplemented should not be used:DeprecationWarning")
@pytest.mark.parametrize("folder", FOLDERS)
def test_the_engines_agree_on_all_cases(folder: str) -> None:
    """All cases of all shapes at once, valid and invalid, against every shape of a folder: the same findings."""
    cases = [path for kind in ("valid", "invalid") for path in case_files(kind) if path.parent.name in shapes(folder).names()]
    merged = structure().union(*(triples for path in cases if path != TEXT_AS_NUMBER for triples in parse(path).values()))
    compiled, reference = both({GRAPH: merged}, shapes(folder))
    assert len({one.shape for one in compiled.findings}) > len(shapes(folder).rules()) * 0.8
    assert compiled.findings == reference.findings


def test_text_is_not_compared_with_numbers() -> None:
    """The one known difference: rdflib, under pyshacl, holds that "3" > 10; SPARQL knows no such comparison, nor do we."""
    graphs = {GRAPH: structure() | parse(TEXT_AS_NUMBER)[GRAPH] | parse(CASES / "SourceText" / "valid.ttl")[GRAPH]}
    graphs[GRAPH] |= {(ID["anchor/2015-example/0-3"], OA.hasSource, ID["source-text/2015-example"])}
    compiled, reference = both(graphs, without_checks("asserted"))
    assert [one.shape for one in reference.findings if one not in compiled.findings] == ["Anchors-withinText"]
    assert [one for one in compiled.findings if one not in reference.findings] == []
    assert "Selector-end" in {one.shape for one in compiled.findings}


def without(*patterns: tuple[object, object, object]) -> Callable[[frozenset[Triple]], Iterable[Triple]]:
    """All triples but those of some patterns, in which None stands for anything."""

    def change(triples: frozenset[Triple]) -> Iterable[Triple]:
        return (
            one for one in triples if not any(all(want in (None, got) for want, got in zip(each, one, strict=True)) for each in patterns)
        )

    return change


def replaced(predicate: URIRef, change: Callable[[Literal], object]) -> Callable[[frozenset[Triple]], Iterable[Triple]]:
    """All triples, with the values of one property changed."""

    def apply(triples: frozenset[Triple]) -> Iterable[Triple]:
        return ((one[0], one[1], change(one[2]) if one[1] == predicate else one[2]) for one in triples)  # type: ignore[arg-type,misc]

    return apply


def with_all(text: str) -> Callable[[frozenset[Triple]], Iterable[Triple]]:
    """All triples and some more, in Turtle."""
    return lambda triples: [*triples, *parse_turtle(PREFIXES + text, "mutation")]


MUTATIONS: dict[str, Callable[[frozenset[Triple]], Iterable[Triple]]] = {
    "no labels": without((None, SKOS.prefLabel, None)),
    "labels in kana": replaced(SKOS.prefLabel, lambda one: Literal(str(one), lang="ja-hira")),
    "labels without language": replaced(SKOS.prefLabel, lambda one: Literal(str(one))),
    "no evidence": without((None, SG.evidence, None)),
    "no classes of sections": without((None, RDF.type, SG.Section)),
    "numbers as text": replaced(OA.start, lambda one: Literal(str(one))),
    "ill-typed numbers": replaced(SG.ordinal, lambda one: Literal(f"{one}x", datatype=XSD.integer)),
    "ends before starts": replaced(OA.end, lambda _: Literal(0)),
    "other counts": replaced(SG.printedCount, lambda one: Literal(int(one) + 1)),
    "numbers doubled": replaced(SG.commentNumber, lambda one: Literal(int(one) // 2 + 1)),
    "dates of another kind": replaced(SG.startDate, lambda one: Literal(f"{one}T00:00:00", datatype=XSD.dateTime)),
    "later starts": replaced(SG.startDate, lambda _: Literal("2030-01-01", datatype=XSD.date)),
    "groups closed": replaced(SG.isClosedGroup, lambda _: Literal(True)),
    "hash cut": replaced(SG.spanSha256, lambda one: Literal(str(one)[1:])),
    "status unknown": replaced(SG.assertionStatus, lambda _: VOCAB["assertion-status/guessed"]),
    "no schemes": without((None, SKOS.inScheme, None), (None, RDF.type, SKOS.ConceptScheme)),
    "rings of sections": with_all(
        "<section/a> a sg:Section ; sg:isDirectPartOf <section/b> . <section/b> a sg:Section ; sg:isDirectPartOf <section/a> ."
    ),
    "blank nodes": with_all("_:a a sg:TextAnchor ; skos:prefLabel _:b . <x> sg:corporateNumber _:c ."),
    "units of groups": with_all("<body/a> a org:Organization ; org:unitOf <group/a> . <group/a> a sg:AgencyGroup ."),
}  # fmt: skip


@cache
def sample() -> frozenset[Triple]:
    """What is encoded, but of each kind of thing a dozen only, with nothing that points to what is left out."""
    encoded = of_documents(())
    kinds: dict[str, set[str]] = {}
    for thing in {str(one).partition("#")[0] for one, _, _ in encoded if str(one).startswith(str(ID))}:
        kinds.setdefault(thing.removeprefix(str(ID)).partition("/")[0], set()).add(thing)
    kept = {one for things in kinds.values() for one in sorted(things, key=lambda one: crc32(one.encode()))[:12]}

    def left_out(node: Node) -> bool:
        return str(node).startswith(str(ID)) and str(node).partition("#")[0] not in kept

    return structure() | {one for one in encoded if str(one[0]).startswith(str(ID)) and not left_out(one[0]) and not left_out(one[2])}


@cache
def undamaged() -> tuple[Finding, ...]:
    """What the reference finds in the sample as it stands."""
    return validate({GRAPH: sample()}, without_checks("asserted"), None, "pyshacl").findings


@pytest.mark.parametrize("kind", MUTATIONS)
def test_the_engines_agree_on_damaged_data(kind: str) -> None:
    """Whatever is done to the data, both engines find the same in it, and something that was not there before."""
    compiled, reference = both({GRAPH: frozenset(MUTATIONS[kind](sample()))}, without_checks("asserted"))
    assert compiled.findings == reference.findings
    assert compiled.findings != undamaged()


@cache
def without_checks(folder: str) -> Shapes:
    """The SHACL of a folder alone; the checks are the same code for both engines."""
    graph = shapes(folder).graph
    checks = set(shapes(folder).checks())
    kept = type(graph)()
    for triple in graph:
        if triple[0] not in checks:
            kept.add(triple)
    return Shapes(kept, folder)


@pytest.mark.parametrize("keys", EXTENTS)
def test_the_engines_agree_on_what_is_encoded(keys: tuple[str, ...]) -> None:
    """The committed data as it stands: the same findings; of all together warnings only (of what the documents leave unsaid)."""
    compiled, reference = both({GRAPH: of_documents(keys)}, without_checks("asserted"))
    assert compiled.findings == reference.findings
    assert keys or {one.severity for one in compiled.findings} <= {"warning"}


@pytest.mark.parametrize("keys", EXTENTS)
def test_the_engines_agree_on_what_is_inferred(keys: tuple[str, ...]) -> None:
    """The closed graph, and the same with half of what follows left out: the same findings, some then."""
    given = of_documents(keys)
    triples = given | infer(given, load_rules(Layout(ROOT).rules)).triples
    halved = frozenset(one for one in triples if one[1] not in (SG.reflectedIn, SG.effectiveResponse))
    for graph, breaks in ((triples, False), (halved, True)):
        compiled, reference = both({GRAPH: graph}, without_checks("inferred"))
        assert compiled.findings == reference.findings
        assert bool(compiled.findings) == breaks


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("sh:closed true", "sh#closed"),
        ("sh:property shape:P . shape:P sh:path ex:a ; sh:in ( 1 2 )", "sh#in"),
        ("sh:target shape:T . shape:T a sh:SPARQLTarget", "sh#target"),
        ("sh:deactivated true", "sh#deactivated"),
        ('sh:pattern "A" ; sh:flags "i"', "sh#flags"),
        ("sh:minCount 1", "without sh:path"),
        ("sh:node shape:Missing", "not declared"),
        ("a owl:Class", "class and a shape"),
        ("sh:property shape:P . shape:P sh:path [ sh:inversePath ( ex:a ex:b ) ]", "inverse"),
        ("sh:not shape:A", "refers to itself"),
        ('sh:pattern "("', "pattern"),
        ("sh:or ex:none", "no list"),
    ],
)
def test_what_the_engine_does_not_know_is_an_error(tmp_path: Path, text: str, fault: str) -> None:
    """A construct that the compiled engine cannot run is named, though nothing in the data would break it."""
    chosen = load_shapes(shapes_folder(tmp_path, f"shape:A {TARGET} ; {text} ; {MESSAGE} ."))
    with pytest.raises(SourceError, match="cannot be run") as caught:
        validate({GRAPH: frozenset()}, chosen)
    assert fault.replace("sh#", "shacl#") in str(caught.value)


@pytest.mark.parametrize("word", ["MINUS { ?value a ex:B }", "VALUES ?value { 1 }", "SERVICE ex:s { ?value a ex:B }", "BIND (1 AS ?this)"])
def test_queries_that_shacl_forbids_are_refused(tmp_path: Path, word: str) -> None:
    """What cannot be run with $this bound beforehand is refused by name; the same word in a comment or a string is not."""
    text = f"""shape:A {TARGET} ; sh:sparql shape:S .
shape:S {MESSAGE} ; sh:select \"\"\"SELECT $this ?value {{ $this <https://example.org/b> ?value . %s }}\"\"\" ."""
    graphs: dict[str, frozenset[Triple]] = {GRAPH: frozenset(parse_turtle(PREFIXES + "<a/1> a ex:Thing ; ex:b 1 .", "data"))}
    with pytest.raises(SourceError, match=re.escape("forbids")):
        validate(graphs, load_shapes(shapes_folder(tmp_path, text % word)))
    fine = load_shapes(shapes_folder(tmp_path, text % f"FILTER (?value != '{word.replace(chr(39), '')}') # {word.split(maxsplit=1)[0]}\n"))
    assert [one.shape for one in validate(graphs, fine).findings] == ["S"]
