"""The overview of 2018: the annex row by row, the slides' bodies and bullets, incidents, partners, figures."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

import pytest
from rdflib import SKOS, Graph, URIRef
from rdflib.term import Node

from stratgraph.vocab import ID, SG
from tests.corpus.reading import OVERVIEW, Places, label, names, needs_texts, squeeze, things

pytestmark = pytest.mark.xdist_group("corpus")

_ROLES = {
    "◎": ("hasLeadAssignment", "leadAgency"),
    "○": ("hasRelatedAssignment", "relatedAgency"),
    "【": ("hasImplementingAssignment", "implementingAgency"),
}
_HEADING = re.compile(r"(\(\d\)|\d\.\d\.\d|\d\.\d\.|\d．)[　 ]?(.+)")


@dataclass
class Row:
    """A row of the annex as printed: the cells of bodies, the units of its notes (with the mark where one is told), the examples."""

    lead: str = ""
    related: str = ""
    notes: str = ""
    examples: list[str] = field(default_factory=list)

    def bodies(self, mark: str) -> list[str]:
        """The bodies after ◎ or ○."""
        cell = {"◎": self.lead, "○": self.related}[mark]
        return [one for one in cell.split("、") if one]

    def units(self) -> list[tuple[str, str]]:
        """Body and unit of each ※ note; several notes stand in a line, several units after a body."""
        found = []
        for body, told in re.findall(r"(内閣官房|内閣府)(?:（◎）)?：((?:(?!、(?:内閣官房|内閣府)：)[^※])+)", self.notes):
            units = re.findall(r"(?:（[^）]*）|[^、（※])+", told)
            found += [(body, one) for one in units]
        return found


def annex(text: str) -> tuple[list[Row], list[tuple[str, str]]]:
    """The rows of the annex's three pages, and (number, title) of the headings that follow each page's rows."""
    rows: list[Row] = []
    headings: list[tuple[str, str]] = []
    cell = ""
    for line in text[text.index("（別紙）新戦略に基づく施策例") :].split("\n"):
        heading = _HEADING.fullmatch(line.strip())
        if line.startswith("◎："):
            rows.append(Row())
        if heading:
            headings.append((heading.group(1), heading.group(2)))
            cell = "heading"
        elif re.match("[（ ]|項目|施策例", line) or not (line and rows):
            cell = cell if not line else ""
        else:
            cell = _take(rows[-1], headings, cell, line)
    return rows, headings


def _take(row: Row, headings: list[tuple[str, str]], cell: str, line: str) -> str:
    """Put a line where its mark says, or with the cell before it; returns the cell."""
    for part in re.split(" (?=・)", line, maxsplit=1) if line[0] == "◎" else [line]:
        cell = {"◎": "lead", "○": "related", "※": "notes", "・": "example"}.get(part[0], cell)
        if cell == "example":
            row.examples += [""] if part[0] == "・" else []
            row.examples[-1] += part.removeprefix("・")
        elif cell == "heading":
            headings[-1] = headings[-1][0], headings[-1][1] + part
        elif cell:
            setattr(row, cell, getattr(row, cell) + re.sub("^[◎○]：", "", part).strip())
    return cell


def annex_measures(graph: Graph) -> list[Node]:
    """The graph's rows of the annex, in their order."""
    stated = set(graph.subjects(SG.statedIn, URIRef(ID[f"section/{OVERVIEW}/annex"]))) & things(graph, "Measure")
    found = [one for one in stated if not graph.value(one, SG.isSubMeasureOf)]
    return sorted(found, key=lambda one: int(str(graph.value(one, SG.ordinal))))


def bodies_of(graph: Graph, measure: Node, mark: str, printed: list[str]) -> Counter[str]:
    """Assignees of a measure in a role, by that name of theirs that is printed (else by their label)."""
    found: Counter[str] = Counter()
    for assignment in graph.objects(measure, SG[_ROLES[mark][0]]):
        assignee = graph.value(assignment, SG.assignee)
        assert assignee is not None
        found[next(iter(names(graph, assignee) & set(printed)), label(graph, assignee))] += 1
    return found


@needs_texts
def test_the_annex_is_read_as_it_is_printed(texts: dict[str, str]) -> None:
    """The reader below loses nothing: as many marks in the rows as in the text."""
    rows, headings = annex(texts[OVERVIEW])
    printed = texts[OVERVIEW][texts[OVERVIEW].index("（別紙）新戦略に基づく施策例") :]
    assert len(rows) == len(re.findall("^◎", printed, re.M)) == 45
    assert sum(bool(row.related) for row in rows) == len(re.findall("^○：", printed, re.M)) == 24
    assert sum(len(row.examples) for row in rows) == len(re.findall("^・| ・", printed, re.M)) == printed.count("【") == 49
    assert len(headings) == 59


@needs_texts
def test_every_row_of_the_annex_has_its_lead_and_related_bodies(graph: Graph, texts: dict[str, str]) -> None:
    """Row by row the bodies after ◎ and ○, and in total per body, by assignment and by inferred shortcut."""
    rows, _ = annex(texts[OVERVIEW])
    measures = annex_measures(graph)
    assert len(measures) == len(rows)
    for mark in "◎○":
        totals: Counter[str] = Counter()
        for number, (row, measure) in enumerate(zip(rows, measures, strict=True), 1):
            expected = Counter(row.bodies(mark))
            assert bodies_of(graph, measure, mark, row.bodies(mark)) == expected, (number, mark)
            assert len(set(graph.objects(measure, SG[_ROLES[mark][1]]))) == expected.total(), (number, mark)
            totals += expected
        assert totals.total() == {"◎": 140, "○": 64}[mark]
        assert totals["NISC"] == {"◎": 35, "○": 3}[mark]


@needs_texts
def test_every_example_measure_of_the_annex_has_the_body_in_its_brackets(graph: Graph, texts: dict[str, str]) -> None:
    """The "・" of each row in order: what is printed of it, and the bodies in 【】."""
    rows, _ = annex(texts[OVERVIEW])
    total = 0
    for row, measure in zip(rows, annex_measures(graph), strict=True):
        parts = sorted(graph.subjects(SG.isSubMeasureOf, measure), key=lambda one: int(str(graph.value(one, SG.ordinal))))
        assert len(parts) == len(row.examples), measure
        for part, printed in zip(parts, row.examples, strict=True):
            (inside,) = re.findall("【(.*)】", printed)
            expected = re.split("、|及び", inside)
            assert bodies_of(graph, part, "【", expected) == Counter(expected), part
            assert squeeze(label(graph, part)) == squeeze(printed.split("【")[0]), part
            total += len(expected)
    assert total == 63


@needs_texts
def test_every_note_of_the_annex_names_an_acting_unit(graph: Graph, texts: dict[str, str]) -> None:
    """The unit after each ※ acts for the body it is printed with, in that row."""
    rows, _ = annex(texts[OVERVIEW])
    expected: Counter[tuple[int, str, str]] = Counter()
    found: Counter[tuple[int, str, str]] = Counter()
    for number, (row, measure) in enumerate(zip(rows, annex_measures(graph), strict=True), 1):
        units = row.units()
        expected.update((number, *pair) for pair in units)
        for predicate in (SG.hasLeadAssignment, SG.hasRelatedAssignment):
            for assignment in graph.objects(measure, predicate):
                assignee = graph.value(assignment, SG.assignee)
                assert assignee is not None
                for unit in graph.objects(assignment, SG.actingUnit):
                    known = {one for _, one in units} & names(graph, unit)
                    found[number, label(graph, assignee), next(iter(known), label(graph, unit))] += 1
    assert found == expected
    assert expected.total() == 14


@needs_texts
def test_every_heading_of_the_annex_is_a_section_of_the_strategy(graph: Graph, texts: dict[str, str]) -> None:
    """Per level, number and title; a bracketed number is the end of a composed one."""
    _, headings = annex(texts[OVERVIEW])
    strategy = URIRef(ID["document/2018-strategy"])
    sections = [
        one for one in graph.subjects(SG.isPartOf, strategy) if one in things(graph, "Section") and graph.value(one, SG.sectionNumber)
    ]
    found: Counter[tuple[str, str]] = Counter()
    for section in sections:
        number = str(graph.value(section, SG.sectionNumber))
        if number[0] in "45" and number.strip(".．") != "4":
            last = re.findall(r"\(\d\)$", number)
            titles = {squeeze(one) for one in names(graph, section)}
            printed = {squeeze(title) for _, title in headings} & titles
            found[last[0] if last else squeeze(number).strip("."), next(iter(printed), label(graph, section))] += 1
    assert found == Counter((number if number[0] == "(" else squeeze(number).strip("."), squeeze(title)) for number, title in headings)
    levels = Counter("(n)" if number[0] == "(" else number.strip("．.").count(".") for number, _ in headings)
    assert levels == {"(n)": 38, 0: 1, 1: 4, 2: 16}


def slides(text: str) -> str:
    """The slides, the annex left out."""
    return text[: text.index("（別紙）新戦略に基づく施策例")]


@needs_texts
def test_every_body_that_heads_a_list_is_named_by_its_measures(graph: Graph, texts: dict[str, str], places: Places) -> None:
    """Each ＜body＞ of the slides is the place of assignments to exactly the bodies it names; SIP is a programme of 内閣府."""
    heads = list(
        re.finditer(r"^ ?＜((?:(?:[^＞、・\n]{0,10}[省庁房]|内閣府SIP|個人情報保護委員会)[、・]?)+)＞", slides(texts[OVERVIEW]), re.M)
    )
    assert len(heads) == 46
    for head in heads:
        printed = re.split("[、・]", head.group(1).removesuffix("SIP"))
        here = places.at(OVERVIEW, head.start(1), head.end(1))
        assignees = {graph.value(one, SG.assignee) for one in here & things(graph, "Assignment")} - {None}
        found = {next(iter(names(graph, one) & set(printed)), str(one)) for one in assignees if one}
        assert found == set(printed), (head.start(), printed)


# The ministries of the organisation chart stand in lists with the same mark.
_CHART = ("閣僚本部員5省庁", "重要インフラ所管省庁\n\n")


@needs_texts
def test_every_bullet_of_the_slides_is_evidence(graph: Graph, texts: dict[str, str], places: Places) -> None:
    """Each "・" or "•" of the slides begins a measure, a statement or an item; those of the chart are members of a group."""
    kinds = ("Measure", "ContextStatement", "OverviewItem", "GlossaryDefinition", "Event")
    known = set().union(*(things(graph, kind) for kind in kinds))
    text = slides(texts[OVERVIEW])
    bullets = list(re.finditer("^ ?[・•] ?([^・].+)", text, re.M))
    without = [one.group(1) for one in bullets if not places.at(OVERVIEW, one.start(1)) & known]
    listed = [one for head in _CHART for one in re.findall("・(.+)", text[text.index(head) :].split("\n\n")[1])]
    assert sorted(without) == sorted(listed)
    assert (len(listed), len(bullets)) == (10, 125)


@needs_texts
def test_every_incident_of_the_slide_is_there(graph: Graph, texts: dict[str, str]) -> None:
    """The "○…（year and month）" lines: title, month, and as many as are printed."""
    text = slides(texts[OVERVIEW])
    printed = {f"{title}（{when}）": when for title, when in re.findall(r"^ ?○(.+?)（(20\d\d年[\d０-９]{1,2}月)）$", text, re.M)}
    here = URIRef(ID[f"section/{OVERVIEW}/slides.incidents"])
    incidents = {one for one in things(graph, "Incident") if here in set(graph.objects(one, SG.occursIn))}
    found = {title for incident in incidents for title in printed if squeeze(title) in map(squeeze, names(graph, incident))}
    assert found == set(printed)
    assert len(incidents) == len(printed) == 10
    for incident in incidents:
        when = next(printed[title] for title in printed if squeeze(title) in map(squeeze, names(graph, incident)))
        year, month = map(int, re.findall(r"\d+", squeeze(when)))
        assert any(str(day).startswith(f"{year}-{month:02}") for day in graph.objects(incident, SG.date)), incident


@needs_texts
def test_every_country_of_the_foreign_policies_is_there(graph: Graph, texts: dict[str, str], places: Places) -> None:
    """The four that head the slide, each with policies; and every policy of the slide is one of theirs."""
    text = texts[OVERVIEW]
    start = text.index("諸外国の政策動向")
    slide = text[start : text.index("【３．本戦略の目的", start)]
    printed = {one for line in re.findall("^(?:中国|米国 英国|EU)$", slide, re.M) for one in line.split()}
    policies = [one for one in things(graph, "ForeignPolicy") if any(start < place for place, _ in places.of(one, OVERVIEW))]
    countries = {country for one in policies for country in graph.objects(one, SG.country)}
    assert {next(iter(names(graph, country) & printed), country) for country in countries} == printed
    assert len(countries) == len(printed) == 4
    months = re.findall(r"(20\d\d)年\s?(\d{1,2})\s?月", unicodedata.normalize("NFKC", slide).replace("\n", ""))
    kept = {str(graph.value(one, SG.date))[:7] for policy in policies for one in (policy, *graph.objects(policy, SG.dueBy))}
    assert kept - {"None"} == {f"{year}-{int(month):02}" for year, month in months}


@needs_texts
def test_every_partner_of_the_consultations_is_there(graph: Graph, texts: dict[str, str]) -> None:
    """Thirteen consultations in the sentence, fourteen with the labels of the picture (日ASEAN), one dialogue each."""
    text = texts[OVERVIEW].replace("\n", "")
    (sentence,) = re.findall("を目的として、(英国、[^。]*?ウクライナ)との間でサイバー協議", text)
    listed = re.split("、|及び", sentence)
    lines = re.findall("^日[^と、。の本\n]{1,8}$", slides(texts[OVERVIEW]), re.M)
    labels = {one for line in lines for one in re.findall("日[^日]+", line)}
    here = URIRef(ID[f"section/{OVERVIEW}/slides.international-cooperation-examples.bilateral"])
    dialogues = set(graph.subjects(SG.statedIn, here)) & things(graph, "InternationalDialogue")
    assert (len(listed), len(labels)) == (13, 14)
    assert len(dialogues) == 14
    found = {frozenset(str(one) for one in graph.objects(dialogue, SG.partner)) for dialogue in dialogues}
    assert len(found) == 14
    assert sorted(map(len, found)) == [1] * 13 + [2]


# What a figure of the slides counts, where it counts something (not a date, a section or a page).
_UNITS = "万ドル|億円|万件|件|万人分|人分|社|種類|個|時間|Gbps|Tbps|名|件以上|分野|セプター|XEM|社弱|以上のアクセス"


@needs_texts
def test_every_figure_of_the_slides_is_a_quantity(graph: Graph, texts: dict[str, str], places: Places) -> None:
    """Each number with a unit stands, as printed, in the span of a quantity; "24時間" is the name of a desk's hours."""
    text = slides(texts[OVERVIEW])
    figures = list(re.finditer(rf"[\d,.]+(?:億[\d,]*)?(?:{_UNITS})", text))
    quantities = {one: squeeze(str(graph.value(one, SG.printedForm))) for one in things(graph, "Quantity")}
    without = []
    for figure in figures:
        here = places.at(OVERVIEW, figure.start(), figure.end()) & set(quantities)
        if not any(squeeze(figure.group()) in quantities[one] or quantities[one] in squeeze(figure.group()) for one in here):
            without.append(figure.group())
    assert without == ["24時間"]
    assert len(figures) == 24


@needs_texts
def test_the_chart_of_2018_is_there(graph: Graph, texts: dict[str, str]) -> None:
    """One head, one deputy, seven ministers, seven experts as one post, three panels."""
    text = slides(texts[OVERVIEW])
    (listed,) = re.findall("本部員 ：(.*?)有識者本部員", text, re.S)
    ministers = [one for one in re.split(r"大臣\n|委員長\n", listed) if one.strip()]
    roles = Counter(
        str(graph.value(one, SG.membershipRole)).rsplit("/", 1)[1]
        for one in graph.subjects(SG.memberPost, None)
        if f"/{OVERVIEW}/headquarters-" in str(one)
    )
    assert roles == {"head": 1, "deputy-head": 1, "member": len(ministers), "expert-member": 1}
    assert len(ministers) == 7
    panels = set(re.findall("(?:重要インフラ|研究開発戦略|普及啓発・人材育成)専門調査会", text.replace("\n", "")))
    assert {one for one in panels if any(one in names(graph, body) for body in things(graph, "GovernmentBody"))} == panels


@needs_texts
def test_every_sector_of_the_picture_is_there(graph: Graph, texts: dict[str, str]) -> None:
    """Thirteen sectors, as the picture says."""
    text = slides(texts[OVERVIEW])
    count = int(re.findall(r"(\d+)分野\d+セプター", text)[0])
    picture = text[text.index("\n鉄道\n") : text.index("空港については")]
    head = f"section/{OVERVIEW}/slides.society-infrastructure-government-universities-examples.critical-infrastructure"
    stated = set(graph.subjects(SG.statedIn, URIRef(ID[head])))
    sectors = {one for thing in stated for one in graph.objects(thing, SG.sector) if not graph.value(one, SKOS.broader)}
    printed = {one for one in sectors if names(graph, one) & {*re.split(r"\s", picture), "政府・行政サービス"}}
    assert len(printed) == count == 13
    assert {label(graph, one) for one in sectors - printed} == {"空港"}
    inner = {one for thing in stated for one in graph.objects(thing, SG.sector) if graph.value(one, SKOS.broader)}
    assert {label(graph, one) for one in inner} == set(re.findall("[\\[［](.+?)[\\]］]", unicodedata.normalize("NFKC", picture)))
