"""How the columns of a table become statements: a small YAML file, read strictly. Imports errors.

    document: 2099-example-plan                    the document that the table belongs to
    kind: annual-plan                              its kind (a doctype concept)
    title: {ja: …, en: …}
    summary: {ja: …, en: …}
    note: {ja: …, en: …}                           what is encoded, for the completeness statement
    key: 項目番号                                   the column that names each row, as printed
    ignore: [備考]                                  columns that are left out
    cites:                                         documents that a column names, whose own text is not here
      - {document: 2100-example-plan, kind: annual-plan, column: 次年度の項目, title: {ja: …, en: …}}
    things:                                        what each row is about
      - iri: plan-item/2099-example-plan/{key}     {key} is the key as IRIs have it: 2.1(3)(ス) is 2.1-3-su; {column} likewise
        class: PlanItem
        properties: {isDirectPartOf: <document/2099-example-plan>}
        columns:
          項目番号: {property: sectionNumber}
          項目名: {property: "skos:prefLabel", language: ja}
          主担当: {bodies: lead}

`docs/encoding.md` tells all that a column can be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from stratgraph.errors import InputError

_KINDS: Final = ("language", "bodies", "concept", "amount", "date", "number", "thing")
ROLES: Final = ("lead", "related", "implementing", "named")
_DATES: Final = ("day", "month", "year")


@dataclass(frozen=True)
class Column:
    """What a column says of a thing. `kind` is text, language, bodies, concept, amount, date, number or thing; `argument` its detail."""

    property: str | None
    kind: str
    argument: str
    required: bool = False
    concepts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Thing:
    """One thing per row. `when` names the column without which there is none; `link` the property and IRI of what points to it."""

    iri: str
    kind: str
    columns: Mapping[str, Column]
    properties: Mapping[str, str]
    label: Mapping[str, str]
    file: str
    when: str | None = None
    link: tuple[str, str] | None = None


@dataclass(frozen=True)
class Cited:
    """A document that the column `column` names; its own text is not at hand."""

    document: str
    kind: str
    column: str
    title: Mapping[str, str]


@dataclass(frozen=True)
class TableMapping:
    """A whole mapping. `title`, `summary` and `note` have "ja" and "en"."""

    document: str
    kind: str
    title: Mapping[str, str]
    summary: Mapping[str, str]
    note: Mapping[str, str]
    key: str
    things: tuple[Thing, ...]
    ignore: tuple[str, ...] = ()
    cites: tuple[Cited, ...] = ()


def read_mapping(text: str, shown: str) -> TableMapping:
    """A mapping from its YAML; `shown` names the file in messages. Raises InputError, which says what is missing or unknown."""
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"{shown} is not YAML: {error}") from error
    reader = _Reader(shown)
    given = reader.mapping(value, "the file", {"document", "kind", "title", "summary", "note", "key", "things"}, {"ignore", "cites"})
    if not isinstance(given["things"], list) or not given["things"]:
        raise InputError(f"{shown}: “things” is a list with what each row is about.")
    return TableMapping(
        document=str(given["document"]),
        kind=str(given["kind"]),
        title=reader.texts(given["title"], "title"),
        summary=reader.texts(given["summary"], "summary"),
        note=reader.texts(given["note"], "note"),
        key=str(given["key"]),
        things=tuple(reader.thing(one, f"things, number {number}") for number, one in enumerate(given["things"], start=1)),
        ignore=tuple(str(one) for one in given.get("ignore") or ()),
        cites=tuple(reader.cited(one, f"cites, number {number}") for number, one in enumerate(given.get("cites") or (), start=1)),
    )


class _Reader:
    def __init__(self, shown: str) -> None:
        self.shown = shown

    def mapping(self, value: Any, where: str, required: set[str], optional: set[str]) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise InputError(f"{self.shown}: {where} must be names with values.")
        missing, unknown = sorted(required - value.keys()), sorted(map(str, value.keys() - required - optional))
        if missing:
            raise InputError(f"{self.shown}: {where} lacks “{missing[0]}”.")
        if unknown:
            raise InputError(f"{self.shown}: {where} has “{unknown[0]}”, which is none of {', '.join(sorted(required | optional))}.")
        return value

    def texts(self, value: Any, where: str) -> dict[str, str]:
        return {language: str(text) for language, text in self.mapping(value, where, {"ja", "en"}, set()).items()}

    def thing(self, value: Any, where: str) -> Thing:
        optional = {"columns", "properties", "label", "file", "when", "from"}
        given = self.mapping(value, where, {"iri", "class"}, optional)
        link = None
        if "from" in given:
            pointing = self.mapping(given["from"], f"{where}, from", {"property", "thing"}, set())
            link = (str(pointing["property"]), str(pointing["thing"]))
        columns = given.get("columns") or {}
        return Thing(
            iri=str(given["iri"]),
            kind=str(given["class"]),
            columns={str(name): self.column(one, f"{where}, column {name}") for name, one in columns.items()},
            properties={str(name): str(one) for name, one in (given.get("properties") or {}).items()},
            label=self.texts(given["label"], f"{where}, label") if "label" in given else {},
            file=str(given.get("file") or _file_name(str(given["class"]))),
            when=str(given["when"]) if "when" in given else None,
            link=link,
        )

    def cited(self, value: Any, where: str) -> Cited:
        given = self.mapping(value, where, {"document", "kind", "column", "title"}, set())
        return Cited(str(given["document"]), str(given["kind"]), str(given["column"]), self.texts(given["title"], f"{where}, title"))

    def column(self, value: Any, where: str) -> Column:
        given = self.mapping(value, where, set(), {"property", "required", "concepts", *_KINDS})
        kinds = [kind for kind in _KINDS if kind in given]
        if len(kinds) > 1:
            raise InputError(f"{self.shown}: {where} is {' and '.join(kinds)} at once; it can be one of them.")
        kind = kinds[0] if kinds else "text"
        argument = str(given.get(kind, ""))
        if "property" not in given and kind not in ("bodies", "amount"):
            raise InputError(f"{self.shown}: {where} lacks “property”.")
        allowed = {"bodies": ROLES, "language": ("ja", "en"), "date": _DATES}.get(kind)
        if allowed and argument not in allowed:
            raise InputError(f"{self.shown}: {where}: {kind} is one of {', '.join(allowed)}, not “{argument}”.")
        named = given.get("property")
        concepts = {str(word): str(name) for word, name in (given.get("concepts") or {}).items()}
        return Column(None if named is None else str(named), kind, argument, bool(given.get("required", False)), concepts)


def _file_name(kind: str) -> str:
    """PlanItem → plan-items, Quantity → quantities."""
    name = "".join(f"-{mark.lower()}" if mark.isupper() and index else mark.lower() for index, mark in enumerate(kind))
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
