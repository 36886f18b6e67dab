"""A description turned into what a page shows: label, kind, summary, statements by property, incoming links. Imports vocab and links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from stratgraph.store.interface import Description, Statement, Term
from stratgraph.vocab import BASE, CURATED_GRAPHS, EXTERNAL_NAMES, INFERRED_GRAPH, METADATA_GRAPH, ONTOLOGY_GRAPH, SG
from stratgraph.web.context import XSD
from stratgraph.web.links import local_path, short_name, with_query
from stratgraph.web.messages import say
from stratgraph.web.places import Place

_RDF_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_LABELS: Final = ("http://www.w3.org/2004/02/skos/core#prefLabel", "http://www.w3.org/2000/01/rdf-schema#label")
# Told in places of their own on the page.
_ASIDE: Final = frozenset({*_LABELS, _RDF_TYPE, str(SG.summary), str(SG.evidence), str(SG.editorialNote)})
# Each is inferred from the other, so the incoming ones repeat what the page already says.
_INVERSE: Final = frozenset({str(SG.isPartOf), str(SG.hasPart)})


@dataclass(frozen=True)
class Value:
    """One value on a page: text, link (own path or http address), language, and where the statement comes from."""

    text: str
    href: str | None
    language: str | None
    origin: str
    iri: str | None = None
    why: str | None = None


@dataclass(frozen=True)
class Property:
    """A property with its values. `total` may exceed their number where a bound cut them."""

    iri: str
    label: str
    href: str | None
    values: tuple[Value, ...]
    total: int


@dataclass(frozen=True)
class ResourceView:
    """All that the page of one thing shows."""

    iri: str
    path: str
    titles: Mapping[str, str]
    kinds: tuple[Value, ...]
    summaries: Mapping[str, str]
    notes: Mapping[str, str]
    properties: tuple[Property, ...]
    parts: tuple[tuple[str, tuple[Property, ...]], ...]
    incoming: tuple[Property, ...]
    places: tuple[Place, ...]
    truncated: bool

    def title(self, language: str) -> str:
        """Its label in `language`, else in the other, else its path."""
        return self.titles.get(language) or next(iter(self.titles.values()), "") or short_name(self.iri)


def view_of(description: Description, places: tuple[Place, ...], language: str) -> ResourceView:
    """The view of a description in a language."""
    own = [one for one in description.outgoing if one.subject.value == description.iri]
    fragments: dict[str, list[Statement]] = {}
    for one in description.outgoing:
        if one.subject.value != description.iri and one.subject.kind == "iri":
            fragments.setdefault(one.subject.value, []).append(one)
    types: dict[str, Statement] = {}
    for one in own:
        if one.predicate == _RDF_TYPE and (one.object.value not in types or origin_of(one.graph) != "inferred"):
            types[one.object.value] = one
    kinds = sorted(types.values(), key=lambda one: (origin_of(one.graph) == "inferred", one.object.value))
    return ResourceView(
        iri=description.iri,
        path=description.iri.removeprefix(BASE),
        titles=_texts(own, _LABELS),
        kinds=tuple(_value(one.object, one.graph, description, language) for one in kinds if _is_kind(one)),
        summaries=_texts(own, (str(SG.summary),)),
        notes=_texts(own, (str(SG.editorialNote),)),
        properties=_properties(own, description, language, _ASIDE),
        parts=tuple((iri, _properties(found, description, language, frozenset())) for iri, found in sorted(fragments.items())),
        incoming=_incoming(description, language),
        places=places,
        truncated=description.truncated,
    )


def origin_of(graph: str) -> str:
    """Where a statement comes from: document, curated, inferred, metadata or reference."""
    if graph == INFERRED_GRAPH:
        return "inferred"
    if graph.startswith(CURATED_GRAPHS):
        return "curated"
    return "metadata" if graph == METADATA_GRAPH else "stated"


def _is_kind(statement: Statement) -> bool:
    """Kinds worth showing: what is encoded, and of what is inferred our own classes, not those they are aligned with."""
    return origin_of(statement.graph) != "inferred" or statement.object.value.startswith(BASE)


def _texts(statements: Iterable[Statement], predicates: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for predicate in predicates:
        for one in statements:
            if one.predicate == predicate and one.object.kind == "literal":
                found.setdefault(one.object.language or "", one.object.value)
    return dict(sorted(found.items(), reverse=True))


def label_of(iri: str, labels: Mapping[str, Mapping[str, str]], language: str) -> str:
    """An IRI's label in a language, else in the other one, else its short name."""
    found = labels.get(iri) or EXTERNAL_NAMES.get(iri) or {}
    return found.get(language) or next(iter(found.values()), "") or short_name(iri)


def _value(term: Term, graph: str, description: Description, language: str) -> Value:
    if term.kind == "iri":
        return Value(label_of(term.value, description.labels, language), local_path(term.value), None, origin_of(graph), term.value)
    if term.datatype == f"{XSD}boolean":
        return Value(say("yes" if term.value in ("true", "1") else "no", language), None, None, origin_of(graph))
    return Value(term.value, None, term.language, origin_of(graph))


def _with_why(value: Value, statement: Statement) -> Value:
    """The value with the way to its proof, where the statement was inferred between things that have names."""
    if value.origin != "inferred" or {statement.subject.kind, statement.object.kind} != {"iri"}:
        return value
    triple = {"s": statement.subject.value, "p": statement.predicate, "o": statement.object.value}
    return replace(value, why=with_query("/why", **triple))


def _properties(statements: Iterable[Statement], description: Description, language: str, aside: frozenset[str]) -> tuple[Property, ...]:
    grouped: dict[str, dict[Term, Statement]] = {}
    for one in statements:
        if one.predicate not in aside:
            # A triple may stand in several graphs; who says it first counts, and inference counts last.
            kept = grouped.setdefault(one.predicate, {}).setdefault(one.object, one)
            if origin_of(kept.graph) == "inferred":
                grouped[one.predicate][one.object] = one
    made = [_property(iri, list(found.values()), description, language) for iri, found in grouped.items()]
    return tuple(sorted(made, key=lambda one: (not one.iri.startswith(BASE), one.label)))


def _property(iri: str, found: list[Statement], description: Description, language: str) -> Property:
    values = [_with_why(_value(one.object, one.graph, description, language), one) for one in found]
    values.sort(key=lambda one: (one.language != language, one.language or "", len(one.iri or ""), one.text))
    return Property(iri, label_of(iri, description.labels, language), local_path(iri), tuple(values), len(values))


def _incoming(description: Description, language: str) -> tuple[Property, ...]:
    grouped: dict[str, dict[str, Statement]] = {}
    for one in description.incoming:
        inverse = one.predicate in _INVERSE and origin_of(one.graph) == "inferred"
        if one.subject.kind == "iri" and one.graph not in (METADATA_GRAPH, ONTOLOGY_GRAPH) and not inverse:
            kept = grouped.setdefault(one.predicate, {}).setdefault(one.subject.value, one)
            if origin_of(kept.graph) == "inferred":
                grouped[one.predicate][one.subject.value] = one
    made = []
    for iri, found in grouped.items():
        values = sorted(
            (_with_why(_value(one.subject, one.graph, description, language), one) for one in found.values()),
            key=lambda one: natural(one.iri or ""),
        )
        total = max(description.incoming_counts.get(iri, 0), len(values))
        made.append(Property(iri, label_of(iri, description.labels, language), local_path(iri), tuple(values), total))
    return tuple(sorted(made, key=lambda one: one.label))


def natural(text: str) -> tuple[tuple[int, int | str], ...]:
    """A sort key that puts 2-4 before 2-10."""
    parts: list[tuple[int, int | str]] = []
    digits = ""
    for character in f"{text}\x00":
        if character.isascii() and character.isdigit():
            digits += character
            continue
        if digits:
            parts.append((0, int(digits)))
            digits = ""
        parts.append((1, character))
    return tuple(parts)
