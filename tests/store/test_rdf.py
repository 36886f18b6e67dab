"""Canonical N-Quads, dumps, statements as bytes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import rdflib
from rdflib.compare import isomorphic

from stratgraph.errors import NotAcceptable, SourceError
from stratgraph.store.interface import Statement, Term
from stratgraph.store.rdf import RDF_FORMATS, canonical_nquads, dump, serialize_statements

EX = "http://example.org/"
_LINES = [
    f"<{EX}a> <{EX}p> _:x <{EX}g1> .",
    f'_:x <{EX}q> "01"^^<http://www.w3.org/2001/XMLSchema#int> <{EX}g1> .',
    f"<{EX}a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{EX}C> <{EX}g2> .",
    f'<{EX}a> <{EX}p> "甲"@ja <{EX}g1> .',
    f'<{EX}a> <{EX}p> "甲"@ja <{EX}g2> .',
]
NQUADS = ("\n".join(_LINES) + "\n").encode()
_RDFLIB = {"turtle": "turtle", "ntriples": "nt", "rdfxml": "xml", "jsonld": "json-ld", "trig": "trig", "nquads": "nquads"}


def _merged(data: bytes, fmt: str) -> rdflib.Graph:
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(data, format=_RDFLIB[fmt])
    graph = rdflib.Graph()
    for subject, predicate, value, _ in dataset.quads():
        graph.add((subject, predicate, value))
    return graph


def test_canonical_does_not_depend_on_order_repetition_or_labels() -> None:
    """The same dataset written otherwise gives the same bytes; blank nodes get the labels of RDFC-1.0, lines are sorted."""
    other = ("\n".join(reversed([*_LINES, _LINES[0]])) + "\n").replace("_:x", "_:other").encode()
    canonical = canonical_nquads(NQUADS)
    assert canonical_nquads(other) == canonical
    assert canonical.splitlines() == sorted(canonical.splitlines())
    assert b"_:c14n0" in canonical
    assert canonical_nquads(canonical) == canonical


def test_literals_keep_their_form() -> None:
    """A number that the engine's store would rewrite stays as written."""
    for name in RDF_FORMATS:
        assert b"01" in dump(NQUADS, name)


@pytest.mark.parametrize("name", list(RDF_FORMATS))
def test_dump_says_the_same_in_every_format(name: str) -> None:
    """Another library reads every dump, and finds the triples of the input."""
    assert isomorphic(_merged(dump(NQUADS, name, prefixes={"ex": EX}), name), _merged(NQUADS, "nquads"))


@pytest.mark.parametrize("name", list(RDF_FORMATS))
def test_dump_is_deterministic(name: str) -> None:
    """Order and repetition of the input do not show, nor does the process's hash seed."""
    data = dump(NQUADS, name, prefixes={"ex": EX, "a": "urn:a"})
    assert dump("\n".join(reversed([*_LINES, _LINES[1]])).encode() + b"\n", name, prefixes={"ex": EX, "a": "urn:a"}) == data
    call = f"dump({NQUADS!r}, {name!r}, prefixes={{'ex': {EX!r}, 'a': 'urn:a'}})"
    code = f"import sys; from stratgraph.store.rdf import dump; sys.stdout.buffer.write({call})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env={"PYTHONHASHSEED": "1"}).stdout == data


def test_triple_formats_merge_graphs_as_a_set() -> None:
    """A triple in two graphs is one line of N-Triples, and two of N-Quads; `graphs` chooses."""
    assert dump(NQUADS, "ntriples").count("甲".encode()) == 1
    assert dump(NQUADS, "nquads").count("甲".encode()) == 2
    assert dump(NQUADS, "ntriples", [f"{EX}g2"]).count(b"\n") == 2
    assert dump(NQUADS, "nquads", []) == b""


def test_turtle_is_grouped_and_uses_prefixes() -> None:
    """Turtle names each subject once, its type first."""
    text = dump(NQUADS, "turtle", prefixes={"ex": EX}).decode()
    assert "@prefix ex: <http://example.org/> ." in text
    assert text.count("ex:a ") == 1
    assert text.index("ex:C") < text.index("甲")


def test_bad_input_and_format() -> None:
    """Bad N-Quads are a SourceError with a line; an unknown format is not acceptable."""
    with pytest.raises(SourceError) as caught:
        canonical_nquads(NQUADS + b"nonsense\n")
    assert caught.value.line == len(_LINES) + 1
    with pytest.raises(NotAcceptable):
        dump(NQUADS, "html")


def test_statements() -> None:
    """Statements serialise as triples, sorted and without repetition; N-Quads and TriG keep their graphs."""
    subject, blank = Term("iri", f"{EX}s"), Term("blank", "b")
    statements = [
        Statement(subject, f"{EX}p", blank, f"{EX}g"),
        Statement(subject, f"{EX}p", blank, f"{EX}h"),
        Statement(blank, f"{EX}p", Term("literal", "x", "en"), ""),
        Statement(subject, f"{EX}o", Term("literal", "1", None, "http://www.w3.org/2001/XMLSchema#integer"), f"{EX}g"),
    ]
    expected = [
        f'<{EX}s> <{EX}o> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .',
        f"<{EX}s> <{EX}p> _:b .",
        f'_:b <{EX}p> "x"@en .',
    ]
    assert serialize_statements(statements, "ntriples").decode().splitlines() == expected
    assert serialize_statements(reversed(statements), "turtle") == serialize_statements(statements, "turtle")
    assert serialize_statements(statements, "nquads").count(b"\n") == 4
    assert "@graph" not in json.dumps(json.loads(serialize_statements(statements, "jsonld")))
