"""The strict parser of saved questions, and how values enter them."""

from __future__ import annotations

import csv
import datetime
import re
from pathlib import Path

import pyoxigraph as ox
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Graph, Literal, URIRef
from rdflib.plugins.sparql import prepareQuery

from stratgraph.errors import BadParameter, InputError, SourceError, UnknownQuestion
from stratgraph.questions import Parameter, Question, Text, bind, draft_question, load_own, load_questions, load_served
from stratgraph.questions.bind import Term, iri_term, literal
from stratgraph.questions.load import load_question
from stratgraph.questions.marks import mark_summaries, marked_columns
from stratgraph.questions.model import RESERVED
from stratgraph.questions.resolve import Choice, Choices, fold, resolve
from stratgraph.questions.scan import outline
from stratgraph.questions.scope import ScopeDocument, Statement, narrow
from stratgraph.settings import Layout

OURS = Path(__file__).parent / "cases" / "product" / "queries"
HEADER = """\
#+ summary: What is it?
#+ description: A question of the tests.
#+ tags:
#+   - test
#+ stratgraph:
#+   name: {ja: 何か, en: What it is}
#+   description: {ja: 試験, en: A test}
#+   audience: curator
#+   parameters:
#+     - name: thing
#+       type: text
#+       label: {ja: 物, en: Thing}
#+       help: {ja: 任意, en: Anything}
#+   columns:
#+     - name: found
#+       type: iri
#+       label: {ja: 結果, en: Found}
#+   examples:
#+     - name: one
"""
QUERY = """
PREFIX ex: <http://example.org/>
SELECT ?found
WHERE {
  VALUES ?thing { UNDEF }
  ?found ex:name ?thing . # a comment with ?stray and "quotes
}
ORDER BY ?found
"""


@pytest.fixture
def write(tmp_path: Path) -> object:
    """Writes a question file with its expected rows and returns its path."""

    def writer(header: str = HEADER, query: str = QUERY, name: str = "a-test") -> Path:
        path = tmp_path / f"{name}.rq"
        path.write_text(header + query, encoding="utf-8")
        (tmp_path / f"{name}.one.csv").write_text("found\n", encoding="utf-8")
        return path

    return writer


def question_of(write: object, header: str = HEADER, query: str = QUERY) -> Question:
    """The question that these texts make."""
    assert callable(write)
    return load_question(write(header, query))


def test_a_question_that_keeps_the_rules_is_read(write: object) -> None:
    """A well-formed file gives a question with its texts, parameter, column and example."""
    question = question_of(write)
    assert question.slug == "a-test"
    assert question.name == Text("何か", "What it is")
    assert [one.name for one in question.parameters] == ["thing"]
    assert [one.name for one in question.columns] == ["found"]
    assert question.examples[0].expected.name == "a-test.one.csv"
    assert question.query.startswith("PREFIX ex:")


BROKEN_HEADERS = {
    "unknown top-level key": ("#+ tags:", "#+ tog: 1\n#+ tags:", "Unknown key 'tog'", 3),
    "unknown key of ours": ("#+   audience: curator", "#+   audience: curator\n#+   colour: red", "Unknown key 'colour'", 9),
    "unknown key of a parameter": ("#+       type: text", "#+       type: text\n#+       size: 3", "Unknown key 'size'", 12),
    "missing summary": ("#+ summary: What is it?\n", "", "lacks the key 'summary'", 1),
    "missing English": ("{ja: 何か, en: What it is}", "{ja: 何か}", "lacks the key 'en'", 6),
    "empty text": ("en: What it is}", 'en: ""}', "must be a text that is not empty", 6),
    "unknown parameter type": ("#+       type: text", "#+       type: uri", "'type' in item 1 of 'parameters' is 'uri'", 11),
    "unknown column type": ("#+       type: iri", "#+       type: url", "'type' in item 1 of 'columns' is 'url'", 16),
    "unknown audience": ("audience: curator", "audience: everybody", "'audience' must name", 8),
    "reserved name": ("- name: thing", "- name: limit", "'limit' cannot be a parameter's name", 10),
    "a flag that is none": (
        "#+       help: {ja: 任意, en: Anything}",
        "#+       help: {ja: 任意, en: Anything}\n#+       required: maybe",
        "must be true or false",
        14,
    ),
    "missing expected rows": ("- name: one", "- name: two", "needs a plain name and its expected rows in a-test.two.csv", 19),
    "no example": ("#+   examples:\n#+     - name: one\n", "", "needs at least one example", 6),
    "not YAML": ("#+ tags:", "#+ tags: [", "The header is not YAML", 4),
    "a key twice": ("#+ tags:", "#+ summary: again\n#+ tags:", "twice", 3),
    "one tag that is no list": ("#+ tags:\n#+   - test", "#+ tags: test", "'tags' in the header must be a list", 3),
    "a method of its own": ("#+ tags:", "#+ method: PUT\n#+ tags:", "'method' must be GET or POST", 3),
    "grlc's own key": ("#+ tags:", "#+ parameters: {}\n#+ tags:", "Unknown key 'parameters'", 3),
    "two examples of one name": ("#+     - name: one", "#+     - name: one\n#+     - name: one", "Two examples have the same name", 18),
    "several values of one": (
        "#+     - name: one",
        "#+     - name: one\n#+       parameters: {thing: [a, b]}",
        "'thing' takes one value",
        20,
    ),
    "choices of another name": (
        "#+       type: text",
        '#+       type: iri\n#+       choices: "SELECT ?thing WHERE { ?thing a ex:Thing }"',
        "SELECT of ?iri alone",
        12,
    ),
    "choices that break out": (
        "#+       type: text",
        '#+       type: iri\n#+       choices: "SELECT ?iri WHERE { ?iri a ex:Thing } } UNION { ?iri ?p ?o"',
        "braces do not match",
        12,
    ),
    "choices of another server": (
        "#+       type: text",
        '#+       type: iri\n#+       choices: "SELECT ?iri WHERE { SERVICE <http://x.example/> { ?iri a ex:Thing } }"',
        "no SERVICE, no FROM",
        12,
    ),
    "choices with a strange prefix": (
        "#+       type: text",
        '#+       type: iri\n#+       choices: "SELECT ?iri WHERE { ?iri a nope:Thing }"',
        "declares no prefix 'nope'",
        12,
    ),
    "the key that entailment replaced": ("#+   parameters:", "#+   inference: true\n#+   parameters:", "Unknown key 'inference'", 9),
    "a level that is none": (
        "#+   parameters:",
        "#+   entailment: inferred\n#+   parameters:",
        "'entailment' in 'stratgraph' is 'inferred'; allowed: asserted, curated, full",
        9,
    ),
    "an example that needs more than its question": (
        "#+     - name: one",
        "#+     - name: one\n#+       entailment: curated",
        "'entailment' in item 1 of 'examples' is 'curated'; allowed: asserted",
        20,
    ),
    "a name that is a path": ("- name: one", "- name: ../../one", "needs a plain name", 19),
    "a header of no end": ("#+ tags:", f"#+ deep: {'[' * 3000}{']' * 3000}\n#+ tags:", "nested too deeply", 1),
    "unknown example parameter": ("- name: one", "- name: one\n#+       parameters: {thong: x}", "Unknown key 'thong'", 20),
}


@pytest.mark.parametrize("case", BROKEN_HEADERS)
def test_a_broken_header_is_told_with_its_line(case: str, write: object) -> None:
    """What is unknown, missing or malformed in a header is a SourceError that names the line."""
    old, new, message, line = BROKEN_HEADERS[case]
    assert old in HEADER
    with pytest.raises(SourceError, match=None) as raised:
        question_of(write, HEADER.replace(old, new, 1))
    assert message in raised.value.message
    assert raised.value.line == line


BROKEN_QUERIES = {
    "undeclared column": ("SELECT ?found", "SELECT ?found ?thing", "must be what is selected"),
    "star": ("SELECT ?found", "SELECT *", "SELECT * is not allowed"),
    "no order": ("ORDER BY ?found\n", "", "needs ORDER BY"),
    "a limit": ("ORDER BY ?found", "ORDER BY ?found LIMIT 3", "LIMIT and OFFSET belong to the request"),
    "a service": ("?found ex:name", "SERVICE <http://x.example/> { } ?found ex:name", "no SERVICE, no FROM"),
    "another dataset": ("WHERE {", "FROM <http://x.example/g> WHERE {", "no SERVICE, no FROM"),
    "an undeclared parameter": (
        "?found ex:name",
        "VALUES ?other { 1 } ?found ex:is ?other ; ex:name",
        "VALUES ?other is no declared parameter",
    ),
    "a variable of no use": ("?found ex:name", "?found ex:kind ?knid ; ex:name", "?knid is used once only"),
    "an unused parameter": ("VALUES ?thing { UNDEF }", "?found ex:kind ?thing .", "Parameter 'thing' is not used"),
    "another value": ("{ UNDEF }", '{ "x" }', "must hold UNDEF"),
    "blocks that differ": ("?found ex:name", 'VALUES ?thing { "y" } ?found ex:name', "must hold UNDEF"),
    "a parameter that stands alone": (
        "?found ex:name ?thing .",
        "?found ex:name [] . { VALUES ?thing { UNDEF } }",
        "its VALUES blocks stand alone",
    ),
    "a variable of grlc's": ("?found ex:name ?thing .", "?found ex:name ?thing , ?_name . ?_name a ex:X .", "begin with _"),
    "a filter that an unbound parameter fails": (
        "?found ex:name ?thing .",
        "?found ex:name ?name . FILTER (?name = ?thing)",
        "write !BOUND(?thing) ||",
    ),
    "a branch that the value does not reach": (
        "?found ex:name ?thing .",
        "{ ?found ex:name ?name . FILTER (!BOUND(?thing) || ?name = ?thing) } UNION { ?found ex:other ?thing }",
        "FILTER uses ?thing, which this group does not bind",
    ),
    "a subtraction that the value does not reach": (
        "?found ex:name ?thing .",
        "?found ex:name ?thing . MINUS { ?found ex:not ?name . FILTER (?name = ?thing) }",
        "FILTER uses ?thing, which this group does not bind",
    ),
    "a sub-SELECT that the value does not reach": (
        "?found ex:name ?thing .",
        "{ SELECT ?found WHERE { ?found ex:name ?thing } } ?found ex:is ?thing .",
        "repeat its VALUES block inside",
    ),
    "an update": ("SELECT ?found\nWHERE {", "DELETE {", "must be a SELECT or a CONSTRUCT"),
}


@pytest.mark.parametrize("case", BROKEN_QUERIES)
def test_a_broken_query_is_told_with_its_line(case: str, write: object) -> None:
    """What the query and the header do not agree on is a SourceError with a line below the header."""
    old, new, message = BROKEN_QUERIES[case]
    assert old in QUERY
    with pytest.raises(SourceError) as raised:
        question_of(write, HEADER, QUERY.replace(old, new, 1))
    assert message in raised.value.message
    assert raised.value.line is not None


@pytest.mark.parametrize(
    "pattern",
    [
        "?found ex:name ?name . FILTER (!BOUND(?thing) || ?name = ?thing)",
        "?found ex:name ?name . FILTER (COALESCE(?thing, ?name) = ?name)",
        "?found ex:name ?thing . OPTIONAL { ?found ex:other ?thing FILTER (?thing != 1) }",
        "{ VALUES ?thing { UNDEF } ?found ex:name ?name . FILTER (!BOUND(?thing) || ?name = ?thing) } UNION { ?found ex:other ?thing }",
        "{ SELECT ?found WHERE { VALUES ?thing { UNDEF } ?found ex:name ?thing } }",
        "{ SELECT ?found ?thing WHERE { ?found ex:name ?thing } }",
        "?found a ex:Thing . FILTER EXISTS { ?found ex:name ?thing }",
        "?found a ex:Thing . FILTER (!BOUND(?thing) || EXISTS { ?found ex:name ?thing })",
        "?found ex:name ?name . BIND (STR(?name) AS ?text) FILTER (!BOUND(?thing) || ?text = STR(?thing))",
    ],
)
def test_a_value_that_reaches_is_no_error(pattern: str, write: object) -> None:
    """What is bound in a group, by its block, a pattern, or from around OPTIONAL and EXISTS, may be asked for there."""
    assert question_of(write, HEADER, QUERY.replace("?found ex:name ?thing .", pattern, 1)).blocks["thing"]


def test_several_values_must_not_repeat_rows(write: object) -> None:
    """A parameter of several values that is no column needs DISTINCT, or a block that is only looked into."""
    several = HEADER.replace("#+       type: text", "#+       type: text\n#+       multiple: true")
    with pytest.raises(SourceError, match="so that no row repeats"):
        question_of(write, several)
    assert question_of(write, several, QUERY.replace("SELECT ?found", "SELECT DISTINCT ?found"))
    looked = "?found a ex:Thing . FILTER EXISTS { VALUES ?thing { UNDEF } ?found ex:name ?thing }"
    body = QUERY.replace("  VALUES ?thing { UNDEF }\n", "").replace("?found ex:name ?thing .", looked)
    assert question_of(write, several, body)


def test_what_a_question_needs_is_shown_by_an_example(write: object) -> None:
    """A question that needs a level has an example that does; others may need less, and say so."""
    claimed = HEADER.replace("#+   parameters:", "#+   entailment: full\n#+   parameters:")
    question = question_of(write, claimed)
    assert (question.entailment, question.examples[0].entailment, question.examples[0].line) == ("full", "full", 20)
    with pytest.raises(SourceError, match="No example shows that the question needs `entailment: full`") as raised:
        question_of(write, f"{claimed}#+       entailment: curated\n")
    assert raised.value.line == 9


def test_an_example_keeps_its_type(write: object) -> None:
    """A value of an example that is not of the parameter's type is told with its line."""
    dated = HEADER.replace("#+       type: text", "#+       type: date") + "#+       parameters: {thing: 2022-02-30}\n"
    with pytest.raises(SourceError, match="is not a date") as raised:
        question_of(write, dated)
    assert raised.value.line == 20


def test_grlc_reads_the_header(layout: Layout) -> None:
    """As grlc reads it (lines of `#+`, YAML): plain types under its own keys, none that it overwrites, and no variable of its own kind."""
    for path in layout.queries.glob("*.rq"):
        text = path.read_text(encoding="utf-8")
        told = yaml.safe_load("\n".join(line.lstrip("#+") for line in text.split("\n") if line.startswith("#+")))
        assert isinstance(told["summary"], str)
        assert isinstance(told["description"], str)
        assert all(isinstance(tag, str) for tag in told["tags"])
        assert told.get("method", "GET") in ("GET", "POST")
        assert not set(told) & {"parameters", "query", "type", "variables"}
        assert not [name for name in outline(text).uses if name.startswith("_")]


def test_a_folder_without_questions_is_an_error(tmp_path: Path) -> None:
    """Nothing found is an error, not an empty answer."""
    with pytest.raises(SourceError, match="no saved question"):
        load_questions(tmp_path)


def test_near_names_are_told(layout: Layout) -> None:
    """A question that is not there comes back with similar names."""
    with pytest.raises(UnknownQuestion) as raised:
        load_questions(layout.queries).get_question("where-is-a-recomendation-reflectd")
    assert "where-is-a-recommendation-reflected" in raised.value.near


def test_the_committed_questions_keep_the_rules(layout: Layout) -> None:
    """All committed questions are read; none uses a reserved name; each has an audience and both languages by construction."""
    questions = load_questions(layout.queries)
    assert len(questions) >= 10
    for question in questions.values():
        assert not {one.name for one in question.parameters} & set(RESERVED)


def test_every_expected_file_belongs_to_an_example(layout: Layout) -> None:
    """No file of expected rows is left over, and each names columns of its question only."""
    questions = load_questions(layout.queries)
    files = {example.expected: question for question in questions.values() for example in question.examples}
    assert set(layout.queries.glob("*.csv")) == set(files)
    for path, question in files.items():
        with path.open(encoding="utf-8", newline="") as handle:
            head = next(csv.reader(handle))
        assert set(head) <= {one.name for one in question.columns}, path


def test_the_files_are_sparql_as_they_stand(layout: Layout) -> None:
    """Every file parses by another implementation of SPARQL 1.1, header and all."""
    for question in load_questions(layout.queries).values():
        prepareQuery(question.sparql)


HOSTILE = [
    "x> } ; DROP ALL #",
    '" . }',
    "\\u0022 } DELETE WHERE { ?s ?p ?o } #",
    "line\nbreak\r\ttab",
    "\\",
    '"""',
    "'''",
    "</script><script>alert(1)</script>",
    "?x $y",
    "} UNION { ?s ?p ?o",
    "日本語「」",
    "#+ stratgraph:",
    "\U0001f600",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_text_stays_a_value(value: str, write: object) -> None:
    """Whatever a text holds, the bound query finds exactly the thing with that name, and never another."""
    question = question_of(write)
    text = bind(question, {"thing": [literal(question.parameters[0], value)]})
    wanted, other, name = (f"http://example.org/{part}" for part in ("wanted", "other", "name"))
    store = ox.Store()
    for iri, told in ((wanted, value), (other, "other")):
        store.add(ox.Quad(ox.NamedNode(iri), ox.NamedNode(name), ox.Literal(told)))
    rows = store.query(text)
    assert isinstance(rows, ox.QuerySolutions)
    assert [str(row["found"].value) for row in rows] == [wanted]


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_text_never_reaches_further_in_another_engine(value: str, write: object) -> None:
    r"""An engine that reads \u escapes ahead of the grammar may miss the value, but finds nothing else."""
    question = question_of(write)
    graph = Graph()
    wanted, name = URIRef("http://example.org/wanted"), URIRef("http://example.org/name")
    graph.add((wanted, name, Literal(value)))
    graph.add((URIRef("http://example.org/other"), name, Literal("other")))
    found = graph.query(bind(question, {"thing": [literal(question.parameters[0], value)]}))
    assert {str(row[0]) for row in found if isinstance(row, tuple)} <= {str(wanted)}


@given(st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=60))
def test_any_text_is_one_literal_token(value: str) -> None:
    """A serialised text is one string token of SPARQL, whatever it holds."""
    parameter = Parameter("thing", "text", Text("x", "x"), Text("x", "x"))
    scanned = outline(f"SELECT ?x WHERE {{ VALUES ?x {{ {literal(parameter, value).sparql} }} }} ORDER BY ?x")
    assert set(scanned.uses) == {"x"}
    assert scanned.ordered
    assert not scanned.limited


@pytest.mark.parametrize(
    "iri", ["x> } ; DROP ALL #", "http://a/ b", 'http://a/"', "http://a/{", "no-scheme", "", "http://a/\n", "http://a/\\u0022"]
)
def test_what_is_no_iri_is_refused(iri: str) -> None:
    """Only what can stand between angle brackets becomes an IRI."""
    with pytest.raises(ValueError, match="not an absolute IRI"):
        iri_term(iri)


@pytest.mark.parametrize(
    ("kind", "good", "sparql", "bad"),
    [
        ("integer", "007", "7", ["1.5", "", "1 2", "x", "１", "1" * 40]),
        ("date", "2022-01-28", '"2022-01-28"^^<http://www.w3.org/2001/XMLSchema#date>', ["2022-02-30", "28.1.2022", "20220128", "x"]),
        ("language", "ja", '"ja"', ["fr", "JA", '"', "ja@en"]),
        ("text", "a", '"a"', ["\x00", "a" * 100_000, "\x1b[0m", "\ud800"]),
    ],
)
def test_values_keep_their_type(kind: str, good: str, sparql: str, bad: list[str]) -> None:
    """A value of each type is serialised canonically; what is not of the type is a BadParameter that names the parameter."""
    parameter = Parameter("p", kind, Text("x", "x"), Text("x", "x"))
    assert literal(parameter, good).sparql == sparql
    for value in bad:
        with pytest.raises(BadParameter) as raised:
            literal(parameter, value)
        assert raised.value.parameter == "p"


@given(st.dates(min_value=datetime.date(1000, 1, 1)))
def test_every_date_is_taken(day: datetime.date) -> None:
    """Any calendar day written YYYY-MM-DD is a value."""
    parameter = Parameter("p", "date", Text("x", "x"), Text("x", "x"))
    assert literal(parameter, day.isoformat()).value == day.isoformat()


BODY = Parameter("body", "iri", Text("機関", "Body"), Text("x", "x"), required=True, kind="http://example.org/Body")
CHOICES = Choices(
    (
        Choice(
            "https://w3id.org/stratgraph/id/body/meti",
            {"ja": "経済産業省", "en": "METI"},
            frozenset(map(fold, ("経済産業省", "METI", "経産省"))),
        ),
        Choice("https://w3id.org/stratgraph/id/body/mic", {"ja": "総務省", "en": "MIC"}, frozenset(map(fold, ("総務省", "MIC", "省")))),
        Choice("https://w3id.org/stratgraph/id/body/mod", {"ja": "防衛省", "en": "MOD"}, frozenset(map(fold, ("防衛省", "MOD", "省")))),
    )
)


@pytest.mark.parametrize(
    "text", ["https://w3id.org/stratgraph/id/body/meti", "body/meti", "経済産業省", "経産省", "meti", "ＭＥＴＩ", " METI "]
)
def test_a_thing_is_found_by_iri_path_or_name(text: str) -> None:
    """A full IRI, the path after /id/, a label or an abbreviation in either width and case mean the same thing."""
    assert resolve(BODY, [text], CHOICES) == (
        Term("<https://w3id.org/stratgraph/id/body/meti>", "https://w3id.org/stratgraph/id/body/meti"),
    )


def test_what_may_be_typed_means_one_thing() -> None:
    """Suggestions are labels in the reader's language, then names that mean nothing else; each leads back to its thing."""
    named = Choices(
        (
            Choice("https://x.example/1", {"ja": "甲省", "en": "A"}, frozenset(map(fold, ("甲省", "A", "省"))), "", ("甲省", "A", "省")),
            Choice("https://x.example/2", {"ja": "乙省", "en": "B"}, frozenset(map(fold, ("乙省", "B", "省"))), "", ("乙省", "B", "省")),
        )
    )
    told = named.suggestions("ja", 10)
    assert told == [("甲省", ""), ("乙省", ""), ("A", "甲省"), ("B", "乙省")]
    assert [resolve(BODY, [text], named)[0].value[-1] for text, _ in told] == ["1", "2", "1", "2"]
    assert named.suggestions("en", 1) == [("A", "")]


def test_things_of_one_name_are_told_apart_by_their_documents() -> None:
    """What may be typed names the document where labels repeat, in either language, and leads back to its thing; else it stands beside."""
    review, outline = {"ja": "中間レビュー、2017年", "en": "Interim review, 2017"}, {"ja": "骨子、2021年", "en": "Outline, 2021"}
    training, text = {"ja": "訓練の実施", "en": "Training"}, frozenset(map(fold, ("訓練の実施", "Training")))
    named = Choices(
        (
            Choice("https://x.example/1", training, text, documents=review),
            Choice("https://x.example/2", training, text, documents=outline),
            Choice("https://x.example/3", {"ja": "研修", "en": "Courses"}, frozenset(map(fold, ("研修", "Courses"))), documents=outline),
            Choice("https://x.example/4", {"ja": "監査", "en": "Audits"}, frozenset(map(fold, ("監査", "Audits"))), documents=review),
            Choice("https://x.example/5", {"ja": "監査", "en": "Audits"}, frozenset(map(fold, ("監査", "Audits"))), documents=review),
        )
    )
    told = named.suggestions("ja", 10)
    assert told[:3] == [("訓練の実施（中間レビュー、2017年）", ""), ("訓練の実施（骨子、2021年）", ""), ("研修", "骨子、2021年")]
    # Of one name and one document: only the path tells them apart.
    assert told[3:] == [("https://x.example/4", "監査 · 中間レビュー、2017年"), ("https://x.example/5", "監査 · 中間レビュー、2017年")]
    for language in ("ja", "en"):
        typed = [value for value, _ in named.suggestions(language, 10)]
        assert [resolve(BODY, [value], named)[0].value[-1] for value in typed] == ["1", "2", "3", "4", "5"]
    with pytest.raises(BadParameter, match="is 2 things"):
        resolve(BODY, ["訓練の実施"], named)


MATCH = Parameter("words", "text", Text("言葉", "Words"), Text("x", "x"), kind="http://example.org/Body")


@pytest.mark.parametrize(
    ("text", "found"), [("産業", ["meti"]), ("省", ["meti", "mic", "mod"]), ("ｍ", ["meti", "mic", "mod"]), ("METI", ["meti"])]
)
def test_a_text_is_matched_by_the_server(text: str, found: list[str]) -> None:
    """A text over a class stands for all things whose names hold it, folded; the query gets their IRIs."""
    terms = resolve(MATCH, [text], CHOICES)
    assert [term.value.rsplit("/", 1)[-1] for term in terms] == found
    assert all(term.sparql == f"<{term.value}>" for term in terms)


def test_a_text_that_no_name_holds_is_refused() -> None:
    """No match is told with similar names, and is no query over everything."""
    with pytest.raises(BadParameter, match="no name of the 3") as raised:
        resolve(MATCH, ["経済産業症"], CHOICES)
    assert raised.value.allowed
    assert resolve(MATCH, [], CHOICES) == ()


def test_a_text_over_a_class_is_declared_so(write: object) -> None:
    """With `class`, an optional text's block holds UNDEF, a required one's an IRI of the example."""
    matched = HEADER.replace("#+       type: text", "#+       type: text\n#+       class: ex:Thing")
    assert question_of(write, matched).parameters[0].names_a_thing
    required = matched.replace("#+       label: {ja: 物", "#+       required: true\n#+       label: {ja: 物", 1)
    required = required.replace("#+     - name: one", "#+     - name: one\n#+       parameters: {thing: word}")
    held = QUERY.replace("VALUES ?thing { UNDEF }", "VALUES ?thing { <http://example.org/a> }")
    assert question_of(write, required, held)
    with pytest.raises(SourceError, match="the IRIs that the first example means"):
        question_of(write, required, QUERY.replace("VALUES ?thing { UNDEF }", 'VALUES ?thing { "word" }'))


def test_an_ambiguous_name_names_the_things() -> None:
    """A name of two things is refused, and both are told."""
    with pytest.raises(BadParameter, match="is 2 things") as raised:
        resolve(BODY, ["省"], CHOICES)
    assert [one.split(" ")[0] for one in raised.value.allowed] == ["body/mic", "body/mod"]


def test_an_unknown_name_tells_the_nearest() -> None:
    """A name of nothing is refused, and the most similar ones are told."""
    with pytest.raises(BadParameter) as raised:
        resolve(BODY, ["METY"], CHOICES)
    assert raised.value.allowed[0].startswith("body/meti")


@pytest.mark.parametrize("raw", [[], [""], ["  "], ["body/meti", "body/mic"]])
def test_none_where_one_is_required_and_two_where_one_is_allowed_are_refused(raw: list[str]) -> None:
    """A required parameter wants a value; one that takes a single value takes no two."""
    with pytest.raises(BadParameter):
        resolve(BODY, raw, CHOICES)


def test_the_scope_tells_silence_from_what_is_not_encoded() -> None:
    """The sentence names documents, years and how far each is encoded, and the end of the corpus, in both languages."""
    done = Statement("x", "https://w3id.org/stratgraph/vocab/completeness/complete", {}, ())
    part = Statement("y", "https://w3id.org/stratgraph/vocab/completeness/partial", {}, ())
    base = "https://w3id.org/stratgraph/id/document/"
    documents = [
        ScopeDocument(f"{base}2015-a", {"ja": "甲", "en": "A"}, "2015", (done,)),
        ScopeDocument(f"{base}2018-b", {"ja": "乙", "en": "B"}, "2018-07-27", (done, part)),
        ScopeDocument(f"{base}2022-c", {"ja": "丙", "en": "C"}, "", ()),
    ]
    scope = narrow(documents, ["2015-a", "2018-b"])
    assert scope.sentences["documents"].ja == "調べた文書は『甲』（2015）、『乙』（2018-07-27）です。"
    assert scope.sentences["notMentioned"].ja == "ここに無い事柄は、この質問が問う限り、『甲』（2015）では言及されていません。"
    assert scope.sentences["notEncoded"].en == "Encoded in part, the rest not encoded yet: ‘B’ (2018-07-27)."
    assert scope.sentences["outside"] == Text("2022年より後の文書は収録の範囲外です。", "Documents after 2022 are outside the corpus.")
    assert scope.sentence.ja == "".join(one.ja for one in scope.sentences.values())
    assert scope.header() == 'documents=("2015-a" "2018-b"), not-encoded=("2018-b"), from=2015, to=2018, corpus-to=2022'
    whole = narrow(documents, ["2015-a"])
    assert whole.sentences["notMentioned"].en == "What is not here is, as far as this question asks, not mentioned in these documents."
    assert "No part" in whole.sentences["notEncoded"].en
    unsaid = narrow(documents, ["2022-c"])
    assert unsaid.sentences["notEncoded"].en == "Not encoded yet: ‘C’ (2022)."
    assert "not mentioned" not in unsaid.sentence.en
    assert narrow(documents, ["9999"]).sentence.en == "No document that this question needs is encoded yet."


def test_the_scope_tells_what_a_kind_never_names_and_what_is_asked_beyond_the_corpus() -> None:
    """That no bullet of an outline names a lead is no gap; a year after the last document is outside, and is told so."""
    lead = "https://w3id.org/stratgraph/ontology#leadAgency"
    labels = {lead: {"ja": "担当機関", "en": "lead agency"}}
    outline_says = Statement("x", "https://w3id.org/stratgraph/vocab/completeness/complete", {}, (lead,), labels)
    plan_says = Statement("y", "https://w3id.org/stratgraph/vocab/completeness/complete", {}, ())
    base = "https://w3id.org/stratgraph/id/document/"
    documents = [
        ScopeDocument(f"{base}2018-plan", {"ja": "計画", "en": "Plan"}, "2018", (plan_says,)),
        ScopeDocument(f"{base}2021-outline", {"ja": "骨子", "en": "Outline"}, "2021", (outline_says,)),
    ]
    told = narrow(documents, []).sentences["neverNamed"]
    assert told.ja.startswith("『骨子』（2021）は、その種類からして次のものを挙げません：担当機関。")
    assert told.en == "‘Outline’ (2021), by their kind, never name: lead agency; that they do not is no gap."
    assert "neverNamed" not in narrow(documents, ["2018-plan"]).sentences
    assert narrow(documents, [], ["2020", "2023"]).sentences["outside"].en.startswith("You ask about 2023: documents after 2021")
    assert narrow(documents, [], ["2019"]).sentences["outside"].en == "Documents after 2021 are outside the corpus."


def test_a_summary_s_column_says_whose_words_they_are(write: object) -> None:
    """Where a format shows names alone, the name is the mark."""
    with pytest.raises(SourceError, match="unofficial") as caught:
        question_of(write, HEADER.replace("type: iri", "type: summary"))
    assert caught.value.line == 15


def test_summaries_are_marked_by_a_column_after_the_others() -> None:
    """Whatever stands in the SELECT: the mark where there is a summary, nothing where there is none."""
    queries = Path(__file__).parent.parent / "queries"
    question = load_question(queries / "where-is-a-recommendation-reflected.rq")
    marked = outline(mark_summaries(question, bind(question, {}), "ja"))
    assert list(marked.projection) == [*(one.name for one in question.columns), "unofficialSummary_note"] == marked_columns(question)
    assert marked.ordered
    plain = load_question(queries / "comments-per-chapter.rq")
    assert mark_summaries(plain, bind(plain, {}), "ja") == bind(plain, {})


def test_an_error_in_one_s_own_question_never_takes_the_others_down(write: object, tmp_path: Path) -> None:
    """What keeps the rules is served beside ours, expected rows or not; what does not is told with file and line."""
    question_of(write)
    (tmp_path / "a-test.one.csv").unlink()
    (tmp_path / "broken.rq").write_text(HEADER + QUERY.replace("ORDER BY ?found", ""), encoding="utf-8")
    (tmp_path / "parts-of-a-measure.rq").write_text(HEADER + QUERY, encoding="utf-8")
    (tmp_path / "bytes.rq").write_bytes(b"\xff")
    told: list[str] = []
    served = load_served(OURS, tmp_path, told.append)
    assert set(served) == {"a-test", "parts-of-a-measure"}
    assert served["parts-of-a-measure"].name.en != "What it is"
    assert [place for one in told for place in re.findall(r"([a-z-]+\.rq):\d+", one)] == [
        "broken.rq",
        "bytes.rq",
        "parts-of-a-measure.rq",
    ]
    with pytest.raises(InputError, match="no such folder"):
        load_served(OURS, tmp_path / "none", told.append)


def test_a_question_that_is_begun_keeps_the_rules(tmp_path: Path) -> None:
    """The draft is read as it stands; a name or class that could not be one is refused."""
    prefixes = "PREFIX sg: <http://example.org/>\nPREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n"
    (tmp_path / "my-things.rq").write_text(draft_question("my-things", "sg:Measure", prefixes), encoding="utf-8")
    found, problems = load_own(tmp_path, load_questions(OURS))
    assert (list(found), problems) == (["my-things"], [])
    for name, kind in (("My Things", "sg:Measure"), ("mine", "Measure }"), ("mine", "sg:")):
        with pytest.raises(InputError):
            draft_question(name, kind, prefixes)
