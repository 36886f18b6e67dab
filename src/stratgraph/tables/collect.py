"""Graphs → tables: a row per thing, a column per property, language and layer. Imports rdflib's terms and vocab.

Layers are kept apart by the column's name: `x` is stated (documents and reference data), `x_curated` is our interpretation,
`x_inferred` follows by inference. Values are sorted, so the same graphs give the same tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from rdflib import RDF, SKOS, XSD

from stratgraph.places import Triple
from stratgraph.tables.kinds import KINDS, Kind
from stratgraph.tables.layers import LAYERS, Layers, Text, Value, read_layers
from stratgraph.vocab import OA, SG, VOCAB

_TYPES: Final[Mapping[str, str]] = {
    str(XSD.integer): "integer",
    str(XSD.decimal): "number",
    str(XSD.double): "number",
    str(XSD.boolean): "boolean",
    str(XSD.date): "date",
    str(XSD.gYear): "year",
    str(XSD.gYearMonth): "yearmonth",
}
_NUMBERS: Final = ("integer", "number", "year")
_TYPE, _LABEL, _SUMMARY, _NOTE = str(RDF.type), str(SKOS.prefLabel), str(SG.summary), str(SG.editorialNote)
_SELECTOR, _EVIDENCE = str(OA.hasSelector), str(SG.evidence)
# Told in columns of their own.
_APART: Final = (_TYPE, _LABEL, _SUMMARY, _NOTE, _SELECTOR)
_ANCHORS: Final = (str(SG.TextAnchor), str(SG.ExcludedSpan))

Cells = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Column:
    """A column: its name, type, whether a cell may hold several values, and where it comes from.

    `type` is string, integer, number, boolean, date, year, yearmonth, iri or code (a concept's short name, of `scheme`).
    `layer` is stated, curated or inferred, or "made" for what is put together for the reader. `predicate` is the property's IRI.
    """

    name: str
    type: str
    multiple: bool
    layer: str
    predicate: str | None = None
    language: str | None = None
    scheme: str | None = None

    @property
    def separator(self) -> str:
        """What stands between the values of a cell; none of them holds it."""
        return " " if self.type in ("iri", "code", *_NUMBERS) else " | "


@dataclass(frozen=True)
class Table:
    """A table of things of a class (an IRI): rows by IRI, each from column name to its values (a column without any is missing)."""

    name: str
    kind: str | None
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, tuple[str, ...]], ...]
    key: tuple[str, ...] = ("iri",)


def collect_tables(graphs: Mapping[str, frozenset[Triple]], prefixes: Mapping[str, str]) -> tuple[Table, ...]:
    """A table for each kind that has things, then `things` (all of them, with labels) and `links` (what joins them, in long form).

    `graphs` are the named graphs of a release's levels, `prefixes` its table of prefixes (prefix → namespace).
    """
    found = read_layers(graphs)
    members = {kind.name: _members(found, kind) for kind in KINDS}
    found.tabled.update(*members.values())
    tables = [_table(found, kind, members[kind.name]) for kind in KINDS if members[kind.name]]
    return (*tables, _things(tables), _links(found, prefixes))


def _members(found: Layers, kind: Kind) -> list[str]:
    things = found.subjects(_TYPE, str(kind.kind))
    return sorted(one for one in things if not any(found.is_a(one, str(other)) for other in kind.but))


def _table(found: Layers, kind: Kind, things: Sequence[str]) -> Table:
    rows: dict[str, dict[str, tuple[str, ...]]] = {thing: {"iri": (thing,)} for thing in things}
    columns = [Column("iri", "iri", False, "made")]
    for column, cells in (*_names(found, things), *_places(found, kind, things), *_properties(found, rows)):
        columns.append(column)
        for thing, values in cells.items():
            rows[thing][column.name] = values
    return Table(kind.name, str(kind.kind), tuple(columns), tuple(rows.values()))


def _names(found: Layers, things: Sequence[str]) -> Iterator[tuple[Column, Cells]]:
    """Classes, labels with the layers they are from, summaries and notes."""
    for layer, name in zip(LAYERS, ("class", "class_curated", "class_inferred"), strict=True):
        kinds = found.layers[layer].get(_TYPE, {})
        cells = {thing: tuple(sorted(_local(str(one)) for one in kinds[thing])) for thing in things if thing in kinds}
        if cells:
            yield _made(name, "string", cells, layer, _TYPE)
    for language in ("ja", "en"):
        labels = {thing: _texts(found.told(_LABEL), thing, language) for thing in things}
        yield _made(f"label_{language}", "string", labels, "made", _LABEL, language)
        origins = {
            thing: tuple(layer for layer in LAYERS if _texts(found.layers[layer].get(_LABEL, {}), thing, language))[:1] for thing in things
        }
        yield _made(f"label_{language}_from", "string", origins)
    for name, told in (("our_summary", _SUMMARY), ("our_note", _NOTE)):
        for language in ("ja", "en"):
            texts = {thing: _texts(found.told(told), thing, language) for thing in things}
            yield _made(f"{name}_{language}", "string", texts, "curated", told, language)


def _texts(told: Mapping[str, Sequence[Value]], thing: str, language: str) -> tuple[str, ...]:
    return tuple(sorted(one.value for one in told.get(thing, ()) if isinstance(one, Text) and one.language == language))


def _made(
    name: str, kind: str, cells: Cells, layer: str = "made", predicate: str | None = None, language: str | None = None
) -> tuple[Column, Cells]:
    filled = {thing: values for thing, values in cells.items() if values}
    return Column(name, kind, any(len(one) > 1 for one in filled.values()), layer, predicate, language), filled


def _places(found: Layers, kind: Kind, things: Sequence[str]) -> Iterator[tuple[Column, Cells]]:
    """What it is about; source, document and section; and the first place in the source that supports it."""
    subjects = {thing: _subjects(found, kind, thing) for thing in things}
    if kind.of:
        yield _made("subject", "iri", subjects)
    documents = {
        thing: _within(found, (thing, *subjects[thing]), SG.PolicyDocument, SG.statedIn, SG.isPartOf, SG.occursIn) for thing in things
    }
    sections = {thing: _within(found, (thing, *subjects[thing]), SG.Section, SG.statedIn, SG.isDirectPartOf) for thing in things}
    yield _made("source", "string", {thing: (found.sources[thing],) for thing in things if thing in found.sources})
    yield _made("in_document", "iri", documents)
    yield _made("in_section", "iri", sections)
    yield _made("in_section_number", "string", {thing: _literals(found, sections[thing], SG.sectionNumber) for thing in things})
    anchors = {thing: [one] for thing in things if (one := _first_anchor(found, thing))}
    yield _made("at_anchor", "iri", {thing: tuple(one) for thing, one in anchors.items()})
    for name, type_, told in (
        ("page", "integer", "pageOrdinal"),
        ("slide", "integer", "slideNumber"),
        ("printed_page", "string", "printedPage"),
    ):
        yield _made(f"at_{name}", type_, {thing: _literals(found, one, SG[told]) for thing, one in anchors.items()})
    if str(kind.kind) in _ANCHORS:
        for name, told in (("start", OA.start), ("end", OA.end)):
            offsets = {thing: _literals(found, found.iris(thing, _SELECTOR), told) for thing in things}
            yield _made(name, "integer", offsets, "stated", str(told))


def _subjects(found: Layers, kind: Kind, thing: str) -> tuple[str, ...]:
    return tuple(sorted({one for told in kind.of for one in found.subjects(str(told), thing)}))


def _first_anchor(found: Layers, thing: str) -> str | None:
    if any(found.is_a(thing, one) for one in _ANCHORS):
        return thing
    return min(found.iris(thing, _EVIDENCE), key=_in_order, default=None)


@cache
def _in_order(anchor: str) -> tuple[tuple[str, int], ...]:
    # …/anchor/<key>/<start>-<end>: by document, then by offset.
    return tuple((words, int(number or 0)) for words, number in re.findall(r"(\D+)(\d*)", anchor))


def _within(found: Layers, homes: Iterable[str], kind: str, *properties: str) -> tuple[str, ...]:
    for home in homes:
        around = {one for one in found.iris(home, *map(str, properties)) if found.is_a(one, str(kind))}
        if around:
            return tuple(sorted(around))
    return ()


def _literals(found: Layers, things: Iterable[str], told: str) -> tuple[str, ...]:
    values = (value for thing in things for value in sorted(found.values(thing, str(told))))
    return tuple(dict.fromkeys(value.value for value in values if isinstance(value, Text)))


def _properties(found: Layers, rows: Mapping[str, object]) -> Iterator[tuple[Column, Cells]]:
    """All other properties, by name, each layer and language in a column of its own."""
    cells: dict[tuple[str, int, str, str], dict[str, list[Value]]] = {}
    for number, layer in enumerate(LAYERS):
        for predicate, values in found.layers[layer].items():
            if predicate in _APART:
                continue
            for thing in rows.keys() & values.keys():
                for value in values[thing]:
                    language = value.language if isinstance(value, Text) else ""
                    cells.setdefault((_local(predicate), number, language, predicate), {}).setdefault(thing, []).append(value)
    for (local, number, language, predicate), told in sorted(cells.items(), key=lambda one: one[0]):
        name = "_".join(part for part in (snake(local), language.replace("-", "_"), LAYERS[number] if number else "") if part)
        kind, scheme = _type(found, {one for several in told.values() for one in several})
        column = Column(name, kind, any(len(one) > 1 for one in told.values()), LAYERS[number], predicate, language or None, scheme)
        yield column, {thing: _cell(several, kind) for thing, several in told.items()}


def _type(found: Layers, values: set[Value]) -> tuple[str, str | None]:
    if all(isinstance(one, str) for one in values):
        names = [str(one) for one in values]
        parts = [one.removeprefix(VOCAB).partition("/") for one in names if one.startswith(VOCAB)]
        schemes = {scheme for scheme, _, name in parts if name}
        coded = len(schemes) == 1 and len(parts) == len(names) and found.tabled.isdisjoint(names)
        return ("code", schemes.pop()) if coded else ("iri", None)
    kinds = {_TYPES.get(one.datatype, "string") if isinstance(one, Text) else "string" for one in values}
    if kinds == {"integer", "number"}:
        return "number", None
    return kinds.pop() if len(kinds) == 1 else "string", None


def _cell(values: Iterable[Value], kind: str) -> tuple[str, ...]:
    texts = [one.value if isinstance(one, Text) else _local(one) if kind == "code" else one for one in values]
    return tuple(sorted(texts, key=float if kind in _NUMBERS else None))


def _things(tables: Sequence[Table]) -> Table:
    columns = [Column("iri", "iri", False, "made"), Column("table", "string", False, "made")]
    columns += [Column(f"label_{one}", "string", False, "made", _LABEL, one) for one in ("ja", "en")]
    rows = [
        {"iri": row["iri"], "table": (table.name,), **{name: row[name] for name in ("label_ja", "label_en") if name in row}}
        for table in tables
        for row in table.rows
    ]
    return Table("things", None, tuple(columns), tuple(sorted(rows, key=lambda row: row["iri"])))


def _links(found: Layers, prefixes: Mapping[str, str]) -> Table:
    """What joins two things that have tables, one statement a row, evidence aside (which the tables hold)."""
    rows = []
    for layer in LAYERS:
        for predicate, values in found.layers[layer].items():
            if predicate in (_TYPE, _EVIDENCE):
                continue
            name = _short(predicate, prefixes)
            for subject in values.keys() & found.tabled:
                rows += [(subject, name, str(one), layer) for one in values[subject] if one in found.tabled]
    columns = ("subject", "property", "object", "layer")
    kinds = ("iri", "string", "iri", "string")
    told = tuple({name: (value,) for name, value in zip(columns, row, strict=True)} for row in sorted(rows))
    return Table("links", None, tuple(Column(*one, False, "made") for one in zip(columns, kinds, strict=True)), told, columns[:3])


def _short(iri: str, prefixes: Mapping[str, str]) -> str:
    local = _local(iri)
    return next((f"{prefix}:{local}" for prefix, namespace in sorted(prefixes.items()) if namespace + local == iri), iri)


@cache
def _local(iri: str) -> str:
    return re.split(r"[#/]", iri)[-1]


def snake(name: str) -> str:
    """`hasLeadAssignment` → `has_lead_assignment`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: f"_{found.group(1).lower()}", name).lower()
