"""Numbers and dates of statements against the spans they rest on. Imports rdflib, places, vocab.

Checked where the text of a statement's evidence is at hand: summaries, printed forms and printed numbers, labels of the
document graphs, and integers, years and dates that a document states. Two things are exempt, and nothing else:

- In a summary, the number of another comment, reply or recommendation that the graph holds ("意見30", "comments 30 and 34",
  "提言4-1") names a thing and is no figure.
- The summary of a document as a whole counts what is printed in many places; the tests of the corpus hold those counts.

A link to a section, plan item or reply is checked too: the span prints the number of what it leads to. What has no number
(総論) cannot be checked. A section's number is no quantity: it is looked for as printed, and may begin a longer one. Where it
goes on from the number of what it is part of ("4.2.1(5)②" in "4.2.1(5)"), a span that begins with the rest ("②") prints it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rdflib import RDF, RDFS, SKOS, XSD, Literal
from rdflib.term import Node

from stratgraph.evidence.anchors import read_anchors
from stratgraph.evidence.numerals import Day, Figures, figures, plain
from stratgraph.evidence.sourcetext import SourceTextFile
from stratgraph.indexed import ReadableGraph
from stratgraph.places import Triple
from stratgraph.vocab import DOCUMENT_GRAPHS, OA, SCHEMA, SG

_PRINTED: Final = frozenset({SG.printedForm, SG.sectionNumber, SG.recommendationNumber, SG.noteNumber})
_TEXTS: Final = _PRINTED | {SG.summary}
# Numbers in an order, no quantities.
_NUMBERING: Final = frozenset({SG.sectionNumber, SG.noteNumber})
_WHOLES: Final = (SG.isDirectPartOf, SG.statedIn, SG.isSubMeasureOf)
_LABELS: Final = frozenset({SKOS.prefLabel, SKOS.altLabel})
_DATED: Final = frozenset({XSD.date, XSD.gYearMonth})
_TYPED: Final = _DATED | {XSD.integer, XSD.decimal, XSD.gYear}
# What we count ourselves: order, and places in texts.
_OURS: Final = frozenset({SG.ordinal, SG.characterCount, SG.byteSize, SG.pageOrdinal, SG.slideNumber, OA.start, OA.end})

# Links to a thing that the span names by its number.
_LINKS: Final = frozenset({SG.correspondingSection, SG.commentsOn, SG.citesSection, SG.citesPlanItem, SG.seeResponse})
_EVIDENCE: Final = SG.evidence
_HAS_RESPONSE: Final = SG.hasResponse
_COMMENT_NUMBER: Final = SG.commentNumber
_SECTION_NUMBER: Final = SG.sectionNumber

# What stands before the number of a bullet, and a unit that is a number itself (2,000 億円).
_BULLET: Final = re.compile(r"^[-‐–—*•●■◆▪➢✓・○◎]*")
_CIRCLED: Final = frozenset("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")
_SCALED: Final = re.compile(r"[十百千万億兆]")

_LIST: Final = r"(?:(?:\s*(?:,|、|・|～|と|及び|and|or|to)\s*)+(?:意見|回答|提言)?%s)*"
_COMMENTS: Final = re.compile(
    r"(?:意見|回答|(?i:\b(?:comments?|responses?|reply to|replies to) |\bno\.\s*))\d+(?![\d-])" + _LIST % r"\d+(?![\d-])"
)
_RECOMMENDATIONS: Final = re.compile(r"(?:提言|(?i:\b(?:recommendations?|items?|rows?) ))\d+-\d+" + _LIST % r"\d+-\d+")

_MESSAGES: Final = {
    "number": {
        "ja": "「{claim}」という数は、根拠の箇所に印刷されていない。数を直すか、それを示す箇所を sg:evidence に加える。",
        "en": "The number {claim} is not printed in the places given as evidence. Correct it, or add the place that prints it.",
    },
    "date": {
        "ja": "「{claim}」という日付は、根拠の箇所に印刷されていない（和暦・西暦を問わず照合した）。日付か sg:evidence を直す。",
        "en": "The date {claim} is not printed in the places given as evidence, in either reckoning of years. Correct it or sg:evidence.",
    },
    "printed-form": {
        "ja": "「{claim}」は、根拠の箇所にそのままの形で印刷されていない（空白と全角・半角の別は問わない）。印刷のとおりに直す。",
        "en": "“{claim}” is not printed in this form in the places given as evidence (blanks and widths aside). Give it as printed.",
    },
    "link": {
        "ja": "結び付けた先の番号「{claim}」は、根拠の箇所に印刷されていない。結び付ける先か sg:evidence を直す。",
        "en": "It leads to number {claim}, which is not printed in the places given as evidence. Correct where it leads, or sg:evidence.",
    },
    "no-evidence": {
        "ja": "数や日付を述べるのに、根拠の箇所がない。sg:evidence を加える。",
        "en": "It states a number or date, but has no place as evidence. Add sg:evidence.",
    },
}


@dataclass(frozen=True)
class FigureProblem:
    """A statement with a figure that its spans do not hold. `kind` is one of a fixed set; `message` has "ja" and "en"."""

    triple: Triple
    kind: str
    message: Mapping[str, str]


@dataclass(frozen=True)
class FigureCheck:
    """The outcome: problems in the order of the statements, and how many statements with figures were checked."""

    problems: tuple[FigureProblem, ...]
    checked: int


@dataclass(frozen=True)
class _Known:
    """What the graph tells that the checks ask for often: the evidence of things, and numbers that name things."""

    graph: ReadableGraph
    texts: Mapping[str, SourceTextFile]

    @cached_property
    def _by_anchor(self) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for record in read_anchors(self.graph):
            text = self.texts.get(record.key or "")
            found[record.iri] = None if text is None or record.span is None else record.span.of(text.text)
        return found

    @cached_property
    def _place(self) -> dict[str, int]:
        return {anchor: place for place, anchor in enumerate(self._by_anchor)}

    def spans(self, thing: Node) -> list[str] | None:
        """The characters of each span of a thing; None where one of them is not at hand, so that nothing can be said.

        In the order of the text, so that a date that a line break splits is read.
        """
        named = (str(anchor) for anchor in self.graph.objects(thing, _EVIDENCE))
        anchors = sorted(named, key=lambda one: (self._place.get(one, -1), one))
        parts = [self._by_anchor.get(anchor, "") for anchor in anchors]
        known = [part for part in parts if part is not None]
        return known if len(known) == len(parts) else None

    @cached_property
    def documents(self) -> frozenset[Node]:
        """All documents."""
        kinds: set[Node] = set()
        waiting: list[Node] = [SG.PolicyDocument]
        while waiting:
            kind = waiting.pop()
            if kind not in kinds:
                kinds.add(kind)
                waiting += self.graph.subjects(RDFS.subClassOf, kind)
        return frozenset(thing for kind in kinds for thing in self.graph.subjects(RDF.type, kind))

    @cached_property
    def comment_numbers(self) -> frozenset[str]:
        """The numbers of all comments."""
        return frozenset(map(str, self.graph.objects(None, _COMMENT_NUMBER)))

    @cached_property
    def recommendation_numbers(self) -> frozenset[str]:
        """The numbers of all recommendations."""
        return frozenset(map(str, self.graph.objects(None, SG.recommendationNumber)))


def check_figures(graphs: Mapping[str, frozenset[Triple]], union: ReadableGraph, texts: Mapping[str, SourceTextFile]) -> FigureCheck:
    """Check every statement of `graphs` (graph IRI → triples, `union` their union) against `texts` (document key → text)."""
    if not texts:
        return FigureCheck((), 0)
    known, problems, checked = _Known(union, texts), list[FigureProblem](), 0
    for triple in {one for name, triples in graphs.items() for one in _claims(name, triples)}:
        if triple[1] == SG.summary and triple[0] in known.documents:
            continue
        claimed = _claimed(triple, known)
        number = _number_of(triple, known)
        if not (claimed.numbers or claimed.dates or number):
            continue
        parts = known.spans(triple[0])
        if parts is not None:
            checked += 1
            if number is None:
                problems += _problems(triple, claimed, parts, _rests(triple, known.graph))
            else:
                problems += _link_problems(triple, number, parts)
    return FigureCheck(tuple(sorted(problems, key=lambda one: one.triple)), checked)


def _claims(graph: str, triples: Iterable[Triple]) -> Iterator[Triple]:
    """What of a graph may state a figure, or leads to what has a number."""
    is_document = graph.startswith(DOCUMENT_GRAPHS)
    for triple in triples:
        _, predicate, value = triple
        if predicate in _TEXTS or predicate in _LINKS:
            yield triple
        elif not is_document or predicate in _OURS or not isinstance(value, Literal):
            continue
        elif predicate in _LABELS or value.datatype in _TYPED:
            yield triple


def _claimed(triple: Triple, known: _Known) -> Figures:
    thing, predicate, value = triple
    if not isinstance(value, Literal):
        return Figures()
    if value.datatype in _DATED:
        year, month, day = [*(int(part) for part in re.findall(r"\d+", value)), None, None, None][:3]
        return Figures(dates=frozenset({(year, month, day)}))
    unit = min(map(str, known.graph.objects(thing, SCHEMA.unitText)), default="") if predicate == SCHEMA.value else ""
    if _SCALED.match(unit):
        return figures(f"{value}{unit}", printed=True)
    return figures(_without_names(str(value), known) if predicate == SG.summary else str(value))


def _number_of(triple: Triple, known: _Known) -> str | None:
    """The printed number of what a link leads to; a reply has its comment's."""
    _, predicate, value = triple
    if predicate not in _LINKS or isinstance(value, Literal):
        return None
    if predicate == SG.seeResponse:
        named, has_number = known.graph.subjects(_HAS_RESPONSE, value), _COMMENT_NUMBER
    else:
        named, has_number = [value], _SECTION_NUMBER
    return min((str(number) for one in named for number in known.graph.objects(one, has_number)), default=None)


def _without_names(text: str, known: _Known) -> str:
    """A summary without the names of other things: numbers of comments, replies and recommendations that there are."""

    def cut(found: re.Match[str], there: frozenset[str], pattern: str) -> str:
        return " " if set(re.findall(pattern, found.group())) <= there else found.group()

    text = _COMMENTS.sub(lambda found: cut(found, known.comment_numbers, r"\d+"), plain(text))
    return _RECOMMENDATIONS.sub(lambda found: cut(found, known.recommendation_numbers, r"\d+-\d+"), text)


def _rests(triple: Triple, union: ReadableGraph) -> frozenset[str]:
    """A section's (item's, measure's) number without that of what it is part of, where it goes on from it."""
    thing, predicate, value = triple
    if predicate != SG.sectionNumber:
        return frozenset()
    wholes = {whole for link in _WHOLES for whole in union.objects(thing, link)}
    above = {_numbering(str(number)).rstrip(".") for whole in wholes for number in union.objects(whole, SG.sectionNumber)}
    number = _numbering(str(value))
    rests = {number.removeprefix(one) for one in above if number.startswith(one) and number != one}
    return frozenset(rest.removeprefix(".") for rest in rests)


def _problems(triple: Triple, claimed: Figures, parts: list[str], rests: frozenset[str]) -> Iterator[FigureProblem]:
    _, predicate, value = triple
    if not parts:
        yield _problem(triple, "no-evidence", "")
        return
    printed = figures("\n".join(parts), printed=True)
    for number in sorted(claimed.numbers - printed.numbers) if predicate not in _NUMBERING else ():
        yield _problem(triple, "number", number)
    for day in sorted(claimed.dates, key=str):
        bounds = printed.starts if predicate == SG.startDate else printed.ends
        if not (printed.has_date(day) or (isinstance(value, Literal) and value.datatype == XSD.date and day in bounds)):
            yield _problem(triple, "date", _shown(day))
    # A line break may split a printed form between two spans, so it is looked for across them too; a number stands in one.
    places = [*parts, "\n".join(parts)] if predicate == SG.printedForm else parts
    if predicate in _PRINTED and not any(_is_printed(str(value), part) or _begins(part, rests) for part in places):
        yield _problem(triple, "printed-form", str(value))


def _link_problems(triple: Triple, number: str, parts: list[str]) -> Iterator[FigureProblem]:
    # A number that ends in a point (5.) begins those of its parts (5.1), so the point is asked for.
    if not any(_is_printed(number, part) for part in parts):
        yield _problem(triple, "link", number)


def _is_printed(form: str, part: str) -> bool:
    """Whether the form stands in a span, blanks and widths aside; a number at its border is not cut out of a longer one."""
    # The blank after it may be all that parts it from a year: "4.2.5 2020年".
    return re.search(rf"(?<!\d(?=\d))(?<!\d\.(?=\d)){_spaced(_squeezed(form))}(?!(?<=\d)\d)", plain(part)) is not None


def _begins(part: str, rests: frozenset[str]) -> bool:
    """Whether a span begins, bullet marks aside, with one of these numbers and no longer one."""
    printed = _BULLET.sub("", _half_width(part).strip())
    return any(re.match(rf"\s*{_spaced(rest)}(?!(?<=\d)\d)(?!\s*\.\s*\d{{1,2}}(?!\d))", printed) for rest in rests)


def _numbering(text: str) -> str:
    return re.sub(r"\s+", "", _half_width(text))


def _half_width(text: str) -> str:
    """In half width, but circled numbers as they are: ② is not 2."""
    return "".join(mark if mark in _CIRCLED else unicodedata.normalize("NFKC", mark) for mark in text)


def _spaced(form: str) -> str:
    """A pattern for a form with or without blanks within."""
    return r"\s*".join(re.escape(mark) for mark in form)


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", plain(text))


def _shown(day: Day) -> str:
    return "-".join("—" if part is None else f"{part:02}" for part in day)


def _problem(triple: Triple, kind: str, claim: str) -> FigureProblem:
    return FigureProblem(triple, kind, {language: text.format(claim=claim) for language, text in _MESSAGES[kind].items()})
