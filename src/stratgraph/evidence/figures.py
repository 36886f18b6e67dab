"""Numbers and dates of statements against the spans they rest on. Imports rdflib, places, vocab.

Checked where the text of a statement's evidence is at hand: summaries, printed forms and printed numbers, labels of the
document graphs, and integers, years and dates that a document states. Two things are exempt, and nothing else:

- In a summary, the number of another comment, reply or recommendation that the graph holds ("意見30", "comments 30 and 34",
  "提言4-1") names a thing and is no figure.
- The summary of a document as a whole counts what is printed in many places; the tests of the corpus hold those counts.

A link to a section, plan item or reply is checked too: the span prints the number of what it leads to. What has no number
(総論) cannot be checked. A section's number is no quantity: it is looked for as printed, and may begin a longer one. Where a
heading prints only the last part of it, (2) under 4.1.3, that part is looked for, after the number of the section above.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rdflib import RDF, RDFS, SKOS, XSD, Graph, Literal
from rdflib.term import Node

from stratgraph.evidence.anchors import read_anchors
from stratgraph.evidence.numerals import Day, Figures, figures, plain
from stratgraph.evidence.sourcetext import SourceTextFile
from stratgraph.places import Triple
from stratgraph.vocab import DOCUMENT_GRAPHS, OA, SG

_TEXTS: Final = frozenset({SG.summary, SG.printedForm, SG.sectionNumber, SG.recommendationNumber})
_PRINTED: Final = frozenset({SG.printedForm, SG.sectionNumber, SG.recommendationNumber})
_LABELS: Final = frozenset({SKOS.prefLabel, SKOS.altLabel})
_TYPED: Final = frozenset({XSD.integer, XSD.decimal, XSD.date, XSD.gYear})
# What we count ourselves: order, and places in texts.
_OURS: Final = frozenset({SG.ordinal, SG.characterCount, SG.byteSize, SG.pageOrdinal, SG.slideNumber, OA.start, OA.end})

# Links to a thing that the span names by its number.
_LINKS: Final = frozenset({SG.correspondingSection, SG.commentsOn, SG.citesSection, SG.citesPlanItem, SG.seeResponse})

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
class _Spans:
    """What the evidence of each thing prints, as far as the texts are at hand."""

    graph: Graph
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

    def of(self, thing: Node) -> list[str] | None:
        """The characters of each span of a thing; None where one of them is not at hand, so that nothing can be said.

        In the order of the text, so that a date that a line break splits is read.
        """
        anchors = sorted((str(anchor) for anchor in self.graph.objects(thing, SG.evidence)), key=lambda one: self._place.get(one, -1))
        parts = [self._by_anchor.get(anchor, "") for anchor in anchors]
        known = [part for part in parts if part is not None]
        return known if len(known) == len(parts) else None


def check_figures(graphs: Mapping[str, frozenset[Triple]], union: Graph, texts: Mapping[str, SourceTextFile]) -> FigureCheck:
    """Check every statement of `graphs` (graph IRI → triples, `union` their union) against `texts` (document key → text)."""
    if not texts:
        return FigureCheck((), 0)
    spans, problems, checked = _Spans(union, texts), list[FigureProblem](), 0
    for triple in sorted({one for name, triples in graphs.items() for one in triples if _is_claim(name, one, union)}):
        claimed = _claimed(triple, union)
        number = _number_of(triple, union)
        if not (claimed.numbers or claimed.dates or number):
            continue
        parts = spans.of(triple[0])
        if parts is not None:
            checked += 1
            problems += _problems(triple, claimed, parts, union) if number is None else _link_problems(triple, number, parts)
    return FigureCheck(tuple(problems), checked)


def _is_claim(graph: str, triple: Triple, union: Graph) -> bool:
    thing, predicate, value = triple
    if not isinstance(value, Literal) or predicate in _OURS:
        return predicate in _LINKS
    if predicate == SG.summary and any(_is_document(kind, union) for kind in union.objects(thing, RDF.type)):
        return False
    stated = graph.startswith(DOCUMENT_GRAPHS) and (value.datatype in _TYPED or predicate in _LABELS)
    return predicate in _TEXTS or stated


def _is_document(kind: Node, union: Graph) -> bool:
    return SG.PolicyDocument in set(union.transitive_objects(kind, RDFS.subClassOf))


def _claimed(triple: Triple, union: Graph) -> Figures:
    _, predicate, value = triple
    if not isinstance(value, Literal):
        return Figures(frozenset(), frozenset(), frozenset())
    if value.datatype == XSD.date:
        parts = [int(part) for part in re.findall(r"\d+", value)]
        day: Day = (parts[0], parts[1], parts[2]) if len(parts) == 3 else (None, None, None)
        return Figures(frozenset(), frozenset({day}), frozenset())
    return figures(_without_names(str(value), union) if predicate == SG.summary else str(value))


def _number_of(triple: Triple, union: Graph) -> str | None:
    """The printed number of what a link leads to; a reply has its comment's."""
    _, predicate, value = triple
    if predicate not in _LINKS:
        return None
    if predicate == SG.seeResponse:
        comments = (number for comment in union.subjects(SG.hasResponse, value) for number in union.objects(comment, SG.commentNumber))
        return next((str(number) for number in comments), None)
    number = union.value(value, SG.sectionNumber)
    return None if number is None else str(number)


def _without_names(text: str, union: Graph) -> str:
    """A summary without the names of other things: numbers of comments, replies and recommendations that there are."""

    def cut(found: re.Match[str], predicate: Node, pattern: str) -> str:
        there = {str(value) for value in union.objects(None, predicate)}
        return " " if set(re.findall(pattern, found.group())) <= there else found.group()

    text = _COMMENTS.sub(lambda found: cut(found, SG.commentNumber, r"\d+"), plain(text))
    return _RECOMMENDATIONS.sub(lambda found: cut(found, SG.recommendationNumber, r"\d+-\d+"), text)


def _problems(triple: Triple, claimed: Figures, parts: list[str], union: Graph) -> Iterator[FigureProblem]:
    _, predicate, value = triple
    if not parts:
        yield _problem(triple, "no-evidence", "")
        return
    printed = figures("\n".join(parts), printed=True)
    for number in sorted(claimed.numbers - printed.numbers) if predicate != SG.sectionNumber else ():
        yield _problem(triple, "number", number)
    for day in sorted(claimed.dates, key=str):
        if not (printed.has_date(day) or (isinstance(value, Literal) and value.datatype == XSD.date and day in printed.ends)):
            yield _problem(triple, "date", _shown(day))
    forms = [str(value), *_remainders(triple, union)]
    if predicate in _PRINTED and not any(_is_printed(form, part) for form in forms for part in parts):
        yield _problem(triple, "printed-form", str(value))


def _remainders(triple: Triple, union: Graph) -> Iterator[str]:
    """What a composed section number adds to that of the section above: of 4.1.3(2) under 4.1.3, (2)."""
    thing, predicate, value = triple
    if predicate != SG.sectionNumber:
        return
    for above in (whole for link in (SG.isDirectPartOf, SG.statedIn) for whole in union.objects(thing, link)):
        number = str(union.value(above, SG.sectionNumber) or "").rstrip(".．")
        rest = str(value).removeprefix(number)
        if number and rest != str(value) and not rest.startswith((".", "．")) and not rest[:1].isdigit():
            yield rest


def _link_problems(triple: Triple, number: str, parts: list[str]) -> Iterator[FigureProblem]:
    # A number that ends in a point (5.) begins those of its parts (5.1), so the point is asked for.
    if not any(_is_printed(number, part) for part in parts):
        yield _problem(triple, "link", number)


def _is_printed(form: str, part: str) -> bool:
    """Whether the form stands in a span, blanks and widths aside; a number at its border is not cut out of a longer one."""
    wanted = r"\s*".join(re.escape(mark) for mark in re.sub(r"\s+", "", plain(form)))
    return re.search(rf"(?<!\d(?=\d))(?<!\d\.(?=\d)){wanted}(?!(?<=\d)\d)", plain(part)) is not None


def _shown(day: Day) -> str:
    return "-".join("—" if part is None else f"{part:02}" for part in day)


def _problem(triple: Triple, kind: str, claim: str) -> FigureProblem:
    return FigureProblem(triple, kind, {language: text.format(claim=claim) for language, text in _MESSAGES[kind].items()})
