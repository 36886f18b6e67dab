"""Spans of a source text: where a quotation or the cells of a line stand. Imports errors only.

A span counts Unicode code points, `start` inclusive and `end` exclusive. It holds one cell, row, bullet, heading, note or
label: it begins and ends with a character that is no white space and crosses no line break, no tab (the border of a
table's cells) and no mark that begins another bullet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from stratgraph.errors import InputError

_EXCERPT: Final = 40
_SHOWN_PLACES: Final = 12

BORDER: Final = re.compile(r"[\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# A bullet mark within a line, after white space and other text ("- ・" at a line's start is one bullet). ◎ and ○ are roles.
INNER_BULLET: Final = re.compile(r"(?<=\s)(?:[•●■◆▪➢✓]|・(?=\S))")
_MARKS: Final = re.compile(r"[\s\-*•●■◆▪➢✓・]*")


@dataclass(frozen=True, order=True)
class Span:
    """Code points `start` (inclusive) to `end` (exclusive) of a text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The characters of the span."""
        return text[self.start : self.end]


def line_number(text: str, offset: int) -> int:
    """The line (from 1) an offset stands on; lines end with a line feed."""
    return text.count("\n", 0, offset) + 1


def excerpt(text: str) -> str:
    """At most 40 characters of a text, for messages."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _EXCERPT else f"{flat[: _EXCERPT - 1]}…"


def inner_bullet(text: str) -> int | None:
    """The offset in `text` (one cell) of a mark that begins another bullet, or None."""
    leading = _MARKS.match(text)
    found = INNER_BULLET.search(text, leading.end() if leading else 0)
    return found.start() if found else None


def quote_span(text: str, quote: str, occurrence: int | None = None) -> Span:
    """Where a quotation stands in a text. `occurrence` (from 1) chooses among several; white space around the quote is dropped.

    Raises InputError where the quote is empty, crosses a border, is not there, or is there more than once and none is chosen.
    """
    quote = quote.strip()
    if not quote:
        raise InputError("The quote is empty; give the characters of one cell, bullet, heading or note.")
    if BORDER.search(quote):
        raise InputError(
            "The quote crosses a line break or a tab; a span stays within one line and one cell. Make one anchor of each part."
        )
    if (bullet := inner_bullet(quote)) is not None:
        raise InputError(f"The quote goes on into another bullet at “{excerpt(quote[bullet:])}”; make one anchor of each bullet.")
    starts = [found.start() for found in re.finditer(f"(?={re.escape(quote)})", text)]
    if not starts:
        raise InputError(f"The quote “{excerpt(quote)}” is not in the text. {_near(text, quote)}")
    if occurrence is None and len(starts) > 1:
        raise InputError(
            f"The quote “{excerpt(quote)}” is in the text {len(starts)} times; choose with --occurrence: {_places(text, starts)}."
        )
    chosen = 1 if occurrence is None else occurrence
    if not 1 <= chosen <= len(starts):
        raise InputError(f"There is no occurrence {chosen} of “{excerpt(quote)}”; there are {len(starts)}: {_places(text, starts)}.")
    return Span(starts[chosen - 1], starts[chosen - 1] + len(quote))


def _places(text: str, starts: list[int]) -> str:
    shown = [f"{number} = line {line_number(text, start)}, offset {start}" for number, start in enumerate(starts[:_SHOWN_PLACES], start=1)]
    return "; ".join(shown) + (f"; and {len(starts) - _SHOWN_PLACES} more" if len(starts) > _SHOWN_PLACES else "")


def _near(text: str, quote: str) -> str:
    # Extraction leaves stray spaces within words: say where the quote stands but for white space.
    places = [index for index, character in enumerate(text) if not character.isspace()]
    squeezed = "".join(text[index] for index in places)
    wanted = "".join(quote.split())
    at = squeezed.find(wanted)
    if at < 0:
        return "Compare it with the text, character by character: full width, dashes, brackets."
    start, end = places[at], places[at + len(wanted) - 1] + 1
    return f"White space aside it is on line {line_number(text, start)}, offsets {start} to {end}: {text[start:end]!r}."


def line_spans(text: str, first: int, last: int) -> tuple[Span, ...]:
    """The spans of lines `first` to `last` (from 1, both included): one per cell, and per bullet where a line holds several.

    Raises InputError where there are no such lines or they hold white space only.
    """
    lines = text.split("\n")
    if not 1 <= first <= last <= len(lines):
        raise InputError(f"There are no lines {first}-{last}: the text has lines 1 to {len(lines)}.")
    offset = sum(len(line) + 1 for line in lines[: first - 1])
    spans: list[Span] = []
    for line in lines[first - 1 : last]:
        spans += cell_spans(line, offset)
        offset += len(line) + 1
    if not spans:
        raise InputError(f"Lines {first}-{last} hold nothing but white space.")
    return tuple(spans)


def cell_spans(characters: str, offset: int) -> tuple[Span, ...]:
    """The spans of characters that begin at `offset` of a text: one per line, cell and bullet, none for white space."""
    spans: list[Span] = []
    for part in BORDER.split(characters):
        spans += _bullets(part, offset)
        offset += len(part) + 1
    return tuple(spans)


def _bullets(cell: str, offset: int) -> list[Span]:
    spans = []
    while cell.strip():
        bullet = inner_bullet(cell)
        part = cell if bullet is None else cell[:bullet]
        start = len(part) - len(part.lstrip())
        spans.append(Span(offset + start, offset + len(part.rstrip())))
        offset, cell = offset + len(part), cell[len(part) :]
    return spans
