"""Every span against its text: bounds, hash, first and last characters, borders. Imports rdflib, vocab.

What does not fit is data (`SpanProblem`), not an exception: each names its anchor and says, in both languages, what to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rdflib import URIRef
from rdflib.term import Node

from stratgraph.evidence.anchor import CUE_LENGTH, anchor_iri, span_hash
from stratgraph.evidence.anchors import SOURCE_TEXTS, AnchorRecord, read_anchors
from stratgraph.evidence.sourcetext import SourceTextFile
from stratgraph.evidence.span import BORDER, Span, excerpt, inner_bullet
from stratgraph.indexed import ReadableGraph
from stratgraph.vocab import OA, SG

_AGAIN: Final = {"ja": "`stratgraph anchor` で作り直してください。", "en": "Make it anew with `stratgraph anchor`."}

# kind → what is wrong, in both languages; {} are filled in.
_MESSAGES: Final = {
    "incomplete": {
        "ja": "アンカーには原文（oa:hasSource）、開始・終了位置、ハッシュ、最初と最後の文字が一つずつ必要です。{again}",
        "en": "An anchor needs one source text (oa:hasSource), start, end, hash, first and last characters. {again}",
    },
    "iri": {
        "ja": "IRI と位置 {start}～{end} が一致しません。正しい IRI は <{expected}> です。",
        "en": "The IRI does not fit offsets {start} to {end}; it should be <{expected}>, or the offsets are wrong.",
    },
    "bounds": {
        "ja": "範囲 {start}～{end} は原文（{length} 文字）に収まりません。{again}",
        "en": "The span {start} to {end} is not within the text, which has {length} characters. {again}",
    },
    "hash": {
        "ja": "範囲 {start}～{end} の文字列「{characters}」のハッシュが sg:spanSha256 と一致しません。{found}",
        "en": "The characters “{characters}” at {start} to {end} do not have the hash in sg:spanSha256. {found}",
    },
    "first-characters": {
        "ja": "sg:firstCharacters は「{expected}」であるべきですが「{given}」です。",
        "en": "sg:firstCharacters should be “{expected}”, but is “{given}”.",
    },
    "last-characters": {
        "ja": "sg:lastCharacters は「{expected}」であるべきですが「{given}」です。",
        "en": "sg:lastCharacters should be “{expected}”, but is “{given}”.",
    },
    "border": {
        "ja": "範囲が改行またはタブをまたいでいます。行・セルごとに分けてください。",
        "en": "The span crosses a line break or a tab. Make one anchor of each line and cell.",
    },
    "bullet": {
        "ja": "範囲が次の箇条書き「{characters}」に及んでいます。項目ごとに分けてください。",
        "en": "The span goes on into another bullet, “{characters}”. Make one anchor of each bullet.",
    },
    "outer-space": {
        "ja": "範囲の先頭または末尾が空白です。{again}",
        "en": "The span begins or ends with white space. {again}",
    },
    "text-hash": {
        "ja": "原文の SHA-256 は {expected} ですが、sg:sha256 は {given} です。",
        "en": "The text's SHA-256 is {expected}, but sg:sha256 says {given}.",
    },
    "text-length": {
        "ja": "原文は {expected} 文字ですが、sg:characterCount は {given} です。",
        "en": "The text has {expected} characters, but sg:characterCount says {given}.",
    },
    "text-size": {
        "ja": "原文は {expected} バイトですが、sg:byteSize は {given} です。",
        "en": "The text has {expected} bytes, but sg:byteSize says {given}.",
    },
}


@dataclass(frozen=True)
class SpanProblem:
    """An anchor (or source text) that does not fit its text. `kind` is one of a fixed set; `message` has "ja" and "en".

    `at` is the thing and property whose statement is wrong, None where that cannot be told.
    """

    iri: str
    kind: str
    message: Mapping[str, str]
    at: tuple[Node, Node] | None = None


@dataclass(frozen=True)
class SpanCheck:
    """The outcome: problems in the order of texts and places, how many anchors were checked and how many could not be."""

    problems: tuple[SpanProblem, ...]
    checked: int
    not_checked: int


def check_spans(graph: ReadableGraph, texts: Mapping[str, SourceTextFile]) -> SpanCheck:
    """Check every anchor of `graph` whose text is among `texts` (document key → text); others count as not checked.

    An anchor that lacks what every anchor has is a problem whether or not its text is at hand.
    """
    problems = [problem for key in sorted(texts) for problem in _check_text(graph, texts[key])]
    checked = not_checked = 0
    for record in read_anchors(graph):
        text = texts.get(record.key) if record.key is not None else None
        checked, not_checked = (checked, not_checked + 1) if text is None else (checked + 1, not_checked)
        problems += _check_anchor(record, text.text if text else None)
    return SpanCheck(tuple(problems), checked, not_checked)


def _problem(iri: str, kind: str, at: tuple[Node, Node] | None = None, **values: object) -> SpanProblem:
    """A problem with its message filled in; a value that is a mapping differs by language."""
    told = {}
    for language, text in _MESSAGES[kind].items():
        filled = {name: value[language] if isinstance(value, Mapping) else value for name, value in values.items()}
        told[language] = text.format(again=_AGAIN[language], **filled)
    return SpanProblem(iri, kind, told, at)


def _check_text(graph: ReadableGraph, text: SourceTextFile) -> Iterator[SpanProblem]:
    iri = URIRef(f"{SOURCE_TEXTS}{text.key}")
    facts = (
        ("text-hash", SG.sha256, text.sha256),
        ("text-length", SG.characterCount, len(text.text)),
        ("text-size", SG.byteSize, text.size),
    )
    for kind, predicate, expected in facts:
        said = [str(value) for value in graph.objects(iri, predicate)]
        if said != [str(expected)]:
            yield _problem(str(iri), kind, (iri, predicate), expected=expected, given=", ".join(sorted(said)) or "—")


def _check_anchor(record: AnchorRecord, text: str | None) -> Iterator[SpanProblem]:
    span = record.span
    if span is None or None in (record.key, record.sha256, record.first, record.last):
        yield _problem(record.iri, "incomplete")
    if span is None or record.key is None:
        return
    expected = anchor_iri(record.key, span)
    if record.iri != str(expected):
        at = _offset(record, is_start=not record.iri.rpartition("/")[2].startswith(f"{span.start}-"))
        yield _problem(record.iri, "iri", at, start=span.start, end=span.end, expected=expected)
    if text is None:
        return
    if not 0 <= span.start < span.end <= len(text):
        yield _problem(
            record.iri, "bounds", _offset(record, is_start=span.end <= len(text)), start=span.start, end=span.end, length=len(text)
        )
        return
    yield from _check_characters(record, span, text)


def _check_characters(record: AnchorRecord, span: Span, text: str) -> Iterator[SpanProblem]:
    characters = span.of(text)
    if record.sha256 is not None and record.sha256 != span_hash(characters):
        real = _search(record, text)
        # Characters that stand elsewhere as recorded tell that the offsets are wrong, not the hash.
        at = (URIRef(record.iri), SG.spanSha256) if real is None else _offset(record, is_start=real.start != span.start)
        values = {"start": span.start, "end": span.end, "characters": excerpt(characters), "found": _told(real)}
        yield _problem(record.iri, "hash", at, **values)
    cues = (
        ("first-characters", SG.firstCharacters, characters[:CUE_LENGTH], record.first),
        ("last-characters", SG.lastCharacters, characters[-CUE_LENGTH:], record.last),
    )
    for kind, predicate, expected, given in cues:
        if given is not None and given != expected:
            yield _problem(record.iri, kind, (URIRef(record.iri), predicate), expected=expected, given=given)
    if BORDER.search(characters):
        yield _problem(record.iri, "border", _offset(record, is_start=False))
    elif (bullet := inner_bullet(characters)) is not None:
        yield _problem(record.iri, "bullet", _offset(record, is_start=False), characters=excerpt(characters[bullet:]))
    if characters != characters.strip():
        yield _problem(record.iri, "outer-space", _offset(record, is_start=characters[0].isspace()))


def _offset(record: AnchorRecord, is_start: bool) -> tuple[Node, Node] | None:
    """Where the start or end is stated."""
    return None if record.selector is None else (record.selector, OA.start if is_start else OA.end)


def _told(span: Span | None) -> dict[str, str]:
    """Where the span with the recorded hash really is, in both languages; else the advice to make it anew."""
    if span is None:
        return _AGAIN
    return {
        "ja": f"その文字列は {span.start}～{span.end} にあります。",
        "en": f"Those characters are at {span.start} to {span.end}.",
    }


def _search(record: AnchorRecord, text: str) -> Span | None:
    if not record.first or not record.last:
        return None
    start = text.find(record.first)
    while start >= 0:
        border = BORDER.search(text, start)
        line_end = border.start() if border else len(text)
        last = text.find(record.last, start, line_end)
        while last >= 0:
            span = Span(start, last + len(record.last))
            if span_hash(span.of(text)) == record.sha256:
                return span
            last = text.find(record.last, last + 1, line_end)
        start = text.find(record.first, start + 1)
    return None
