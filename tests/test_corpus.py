"""The encoded documents against their texts: what an independent pass over a text counts, the graph holds.

The texts are not part of the repository; STRATGRAPH_SOURCES names their folder, and CI requires it.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from rdflib import RDF, SKOS, Dataset, Graph, Literal, URIRef
from rdflib.term import Node

from stratgraph.evidence import check_figures, check_spans, coverage, find_source_texts, wanted_texts
from stratgraph.load import load_product
from stratgraph.release import Release
from stratgraph.settings import Layout
from stratgraph.vocab import ID, METADATA_GRAPH, OA, SG, VOCAB

SOURCES = os.environ.get("STRATGRAPH_SOURCES")
needs_texts = pytest.mark.skipif(not SOURCES, reason="left out: the encoded documents against their texts (set STRATGRAPH_SOURCES)")
pytestmark = pytest.mark.xdist_group("corpus")

TABLE, REVIEW, COMMENTS = "2015-recommendation-response", "2017-interim-review", "2022-public-comments"


@pytest.fixture(scope="module")
def graph(release: Release) -> Graph:
    """The whole graph, metadata aside."""
    dataset = Dataset()
    dataset.parse(release.graph_file, format="nquads")
    merged = Graph()
    for subject, predicate, value, name in dataset.quads():
        if str(name) != METADATA_GRAPH:
            merged.add((subject, predicate, value))
    return merged


@pytest.fixture(scope="module")
def texts(graph: Graph) -> dict[str, str]:
    """The source texts by document key."""
    assert SOURCES is not None
    return {key: found.text for key, found in find_source_texts(Path(SOURCES), wanted_texts(graph)).items()}


def things(graph: Graph, kind: str) -> set[Node]:
    """All instances of a class of ours."""
    return set(graph.subjects(RDF.type, SG[kind]))


def table_rows(text: str) -> list[list[str]]:
    """The cells of each line that has tabs, heads of the table aside."""
    rows = [line.split("\t") for line in text.split("\n") if "\t" in line]
    return [row for row in rows if not row[0].startswith(("提言事項", "項番", "通しNo"))]


@needs_texts
def test_every_recommendation_of_the_table_is_there(graph: Graph, texts: dict[str, str]) -> None:
    """Item numbers, category numbers and the count of both are the text's."""
    rows = table_rows(texts[TABLE])
    numbers = [row[0] for row in rows if re.fullmatch(r"\d+-\d+", row[0])]
    categories = re.findall(r"^(\d\.)\D.*\t\t\t$", texts[TABLE], re.M)
    assert len(numbers) == len(set(numbers))
    assert {str(value) for value in graph.objects(None, SG.recommendationNumber)} == set(numbers)
    assert len(things(graph, "Recommendation")) == len(numbers)
    heads = {iri for iri in things(graph, "Section") if (iri, SG.isDirectPartOf, URIRef(ID["document/2015-recommendations"])) in graph}
    assert sorted(str(graph.value(iri, SG.sectionNumber)) for iri in heads) == categories


@needs_texts
def test_every_response_row_is_a_correspondence(graph: Graph, texts: dict[str, str]) -> None:
    """Each section number printed in the third column is one correspondence of the recommendation in or above its row."""
    expected: Counter[tuple[str, str]] = Counter()
    number = ""
    for row in table_rows(texts[TABLE]):
        number = row[0] if re.fullmatch(r"\d+-\d+", row[0]) else number
        for section in re.findall(r"\d(?:\.\d)+(?:\s*\(\d\))?(?:\s*i+)?|\d\.(?!\d)", row[2] if len(row) > 2 else ""):
            expected[number, re.sub(r"\s", "", section)] += 1
    found: Counter[tuple[str, str]] = Counter()
    for recommendation, link in graph.subject_objects(SG.hasCorrespondence):
        section = graph.value(link, SG.correspondingSection)
        assert section is not None
        printed = re.sub(r"\s", "", str(graph.value(section, SG.sectionNumber)))
        found[str(graph.value(recommendation, SG.recommendationNumber)), printed] += 1
    assert found == expected
    assert len(things(graph, "Correspondence")) == expected.total()


@needs_texts
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


def measures_of_the_review(graph: Graph, slug: str = "") -> set[Node]:
    """The review's measures, or those of one of its blocks."""
    return {one for one in things(graph, "Measure") if str(one).startswith(str(ID[f"measure/{REVIEW}/{slug}"]))}


# The review's blocks: the last line above each, and the name of its measures.
_BLOCKS = {
    "ボット<sup>(注)</sup>撲滅の推進": "iot-attacks/",
    "情報共有・連携ネットワーク（仮称）の構築・運用": "information-sharing/",
    "2020年東京オリンピック・パラリンピック競技大会に向けた体制の整備": "games/",
    "経済社会の活力の向上及び持続的発展": "economy/",
    "国民が安全で安心して暮らせる社会の実現": "society/",
    "国際社会の平和・安定及び我が国の安全保障": "international/",
}
# Round brackets that hold an action or product of its own, rather than a name, a list of those meant or a hedge.
_ACTIONS = ("必要な技術的・制度的枠組の構築", "計画的に訓練", "2018年度までに全分野で実施")


@needs_texts
def test_every_bullet_of_the_review_is_a_measure(graph: Graph, texts: dict[str, str]) -> None:
    """Per block: its bullets, the items in square brackets, actions in round ones, and the heading where it names a measure."""
    expected: Counter[str] = Counter()
    # 冒頭 and 末尾: bullets before any heading, and bullets that a blank line parts from the list above.
    block, headed = "implementation/", {"iot-attacks/", "information-sharing/", "games/"}
    previous = ""
    for line in texts[REVIEW].split("\n"):
        if line in _BLOCKS:
            block = _BLOCKS[line]
            expected[block] += block in headed
        elif re.match(r" *- ", line):
            if block == "international/" and not previous.strip() and expected[block]:
                block = "cross-cutting/"
            items = re.search(r"\[(.*)\]", line)
            expected[block] += 1 + (items.group(1).count("、") + 1 if items else 0) + sum(f"（{action}）" in line for action in _ACTIONS)
        previous = line
    found = {name: len(measures_of_the_review(graph, name)) for name in expected}
    assert found == dict(expected)
    assert len(measures_of_the_review(graph)) == expected.total()
    levels = Counter(len(indent) // 2 for indent in re.findall(r"^( *)- ", texts[REVIEW], re.M))
    assert levels == {0: 21, 1: 12, 2: 3}


@needs_texts
def test_the_review_lists_measures_for_three_objectives(graph: Graph, texts: dict[str, str]) -> None:
    """Each list stands under its objective by inference, components included; other measures serve none of the three."""
    for heading, block in list(_BLOCKS.items())[3:]:
        named = {one for one in things(graph, "Objective") if (one, SKOS.prefLabel, Literal(heading, lang="ja")) in graph}
        (objective,) = {one for one in named if "/2015-strategy/" in str(one)}  # the 2018 strategy has objectives of the same name
        assert set(graph.subjects(SG.servesObjective, objective)) == measures_of_the_review(graph, block)
        assert heading in texts[REVIEW]


@needs_texts
def test_deadlines_and_figures_of_the_review_are_the_printed_ones(graph: Graph, texts: dict[str, str]) -> None:
    """Every year and count but those in the name of the Games is a deadline or a quantity."""
    plain = texts[REVIEW].replace("2020年東京オリンピック・パラリンピック競技大会", "")
    printed = set(re.findall(r"\d+[年人](?:度末目途|度までに|以内|以上)?", plain))
    kept = {iri for kind in ("Deadline", "Quantity") for iri in things(graph, kind) if f"/{REVIEW}/" in str(iri)}
    assert {str(graph.value(iri, SG.printedForm)) for iri in kept} == printed
    assert len(printed) == 4
    days = sorted(str(graph.value(iri, SG.date)) for iri in kept if graph.value(iri, SG.date))
    assert days == ["2019-03-31", "2019-03-31"]


@needs_texts
def test_headings_and_terms_of_the_review_are_there(graph: Graph, texts: dict[str, str]) -> None:
    """Every line without a mark is a heading with a section; every `term:` and the note have a definition."""
    lines = [re.sub(r"<[^>]*>|\(注\)", "", line) for line in texts[REVIEW].split("\n") if line and not line.startswith((" ", "-"))]
    headings = {line for line in lines if ": " not in line}
    stated = URIRef(VOCAB["assertion-status/explicit"])
    sections = {
        iri for iri in things(graph, "Section") if f"/section/{REVIEW}/" in str(iri) and graph.value(iri, SG.assertionStatus) == stated
    }
    assert {
        str(one) for iri in sections for one in graph.objects(iri, SKOS.prefLabel) if isinstance(one, Literal) and one.language == "ja"
    } == headings
    terms = re.findall(r"^ ?(\S+?): ", texts[REVIEW], re.M)
    definitions = {iri for iri in things(graph, "GlossaryDefinition") if f"/{REVIEW}/" in str(iri)}
    assert len(definitions) == len(terms) + texts[REVIEW].count("\n (注)")


@needs_texts
@pytest.mark.parametrize("key", [TABLE, REVIEW, COMMENTS])
def test_nothing_of_a_text_is_unaccounted_for(graph: Graph, texts: dict[str, str], key: str) -> None:
    """Every character is anchored by a statement or left out for a named reason; heads aside, under 3 % is left out."""
    result = coverage(graph, key, texts[key])
    assert (result.unaccounted, result.problems) == (0, ())
    others = sum(count for reason, count in result.excluded.items() if not reason.endswith(("repeated-table-head", "running-head")))
    assert others < 0.03 * result.characters


@needs_texts
def test_every_span_fits_its_text(graph: Graph) -> None:
    """Offsets, hashes and first and last characters of all anchors."""
    assert SOURCES is not None
    check = check_spans(graph, find_source_texts(Path(SOURCES), wanted_texts(graph)))
    assert check.problems == ()
    assert check.not_checked == 0


@pytest.mark.parametrize(
    "kind",
    [
        "EvidencedLink",
        "Section",
        "Recommendation",
        "PublicComment",
        "GovernmentResponse",
        "Consultation",
        "PlanItem",
        "PolicyElement",
        "Target",
        "Quantity",
        "GlossaryDefinition",
    ],
)
def test_every_element_and_link_has_evidence(graph: Graph, kind: str) -> None:
    """Evidence is an anchor of a source text, and there is exactly one status."""
    found = things(graph, kind)
    assert found
    without = [iri for iri in found if not any((anchor, OA.hasSelector, None) in graph for anchor in graph.objects(iri, SG.evidence))]
    assert without == []
    assert [iri for iri in found if len(set(graph.objects(iri, SG.assertionStatus))) != 1] == []


def test_what_is_known_only_by_citation_says_so(graph: Graph) -> None:
    """Every section of a document that is not in the corpus is marked as such, like the document."""
    outside = {document for document in things(graph, "PolicyDocument") if (document, SG.inCorpus, Literal(False)) in graph}
    sections = {one for document in outside for one in graph.subjects(SG.isPartOf, document)} & things(graph, "Section")
    assert len(outside) == 6
    assert sections
    assert {one for one in things(graph, "Section") if (one, SG.inCorpus, Literal(False)) in graph} == sections


def spans_of(graph: Graph, texts: dict[str, str], thing: Node) -> str:
    """The characters of all spans that are evidence of a thing, in NFKC."""
    places = []
    for anchor in graph.objects(thing, SG.evidence):
        key = str(graph.value(anchor, OA.hasSource)).rsplit("/", 1)[1]
        selector = graph.value(anchor, OA.hasSelector)
        places.append((key, int(str(graph.value(selector, OA.start))), int(str(graph.value(selector, OA.end)))))
    return unicodedata.normalize("NFKC", "\n".join(texts[key][start:end] for key, start, end in sorted(places)))


@needs_texts
def test_figures_stand_in_their_spans(layout: Layout) -> None:
    """No statement holds a number or date that the places it rests on do not print, and there are many that could."""
    assert SOURCES is not None
    sources = load_product(layout)
    union = sources.union()
    check = check_figures(sources.graphs, union, find_source_texts(Path(SOURCES), wanted_texts(union)))
    assert [(str(one.triple[0]), one.message["en"]) for one in check.problems] == []
    assert check.checked > 200


@needs_texts
def test_printed_labels_stand_in_their_spans(graph: Graph, texts: dict[str, str]) -> None:
    """What is explicit is labelled as printed, white space aside."""
    explicit = URIRef(VOCAB["assertion-status/explicit"])
    squeeze = re.compile(r"\s+")
    for kind in ("Recommendation", "CommentCategory"):
        for thing in things(graph, kind):
            label = next(one for one in graph.objects(thing, SKOS.prefLabel) if isinstance(one, Literal) and one.language == "ja")
            if graph.value(thing, SG.assertionStatus) == explicit:
                printed = squeeze.sub("", spans_of(graph, texts, thing))
                assert squeeze.sub("", unicodedata.normalize("NFKC", label)) in printed, thing


@needs_texts
def test_what_the_review_is_said_to_print_stands_in_its_spans(graph: Graph, texts: dict[str, str]) -> None:
    """Japanese labels and printed forms of the document's own graph, white space aside."""
    squeeze = re.compile(r"\s+")
    stated = Graph()
    for path in sorted((Path(__file__).parent.parent / "data/ttl/document" / REVIEW).glob("*.ttl")):
        stated.parse(path, format="turtle")
    told = [pair for predicate in (SKOS.prefLabel, SG.printedForm) for pair in stated.subject_objects(predicate)]
    assert len(told) > len(measures_of_the_review(graph)) / 2
    for thing, label in told:
        assert squeeze.sub("", unicodedata.normalize("NFKC", str(label))) in squeeze.sub("", spans_of(graph, texts, thing)), thing
