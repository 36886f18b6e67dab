"""Numbers and dates: one form for all notations, and statements against the spans they rest on. All texts are invented."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from rdflib import RDF, Graph, Literal, URIRef

from stratgraph.evidence import SourceTextFile, anchor_graph, check_figures, figures, quote_span
from stratgraph.places import Triple
from stratgraph.turtle import parse_turtle
from stratgraph.vocab import DOCUMENT_GRAPHS, ID, SG

KEY = "2099-cats"
HEAD = """@base <https://w3id.org/stratgraph/id/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sg: <https://w3id.org/stratgraph/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
TEXT = """令和3年（2021）年12月24日～1月28日、１４者から３７件
約三十五万人、予算は1億2,500万円
第三者は十分に一層の工夫を行う
2022年中に3.5倍、2018年度末に十七か所
4. 2. 1 ねこ①
（５）ねこの家
- ② ねこの水
4.2.1　ねこの庭
³ ねこ三様
¹⁷ 2021年の数え方
約8,100万ドル（約９１億円）、約9割¹に達し89.8%、3割5分
平成28年10月、12月
4.2.5　2020年のねこ
令和 3 年度～6 年度のねこ
ねこの数
ねこの声、2023年
５月まで"""
SECTIONS = """<section/1> a sg:Section ; sg:sectionNumber "4.2.1" . <section/2> a sg:Section ; sg:sectionNumber "4.2.1(5)" .
<section/3> a sg:Section ; sg:sectionNumber "4.2" .
"""


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("３７件", {"37"}),
        ("1,234円と12,34", {"1234", "12", "34"}),
        ("35万人", {"350000"}),
        ("三十五万人", {"350000"}),
        ("2,000億円", {"200000000000"}),
        ("3万5千円", {"35000"}),
        ("1億2,500万円", {"125000000"}),
        ("1.2兆円", {"1200000000000"}),
        ("350 thousand people and 1.5 million cats", {"350000", "1500000"}),
        ("二〇二二", {"2022"}),
        ("二十三", {"23"}),
        ("百五", {"105"}),
        ("三件", {"3"}),
        ("3.50倍", {"3.5"}),
        ("007", {"7"}),
        ("4. 2. 1(1)③", {"4.2.1", "1", "3"}),
        ("取組②①", {"2", "1"}),
        ("約9割¹に達し²³、5²", {"9", "1", "23", "5", "2"}),
        ("第三者、十分、一層、万一、一般、二国間、一人一人", set()),
        ("令和4年", {"2022"}),
        ("平成二十七年", {"2015"}),
        ("昭和64年と平成元年", {"1989"}),
        ("明治元年、大正元年、昭和元年、令和元年", {"1868", "1912", "1926", "2019"}),
        ("平成31年度", {"2019"}),
        ("令和 3 年度～6 年度", {"2021", "2024"}),
        ("令和3年（2021）", {"2021"}),
    ],
)
def test_numbers_have_one_form(text: str, numbers: set[str]) -> None:
    """Width, separators, 万/億/兆, kanji numerals and eras make no difference; words with kanji numerals are no numbers."""
    assert figures(text).numbers == numbers


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("令和4年1月28日", {(2022, 1, 28)}),
        ("２０２２年１月２８日", {(2022, 1, 28)}),
        ("令和4年（2022年）1月28日", {(2022, 1, 28)}),
        ("令和3年（2021）年12月24日", {(2021, 12, 24)}),
        ("2021年（令和3年）12月24日", {(2021, 12, 24)}),
        ("二〇二二年四月一日", {(2022, 4, 1)}),
        ("平成元年五月", {(1989, 5, None)}),
        ("2022-01-28 and 2022/1/29", {(2022, 1, 28), (2022, 1, 29)}),
        ("28 January 2022, January 29, 2022 and April 2022", {(2022, 1, 28), (2022, 1, 29), (2022, 4, None)}),
        ("3 March", {(None, 3, 3)}),
        ("2022年度", set()),
        ("It may be 5 cats", set()),
    ],
)
def test_dates_have_one_form(text: str, dates: set[tuple[int | None, int | None, int | None]]) -> None:
    """Both reckonings of years, kanji and English months give year, month and day."""
    assert figures(text).dates == dates


def test_a_printed_day_has_the_year_of_the_date_before_it() -> None:
    """Within a range the year is printed once; a day in an earlier month is in the next year."""
    assert figures("2021年12月24日～1月28日", printed=True).dates == {(2021, 12, 24), (2022, 1, 28)}


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("2022年中", {(2022, 12, 31)}),
        ("2020年までに", {(2020, 12, 31)}),
        ("2018年度末目途", {(2019, 3, 31)}),
        ("平成30年度", {(2019, 3, 31)}),
        ("令和3年度から6年度まで", {(2022, 3, 31), (2025, 3, 31)}),
        ("2024年2月末", {(2024, 2, 29)}),
        ("2022年1月28日まで", set()),
        ("2022年", set()),
    ],
)
def test_periods_have_a_last_day(text: str, ends: set[tuple[int, int, int]]) -> None:
    """A year ends in December, a fiscal year with March, a month with its last day."""
    assert figures(text, printed=True).ends == ends


def _check(statements: str, *quotes: str) -> list[tuple[str, str]]:
    """Kinds and claims of the problems of statements about <thing/1>, which has the quotations as evidence."""
    document: set[Triple] = set(parse_turtle(HEAD + statements, "invented.ttl"))
    for quote in quotes:
        triples = anchor_graph(KEY, TEXT, quote_span(TEXT, quote))
        document |= {*triples, (URIRef(ID["thing/1"]), SG.evidence, triples[0][0])}
    union = Graph()
    for triple in document:
        union.add(triple)
    content = TEXT.encode()
    source = SourceTextFile(KEY, Path("invented.txt"), hashlib.sha256(content).hexdigest(), len(content), TEXT)
    found = check_figures({f"{DOCUMENT_GRAPHS}{KEY}": frozenset(document)}, union, {KEY: source})
    assert all(set(one.message) == {"ja", "en"} for one in found.problems)
    return [(one.kind, str(one.triple[2])) for one in found.problems]


SHARE = "約8,100万ドル（約９１億円）、約9割¹に達し89.8%、3割5分"
QUANTITY = "<thing/1> <https://schema.org/value> {} ; <https://schema.org/unitText> {} ."
CALL, MONEY, PLAN = (
    "令和3年（2021）年12月24日～1月28日、１４者から３７件",
    "約三十五万人、予算は1億2,500万円",
    "2022年中に3.5倍、2018年度末に十七か所",
)


@pytest.mark.parametrize(
    ("statements", "quote"),
    [
        ("<thing/1> sg:commentCount 37 ; sg:submitterCount 14 .", CALL),
        ('<thing/1> sg:startDate "2021-12-24"^^xsd:date ; sg:endDate "2022-01-28"^^xsd:date .', CALL),
        ('<thing/1> sg:date "2022-12-31"^^xsd:date .', PLAN),
        ('<thing/1> sg:date "2019-03-31"^^xsd:date .', PLAN),
        ('<thing/1> sg:summary "35万人、12,500万円"@ja , "350,000 people and 125 million yen"@en .', MONEY),
        ('<thing/1> sg:summary "令和3年12月に始まり、2022年1月28日に終わる。"@ja , "From 24 December 2021."@en .', CALL),
        ('<thing/1> sg:summary "3.5倍、17か所"@ja .', PLAN),
        ('<thing/1> sg:printedForm "14者から37件" ; sg:ordinal 99 .', CALL),
        ('<thing/1> sg:sectionNumber "4.2.1" ; skos:prefLabel "ねこ①"@ja .', "4. 2. 1 ねこ①"),
        ('<thing/1> sg:sectionNumber "4.2" .', "4. 2. 1 ねこ①"),
        ('<thing/1> sg:sectionNumber "4.2.1" .', "4.2.1　ねこの庭"),
        ('<thing/1> sg:startDate "2021-04-01"^^xsd:date ; sg:endDate "2025-03-31"^^xsd:date .', "令和 3 年度～6 年度のねこ"),
        ('<thing/1> sg:printedForm "令和3年度～6年度" .', "令和 3 年度～6 年度のねこ"),
        ('<thing/1> sg:summary "令和3年度から6年度まで（2021年度～2024年度）"@ja .', "令和 3 年度～6 年度のねこ"),
        ('<thing/1> sg:sectionNumber "4.2.5" .', "4.2.5　2020年のねこ"),
        ('<thing/1> sg:sectionNumber "4.2.5" ; sg:isDirectPartOf <thing/2> . <thing/2> sg:sectionNumber "4.2" .', "4.2.5　2020年のねこ"),
        ('<thing/1> sg:noteNumber "3" .', "³ ねこ三様"),
        ('<thing/1> sg:noteNumber "17" .', "¹⁷ 2021年の数え方"),
        ('<thing/1> sg:date "2016-10"^^xsd:gYearMonth .', "平成28年10月、12月"),
        ('<thing/1> sg:asOf "2016-12"^^xsd:gYearMonth .', "平成28年10月、12月"),
        ('<thing/1> sg:asOf "2018"^^xsd:gYear ; sg:startDate "2018-04-01"^^xsd:date ; sg:endDate "2019-03-31"^^xsd:date .', PLAN),
        (QUANTITY.format("81000000", '"ドル"'), SHARE),
        (QUANTITY.format("8100", '"万ドル"'), SHARE),
        (QUANTITY.format("9100000000", '"円"'), SHARE),
        (QUANTITY.format("9", '"割"'), SHARE),
        (QUANTITY.format("90", '"%"'), SHARE),
        (QUANTITY.format("35", '"%"'), SHARE),
        (QUANTITY.format('"89.8"^^xsd:decimal', '"%"'), SHARE),
        ('<thing/1> sg:summary "意見30と34、comments 30 and 34、提言4-1"@ja . <c/1> sg:commentNumber 30 . <c/2> sg:commentNumber 34 . '
         '<r/1> sg:recommendationNumber "4-1" . <thing/1> a sg:Comment .', "ねこの数"),
        ('<thing/1> a sg:Plan ; sg:summary "全部で99件"@ja . sg:Plan rdfs:subClassOf sg:PolicyDocument .', "ねこの数"),
    ],
)  # fmt: skip
def test_what_is_printed_may_be_said(statements: str, quote: str) -> None:
    """Every notation of a printed figure passes; so do names of things that there are, and the summary of a document."""
    found = [one for one in _check(statements, quote) if one[1] not in ("30", "34", "4-1", "4.2")]  # these have no evidence of their own
    assert found == []


def test_a_printed_form_may_run_over_a_line_break() -> None:
    """Two spans, one printed form: 約 at the end of a line, the number on the next; but nothing between them is left out."""
    assert _check('<thing/1> sg:printedForm "約三十五万人、予算は" .', "約三十五万人、", "予算は1億2,500万円") == []
    assert _check('<thing/1> sg:printedForm "三十五万人予算は" .', "約三十五万人、", "予算は1億2,500万円") == [
        ("printed-form", "三十五万人予算は")
    ]


@pytest.mark.parametrize(
    ("statements", "quote", "kind"),
    [
        ("<thing/1> sg:commentCount 38 .", CALL, "number"),
        ('<thing/1> sg:startDate "2021-12-25"^^xsd:date .', CALL, "date"),
        ('<thing/1> sg:endDate "2021-01-28"^^xsd:date .', CALL, "date"),
        ('<thing/1> sg:date "2018-03-31"^^xsd:date .', PLAN, "date"),
        ('<thing/1> sg:summary "36万人"@ja .', MONEY, "number"),
        ('<thing/1> sg:summary "35億人"@ja .', MONEY, "number"),
        ('<thing/1> sg:summary "三十六万人"@ja .', MONEY, "number"),
        ('<thing/1> sg:summary "35 people"@en .', MONEY, "number"),
        ('<thing/1> sg:summary "令和4年12月24日"@ja .', CALL, "date"),
        ('<thing/1> sg:summary "24 November 2021"@en .', CALL, "date"),
        ('<thing/1> sg:summary "5倍"@ja .', PLAN, "number"),
        ('<thing/1> sg:summary "意見31に同じ"@ja .', "ねこの数", "number"),
        ('<thing/1> sg:printedForm "14者から37 件ずつ" .', CALL, "printed-form"),
        ('<thing/1> sg:sectionNumber "4.2.2" .', "4. 2. 1 ねこ①", "printed-form"),
        ('<thing/1> sg:sectionNumber "2.1" .', "4. 2. 1 ねこ①", "printed-form"),
        ('<thing/1> skos:prefLabel "ねこ②"@ja .', "4. 2. 1 ねこ①", "number"),
        ("<thing/2> sg:commentCount 37 .", CALL, "no-evidence"),
        ('<thing/1> sg:noteNumber "7" .', "¹⁷ 2021年の数え方", "printed-form"),
        ('<thing/1> sg:date "2016-11"^^xsd:gYearMonth .', "平成28年10月、12月", "date"),
        ('<thing/1> sg:date "2017-12"^^xsd:gYearMonth .', "平成28年10月、12月", "date"),
        ('<thing/1> sg:asOf "2016"^^xsd:gYear .', PLAN, "number"),
        ('<thing/1> sg:startDate "2019-03-31"^^xsd:date .', PLAN, "date"),
        (QUANTITY.format("8100", '"億ドル"'), SHARE, "number"),
        (QUANTITY.format("8100", '"ドル"'), SHARE, "number"),
        (QUANTITY.format("80", '"%"'), SHARE, "number"),
    ],
)
def test_what_is_not_printed_is_found(statements: str, quote: str, kind: str) -> None:
    """One digit, one unit, one day or one year off is a problem of its own statement."""
    assert [one[0] for one in _check(statements, quote)] == [kind]


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ('<thing/1> sg:sectionNumber "4.2.1(5)" ; sg:isDirectPartOf <section/1> .', "（５）ねこの家"),
        ('<thing/1> sg:sectionNumber "4.2.1(5)②" ; sg:isDirectPartOf <section/2> .', "- ② ねこの水"),
        ('<thing/1> sg:sectionNumber "4.2.1(5)②" ; sg:statedIn <section/2> .', "- ② ねこの水"),
        ('<thing/1> sg:sectionNumber "4.2.1(5)②" ; sg:isSubMeasureOf <thing/2> . <thing/2> sg:sectionNumber "4.2.1(5)" .', "- ② ねこの水"),
    ],
)
def test_a_number_goes_on_from_that_of_the_whole(statement: str, quote: str) -> None:
    """Only what goes beyond the number of the section, item or measure above has to be printed."""
    # The parts of SECTIONS have no evidence of their own.
    assert {one[0] for one in _check(SECTIONS + statement, quote)} == {"no-evidence"}
    assert {one[0] for one in _check(SECTIONS + statement, "ねこの数")} == {"no-evidence", "printed-form"}


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ('<thing/1> sg:sectionNumber "4.2.1(5)②" ; sg:isDirectPartOf <section/1> .', "- ② ねこの水"),  # （5） is printed nowhere
        ('<thing/1> sg:sectionNumber "4.2.1(5)③" ; sg:isDirectPartOf <section/2> .', "- ② ねこの水"),
        ('<thing/1> sg:sectionNumber "4.2.1(5)②" ; sg:isDirectPartOf <section/2> .', PLAN),  # 2022年中 begins with a 2, no ②
        ('<thing/1> sg:sectionNumber "4.2.4" ; sg:isDirectPartOf <section/3> .', "4. 2. 1 ねこ①"),  # the 4 of another number
    ],
)
def test_another_rest_of_a_number_is_found(statement: str, quote: str) -> None:
    """The rest must be the whole rest, and stand at the beginning of a span."""
    assert [one[0] for one in _check(SECTIONS + statement, quote) if one[0] != "no-evidence"] == ["printed-form"]


def test_without_the_text_nothing_is_said() -> None:
    """No text, no judgement."""
    statement = (URIRef(ID["thing/1"]), SG.commentCount, Literal(38))
    union = Graph().add(statement).add((URIRef(ID["thing/1"]), RDF.type, SG.Consultation))
    assert check_figures({f"{DOCUMENT_GRAPHS}{KEY}": frozenset({statement})}, union, {}).checked == 0


def test_a_date_split_by_a_line_break_is_read() -> None:
    """Year and month on two lines are one date, whichever anchor is named first."""
    statement = '<thing/1> sg:date "2023-05-31"^^xsd:date .'
    assert _check(statement, "５月まで", "ねこの声、2023年") == []
    assert _check(statement, "５月まで") == [("date", "2023-05-31")]
