"""Patterns that stand behind OPTIONAL or BIND are found in the text; nothing else is taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from stratgraph.store.ordering import LatePattern, find_late_pattern

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SELECT * {\n ?a ?b ?c\n OPTIONAL { ?c ?d ?e }\n ?c ?f ?g }", LatePattern(4, "OPTIONAL")),
        ("ASK { BIND (STR((1)) AS ?x) . <x:s> ?p ?o }", LatePattern(1, "BIND")),
        ("ASK { ?s ?p ?o OPTIONAL { ?o ?q ?r FILTER (?r IN (1, 2)) } FILTER regex(?o, 'a') . x:a x:b x:c }", LatePattern(1, "OPTIONAL")),
        ("ASK { { ?s ?p ?o } UNION { OPTIONAL { ?s ?p ?o } ?a ?b ?c } }", LatePattern(1, "OPTIONAL")),
        ("ASK { OPTIONAL { ?s ?p ?o BIND (1 AS ?x) ?x ?y ?z } }", LatePattern(1, "BIND")),
        ("SELECT * { ?a ?b ?c OPTIONAL { ?c ?d ?e } OPTIONAL { ?c ?f ?g ; a ?h . } } ORDER BY ?a", None),
        ("ASK { ?s ?p ?o OPTIONAL { ?o ?q ?r } FILTER (?r = ?o) FILTER NOT EXISTS { ?r ?s ?t } BIND (1 AS ?x) }", None),
        (
            "ASK { ?s ?p ?o OPTIONAL { ?o ?q ?r } VALUES ?x { 1 } VALUES (?y ?z) { (<x:a> x:b) } MINUS { ?s ?p 1 } GRAPH ?g { ?s ?p ?o } }",
            None,
        ),
        ("ASK { ?s ?p ?o OPTIONAL { ?o ?q ?r } { SELECT ?o { ?o ?t ?u } } UNION { ?o ?v ?w } }", None),
        ('ASK { ?s ?p ?o . # OPTIONAL { } ?a\n ?s ?q "OPTIONAL { } ?a" . ?s ?r ?t }', None),
        ("ASK { } } OPTIONAL { ( ", None),
        ("", None),
    ],
)
def test_a_late_pattern_is_found(query: str, found: LatePattern | None) -> None:
    """Its line and what it stands behind; a clause of another kind, a comment or a text is none."""
    assert find_late_pattern(query) == found


def test_no_saved_question_has_one_behind_optional() -> None:
    """Our own questions keep to the order; behind BIND they have a few, where little is bound by then."""
    found = {path.name: find_late_pattern(path.read_text(encoding="utf-8")) for path in (ROOT / "queries").glob("*.rq")}
    assert [name for name, late in found.items() if late and late.word != "BIND"] == []


def test_a_long_text_is_not_looked_through() -> None:
    """The server's own loop reads it, so it must take no time."""
    assert find_late_pattern("ASK { OPTIONAL { } " + "?s ?p ?o . " * 9000 + "}") is None
