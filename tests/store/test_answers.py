"""Answers: formats, kinds, errors."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

import pytest

from stratgraph.errors import AnswerTooLarge, NotAcceptable, QueryError, QuerySyntaxError, UpdateRefused
from stratgraph.store.interface import QueryRequest

from .conftest import EX, Harness

_ONE = f"SELECT ?o WHERE {{ <{EX}x> <{EX}p> ?o }}"
_CONSTRUCT = f"CONSTRUCT WHERE {{ <{EX}x> <{EX}p> ?o }}"
_TRIPLE = f"<{EX}x> <{EX}p> <{EX}y>".encode()


def test_json_solutions(harness: Harness) -> None:
    """SELECT as JSON has the head and bindings of SPARQL 1.1 Query Results JSON Format."""
    assert json.loads(harness.ask(_ONE)) == {"head": {"vars": ["o"]}, "results": {"bindings": [{"o": {"type": "uri", "value": f"{EX}y"}}]}}


def test_csv_and_tsv_solutions(harness: Harness) -> None:
    """CSV has bare values and CRLF; TSV has terms in Turtle's syntax (SPARQL 1.1 Query Results CSV and TSV Formats)."""
    assert harness.ask(_ONE, solutions="csv") == f"o\r\n{EX}y\r\n".encode()
    assert harness.ask(_ONE, solutions="tsv") == f"?o\n<{EX}y>\n".encode()


def test_xml_solutions(harness: Harness) -> None:
    """XML results parse, even when a literal has characters that XML cannot carry: those become U+FFFD."""
    query = f"SELECT ?o WHERE {{ <{EX}a#1> ?p ?o }}"
    tree = ET.fromstring(harness.ask(query, solutions="xml"))
    literal = tree.find(".//{http://www.w3.org/2005/sparql-results#}literal")
    assert literal is not None
    assert literal.text == "control \ufffd and \ufffd"
    assert "\\u0001" in harness.ask(query, solutions="json").decode()


@pytest.mark.parametrize(("query", "expected"), [("ASK {}", True), (f"ASK {{ <{EX}none> ?p ?o }}", False)])
def test_ask(harness: Harness, query: str, expected: bool) -> None:
    """ASK answers in JSON and XML."""
    assert json.loads(harness.ask(query))["boolean"] is expected
    assert f"<boolean>{str(expected).lower()}</boolean>" in harness.ask(query, boolean="xml").decode()


@pytest.mark.parametrize("name", ["turtle", "ntriples", "nquads", "trig"])
@pytest.mark.parametrize("query", [_CONSTRUCT, f"DESCRIBE <{EX}x>"])
def test_graph_answers(harness: Harness, name: str, query: str) -> None:
    """CONSTRUCT and DESCRIBE answer in the N-Triples family; a triple is there once, however many graphs have it."""
    assert harness.ask(query, graph=name).count(_TRIPLE) == 1


def test_graph_answers_in_jsonld_and_rdfxml(harness: Harness) -> None:
    """CONSTRUCT answers in JSON-LD and RDF/XML."""
    assert json.loads(harness.ask(_CONSTRUCT, graph="jsonld")) == [{"@id": f"{EX}x", f"{EX}p": [{"@id": f"{EX}y"}]}]
    description = ET.fromstring(harness.ask(_CONSTRUCT, graph="rdfxml"))[0]
    assert description.attrib == {"{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about": f"{EX}x"}


@pytest.mark.parametrize(
    ("query", "kind", "fmt", "volatile"),
    [
        ("SELECT * {}", "solutions", "csv", False),
        ("ASK { FILTER(RAND() < 2) }", "boolean", "xml", True),
        (_CONSTRUCT, "graph", "trig", False),
    ],
)
def test_answer_says_what_it_is(harness: Harness, query: str, kind: str, fmt: str, volatile: bool) -> None:
    """An answer names its kind, the format chosen for that kind, and whether it may differ the next time."""
    answer = harness.run(harness.store.query(QueryRequest(query, solutions="csv", boolean="xml", graph="trig")))
    assert (answer.kind, answer.format, answer.volatile) == (kind, fmt, volatile)


@pytest.mark.parametrize(
    ("query", "missing", "offered"),
    [
        ("SELECT * {}", "solutions", "text/csv"),
        ("ASK {}", "boolean", "application/sparql-results+xml"),
        (_CONSTRUCT, "graph", "text/turtle"),
    ],
)
def test_not_acceptable(harness: Harness, query: str, missing: str, offered: str) -> None:
    """A kind for which the client accepts no format is refused, with what is offered for that kind."""
    with pytest.raises(NotAcceptable) as caught:
        harness.ask(query, **{missing: None})
    assert offered in caught.value.offered
    assert ("text/csv" in caught.value.offered) is (missing == "solutions")


@pytest.mark.parametrize(
    ("query", "line", "column", "part"),
    [
        ("SELECT *\nWHERE { ?s ?p ?o ]", 2, 18, "“]”"),
        ("SELECT *\nWHERE { ?s ?p }", 2, 15, "“}”"),
        ("SELEC * {}", 1, 1, "“SELEC”"),
        ("SELECT ?x {\n  BIND(1 AS ?x)\n  FILTRE(?x) }", 3, 3, "“FILTRE”"),
        ("SELECT * { # {\n", 2, 1, "not complete"),
        ("ASK { ?s ?p '''a\n\nb''' . ) }", 3, 8, "“)”"),
        ("ASK { ?s none:p ?o }", 1, 10, "“none:p”: Prefix not found"),
        ("ASK { ?s <rel> ?o }", 1, 10, "“<rel>”: IRI parsing failed"),
        ("SELECT * FROM {}", 1, 15, "“{”"),
        ('ASK { ?s ?p "甲\\"', 1, 13, "not closed"),
    ],
)
def test_syntax_error_has_line_and_column(harness: Harness, query: str, line: int, column: int, part: str) -> None:
    """A syntax error tells where it is, counted from 1 in characters, and what stands there."""
    with pytest.raises(QuerySyntaxError, match=re.escape(part)) as caught:
        harness.ask(query)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize("query", ["", "  # nothing\n", "ASK {}\0", "ASK { ?s ?p '\ud800' }", "nonsense"])
def test_what_is_no_query(harness: Harness, query: str) -> None:
    """Empty text, NUL, lone surrogates and words are syntax errors."""
    with pytest.raises(QuerySyntaxError):
        harness.ask(query)


def test_unknown_function_is_named(harness: Harness) -> None:
    """An unknown function is an error that names it."""
    with pytest.raises(QueryError, match=re.escape(f"<{EX}f>")):
        harness.ask(f"SELECT (<{EX}f>(1) AS ?x) {{}}")


@pytest.mark.parametrize("text", ["INSERT DATA { <a:a> <a:b> 1 }", "PREFIX a: <b:> # x\nDROP ALL", "WITH <a:g> DELETE WHERE { ?s ?p ?o }"])
def test_update_is_refused(harness: Harness, text: str) -> None:
    """Update text is told apart from a syntax error."""
    with pytest.raises(UpdateRefused):
        harness.ask(text)


def test_response_limit_before_the_first_chunk(unguarded: Harness) -> None:
    """An answer that passes a small limit is an error, not a stream."""
    with pytest.raises(AnswerTooLarge):
        unguarded.run(unguarded.store.query(QueryRequest("SELECT * { ?s ?p ?o }", response_bytes=1000)))


def test_response_limit_in_mid_stream(unguarded: Harness) -> None:
    """An answer that passes the limit later starts as a stream and is broken off by the error."""

    async def read() -> int:
        answer = await unguarded.store.query(QueryRequest("SELECT * { ?s ?p ?o . ?a ?b ?c }", response_bytes=500_000))
        size = 0
        with pytest.raises(AnswerTooLarge):
            async for chunk in answer.body:
                size += len(chunk)
        return size

    assert 0 < unguarded.run(read()) <= 500_000
    assert unguarded.count() == 5000
