"""The table of 2015: recommendations and where they are reflected."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from rdflib import Graph, URIRef

from stratgraph.vocab import ID, SG
from tests.corpus.reading import TABLE, needs_texts, table_rows, things

pytestmark = pytest.mark.xdist_group("corpus")


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
