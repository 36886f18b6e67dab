"""The result of the consultation of 2022: comments, replies, categories."""

from __future__ import annotations

import re

import pytest
from rdflib import Graph, URIRef

from stratgraph.vocab import ID, SG
from tests.corpus.reading import COMMENTS, needs_texts, table_rows, things

pytestmark = pytest.mark.xdist_group("corpus")


def test_every_comment_and_reply_is_there(graph: Graph, texts: dict[str, str]) -> None:
    """Numbers run as printed, each comment has its one reply, and 参照 replies point where they say."""
    rows = [row for row in table_rows(texts[COMMENTS]) if row[0].isdecimal()]
    assert {int(str(value)) for value in graph.objects(None, SG.commentNumber)} == {int(row[0]) for row in rows}
    assert len(things(graph, "PublicComment")) == len(things(graph, "GovernmentResponse")) == len(rows)
    referred = {row[0]: found.group(1) for row in rows if (found := re.fullmatch(r"No\.(\d+)参照", row[3].strip()))}
    assert len(referred) == 3
    for comment in things(graph, "PublicComment"):
        number = str(graph.value(comment, SG.commentNumber))
        direct = set(graph.objects(comment, SG.hasResponse))
        assert direct == {URIRef(ID[f"response/2022/{number}"])}
        effective = set(graph.objects(comment, SG.effectiveResponse))
        further = {URIRef(ID[f"response/2022/{referred[number]}"])} if number in referred else set()
        assert effective == direct | further


@needs_texts
def test_comments_name_the_section_that_is_printed(graph: Graph, texts: dict[str, str]) -> None:
    """The second column's number, spaces aside; No. 1 names 総論 and No. 37 nothing."""
    for row in table_rows(texts[COMMENTS]):
        if row[0].isdecimal():
            sections = list(graph.objects(URIRef(ID[f"comment/2022/{row[0]}"]), SG.commentsOn))
            printed = re.match(r"(\d(?:\. ?\d)*)", row[1])
            numbers = [str(graph.value(section, SG.sectionNumber)).rstrip(".") for section in sections if printed]
            assert numbers == ([printed.group(1).replace(" ", "")] if printed else []), row[0]
            assert len(sections) == (0 if row[1] == "-" else 1)


@needs_texts
def test_the_breakdown_adds_up_by_inference(graph: Graph, texts: dict[str, str]) -> None:
    """Each category holds by inference as many comments as are printed for it, and the printed counts are the text's."""
    printed = {int(count) for count in re.findall(r"：(\d+)件", texts[COMMENTS])}
    counts = {category: int(str(graph.value(category, SG.printedCount))) for category in things(graph, "CommentCategory")}
    assert set(counts.values()) == printed
    assert {category: len(set(graph.subjects(SG.commentCategory, category))) for category in counts} == counts


@needs_texts
def test_cited_plan_items_are_the_printed_ones(graph: Graph, texts: dict[str, str]) -> None:
    """Every 「2.1(3)(ス)」 in the replies is a plan item that its reply cites, and there are no others."""
    expected = {
        (row[0], item)
        for row in table_rows(texts[COMMENTS])
        if row[0].isdecimal()
        for item in re.findall(r"「(\d\.\d[()\dア-ン]+)」", row[3])
    }
    found = {
        (str(response).rsplit("/", 1)[1], str(graph.value(item, SG.sectionNumber)))
        for response, item in graph.subject_objects(SG.citesPlanItem)
    }
    assert found == expected
    assert {str(graph.value(item, SG.sectionNumber)) for item in things(graph, "PlanItem")} == {item for _, item in expected}
