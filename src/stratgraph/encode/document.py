"""A new document from its text: what the text's own marks show, as Turtle; the rest waits, with anchors, for an encoder.

Imports errors, evidence, places, turtle and vocab. Written are the document, its source text, its numbered sections and an
anchor for every other part. Only what the text shows is stated: an anchor that waits is no statement, and coverage counts its
characters as unaccounted for until one uses it. The document is marked as not yet complete.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from rdflib import DCTERMS, RDF, SKOS, XSD, Literal, URIRef

from stratgraph.encode.parts import Heading, Part, read_parts
from stratgraph.errors import InputError
from stratgraph.evidence import AnchorCues, Span, anchor_graph
from stratgraph.places import Triple
from stratgraph.turtle import format_graph
from stratgraph.vocab import ID, SG, VOCAB

_KEY: Final = re.compile(r"[0-9]{4}-[a-z-]+")
_EXPLICIT: Final = VOCAB["assertion-status/explicit"]
_EXCLUDED: Final = frozenset({"page-mark", "markup"})
_PLACES: Final = {
    "bullet": ("第{place}項目", "bullet {place}"),
    "note": ("注の{place}番目", "note {place}"),
    "cell": ("表の{place}行目、{column}列目", "table row {place}, column {column}"),
    "line": ("{place}行目", "line {place}"),
    "page-mark": ("ページ番号", "page mark"),
    "markup": ("マークアップ", "markup"),
}
_COMMENTS: Final = {
    "document": "The document and its source text.",
    "sections": "The sections that have a printed number.",
    "anchors": "Places of the text. An anchor that nothing has as evidence waits for its statement.",
    "exclusions": "What is left out: page marks and markup.",
    "completeness": "How far each section is encoded.",
}
_NOTE_JA: Final = "番号のある見出しだけを収めた。他の箇所はアンカーだけがあり、まだ記述していない。"
_NOTE_EN: Final = "Only the numbered headings are encoded. All other places have an anchor and no statement yet."


@dataclass(frozen=True)
class NewDocument:
    """A key such as 2024-strategy, the kind of document (a doctype concept's name) and the whole text, as read without newline changes."""

    key: str
    kind: str
    text: str


@dataclass(frozen=True)
class Scaffold:
    """`files` maps a path under data/ttl to its Turtle; `counts` parts by kind; `waiting` the parts that no statement uses yet."""

    files: Mapping[str, str]
    counts: Mapping[str, int]
    waiting: tuple[Part, ...]


def scaffold_document(document: NewDocument, prefixes: Mapping[str, str]) -> Scaffold:
    """The Turtle of a new document. `prefixes` is the project's table. Raises InputError for a key of another form or an empty text."""
    if not _KEY.fullmatch(document.key):
        raise InputError(f"“{document.key}” is no key of a document: use a year and a name in lower case, such as 2024-strategy.")
    made = _Scaffolding(document, read_parts(document.text))
    graphs = {"document": set(made.document()), "sections": set(made.sections()), "anchors": set[Triple](), "exclusions": set[Triple]()}
    for part in made.parts:
        graphs["exclusions" if part.kind in _EXCLUDED else "anchors"] |= set(made.anchor(part))
    files = {
        f"document/{document.key}/{name}.ttl": format_graph(triples, prefixes, str(ID), f"# {document.key}: {_COMMENTS[name]}")
        for name, triples in graphs.items()
        if triples
    }
    files[f"curated/{document.key}/document.ttl"] = format_graph(
        set(made.note()), prefixes, str(ID), f"# {document.key}: how much is encoded."
    )
    if stated := set(made.completeness()):
        comment = f"# {document.key}: {_COMMENTS['completeness']}"
        files[f"curated/{document.key}/completeness.ttl"] = format_graph(stated, prefixes, str(ID), comment)
    return Scaffold(files, Counter(part.kind for part in made.parts), tuple(made.waiting()))


class _Scaffolding:
    def __init__(self, document: NewDocument, parts: tuple[Part, ...]) -> None:
        self.key, self.kind, self.text, self.parts = document.key, document.kind, document.text, parts
        self.iri = ID[f"document/{document.key}"]
        # A contents list prints a heading before the heading itself: one section, two places.
        self.places: dict[str, list[Part]] = {}
        self.used = {parts[0].span}
        for part in parts:
            if part.heading is not None:
                same = self.places.setdefault(part.heading.path, [])
                if not same or _same(same[0].heading, part.heading):
                    same.append(part)
                    self.used.add(part.span)

    def document(self) -> Iterator[Triple]:
        source, content = ID[f"source-text/{self.key}"], self.text.encode("utf-8")
        yield self.iri, RDF.type, SG.PolicyDocument
        yield self.iri, DCTERMS.type, VOCAB[f"document-kind/{self.kind}"]
        yield self.iri, SG.inCorpus, Literal("true", datatype=XSD.boolean)
        yield self.iri, SG.hasSourceText, source
        yield self.iri, SG.evidence, self._anchor_iri(self.parts[0].span)
        yield self.iri, SKOS.prefLabel, Literal(self.parts[0].span.of(self.text), lang="ja")
        yield source, RDF.type, SG.SourceText
        yield source, SG.sourceTextOf, self.iri
        yield source, SG.sha256, Literal(hashlib.sha256(content).hexdigest())
        yield source, SG.characterCount, _integer(len(self.text))
        yield source, SG.byteSize, _integer(len(content))
        statement = ID[f"completeness/{self.key}"]
        yield statement, RDF.type, SG.CompletenessStatement
        yield statement, SG.completenessOf, self.iri
        yield statement, SG.completeness, VOCAB["completeness/not-yet"]

    def note(self) -> Iterator[Triple]:
        statement = ID[f"completeness/{self.key}"]
        yield statement, SG.editorialNote, Literal(_NOTE_JA, lang="ja")
        yield statement, SG.editorialNote, Literal(_NOTE_EN, lang="en")
        yield statement, SKOS.prefLabel, Literal("記述の範囲", lang="ja")
        yield statement, SKOS.prefLabel, Literal("how much is encoded", lang="en")
        yield ID[f"source-text/{self.key}"], SKOS.prefLabel, Literal("原文テキスト", lang="ja")
        yield ID[f"source-text/{self.key}"], SKOS.prefLabel, Literal("source text", lang="en")

    def completeness(self) -> Iterator[Triple]:
        """That nothing of a section is encoded yet: raised by hand, section by section, and held against the text by the coverage."""
        for path, parts in self.places.items():
            heading, section = parts[0].heading, self._section(path)
            assert heading is not None
            statement, name = ID[f"completeness/{self.key}/{path}"], heading.number or heading.label
            yield statement, RDF.type, SG.CompletenessStatement
            yield statement, SG.completenessOf, section
            yield statement, SG.completeness, VOCAB["completeness/not-yet"]
            yield statement, SKOS.prefLabel, Literal(f"{name}の記述の範囲", lang="ja")
            yield statement, SKOS.prefLabel, Literal(f"how much of {name} is encoded", lang="en")
            yield statement, SG.editorialNote, Literal(_NOTE_JA, lang="ja")
            yield statement, SG.editorialNote, Literal(_NOTE_EN, lang="en")

    def sections(self) -> Iterator[Triple]:
        siblings: Counter[URIRef] = Counter()
        for path, parts in self.places.items():
            heading, section = parts[0].heading, self._section(path)
            assert heading is not None
            parent = self._parent(path)
            siblings[parent] += 1
            yield section, RDF.type, SG.Section
            yield section, SKOS.prefLabel, Literal(heading.label, lang="ja")
            if heading.number is not None:
                yield section, SG.sectionNumber, Literal(heading.number)
            yield section, SG.isDirectPartOf, parent
            yield section, SG.ordinal, _integer(siblings[parent])
            yield section, SG.assertionStatus, _EXPLICIT
            for part in parts:
                yield section, SG.evidence, self._anchor_iri(part.span)

    def anchor(self, part: Part) -> tuple[Triple, ...]:
        if part.kind == "heading":
            japanese, english = "見出し", "heading"
        else:
            japanese, english = (told.format(place=part.place, column=part.column) for told in _PLACES[part.kind])
        cues = AnchorCues(
            heading_path=self._heading_path(part.heading or part.above),
            locator_ja=japanese,
            locator_en=english,
            excluded=part.kind if part.kind in _EXCLUDED else None,
        )
        return anchor_graph(self.key, self.text, part.span, cues)

    def waiting(self) -> Iterator[Part]:
        yield from (part for part in self.parts if part.kind not in _EXCLUDED and part.span not in self.used)

    def _anchor_iri(self, span: Span) -> URIRef:
        return ID[f"anchor/{self.key}/{span.start}-{span.end}"]

    def _section(self, path: str) -> URIRef:
        return ID[f"section/{self.key}/{path}"]

    def _parent(self, path: str) -> URIRef:
        above = next((one for one in _shorter(path) if one in self.places), None)
        return self.iri if above is None else self._section(above)

    def _heading_path(self, heading: Heading | None) -> str:
        if heading is None:
            return "冒頭（見出しなし）"
        paths = [*reversed([one for one in _shorter(heading.path) if one in self.places]), heading.path]
        return " > ".join(one.heading.label for one in (self.places[path][0] for path in paths if path in self.places) if one.heading)


def _shorter(path: str) -> Iterator[str]:
    """The paths of what may be above: 4.2.1-1-2 → 4.2.1-1, 4.2.1, 4.2, 4."""
    while (cut := max(path.rfind("."), path.rfind("-"))) > 0:
        path = path[:cut]
        yield path


def _same(one: Heading | None, other: Heading) -> bool:
    return one is not None and re.sub(r"\s", "", one.label) == re.sub(r"\s", "", other.label)


def _integer(value: int) -> Literal:
    return Literal(str(value), datatype=XSD.integer)
