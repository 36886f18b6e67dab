"""What a text is made of, as far as its marks show it: numbered headings, bullets, notes, cells of tables, page marks.

Imports evidence. A heading is a short line that begins with a section's number in one of the usual forms and is no sentence:
"4.2.1 …", "第4章 …", "(1) …", "① …". A number within the number above it is written on from it ("4.2.1(1)①"), as
sg:sectionNumber is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from stratgraph.evidence import Span, line_spans

HEADING_LENGTH: Final = 60
"""Characters that a heading has at most; what is longer is prose."""

_CIRCLED: Final = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_HALF_WIDTH: Final = str.maketrans("０１２３４５６７８９．（）　", "0123456789.() ")
_DOTTED: Final = re.compile(r"(?P<number>\d{1,2}(?:\s?[.]\s?\d{1,2}(?!\d))*)(?P<point>\s?[.])?\s*(?=\D)")
_CHAPTER: Final = re.compile(r"第\s*(?P<number>\d{1,2})\s*[章部編]\s*")
_BRACKETED: Final = re.compile(r"\((?P<number>\d{1,2})\)\s*")
_SENTENCE: Final = re.compile(r"[。、，；]\s*$|。")
_LEADERS: Final = re.compile(r"[.…・‥\s]{3,}\d{1,3}$")
_BULLET: Final = re.compile(r"[-‐–—*•●■◆▪➢✓・○◎]")
_NOTE: Final = re.compile(r"[※⁰¹²³⁴⁵⁶⁷⁸⁹]|[(（]?注\s*\d*[)）]?")
_PAGE: Final = re.compile(r"[-‐–—]?\s*\d{1,3}(\s*/\s*\d{1,3})?\s*[-‐–—]?")
_MARKUP: Final = re.compile(r"</?[a-z]+[^<>]*>")


@dataclass(frozen=True)
class Heading:
    """A numbered heading: `number` as sg:sectionNumber, None where it is a chapter's; `path` its place in IRIs; `label` the rest."""

    number: str | None
    path: str
    label: str


@dataclass(frozen=True)
class Part:
    """A span and what it looks like. `kind` is heading, bullet, note, cell, line, page-mark or markup.

    `above` is the heading that it stands under (None before the first), `place` its row, bullet or line number there, and
    for a cell `column` its column; each counts from 1.
    """

    kind: str
    span: Span
    heading: Heading | None
    above: Heading | None
    place: int
    column: int | None = None


def read_parts(text: str) -> tuple[Part, ...]:
    """Every span of a text in print order; together they hold all that is not white space. Raises InputError for an empty text."""
    reader = _Reader()
    spans = line_spans(text, 1, text.count("\n") + 1)
    return tuple(part for line in _lines(text, spans) for part in reader.read(text, line))


def _lines(text: str, spans: tuple[Span, ...]) -> Iterator[list[Span]]:
    """The spans that share a line."""
    line: list[Span] = []
    for span in spans:
        if line and "\n" in text[line[-1].end : span.start]:
            yield line
            line = []
        line.append(span)
    yield line


class _Reader:
    """Goes down a text and keeps the headings it stands under."""

    def __init__(self) -> None:
        self.above: Heading | None = None
        self.bracket: Heading | None = None
        self.dotted: Heading | None = None
        self.counts: dict[str, int] = {}

    def read(self, text: str, line: list[Span]) -> Iterator[Part]:
        cells = "\t" in text[text.rfind("\n", 0, line[0].start) + 1 : line[-1].end]
        if cells:
            row = self._next("row")
            yield from (Part("cell", span, None, self.above, row, column) for column, span in enumerate(line, start=1))
            return
        for span in line:
            yield self._part(span.of(text), span)

    def _part(self, characters: str, span: Span) -> Part:
        above, heading = self.above, self._heading(characters)
        if heading is not None:
            self.above, self.counts = heading, {}
            return Part("heading", span, heading, above, 1)
        kind = next((kind for kind, pattern in _WHOLE if pattern.fullmatch(characters)), None)
        kind = kind or next((kind for kind, pattern in _LEADING if pattern.match(characters)), "line")
        return Part(kind, span, None, above, self._next(kind))

    def _next(self, kind: str) -> int:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return self.counts[kind]

    def _heading(self, characters: str) -> Heading | None:
        printed = _LEADERS.sub("", characters).strip()
        flat = printed.translate(_HALF_WIDTH)  # one character for one, so that labels stay as printed
        if len(flat) > HEADING_LENGTH or _SENTENCE.search(flat) or _NOTE.match(flat):
            return None
        if found := _CHAPTER.match(flat):
            self.bracket, self.dotted = None, Heading(None, f"chapter-{found['number']}", printed[found.end() :].strip())
            return self._named(self.dotted)
        if found := _BRACKETED.match(flat):
            self.bracket = self._within(self.dotted, f"({found['number']})", found["number"], printed[found.end() :].strip())
            return self._named(self.bracket)
        if flat[:1] and flat[0] in _CIRCLED:
            whole = self.bracket or self.dotted
            return self._named(self._within(whole, flat[0], str(_CIRCLED.index(flat[0]) + 1), printed[1:].strip()))
        if (found := _DOTTED.match(flat)) and (found["point"] or found["number"].count(".") > 1 or flat[found.end() - 1].isspace()):
            number = re.sub(r"\s", "", found["number"])
            self.bracket, self.dotted = None, Heading(number, number, printed[found.end() :].strip())
            return self._named(self.dotted)
        return None

    @staticmethod
    def _within(whole: Heading | None, mark: str, place: str, label: str) -> Heading | None:
        if whole is None or whole.number is None:
            return None  # a number within nothing numbered has no place of its own
        return Heading(whole.number + mark, f"{whole.path}-{place}", label)

    @staticmethod
    def _named(heading: Heading | None) -> Heading | None:
        return heading if heading is not None and re.search(r"[^\W\d_]", heading.label) else None


_WHOLE: Final = (("page-mark", _PAGE), ("markup", _MARKUP))
_LEADING: Final = (("note", _NOTE), ("bullet", _BULLET))
