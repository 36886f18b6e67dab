"""What is read quickly, line by line, is what the parser of all Turtle reads; all else is left to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.term import Literal, URIRef

from stratgraph.errors import SourceError
from stratgraph.turtle import parse_file
from stratgraph.turtle.laid_out import read_laid_out
from stratgraph.turtle.parse import parse_whole

ROOT = Path(__file__).parent.parent
SAMPLE = """# A sample.

@base <https://w3id.org/stratgraph/id/> .
@prefix sg: <https://w3id.org/stratgraph/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<measure/1> a sg:Measure ;
  sg:date "2018-01"^^xsd:gYearMonth ;
  sg:label "一"@ja,
    "He said \\"one\\" \\\\ two"@en ;
  sg:evidence <anchor/1#position>, <anchor/2> ;
  sg:flag true ;
  sg:ordinal 1, 2 ;
  sg:value -0.50 .

<measure/2>
  sg:ordinal 10 .
"""
_MARKS = ["", " ", ";", ".", ",", '"', "\\", "\\n", "@", "@en", "^^", "<", ">", "#", "a", ":", "sg:", "_:b", "é", "\t", "\r", "\n"]
_WORDS = ["0", "+1", "1e0", "true", "[]", "( )", "<../x>", "<>", "//", "\x7f", "%", "\ud800", "@base <x:y> ."]
PIECES = st.sampled_from([*_MARKS, *_WORDS])


def described(text: str) -> tuple[list[object], ...] | None:
    """All that the whole parser tells of a text: triples with their terms' inner values, lines, declarations; None where it refuses."""
    try:
        file = parse_whole(text, "x.ttl", None)
    except SourceError:
        return None
    return [(*map(inner, triple), line) for triple, line in file.lines.items()], [*file.declarations]


def quickly(text: str) -> tuple[list[object], ...] | None:
    """The same of what is read line by line; None where it gives up."""
    if read_laid_out(text, None, URIRef) is None:
        return None
    file = parse_file(text, "x.ttl")
    return [(*map(inner, triple), line) for triple, line in file.lines.items()], [*file.declarations]


def inner(term: object) -> object:
    """A term with what two equal terms could still differ in."""
    return (str(term), term.language, term.datatype, term.value, term.ill_typed) if isinstance(term, Literal) else (type(term), str(term))


@pytest.mark.parametrize("folder", ["data/ttl/reference", "data/ttl/document/2018-strategy-overview", "ontology", "tests/cases"])
def test_files_are_read_the_same_by_both(folder: str) -> None:
    """Whatever is read quickly is read right; only what is laid out in another way is left."""
    files = [path.read_text(encoding="utf-8") for path in sorted((ROOT / folder).rglob("*.ttl"))]
    quick = {text: told for text in files if (told := quickly(text.removeprefix("\ufeff"))) is not None}
    assert all(told == described(text.removeprefix("\ufeff")) for text, told in quick.items())
    assert len(quick) > len(files) * 0.9 or not folder.startswith("data/")


def test_the_sample_is_read_quickly() -> None:
    """Every kind of line that the layout knows, two numbers on one line aside."""
    assert quickly(SAMPLE) is None
    text = SAMPLE.replace("1, 2", "1")
    assert quickly(text) == described(text)
    assert quickly(text) is not None


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(SAMPLE)), st.integers(0, 3), PIECES), min_size=1, max_size=2))
def test_what_is_damaged_is_read_the_same_or_left(edits: list[tuple[int, int, str]]) -> None:
    """A text that the whole parser refuses is never accepted, and one it reads never read otherwise."""
    text = SAMPLE.replace("1, 2", "1")
    for at, cut, piece in edits:
        text = text[:at] + piece + text[at + cut :]
    told = quickly(text)
    assert told is None or told == described(text)
