"""What of a source text is accounted for: anchored by a statement, left out for a named reason, or neither. Imports rdflib, vocab."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from stratgraph.evidence.anchors import AnchorRecord, read_anchors
from stratgraph.evidence.span import excerpt, line_number
from stratgraph.indexed import ReadableGraph
from stratgraph.vocab import SG

# One state per code point.
_OPEN, _SPACE, _BORDER, _ANCHORED, _EXCLUDED = range(5)
# Unaccounted characters with the blanks between them, within one line and cell.
_STRETCH: Final = re.compile(b"\x00(?:[\x00\x01]*\x00)?")
_BORDERS: Final = frozenset("\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")

_MESSAGES: Final = {
    "unused-anchor": {
        "ja": "{start}～{end}（{line} 行目）のアンカーを sg:evidence とする記述がないため、未説明として数えます。",
        "en": "No statement has this anchor ({start} to {end}, line {line}) as sg:evidence, so its text counts as unaccounted for.",
    },
    "overlap": {
        "ja": "{start}～{end}（{line} 行目）「{characters}」は除外されていますが、根拠としても使われています。どちらかにしてください。",
        "en": "“{characters}” ({start} to {end}, line {line}) is left out here, but also anchored as evidence. Make it one of the two.",
    },
    "no-reason": {
        "ja": "除外範囲には sg:exclusionReason が一つ必要です。",
        "en": "An excluded span needs one sg:exclusionReason.",
    },
    "excluded-as-evidence": {
        "ja": "除外範囲が sg:evidence として使われています。sg:TextAnchor に改めるか、根拠から外してください。",
        "en": "A statement has this excluded span as sg:evidence. Make it an sg:TextAnchor or take it from the evidence.",
    },
}


@dataclass(frozen=True)
class Stretch:
    """A run of characters that nothing accounts for, within one line and cell; `line` counts from 1, `text` is an excerpt."""

    line: int
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class CoverageProblem:
    """An anchor or excluded span that does not do what it is there for; `message` has "ja" and "en"."""

    iri: str
    kind: str
    message: Mapping[str, str]


@dataclass(frozen=True)
class Coverage:
    """How much of a document's text is accounted for, in characters other than white space.

    `excluded` counts by reason; `anchored` + excluded + `unaccounted` = `characters`.
    """

    key: str
    characters: int
    anchored: int
    excluded: Mapping[str, int]
    unaccounted: int
    stretches: tuple[Stretch, ...]
    problems: tuple[CoverageProblem, ...]

    @property
    def share(self) -> float:
        """Characters accounted for, in per cent; 100 for an empty text."""
        return 100.0 * (self.characters - self.unaccounted) / self.characters if self.characters else 100.0

    @property
    def is_complete(self) -> bool:
        """Whether nothing is unaccounted for and no problem is told."""
        return not self.unaccounted and not self.problems


def coverage(graph: ReadableGraph, key: str, text: str) -> Coverage:
    """What `graph` accounts for of the source text `key`, whose whole text is `text`.

    Anchors outside the text account for nothing here; `check_spans` tells of them.
    """
    evidence = {str(anchor) for anchor in graph.objects(None, SG.evidence)}
    records = [record for record in read_anchors(graph) if record.key == key and _is_inside(record, text)]
    state = bytearray(map(_state, text))
    problems: list[CoverageProblem] = []
    for record in records:
        if not record.is_excluded and record.iri in evidence:
            _mark(state, record, _ANCHORED)
        problems += _problems(record, evidence, text)
    excluded: dict[str, int] = {}
    for record in (one for one in records if one.is_excluded):
        problems += _overlap(state, record, text)
        reason = record.reason or "—"
        excluded[reason] = excluded.get(reason, 0) + _mark(state, record, _EXCLUDED)
    return Coverage(
        key=key,
        characters=len(state) - state.count(_SPACE) - state.count(_BORDER),
        anchored=state.count(_ANCHORED),
        excluded=dict(sorted(excluded.items())),
        unaccounted=state.count(_OPEN),
        stretches=tuple(_stretches(state, text)),
        problems=tuple(problems),
    )


def _state(character: str) -> int:
    if character in _BORDERS:
        return _BORDER
    return _SPACE if character.isspace() else _OPEN


def _is_inside(record: AnchorRecord, text: str) -> bool:
    return record.span is not None and 0 <= record.span.start < record.span.end <= len(text)


def _mark(state: bytearray, record: AnchorRecord, mark: int) -> int:
    """Give the span's open characters a mark; returns how many there were."""
    assert record.span is not None
    part = state[record.span.start : record.span.end]
    state[record.span.start : record.span.end] = part.replace(bytes([_OPEN]), bytes([mark]))
    return part.count(_OPEN)


def _problem(record: AnchorRecord, kind: str, text: str) -> CoverageProblem:
    assert record.span is not None
    start, end = record.span.start, record.span.end
    values = {"start": start, "end": end, "line": line_number(text, start), "characters": excerpt(text[start:end])}
    return CoverageProblem(record.iri, kind, {language: told.format(**values) for language, told in _MESSAGES[kind].items()})


def _problems(record: AnchorRecord, evidence: set[str], text: str) -> Iterator[CoverageProblem]:
    if not record.is_excluded and record.iri not in evidence:
        yield _problem(record, "unused-anchor", text)
    if record.is_excluded and record.reason is None:
        yield _problem(record, "no-reason", text)
    if record.is_excluded and record.iri in evidence:
        yield _problem(record, "excluded-as-evidence", text)


def _overlap(state: bytearray, record: AnchorRecord, text: str) -> Iterator[CoverageProblem]:
    assert record.span is not None
    if _ANCHORED in state[record.span.start : record.span.end]:
        yield _problem(record, "overlap", text)


def _stretches(state: bytearray, text: str) -> Iterator[Stretch]:
    line, counted = 1, 0
    for found in _STRETCH.finditer(state):
        start, end = found.span()
        line, counted = line + text.count("\n", counted, start), start
        yield Stretch(line, start, end, excerpt(text[start:end]))
