"""Which documents and years an answer looked at, and what is not encoded of them. Imports this package's results.

"Not mentioned in these documents", "outside the corpus" and "not encoded yet" are different sentences. Of sections, only those that
are not encoded completely are told: what is said of a document holds for the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from stratgraph.questions.model import Text
from stratgraph.store.interface import Store
from stratgraph.store.results import Row, select
from stratgraph.vocab import BASE, ID

_QUERY: Final = f"""
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX sg: <{BASE}ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?document ?statement ?property ?value WHERE {{
  ?document sg:inCorpus true .
  {{
    VALUES ?property {{ skos:prefLabel dcterms:issued dcterms:date dcterms:created sg:editionYear }}
    ?document ?property ?value .
  }} UNION {{
    VALUES ?property {{ sg:completeness sg:editorialNote sg:doesNotName skos:prefLabel }}
    ?statement sg:completenessOf ?about ; ?property ?value .
    ?about sg:isPartOf* ?document .
    FILTER (?about = ?document || NOT EXISTS {{ ?statement sg:completeness <{BASE}vocab/completeness/complete> }})
  }}
}} ORDER BY ?document ?statement ?property ?value
"""
_LABEL: Final = "http://www.w3.org/2004/02/skos/core#prefLabel"
_SG: Final = f"{BASE}ontology#"


@dataclass(frozen=True)
class Statement:
    """A CompletenessStatement: its concept (complete, partial, not-yet), note, and what its kind of document never names."""

    iri: str
    completeness: str
    note: Mapping[str, str]
    does_not_name: tuple[str, ...]


@dataclass(frozen=True)
class ScopeDocument:
    """A document that was looked at: labels, date as told (YYYY, YYYY-MM or YYYY-MM-DD, or empty), statements."""

    iri: str
    labels: Mapping[str, str]
    date: str
    statements: tuple[Statement, ...]

    @property
    def year(self) -> str:
        """Its year; from its key where it has no date."""
        key = self.iri.rsplit("/", 1)[-1]
        return (self.date or key)[:4]


@dataclass(frozen=True)
class Scope:
    """What an answer rests on. `last_year` is that of the newest document of the whole corpus."""

    documents: tuple[ScopeDocument, ...]
    last_year: str
    sentence: Text = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sentence", Text(_japanese(self), _english(self)))

    def json(self) -> dict[str, Any]:
        """The scope as it stands in a JSON answer."""
        years = sorted(one.year for one in self.documents)
        return {
            "documents": [_document_json(one) for one in self.documents],
            "from": years[0] if years else None,
            "to": years[-1] if years else None,
            "corpusTo": self.last_year or None,
            "statement": self.sentence.mapping(),
        }


async def load_scope(store: Store, level: str = "full") -> tuple[ScopeDocument, ...]:
    """All documents of the corpus, oldest first. Raises what Store.query raises."""
    _, rows = await select(store, _QUERY, level)
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["document"].value, []).append(row)
    return tuple(sorted((_document(iri, found) for iri, found in grouped.items()), key=lambda one: (one.year, one.iri)))


def narrow(documents: Sequence[ScopeDocument], keys: Sequence[str]) -> Scope:
    """The scope of a question that looks at the documents with these keys; no key means all."""
    wanted = {f"{ID}document/{key}" for key in keys}
    last = max((one.year for one in documents), default="")
    return Scope(tuple(one for one in documents if not wanted or one.iri in wanted), last)


def _document(iri: str, rows: Sequence[Row]) -> ScopeDocument:
    own = [row for row in rows if "statement" not in row]
    labels = {row["value"].language or "": row["value"].value for row in own if row["property"].value == _LABEL}
    dates = sorted({row["value"].value for row in own if row["property"].value != _LABEL}, key=lambda text: (-len(text), text))
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        if "statement" in row:
            grouped.setdefault(row["statement"].value, []).append(row)
    return ScopeDocument(iri, labels, dates[0] if dates else "", tuple(_statement(one, found) for one, found in grouped.items()))


def _statement(iri: str, rows: Sequence[Row]) -> Statement:
    def values(name: str) -> list[str]:
        return [row["value"].value for row in rows if row["property"].value == _SG + name]

    notes = {row["value"].language or "": row["value"].value for row in rows if row["property"].value == f"{_SG}editorialNote"}
    return Statement(iri, next(iter(values("completeness")), ""), notes, tuple(values("doesNotName")))


def _document_json(document: ScopeDocument) -> dict[str, Any]:
    statements = [
        {"iri": one.iri, "completeness": one.completeness, "note": dict(one.note), "doesNotName": list(one.does_not_name)}
        for one in document.statements
    ]
    return {
        "iri": document.iri,
        "label": dict(document.labels),
        "date": document.date or None,
        "year": document.year,
        "completeness": statements,
    }


def _encoded(document: ScopeDocument) -> str:
    """The worst that is said of a document: complete, partial or not-yet; not-yet where nothing is said."""
    said = {one.completeness.rsplit("/", 1)[-1] for one in document.statements}
    return next((kind for kind in ("not-yet", "partial", "complete") if kind in said), "not-yet")


def _japanese(scope: Scope) -> str:
    told = {"complete": "記述済み", "partial": "一部のみ記述", "not-yet": "記述の範囲は未確認"}
    names = "、".join(f"『{one.labels.get('ja', one.iri)}』（{one.year}年、{told[_encoded(one)]}）" for one in scope.documents)
    if not scope.documents:
        return "この質問が必要とする文書は、まだ記述されていません。"
    silent = "ここに無い事柄は、これらの文書では言及されていません。"
    return f"調べた文書は{names}です。{silent}{scope.last_year}年より後の文書は収録の範囲外です。"


def _english(scope: Scope) -> str:
    told = {"complete": "encoded completely", "partial": "encoded in part", "not-yet": "extent of encoding not stated"}
    names = "; ".join(f"‘{one.labels.get('en', one.iri)}’ ({one.year}, {told[_encoded(one)]})" for one in scope.documents)
    if not scope.documents:
        return "No document that this question needs is encoded yet."
    silent = "What is not here is not mentioned in these documents."
    return f"Documents looked at: {names}. {silent} Documents after {scope.last_year} are outside the corpus."
