"""What is mechanical to mend: anchors whose recorded hash tells where they belong, numbers and truth values in canonical form.

Imports rdflib, vocab, turtle. Pure: texts of Turtle files in, mended texts out. An anchor is mended only where exactly one
place of its source text has the recorded hash, or the offsets or the IRI tell it; nothing that is not named here is touched.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rdflib import Graph, Literal, URIRef
from rdflib.namespace import XSD
from rdflib.term import Node

from stratgraph.errors import SourceError
from stratgraph.evidence.anchor import CUE_LENGTH, POSITION, anchor_iri, span_hash
from stratgraph.evidence.anchors import AnchorRecord, read_anchors
from stratgraph.evidence.sourcetext import SourceTextFile
from stratgraph.evidence.span import Span
from stratgraph.places import Triple
from stratgraph.turtle import format_graph, format_turtle, parse_file
from stratgraph.vocab import OA, SG

_INTEGER: Final = re.compile("[+-]?[0-9]+")
_TRUTH: Final = {"1": "true", "0": "false"}
_HEAD: Final = re.compile(r"(?:#[^\n]*\n|\n)*")
Replacements = Mapping[tuple[Node, Node], Literal]


@dataclass(frozen=True)
class Mended:
    """A file's new text, and what was done to it, a line for each change."""

    text: str
    changes: tuple[str, ...]


@dataclass(frozen=True)
class _Plan:
    """What is to change wherever it stands: names, and values by subject and property."""

    names: Mapping[Node, URIRef]
    values: Replacements


def mend_files(files: Mapping[str, str], prefixes: Mapping[str, str], texts: Mapping[str, SourceTextFile]) -> dict[str, Mended]:
    """The Turtle files that change, by path. `files` maps path → text; `texts` are the source texts at hand, by document key.

    To be written in the order they come in: a file that names a renamed anchor comes before the one that describes it, so that what
    is broken off in between is completed when it is run again.

    Raises SourceError where a file is no Turtle or cannot be laid out; then nothing has been changed.
    """
    tidy = {path: format_turtle(text, path, prefixes) for path, text in files.items()}
    parsed = {path: parse_file(text, path) for path, text in tidy.items()}
    union = Graph()
    for one in parsed.values():
        for triple in one.lines:
            union.add(triple)
    plan = _plan(union, texts)
    mended: dict[str, Mended] = {}
    for path, one in parsed.items():
        changes = () if tidy[path] == files[path] else ("put into the one layout",)
        replaced = {triple: _changed(triple, plan) for triple in one.lines}
        told = {f"{_told(old)} → {_told(new)}" for old, new in replaced.items() if old != new}
        text = tidy[path]
        if told:
            base = next((each.iri for each in one.declarations if each.prefix is None), None)
            text = _written(replaced.values(), prefixes, base, (path, text))
        if changes or told:
            mended[path] = Mended(text, (*changes, *sorted(told)))
    describing = {path for path, one in parsed.items() if any(triple[0] in plan.names for triple in one.lines)}
    return dict(sorted(mended.items(), key=lambda item: item[0] in describing))


def _plan(graph: Graph, texts: Mapping[str, SourceTextFile]) -> _Plan:
    names: dict[Node, URIRef] = {}
    values: dict[tuple[Node, Node], Literal] = {}
    taken = set(graph.subjects())
    for record in read_anchors(graph):
        text = texts.get(record.key or "")
        place = None if text is None else _place(record, text.text)
        if text is None or place is None or record.key is None:
            continue
        anchor, fresh = URIRef(record.iri), anchor_iri(record.key, place)
        position, fresh_position = graph.value(anchor, OA.hasSelector), URIRef(f"{fresh}{POSITION}")
        clash = (fresh != anchor and fresh in taken) or (fresh_position != position and fresh_position in taken)
        if position is None or clash or fresh in names.values():
            continue  # two anchors would become one
        names |= {anchor: fresh, position: fresh_position}
        characters = place.of(text.text)
        values |= {
            (anchor, SG.firstCharacters): Literal(characters[:CUE_LENGTH]),
            (anchor, SG.lastCharacters): Literal(characters[-CUE_LENGTH:]),
            (position, OA.start): Literal(str(place.start), datatype=XSD.integer),
            (position, OA.end): Literal(str(place.end), datatype=XSD.integer),
        }
    return _Plan(names, values)


def _place(record: AnchorRecord, text: str) -> Span | None:
    """Where the recorded hash is: at the recorded offsets, else at those in the IRI, else at the one place of the same length."""
    if None in (record.span, record.sha256, record.first, record.last) or record.span is None:
        return None
    span = record.span
    named = re.search("/([0-9]+)-([0-9]+)$", record.iri)
    for one in (span, Span(int(named[1]), int(named[2]))) if named else (span,):
        if 0 <= one.start < one.end <= len(text) and span_hash(one.of(text)) == record.sha256:
            return one
    found = list(_places(record, span.end - span.start, text))
    return found[0] if len(found) == 1 else None


def _places(record: AnchorRecord, length: int, text: str) -> Iterator[Span]:
    for start in range(len(text) - length + 1) if length > 0 else ():
        span = Span(start, start + length)
        if span_hash(span.of(text)) == record.sha256:
            yield span


def _changed(triple: Triple, plan: _Plan) -> Triple:
    subject, predicate, value = triple
    fresh = plan.values.get((subject, predicate), value)
    return plan.names.get(subject, subject), predicate, plan.names.get(fresh, _canonical(fresh))


def _canonical(value: Node) -> Node:
    """A number or truth value as its datatype writes it; anything else as it is."""
    if isinstance(value, Literal) and value.datatype == XSD.integer and _INTEGER.fullmatch(value):
        return Literal(str(int(value)), datatype=XSD.integer)
    if isinstance(value, Literal) and value.datatype == XSD.boolean and str(value) in _TRUTH:
        return Literal(_TRUTH[str(value)], datatype=XSD.boolean)
    return value


def _written(triples: Collection[Triple], prefixes: Mapping[str, str], base: str | None, file: tuple[str, str]) -> str:
    path, text = file
    head = _HEAD.match(text)
    written = format_graph(triples, prefixes, base, head[0] if head else "")
    expected = {triple for triple in triples if all(isinstance(term, URIRef | Literal) for term in triple)}
    lines = parse_file(written, path).lines
    if len(lines) != len(set(triples)) or not expected <= lines.keys():
        raise SourceError("mending would lose a statement, which is a fault of the program; the file is left as it is", path)
    return written


def _told(triple: Triple) -> str:
    return " ".join(term.n3() if isinstance(term, Literal) else f"<{term}>" for term in triple)
