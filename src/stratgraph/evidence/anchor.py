"""Spans as anchors in Turtle. Imports errors, vocab, places, turtle."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rdflib import Literal, URIRef
from rdflib.namespace import RDF, XSD

from stratgraph.errors import InputError
from stratgraph.evidence.span import Span
from stratgraph.places import Triple
from stratgraph.turtle import format_graph
from stratgraph.vocab import ID, OA, SG, VOCAB

CUE_LENGTH: Final = 12
"""Characters of a span's beginning and end that an anchor tells (fewer where the span is shorter)."""

POSITION: Final = "#position"


@dataclass(frozen=True)
class AnchorCues:
    """What lets a reader of the published document find a place: heading path (@ja), row or bullet there, page, slide.

    `excluded` names an exclusion reason (`repeated-table-head` …) and makes the anchor an excluded span.
    """

    heading_path: str | None = None
    locator_ja: str | None = None
    locator_en: str | None = None
    printed_page: str | None = None
    page_ordinal: int | None = None
    slide_number: int | None = None
    excluded: str | None = None


def span_hash(characters: str) -> str:
    """SHA-256 of the characters as UTF-8, 64 hex digits."""
    return hashlib.sha256(characters.encode("utf-8")).hexdigest()


def anchor_iri(key: str, span: Span) -> URIRef:
    """The IRI of the anchor of a span of the source text `key`."""
    return ID[f"anchor/{key}/{span.start}-{span.end}"]


def anchor_graph(key: str, text: str, span: Span, cues: AnchorCues | None = None) -> tuple[Triple, ...]:
    """The statements that make an anchor of a span of the source text `key`, whose whole text is `text`."""
    anchor = anchor_iri(key, span)
    characters = span.of(text)
    position = URIRef(f"{anchor}{POSITION}")
    return (
        (anchor, OA.hasSource, ID[f"source-text/{key}"]),
        (anchor, OA.hasSelector, position),
        (anchor, SG.spanSha256, Literal(span_hash(characters))),
        (anchor, SG.firstCharacters, Literal(characters[:CUE_LENGTH])),
        (anchor, SG.lastCharacters, Literal(characters[-CUE_LENGTH:])),
        *_cue_statements(anchor, cues or AnchorCues()),
        (position, RDF.type, OA.TextPositionSelector),
        (position, OA.start, Literal(str(span.start), datatype=XSD.integer)),
        (position, OA.end, Literal(str(span.end), datatype=XSD.integer)),
    )


def _cue_statements(anchor: URIRef, cues: AnchorCues) -> Iterator[Triple]:
    yield anchor, RDF.type, SG.ExcludedSpan if cues.excluded else SG.TextAnchor
    if cues.excluded:
        yield anchor, SG.exclusionReason, VOCAB[f"exclusion-reason/{cues.excluded}"]
    texts = ((SG.headingPath, cues.heading_path, "ja"), (SG.locator, cues.locator_ja, "ja"), (SG.locator, cues.locator_en, "en"))
    for predicate, text, language in texts:
        if text is not None:
            yield anchor, predicate, Literal(text, lang=language)
    if cues.printed_page is not None:
        yield anchor, SG.printedPage, Literal(cues.printed_page)
    for predicate, number in ((SG.pageOrdinal, cues.page_ordinal), (SG.slideNumber, cues.slide_number)):
        if number is not None:
            yield anchor, predicate, Literal(str(number), datatype=XSD.integer)


def anchor_turtle(key: str, text: str, spans: Sequence[Span], prefixes: Mapping[str, str], cues: AnchorCues | None = None) -> str:
    """The anchors of spans as a Turtle file in the project's layout; `prefixes` is the project's table."""
    triples = {triple for span in spans for triple in anchor_graph(key, text, span, cues)}
    return format_graph(triples, prefixes, base=str(ID))


def page_ordinal(text: str, offset: int, page_head: str) -> int:
    """The page (from 1) an offset stands on, counted by a pattern that matches where each page begins (a repeated head).

    What stands before the first match is page 1 too. `page_head` is a regular expression in which ^ is the start of a
    line. Raises InputError where it is none, or matches nowhere.
    """
    try:
        heads = [found.start() for found in re.finditer(page_head, text, re.MULTILINE)]
    except re.error as error:
        raise InputError(f"The page head {page_head!r} is no regular expression: {error}.") from error
    if not heads:
        raise InputError(f"The page head {page_head!r} is nowhere in the text.")
    return max(1, sum(head <= offset for head in heads))
