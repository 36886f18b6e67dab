"""Reading and formatting Turtle. Cases are files: `cases/fmt/<name>/{in,out}.ttl`, `cases/fmt/errors/<name>.{ttl,error.txt}`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import OWL, RDF, RDFS, SKOS, XSD

from stratgraph.errors import SourceError
from stratgraph.turtle import format_graph, format_turtle, in_japanese, parse_file, parse_turtle, parse_with_lines

CASES = Path(__file__).parent / "cases" / "fmt"
FORMATS = sorted(path.parent for path in CASES.glob("*/in.ttl"))
ERRORS = sorted((CASES / "errors").glob("*.ttl"))

BASE = "https://w3id.org/stratgraph/id/"
SG = "https://w3id.org/stratgraph/ontology#"
PREFIXES = {
    "foaf": "http://xmlns.com/foaf/0.1/",
    "oa": "http://www.w3.org/ns/oa#",
    "owl": str(OWL),
    "rdf": str(RDF),
    "rdfs": str(RDFS),
    "sg": SG,
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": str(SKOS),
    "theme": "https://w3id.org/stratgraph/vocab/theme/",
    "xsd": str(XSD),
}
HEAD = f"@base <{BASE}> .\n@prefix sg: <{SG}> .\n"


def test_there_are_cases() -> None:
    """The folders of cases are not empty, so that no glob passes for nothing."""
    assert len(FORMATS) >= 4
    assert len(ERRORS) >= 15


@pytest.mark.parametrize("folder", FORMATS, ids=lambda path: path.name)
def test_format_gives_the_one_layout(folder: Path) -> None:
    """A file in any layout becomes the expected text, which itself stays as it is and says the same."""
    given_text, expected = ((folder / name).read_text(encoding="utf-8") for name in ("in.ttl", "out.ttl"))
    assert format_turtle(given_text, "in.ttl", PREFIXES) == expected
    assert format_turtle(expected, "out.ttl", PREFIXES) == expected
    # rdflib's own reader, not ours, is the judge of what the two texts say.
    assert isomorphic(Graph().parse(data=given_text, format="turtle"), Graph().parse(data=expected, format="turtle"))


@pytest.mark.parametrize("path", ERRORS, ids=lambda path: path.stem)
def test_errors_name_the_place(path: Path) -> None:
    """What fmt cannot read or keep is refused with file, line, and the expected words."""
    with pytest.raises(SourceError) as caught:
        format_turtle(path.read_text(encoding="utf-8"), path.name, PREFIXES)
    assert str(caught.value) == path.with_suffix(".error.txt").read_text(encoding="utf-8").removesuffix("\n")


# Characters that break careless writers: quotes, escapes, separators, kanji, an emoji beyond the BMP, a combining mark.
_NASTY = st.text(
    st.one_of(st.sampled_from("\"'\\\n\r\t\x00\x07\x85\u2028\u2029\ufeff #<>^@.;,日本語、「」㈱𠮷🗾か゚"), st.characters(codec="utf-8")),
    max_size=12,
)
_LOCAL = st.sampled_from(["a", "b", "Sub2-10", "sub2-9", "x.", "1", "-m", "a/b", "", "日本", "a%20b", "a:b", "ｆ", "_", "a.b"])
_IRIS = st.builds(
    lambda namespace, local: URIRef(namespace + local),
    st.sampled_from([SG, BASE, f"{BASE}anchor/k/", "http://example.org/", "urn:x:", str(OWL)]),
    _LOCAL,
)
_NUMBERS = st.one_of(
    st.tuples(st.just(XSD.integer), st.one_of(st.integers().map(str), st.sampled_from(["-0", "007", "+7", "9" * 120]))),
    st.tuples(
        st.just(XSD.decimal),
        st.one_of(st.integers().map(lambda n: f"{n}.{abs(n)}"), st.sampled_from(["1", "-0.0", "1.", ".5", "+1.5", "01.5"])),
    ),
    st.tuples(st.just(XSD.double), st.sampled_from(["1e3", "1.5E-300", "INF", "1"])),
    st.tuples(st.just(XSD.boolean), st.sampled_from(["true", "false", "1"])),
    st.tuples(st.just(XSD.date), st.dates().map(str)),
).map(lambda pair: Literal(pair[1], datatype=pair[0], normalize=False))
_LITERALS = st.one_of(
    _NASTY.map(Literal),
    st.builds(lambda text, tag: Literal(text, lang=tag), _NASTY, st.sampled_from(["ja", "en", "ja-hira", "fr"])),
    st.builds(lambda text: Literal(text, datatype=URIRef(f"{SG}own")), _NASTY),
    _NUMBERS,
)
_PREDICATES = st.one_of(_IRIS, st.sampled_from([RDF.type, RDF.first, RDF.rest, SKOS.prefLabel, RDFS.subClassOf]))
# A description is [(predicate, object), …]; an object is a term, a nested description, or a list (tuple) of objects.
_OBJECTS = st.recursive(
    st.one_of(_IRIS, _LITERALS, st.just(RDF.nil)),
    lambda inner: st.one_of(
        st.lists(st.tuples(_PREDICATES, inner), max_size=4),
        st.lists(inner, min_size=1, max_size=4).map(tuple),
    ),
    max_leaves=8,
)
_SUBJECTS = st.one_of(_IRIS, st.just(RDF.nil), st.none())
_DESCRIPTIONS = st.lists(st.tuples(_SUBJECTS, st.lists(st.tuples(_PREDICATES, _OBJECTS), min_size=1, max_size=4)), max_size=6)


def _graph(descriptions: list[tuple[Any, Any]]) -> Graph:
    graph = Graph()
    for subject, description in descriptions:
        _describe(graph, BNode() if subject is None else subject, description)
    return graph


def _describe(graph: Graph, subject: Any, description: Any) -> Any:
    for predicate, value in description:
        graph.add((subject, predicate, _node(graph, value)))
    return subject


def _node(graph: Graph, value: Any) -> Any:
    if isinstance(value, tuple):
        rest: Any = RDF.nil
        for item in reversed(value):
            rest = _describe(graph, BNode(), [(RDF.first, item), (RDF.rest, rest)])
        return rest
    return _describe(graph, BNode(), value) if isinstance(value, list) else value


def _meaning(graph: Graph) -> list[str]:
    """What a graph says but for the names of its blank nodes, each of which is used once at most.

    rdflib's own isomorphism sometimes denies graphs with two equal lists, depending on the names (7.6).
    """

    def told(node: Any) -> str:
        return f"[{sorted((str(p), told(o)) for p, o in graph.predicate_objects(node))}]" if isinstance(node, BNode) else repr(node)

    nested = set(graph.objects())
    return sorted(f"{told(s)} {p} {told(o)}" for s, p, o in graph if not (isinstance(s, BNode) and s in nested))


@settings(max_examples=200, deadline=None)
@given(_DESCRIPTIONS, st.sampled_from([None, BASE, "https://w3id.org/stratgraph/id/anchor", "http://example.org"]))
def test_any_graph_survives_and_settles(descriptions: list[tuple[Any, Any]], base: str | None) -> None:
    """Whatever the graph, its Turtle reads back as the same graph, and formatting that again changes nothing."""
    graph = _graph(descriptions)
    text = format_graph(list(graph), PREFIXES, base)
    assert _meaning(parse_turtle(text, "generated.ttl")) == _meaning(graph)
    assert format_turtle(text, "generated.ttl", PREFIXES) == text
    # No string that is not a program leaves its line, and no other character is taken for the end of one.
    assert text.splitlines() == text.removesuffix("\n").split("\n")


@settings(max_examples=60, deadline=None)
@given(_DESCRIPTIONS, st.randoms(use_true_random=False))
def test_order_and_blank_node_names_do_not_matter(descriptions: list[tuple[Any, Any]], random: Any) -> None:
    """The same triples in another order, with other names for the blank nodes, give the same text."""
    graph = _graph(descriptions)
    blanks = sorted({term for triple in graph for term in triple if isinstance(term, BNode)})
    numbers = list(range(len(blanks)))
    random.shuffle(numbers)
    names = {node: BNode(f"n{number}") for node, number in zip(blanks, numbers, strict=True)}
    renamed = [tuple(names.get(term, term) if isinstance(term, BNode) else term for term in triple) for triple in graph]
    random.shuffle(renamed)
    assert format_graph(renamed, PREFIXES) == format_graph(list(graph), PREFIXES)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(_DESCRIPTIONS)
def test_rdflib_reads_what_we_write(descriptions: list[tuple[Any, Any]]) -> None:
    """The text means the same to rdflib's own Turtle reader, but for the written form of numbers, which it changes."""
    graph = _graph(descriptions)
    read = Graph().parse(data=format_graph(list(graph), PREFIXES), format="turtle")
    assert _meaning(_normalised(read)) == _meaning(_normalised(graph))


def _normalised(graph: Graph) -> Graph:
    """The graph with literals in rdflib's canonical form."""
    made = Graph()
    for s, p, o in graph:
        made.add((s, p, o.normalize() if isinstance(o, Literal) and o.datatype else o))
    return made


def test_a_shared_blank_node_cannot_be_written() -> None:
    """A graph with a blank node that two statements share has no stable text and is refused."""
    shared = BNode()
    with pytest.raises(ValueError, match="twice"):
        format_graph([(URIRef(f"{SG}{name}"), RDF.value, shared) for name in "ab"], PREFIXES)


def test_lines_of_statements() -> None:
    """Each triple is placed at the line where its object begins, also in lists, nested nodes and after long strings."""
    text = (
        HEAD  # lines 1 and 2
        + '<a> sg:p 1 ,\n  2 ;\n  sg:q """long\n\nstring""" ;\n'  # 3 to 7
        + "  sg:r [\n    sg:s ( 3\n      4 ) ] ;\n"  # 8 to 10
        + "  # a comment\n  sg:t true\n.\n<a> sg:p 1 .\n"  # 11 to 14
    )
    placed = {
        (str(p).removeprefix(SG), str(o)): line for (_, p, o), line in parse_with_lines(text, "x.ttl").items() if not isinstance(o, BNode)
    }
    assert placed == {
        ("p", "1"): 3,
        ("p", "2"): 4,
        ("q", "long\n\nstring"): 5,
        (str(RDF.first), "3"): 9,
        (str(RDF.first), "4"): 10,
        (str(RDF.rest), str(RDF.nil)): 10,
        ("t", "true"): 12,
    }
    nested = {str(p).removeprefix(SG): line for (_, p, o), line in parse_with_lines(text, "x.ttl").items() if isinstance(o, BNode)}
    assert nested == {"r": 8, "s": 9, str(RDF.rest): 10}


def test_lines_are_the_same_with_windows_line_ends() -> None:
    """A file with CR LF has the same lines."""
    text = HEAD + "<a> sg:p 1 ;\n\n  sg:q 2 .\n"
    assert list(parse_with_lines(text.replace("\n", "\r\n"), "x.ttl").values()) == [3, 5]


def test_declarations_are_told_in_order() -> None:
    """The reader tells prefixes and base with their lines, in either of Turtle's spellings."""
    told = parse_file(f"PREFIX sg: <{SG}>\n\n@base <{BASE}> .\n@prefix : <http://example.org/> .", "x.ttl").declarations
    assert [(one.prefix, one.iri, one.line) for one in told] == [("sg", SG, 1), (None, BASE, 3), ("", "http://example.org/", 4)]


def test_base_may_be_given() -> None:
    """Relative IRIs are resolved against the base that is given, until the file names its own."""
    triples = parse_with_lines("<a> <b> <c> . @base <http://example.org/> . <a> <b> <c> .", "x.ttl", base=BASE)
    assert [str(subject) for subject, _, _ in triples] == [f"{BASE}a", "http://example.org/a"]


def test_written_forms_are_kept() -> None:
    """A literal keeps the form it is written in, so that what is not canonical can be found and nothing changes unseen."""
    text = HEAD + '<a> sg:p "007"^^<http://www.w3.org/2001/XMLSchema#integer> , 0.00000001 , 1.50 , 1E3 .'
    assert {str(value) for _, _, value in parse_with_lines(text, "x.ttl")} == {"007", "0.00000001", "1.50", "1E3"}


def test_a_string_is_a_string() -> None:
    """Since RDF 1.1 a plain string and an xsd:string are one term, and are written plainly."""
    text = HEAD + '<a> sg:p "x"^^<http://www.w3.org/2001/XMLSchema#string> , "x" .'
    assert list(parse_with_lines(text, "x.ttl")) == [(URIRef(f"{BASE}a"), URIRef(f"{SG}p"), Literal("x"))]


def test_a_byte_order_mark_is_no_content() -> None:
    """A byte order mark at the start is read over and not written again."""
    assert format_turtle("\ufeff# head\n", "x.ttl", PREFIXES) == "# head\n"


def test_fmt_refuses_to_lose_a_triple(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the writer at fault, fmt would say so instead of changing what the file says."""
    monkeypatch.setattr("stratgraph.turtle.layout.format_graph", lambda *_: "")
    with pytest.raises(SourceError, match="fault of fmt"):
        format_turtle(HEAD + "<a> sg:p 1 .", "x.ttl", PREFIXES)


def test_long_comments_and_strings_take_no_time() -> None:
    """Looking for comments is linear: hundreds of kilobytes of open quotes, escapes and angle brackets is read at once."""
    text = HEAD + '<a> sg:p "' + "\\\\" * 100_000 + "<<<<''''" * 10_000 + '" .\n'
    assert format_turtle(text, "x.ttl", PREFIXES).count("\\\\") == 100_000


@pytest.mark.parametrize("path", ERRORS, ids=lambda path: path.stem)
def test_faults_of_turtle_are_told_in_japanese(path: Path) -> None:
    """Each fault that reading a file can tell has Japanese words; what only fmt refuses is told in English."""
    try:
        parse_file(path.read_text(encoding="utf-8"), path.name)
    except SourceError as error:
        assert re.search("[ぁ-んァ-ヶ一-龠]", in_japanese(error.message)), error.message
