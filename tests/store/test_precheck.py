"""The scanner before the engine."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Store

from stratgraph.errors import QuerySyntaxError, QueryTooComplex, ServiceRefused, StratgraphError, UpdateRefused
from stratgraph.store import precheck
from stratgraph.store.precheck import UNLIMITED, Limits, Scan, scan

_WRAPPERS = ["STR(", "(", "-(", "IF(1,2,", "COALESCE(", "1 IN (", "1 + ("]


@pytest.mark.parametrize("opening", _WRAPPERS)
def test_nesting_limit(opening: str) -> None:
    """48 levels of brackets pass, the query's own included; 49 do not."""
    for levels, passes in ((46, True), (47, False)):
        query = f"ASK {{ FILTER({opening * levels}1{')' * levels}) }}"
        if passes:
            assert scan(query) == Scan()
        else:
            with pytest.raises(QueryTooComplex, match="nesting"):
                scan(query)


@pytest.mark.parametrize("query", ["{" * 49, "ASK " + "{ SELECT * " * 49, "ASK { ?s ?p " + "[ ?p " * 49, "ASK { ?s " + "(" * 49 + " ?o }"])
def test_nesting_of_other_brackets(query: str) -> None:
    """Groups, sub-queries, blank nodes and paths count alike."""
    with pytest.raises(QueryTooComplex, match="nesting"):
        scan(query)


@pytest.mark.parametrize(("opening", "most"), [("!(", 8), ("!", 8), ("!STR(", 8), ("REPLACE(", 12), ("substr(", 12), ("REGEX(", 12)])
def test_what_doubles_the_parser_s_time(opening: str, most: int) -> None:
    """8 nested negations or 12 nested REPLACE, SUBSTR or REGEX pass; one more is refused."""
    scan(f"ASK {{ FILTER({opening * most}?x")
    with pytest.raises(QueryTooComplex, match="nests"):
        scan(f"ASK {{ FILTER({opening * (most + 1)}?x")


@pytest.mark.parametrize("opening", ["!(", "!", "REPLACE("])
def test_largest_that_passes_is_quickly_parsed(opening: str) -> None:
    """At the limit, and not closed, the engine's parser needs less than a second."""
    query = f"ASK {{ FILTER({opening * (12 if 'R' in opening else 8)}1"
    scan(query)
    start = time.perf_counter()
    with pytest.raises(SyntaxError):
        Store().query(query)
    assert time.perf_counter() - start < 1


def test_what_stands_side_by_side_is_not_nested() -> None:
    """Many negations and functions beside each other pass."""
    scan("ASK { " + " ".join(f"FILTER(!?a{n} && !BOUND(?b{n}) || !(?c{n})) FILTER(REGEX(?a{n}, 'x'))" for n in range(100)) + " }")


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("ASK { FILTER(1 " + "+ 1" * 2001, "operators"),
        ("ASK { FILTER(?a " + "&& ?a" * 2001, "operators"),
        ("ASK { ?s " + "<a:b>/" * 2001, "operators"),
        ("ASK { " + "?s ?p ?o . " * 2001, "clauses"),
        ("ASK { " + "OPTIONAL {} " * 2001, "clauses"),
        ("ASK { VALUES ?x { " + "1 " * 20_001, "values"),
        ("ASK { FILTER(?x IN (" + "<a:b>, " * 20_001, "values"),
        ("SELECT " + " ".join(f"?v{n}" for n in range(1001)), "variables"),
        ("ASK { FILTER(?x<" + "STR(" * 60 + "1>?y) }", "nesting"),
        ("ASK { FILTER(?x<" + "!" * 60 + "1>?y) }", "negation"),
    ],
)
def test_other_limits(query: str, what: str) -> None:
    """Chains, clauses, lists and variables have limits, also between `<` and `>` that could be an IRI."""
    with pytest.raises(QueryTooComplex, match=what):
        scan(query)


def test_from_is_found_and_resolved() -> None:
    """FROM clauses are resolved through PREFIX and BASE; words in comments, strings and patterns are none."""
    query = """# FROM <urn:comment>
        base <http://example.org/a/b> Prefix g: <graphs/> PREFIX : <http://example.org/#>
        SELECT ("FROM <urn:text>" AS ?from) FROM g:x from NAMED <../n> FROM<http://example.org/\\u0041> FROM NAMED :l\\-1
        { ?s <urn:FROM> g:FROM }"""
    default = ("http://example.org/a/graphs/x", "http://example.org/A")
    assert scan(query) == Scan(default_graphs=default, named_graphs=("http://example.org/n", "http://example.org/#l-1"), names_graphs=True)


@pytest.mark.parametrize("query", ["SELECT * FROMNAMED<a:b> {}", "PREFIX : <a:> SELECT * FROM:b {}", "PREFIX : <a:> ASK FROM NAMED:b {}"])
def test_from_run_together(query: str) -> None:
    """The engine would read these as FROM, the standard would not: refused, so that no dataset is guessed."""
    with pytest.raises(QuerySyntaxError, match="FROM"):
        scan(query)


@pytest.mark.parametrize("call", ["RAND()", "now ()", "UUID()", "STRUUID()", "BNODE('x')", "!NOW()", "1-RAND()"])
def test_volatile(call: str) -> None:
    """A query that calls a function with changing answers is told."""
    assert scan(f"SELECT ({call} AS ?x) {{}}").volatile
    assert not scan(f"SELECT ?x {{ ?x ?now '{call.partition('(')[0]}' }} # {call}").volatile


@pytest.mark.parametrize("word", ["INSERT", "delete", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"])
def test_updates(word: str) -> None:
    """Every form of update is told by its first word after the prologue."""
    with pytest.raises(UpdateRefused):
        scan(f"PREFIX insert: <urn:x>\nBASE <urn:y> # x\n{word} <urn:z>")


def test_update_words_elsewhere() -> None:
    """The same words elsewhere make no update."""
    assert scan("PREFIX add: <urn:add> SELECT ?insert { ?insert add:copy 'DELETE' }") == Scan()


@pytest.mark.parametrize(
    "text", ["SERVICE <x:y> {}", "service?x{}", "1SERVICE<x:y>{}", "S\\u0045RVICE <x:y> {}", "true.SERVICE <x:y> {}", "SERVICE:x {}"]
)
def test_service(text: str) -> None:
    """SERVICE is found in every spelling that the engine's parser, or the standard's, would read."""
    with pytest.raises(ServiceRefused):
        scan(f"ASK {{ ?s ?p {text} }}")
    scan(f"ASK {{ ?s ?p '{text.replace(chr(92), '')}' }}")


@pytest.mark.parametrize(
    "unit", ["a-", "a.", '"\\"', "'''\\", '"""\'', "<a", "<", "?a ", ":.", ".", "\\", "é", "ex:a ", "<a:b> ", "a:.....", "#\n", "1.", "@a"]
)
def test_linear(unit: str) -> None:
    """A megabyte of anything is read in seconds, with limits and without."""
    text = "ASK { " + unit * (2**20 // len(unit.encode()) - 10)
    for limits in (Limits(), UNLIMITED):
        start = time.perf_counter()
        try:
            scan(text, limits)
        except StratgraphError as error:
            assert not re.search("Traceback", str(error))
        assert time.perf_counter() - start < 5


_WORDS = "SELECT ASK ?x { } ( ) [ ] ! ' \" # <a:b> FROM NAMED SERVICE RAND now a:b BASE \\ REGEX( SUBSTR( INSERT WITH VALUES"
_PARTS = st.sampled_from(
    [*_WORDS.split(), *["1", "&&", ".", ";", "@ja", "function#", ">", "<http://a#", "GRAPH", "'"], "\n", " ", "\0", "PREFIX a: <a:>"]
)


@given(st.lists(_PARTS, max_size=80).map("".join))
def test_the_short_way_agrees_with_the_long(query: str) -> None:
    """A query that is let through without being read token by token would have been let through by reading it, with the same result."""
    if precheck._is_plain(query, Limits()):
        reader = precheck._Reader(Limits())
        try:
            reader.read(query)
        except QuerySyntaxError:
            return  # the engine says so as well
        assert reader.result() == Scan()


def test_graph_is_a_clause_outside_of_iris_only() -> None:
    """Letters within an IRI name no graph; what only looks like an IRI may hide a clause."""
    harmless = "PREFIX sg: <https://w3id.org/stratgraph/ontology#> SELECT * FROM <http://graph/> { ?s ?p <http://a/graph> }"
    assert not scan(harmless).names_graphs
    for query in (
        "SELECT * { FILTER(?x='<http://')GRAPH#>\n?g { ?s ?p ?o } }",
        "SELECT * { FILTER(?x<1)GRAPH#>\n?g { ?s ?p ?o } }",
        "SELECT * { #<http://\nGRAPH ?g { ?s ?p ?o } }",
    ):
        assert scan(query).names_graphs


def test_the_short_way_is_taken() -> None:
    """Ordinary queries go the short way; what is to be refused or read does not."""
    assert precheck._is_plain("PREFIX a: <http://x/a#> SELECT ?s { ?s a:b 'x' FILTER(!(?s = 1)) }", Limits())
    prefixes = "PREFIX sg: <https://w3id.org/stratgraph/ontology#> PREFIX sgf: <https://w3id.org/stratgraph/function#> "
    ours = f"{prefixes}SELECT ?s {{ ?s a sg:Measure }}"
    assert precheck._is_plain(ours, Limits())
    for query in (
        "SELECT * FROM <a:b> {}",
        ours.replace("sg:Measure", "sg:Measure ; sgf:matches 'a'"),
        ours.replace("function#", "function#mat"),
        ours.replace("?s a", "GRAPH <http://a#> { ?s a"),
        "ASK { SERVICE <a:b> {} }",
        "INSERT DATA {}",
        "ASK {" * 60,
        "ASK { FILTER(" + "!" * 9 + "1) }",
        " ",
    ):
        assert not precheck._is_plain(query, Limits())
