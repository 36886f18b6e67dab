"""Text in queries: folding, the index, sgf:matches and its kin, and search. Expected values are read off the texts below."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from stratgraph.errors import QueryError, QueryTooComplex
from stratgraph.settings import Settings
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.store.interface import SearchRequest
from stratgraph.store.matching import string_value
from stratgraph.store.text import TextIndex, fold
from stratgraph.vocab import BASE, CURATED_GRAPHS, DOCUMENT_GRAPHS, INFERRED_GRAPH

from .conftest import Harness

LABEL, ALT, SUMMARY = (
    "http://www.w3.org/2004/02/skos/core#prefLabel",
    "http://www.w3.org/2004/02/skos/core#altLabel",
    f"{BASE}ontology#summary",
)
DOCUMENT, CURATED = f"{DOCUMENT_GRAPHS}a", f"{CURATED_GRAPHS}a"
NISC, METI, ATTACK, NOTE = (f"{BASE}id/{path}" for path in ("body/nisc", "body/meti", "measure/a/1/attack", "note/a"))
LINES = [
    (NISC, LABEL, '"内閣サイバーセキュリティセンター"@ja', DOCUMENT),
    (NISC, ALT, '"NISC"@ja', DOCUMENT),
    (METI, LABEL, '"経済産業省"@ja', DOCUMENT),
    (METI, LABEL, '"Ministry of Economy, Trade and Industry"@en', CURATED),
    (ATTACK, LABEL, '"ｻｲﾊﾞｰ攻撃への対処"@ja', DOCUMENT),
    (ATTACK, SUMMARY, '"NISCがサイバー攻撃に対処する。"@ja', CURATED),
    (NOTE, "http://example.org/note", '"サイバー"@ja', DOCUMENT),
]
HEAD = f"PREFIX sgf: <{BASE}function#> "


@pytest.fixture(scope="module")
def texts(runner: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """A store over the lines above."""
    path = tmp_path_factory.mktemp("texts") / "graph.nq"
    path.write_text("".join(f"<{s}> <{p}> {o} <{g}> .\n" for s, p, o, g in LINES), encoding="utf-8")
    store = runner.run(EmbeddedStore.open(path, Settings()))
    yield Harness(runner, store)
    runner.run(store.close())


def found(texts: Harness, pattern: str, **options: object) -> set[str]:
    """The things that a pattern finds."""
    rows = texts.ask(f"{HEAD} SELECT ?s {options.pop('dataset', '')} WHERE {{ {pattern} }}", solutions="csv", **options)
    return set(rows.decode().split()[1:])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ｻｲﾊﾞｰ", "サイバー"),
        ("ＮＩＳＣ", "nisc"),
        ("カタカナ", "かたかな"),
        ("ｶﾞ", "が"),
        ("第４次", "第4次"),
        ("a\u3000 b", "a b"),
        ("㈱", "(株)"),
    ],
)
def test_folded_texts_are_one(one: str, other: str) -> None:
    """Width, case, kana and kinds of blank make no difference."""
    assert fold(one) == fold(other)


def test_what_differs_stays_apart() -> None:
    """Voiced and unvoiced kana, and kanji, are not one."""
    assert len({fold(text) for text in ("か", "が", "攻撃", "攻勢", "NISC", "NICT")}) == 6


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ('?s sgf:matches "サイバー"', {NISC, ATTACK}),
        ('?s sgf:matches "さいばー攻撃"', {ATTACK}),
        ('?s sgf:matches "ＮＩＳＣ"', {NISC, ATTACK}),
        ('?s sgf:nameMatches "ＮＩＳＣ"', {NISC}),
        ('?s sgf:matches "ministry industry"', {METI}),
        ('?s sgf:matches "ministry"@ja', set()),
        ('?s sgf:matches "ministry"@en', {METI}),
        ('?s sgf:matches "省"', {METI}),
        ('?s sgf:matches "存在しない"', set()),
        ('?s sgf:matches ""', set()),
        ("?s sgf:matches '''サイバー'''", {NISC, ATTACK}),
        ('?s sgf:matches "\\u653B\\u6483"', {ATTACK}),
        (f'?s <{BASE}function#matches> "攻撃"', {ATTACK}),
        (f'?s <{LABEL}> ?l ; sgf:matches "攻撃" , "NISC" .', {ATTACK}),
        (f'?s <{LABEL}> ?l . FILTER EXISTS {{ ?s sgf:matches "攻撃" }}', {ATTACK}),
        (f'?s <{LABEL}> ?l . MINUS {{ ?s sgf:matches "サイバー" }}', {METI}),
        ('{ ?s sgf:matches "攻撃" } UNION { ?s sgf:matches "産業"@ja }', {ATTACK, METI}),
        ('{ SELECT ?s { ?s sgf:matches "産業"@ja } }', {METI}),
        (f'?s <{ALT}> ?t FILTER(sgf:contains(?t, "ｎｉｓｃ"))', {NISC}),
        (f'?s <{LABEL}> ?t FILTER(sgf:fold(?t) = sgf:fold("サイバー攻撃への対処"))', {ATTACK}),
    ],
)
def test_matches_holds_wherever_a_triple_may_stand(texts: Harness, pattern: str, expected: set[str]) -> None:
    """The text properties find the things whose texts hold every word, in every kind of pattern."""
    assert found(texts, pattern) == expected


def test_a_level_searches_its_own_texts(texts: Harness) -> None:
    """What is curated is not found in what is asserted, and a dataset's texts are those of its graphs."""
    assert found(texts, '?s sgf:matches "ministry"', level="asserted") == set()
    assert found(texts, '?s sgf:matches "ministry"', level="curated") == {METI}
    assert found(texts, '?s sgf:matches "ministry"', dataset=f"FROM <{DOCUMENT}>") == set()
    assert found(texts, '?s sgf:matches "ministry"', dataset=f"FROM <{CURATED}>") == {METI}
    assert found(texts, '?s sgf:matches "ministry"', default_graphs=(DOCUMENT, CURATED)) == {METI}
    assert found(texts, '?s sgf:matches "ministry"', dataset=f"FROM NAMED <{CURATED}>") == set()


def test_what_was_matched_is_seen_by_no_other_query(texts: Harness) -> None:
    """The triples that stand for a text pattern leave no trace in later queries."""
    before = texts.count()
    for _ in range(4):
        found(texts, '?s sgf:matches "サイバー"')
    assert texts.count() == before == len(LINES)
    assert texts.count(f"?s ?p ?o FILTER(?p = <{BASE}function#matches>)") == 0
    assert texts.count("GRAPH ?g { ?s ?p ?o }") == len(LINES)


def test_a_text_must_stand_in_the_query(texts: Harness) -> None:
    """A variable as the text is an error that says what to write; naming the property is none."""
    with pytest.raises(QueryError, match=r'sgf:matches needs the text itself, as in sgf:matches "攻撃"'):
        found(texts, 'VALUES ?t { "攻撃" } ?s sgf:matches ?t')
    assert found(texts, "?s ?p sgf:matches") == set()
    assert found(texts, "sgf:matches ?p ?s") == set()


def test_text_patterns_are_bounded(texts: Harness) -> None:
    """Sixteen texts in one query are answered, seventeen refused; many queries do not crowd one another out."""
    many = " UNION ".join(f'{{ ?s sgf:matches "攻撃 {"サイバー" if n == 0 else n}" }}' for n in range(16))
    assert found(texts, many) == {ATTACK}
    with pytest.raises(QueryTooComplex, match="more than 16 texts"):
        found(texts, many + ' UNION { ?s sgf:matches "x" }')
    for number in range(200):
        assert found(texts, f'{{ ?s sgf:matches "{number}" }} UNION {{ ?s sgf:matches "攻撃" }}') == {ATTACK}


@pytest.mark.parametrize(
    ("words", "iris"),
    [("サイバー", [ATTACK, NISC]), ("nisc", [NISC, ATTACK]), ("経済", [METI]), ("攻撃 対処", [ATTACK]), ("ない言葉", []), (" ", [])],
)
def test_search_ranks_names_before_texts(texts: Harness, words: str, iris: list[str]) -> None:
    """A whole name comes first, then beginnings, then parts, the shorter before the longer; texts come last."""
    hits = texts.run(texts.store.search(SearchRequest(words)))
    assert [hit.iri for hit in hits.hits] == iris
    assert hits.count == len(iris)


def test_search_pages_counts_and_labels(texts: Harness) -> None:
    """A page is cut out of what is found; kinds count all of it; labels are those of the page."""
    hits = texts.run(texts.store.search(SearchRequest("サイバー", limit=1, offset=1)))
    assert ([hit.iri for hit in hits.hits], hits.count, hits.kinds) == ([NISC], 2, {"body": 1, "measure": 1})
    assert hits.labels == {NISC: {"ja": "内閣サイバーセキュリティセンター"}}
    only = texts.run(texts.store.search(SearchRequest("サイバー", kind="measure")))
    assert ([hit.iri for hit in only.hits], only.count, only.kinds) == ([ATTACK], 1, {"body": 1, "measure": 1})
    assert texts.run(texts.store.search(SearchRequest("ministry", level="asserted"))).count == 0
    assert texts.run(texts.store.search(SearchRequest("対処する", names_only=True))).count == 0
    assert texts.run(texts.store.search(SearchRequest("ministry", language="ja"))).count == 0


WORDS = st.text(alphabet="ＡaあアｱがガｶﾞイバーＢ攻撃 　1１", max_size=6)


@given(labels=st.lists(WORDS, max_size=8), wanted=WORDS)
def test_the_index_finds_what_reading_everything_finds(labels: list[str], wanted: str) -> None:
    """By the index the same is found as by folding and reading each text."""
    store, graph = Store(), NamedNode(INFERRED_GRAPH)
    store.extend([Quad(NamedNode(f"urn:{n}"), NamedNode(LABEL), Literal(text), graph) for n, text in enumerate(labels)])
    words = fold(wanted).split()
    read = {f"urn:{n}" for n, text in enumerate(labels) if words and all(word in fold(text) for word in words)}
    assert {match.subject.value for match in TextIndex(store, [graph]).find(wanted, [INFERRED_GRAPH])} == read


@pytest.mark.parametrize(
    ("token", "value"),
    [('"a"', "a"), ("'a'", "a"), ('"""a"b"""', 'a"b'), ('"\\t\\n\\""', '\t\n"'), ('"\\u3042"', "あ"), ('"\\U0001F600"', "😀"), ('""', "")],
)
def test_strings_are_read_as_the_engine_reads_them(token: str, value: str) -> None:
    """Quotes of every kind and escapes are resolved as SPARQL says."""
    assert string_value(token) == value


def test_folding_twice_changes_nothing() -> None:
    """Folding is idempotent, for every character."""
    assert [char for char in map(chr, range(0x20, 0xD800)) if fold(fold(char)) != fold(char)] == []


def test_paths_of_tests_are_real() -> None:
    """The fields that are searched are the ones that the ontology and the data use."""
    ontology = (Path(__file__).parents[2] / "ontology" / "stratgraph.ttl").read_text(encoding="utf-8")
    assert "sg:summary a owl:DatatypeProperty" in ontology
    assert "sg:printedForm a owl:DatatypeProperty" in ontology
