"""The outline of 2021: headings, bullets per section, ①② items, footnotes and their marks, dates, figures, slides."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.term import Node

from stratgraph.evidence.numerals import figures
from stratgraph.vocab import ID, SG
from tests.corpus.reading import OUTLINE, Places, names, needs_texts, squeeze, things

pytestmark = pytest.mark.xdist_group("corpus")

_MARKS = "①②③④⑤⑥⑦⑧⑨"
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_NOTE = re.compile(r"^ ?([⁰¹²³⁴⁵⁶⁷⁸⁹]+) ?(.+)", re.M)
_HEADING = re.compile(
    rf" ?(?P<chapter>\d(?:\. ?\d)*)\.? (?P<title>.+)| ?[(（](?P<item>\d)[)）] ?(?P<titled>.+)| ?(?P<mark>[{_MARKS}]) ?(?P<named>.+)"
)


@dataclass(frozen=True)
class Line:
    """A line of the outline: where it begins, its text, the section it stands in, and whether it is that section's heading."""

    start: int
    text: str
    section: str
    heading: str = ""


def body_start(text: str) -> int:
    """Where the slides end and the outline begins."""
    return text.index("次期サイバーセキュリティ戦略 骨子\n")


def outline(text: str) -> list[Line]:
    """The lines of the outline with the composed number of their section, as 4.2.1(1)②; a bulleted ① with a bullet under it heads too."""
    lines: list[Line] = []
    chapter, item, mark = "", "", ""
    found = [one for one in re.finditer(".+", text) if one.start() >= body_start(text)]
    for one, following in zip(found, [*found[1:], None], strict=True):
        line = re.sub("^ *- (?!・)", "", one.group()).strip()
        heading = _HEADING.fullmatch(line)
        opens = heading and not _NOTE.match(line) and not (one.group() != line and heading["mark"] and _is_item(following))
        title = ""
        if opens and heading and heading["chapter"]:
            chapter, item, mark, title = heading["chapter"].replace(" ", ""), "", "", heading["title"]
        elif opens and heading and heading["item"]:
            item, mark, title = f"({heading['item']})", "", heading["titled"]
        elif opens and heading:
            mark, title = heading["mark"], heading["named"]
        lines.append(Line(one.start(), one.group(), chapter + item + mark, title))
    return lines


def _is_item(following: re.Match[str] | None) -> bool:
    """Whether a bulleted ① has nothing of its own under it: what follows is another one, or is no bullet of deeper text."""
    return following is None or not re.match(r"\s*- ・|・", following.group()) or following.group().startswith("- ・戦略期間")


def sections(graph: Graph) -> dict[str, Node]:
    """The outline's numbered sections by number, without a full stop at the end."""
    found = {}
    for section in graph.subjects(SG.isPartOf, URIRef(ID[f"document/{OUTLINE}"])):
        number = graph.value(section, SG.sectionNumber)
        if number is not None and section in things(graph, "Section"):
            found[str(number).rstrip(".")] = section
    return found


def _mended(title: str) -> str:
    """A title without white space, and with what the extraction got wrong put right."""
    return squeeze(title).replace("國", "国").replace("重要なインフラ", "重要インフラ")


@needs_texts
def test_every_heading_of_the_outline_is_a_section(graph: Graph, texts: dict[str, str], places: Places) -> None:
    """Number, title and place; how many there are of each level."""
    headings = [line for line in outline(texts[OUTLINE]) if line.heading]
    known = sections(graph)
    assert [line.section for line in headings if line.section not in known] == []
    assert set(known) == {line.section for line in headings}
    for line in headings:
        assert known[line.section] in places.at(OUTLINE, line.start + len(line.text) - 1), line
        assert _mended(line.heading) in {_mended(one) for one in names(graph, known[line.section])}, line
    levels = Counter(re.sub(rf"[{_MARKS}]", "i", re.sub(r"\d", "n", line.section)) for line in headings)
    assert levels == {
        "n": 5,
        "n.n": 8,
        "n.n.n": 20,
        "n.n(n)": 3,
        "n.n.n(n)": 27,
        "ni": 5,
        "n.ni": 5,
        "n.n(n)i": 2,
        "n.n.ni": 2,
        "n.n.n(n)i": 8,
    }


def statements(graph: Graph) -> set[Node]:
    """What may be told of a bullet: undertakings, statements, principles, directions and the like."""
    kinds = ("Measure", "ContextStatement", "Principle", "Direction", "Viewpoint", "Objective", "StatedChange")
    return set().union(*(things(graph, kind) for kind in kinds))


@needs_texts
def test_every_bullet_of_the_outline_is_a_measure_or_a_statement_of_its_section(
    graph: Graph, texts: dict[str, str], places: Places
) -> None:
    """Each "・" of the outline is evidence of at least one, stated in the very section whose heading stands above it."""
    lines = outline(texts[OUTLINE])
    bullets = [line for line in lines if re.match(r" *-? *・", line.text)]
    known, told = sections(graph), statements(graph)
    position = URIRef(ID[f"section/{OUTLINE}/position"])
    elsewhere: list[tuple[int, str]] = []
    kinds: Counter[str] = Counter()
    for bullet in bullets:
        here = places.at(OUTLINE, bullet.start + bullet.text.index("・") + 1) & told
        kinds["Measure" if here & things(graph, "Measure") else "statement" if here else "nothing"] += 1
        stated = {section for one in here for section in graph.objects(one, SG.statedIn)}
        if known.get(bullet.section, position) not in stated:
            elsewhere.append((bullet.start, bullet.section))
    assert elsewhere == []
    per_chapter = Counter(bullet.section[:1] or "position" for bullet in bullets)
    assert per_chapter == {"position": 2, "1": 11, "2": 16, "3": 41, "4": 166, "5": 5}
    assert kinds["nothing"] == 0


@needs_texts
def test_every_circled_item_of_the_outline_is_there(graph: Graph, texts: dict[str, str]) -> None:
    """Headings with ①② are sections; bulleted ones without text below are measures with a composed number."""
    lines = [line for line in outline(texts[OUTLINE]) if re.match(rf" *(?:- )?[{_MARKS}]", line.text)]
    items = [line for line in lines if not line.heading]
    headed = [line for line in lines if line.heading]
    assert (len(headed), len(items)) == (22, 6)
    numbers = Counter(str(number) for one in things(graph, "Measure") for number in graph.objects(one, SG.sectionNumber))
    for item in items:
        mark = item.text.strip(" -")[0]
        assert numbers[item.section + mark], item


@needs_texts
def test_every_footnote_is_there_and_annotates_what_bears_its_mark(graph: Graph, texts: dict[str, str], places: Places) -> None:
    """Numbers 1 to 26; each note's text is its evidence; each mark stands in a span of something that the note annotates."""
    text = texts[OUTLINE]
    notes = {one.group(1).translate(_SUPERSCRIPTS): one for one in _NOTE.finditer(text) if one.start() > body_start(text)}
    assert [int(number) for number in notes] == list(range(1, 27))
    known = {
        str(graph.value(one, SG.noteNumber)): one
        for one in things(graph, "Footnote")
        if (one, SG.statedIn, None) in graph and f"/{OUTLINE}/" in str(one)
    }
    assert set(notes) <= set(known)
    marks: Counter[str] = Counter()
    for mark in re.finditer("[⁰¹²³⁴⁵⁶⁷⁸⁹]+", text):
        number = mark.group().translate(_SUPERSCRIPTS)
        if mark.start() in {one.start(1) for one in notes.values()} or mark.start() < body_start(text):
            continue
        marks[number] += 1
        here = places.at(OUTLINE, mark.start())
        annotated = set(graph.objects(known[number], SG.annotates))
        assert annotated & here, (number, mark.start())
    for number, note in notes.items():
        assert known[number] in places.at(OUTLINE, note.start(2), note.end()), number
    assert set(marks) == set(notes)


@needs_texts
def test_every_date_of_the_outline_is_told_by_something_dated_at_its_place(graph: Graph, texts: dict[str, str], places: Places) -> None:
    """Each year, month or day that is printed is in the span of something with that date, or of a thing whose name or summary tells it."""
    text = texts[OUTLINE]
    printed = list(
        re.finditer(r"(?:令和|平成) ?(?:元|\d+) ?年(?:度)?(?: ?\d+ ?月(?: ?\d+ ?日)?)?|20\d\d年(?!代)(?:度)?(?:\d+月(?:\d+日)?)?", text)
    )
    dated: dict[Node, set[str]] = {}
    for predicate in (SG.date, SG.startDate, SG.endDate, SG.asOf, SG.printedForm, SG.fiscalYear, SG.editionYear):
        for thing, day in graph.subject_objects(predicate):
            dated.setdefault(thing, set()).add(str(day))
    without = []
    for one in printed:
        days = figures(one.group()).dates
        here = places.at(OUTLINE, one.start(), one.end())
        wanted = {"-".join(f"{part:02}" for part in day if part) for day in days}
        tells = any(day.startswith(want) or one.group() in day for thing in here for day in dated.get(thing, ()) for want in wanted)
        reached = {other for thing in here for predicate in _DATED_LINKS for other in graph.objects(thing, predicate)}
        tells = tells or any(day.startswith(want) for thing in reached for day in dated.get(thing, ()) for want in wanted)
        named = any(squeeze(one.group()) in squeeze(name) for thing in here | reached for name in names(graph, thing))
        summed = any(squeeze(one.group()) in squeeze(told) for thing in here for told in summaries(graph, thing))
        without += [] if tells or named or summed else [(one.start(), one.group())]
    assert without == []
    assert len(printed) == 39


_DATED_LINKS = (SG.mentionsInstrument, SG.usesInstrument, SG.mentionsEvent, SG.mentions, SG.dueBy, SG.hasTarget, SG.attributedIncident)


def summaries(graph: Graph, thing: Node) -> set[str]:
    """The Japanese summary of a thing, as a set."""
    return {str(one) for one in graph.objects(thing, SG.summary) if isinstance(one, Literal) and one.language == "ja"}


# What a figure of the outline counts.
_UNITS = "%|割|件|名|人|社|億円|時間|省庁|の国内企業等|年間|つの|度に|回目|年が"


@needs_texts
def test_every_figure_of_the_outline_is_a_quantity(graph: Graph, texts: dict[str, str], places: Places) -> None:
    """Each number with a unit stands in the span of a quantity that prints it, or of something whose label or summary tells it."""
    text = texts[OUTLINE]
    printed = list(re.finditer(rf"(?<![年月\d])[\d.,]*\d(?:{_UNITS})", text))
    quantities = {one: squeeze(str(graph.value(one, SG.printedForm))) for one in things(graph, "Quantity")}
    without = []
    for figure in printed:
        number = re.findall(r"[\d.,]+", figure.group())[0]
        here = places.at(OUTLINE, figure.start(), figure.end()) & set(quantities)
        told = {text for one in places.at(OUTLINE, figure.start()) for text in {*summaries(graph, one), *names(graph, one)}}
        if not any(number in quantities[one] for one in here) and not any(number in squeeze(text) for text in told):
            without.append((figure.start(), figure.group()))
    assert without == []
    assert len(printed) == 20


@needs_texts
def test_every_item_of_the_slides_is_there(graph: Graph, texts: dict[str, str], places: Places) -> None:
    """Each "-", "・" and ①② line of the slides begins an item, a section or another statement."""
    text = texts[OUTLINE][: body_start(texts[OUTLINE])]
    told = statements(graph) | things(graph, "OverviewItem") | things(graph, "Section")
    lines = list(re.finditer(rf"^ *(?:- |・|➡ |→)?(?:[{_MARKS}◆] ?)?(.+)", text, re.M))
    marked = [one for one in lines if re.match(rf" *(?:- |・|➡|→|[{_MARKS}◆])", one.group())]
    assert [one.group() for one in marked if not places.at(OUTLINE, one.start(1)) & told] == []
    assert len(marked) == 86
