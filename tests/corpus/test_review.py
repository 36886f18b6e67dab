"""The interim review of 2017: bullets, headings, terms, deadlines."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from rdflib import SKOS, Graph, Literal, URIRef
from rdflib.term import Node

from stratgraph.vocab import ID, SG, VOCAB
from tests.corpus.reading import REVIEW, needs_texts, spans_of, things

pytestmark = pytest.mark.xdist_group("corpus")


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
        (objective,) = {one for one in named if "/2015-strategy/" in str(one)}  # later strategies have objectives of the same name
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
def test_what_the_review_is_said_to_print_stands_in_its_spans(graph: Graph, texts: dict[str, str]) -> None:
    """Japanese labels and printed forms of the document's own graph, white space aside."""
    squeeze = re.compile(r"\s+")
    stated = Graph()
    for path in sorted((Path(__file__).parents[2] / "data/ttl/document" / REVIEW).glob("*.ttl")):
        stated.parse(path, format="turtle")
    told = [pair for predicate in (SKOS.prefLabel, SG.printedForm) for pair in stated.subject_objects(predicate)]
    assert len(told) > len(measures_of_the_review(graph)) / 2
    for thing, label in told:
        assert squeeze.sub("", unicodedata.normalize("NFKC", str(label))) in squeeze.sub("", spans_of(graph, texts, thing)), thing
