"""Which documents and years an answer looked at, and what is not encoded of them. Imports this package's results.

"Not mentioned in these documents", "outside the corpus" and "not encoded yet" are different sentences, and so is what a
document's kind never names: a document is not silent about what no document of its kind would say. Of sections, only those that
are not encoded completely are told: what is said of a document holds for the others.
"""

from __future__ import annotations

import asyncio
import re
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
_UNNAMED: Final = f"""
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sg: <{BASE}ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?unnamed ?label WHERE {{
  ?statement sg:doesNotName ?unnamed .
  ?unnamed rdfs:label|skos:prefLabel ?label .
}} ORDER BY ?unnamed ?label
"""
_LABEL: Final = "http://www.w3.org/2004/02/skos/core#prefLabel"
_SG: Final = f"{BASE}ontology#"
_PLAIN: Final = re.compile(r"[\w.-]+", re.ASCII)


@dataclass(frozen=True)
class Statement:
    """A CompletenessStatement: its concept (complete, partial, not-yet), note, and what its kind of document never names.

    `labels` has those of what is never named, by IRI and language.
    """

    iri: str
    completeness: str
    note: Mapping[str, str]
    does_not_name: tuple[str, ...]
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class ScopeDocument:
    """A document that was looked at: labels, date as told (YYYY, YYYY-MM or YYYY-MM-DD, or empty), statements."""

    iri: str
    labels: Mapping[str, str]
    date: str
    statements: tuple[Statement, ...]

    @property
    def key(self) -> str:
        """The last part of its IRI."""
        return self.iri.rsplit("/", 1)[-1]

    @property
    def year(self) -> str:
        """Its year; from its key where it has no date."""
        return (self.date or self.key)[:4]


@dataclass(frozen=True)
class Scope:
    """What an answer rests on. `last_year` is that of the newest document of the whole corpus.

    `asked_year` is a later year that the question's values name, empty where there is none. `interpreted`: not only what documents state
    was looked at, but also what we link to it, and what follows.
    """

    documents: tuple[ScopeDocument, ...]
    last_year: str
    asked_year: str = ""
    interpreted: bool = False

    @property
    def sentences(self) -> Mapping[str, Text]:
        """What is told, sentence by sentence: documents, notMentioned, neverNamed (where there is such), notEncoded, outside."""
        if not self.documents:
            return {"notEncoded": _NOTHING}
        told = {"documents": _looked_at(self), "notMentioned": _not_mentioned(self), "neverNamed": _never_named(self)}
        told |= {"notEncoded": _not_encoded(self), "outside": _outside(self)}
        return {name: text for name, text in told.items() if text is not None}

    @property
    def sentence(self) -> Text:
        """All sentences as one text."""
        found = self.sentences.values()
        return Text("".join(one.ja for one in found), " ".join(one.en for one in found))

    def header(self) -> str:
        """The scope as a structured field (RFC 9651), for formats that have no place for it."""

        def keys(documents: Sequence[ScopeDocument]) -> str:
            return "(" + " ".join(f'"{key}"' for key in (one.key for one in documents) if _PLAIN.fullmatch(key)) + ")"

        years = [one.year for one in self.documents if one.year.isdigit()]
        told = {"documents": keys(self.documents), "not-encoded": keys([one for one in self.documents if encoded(one) != "complete"])}
        told |= {"from": min(years), "to": max(years)} if years else {}
        told |= {"corpus-to": self.last_year} if self.last_year.isdigit() else {}
        return ", ".join(f"{name}={value}" for name, value in told.items())

    def json(self) -> dict[str, Any]:
        """The scope as it stands in a JSON answer."""
        years = sorted(one.year for one in self.documents)
        return {
            "documents": [_document_json(one) for one in self.documents],
            "from": years[0] if years else None,
            "to": years[-1] if years else None,
            "corpusTo": self.last_year or None,
            "statement": self.sentence.mapping(),
            "sentences": {name: text.mapping() for name, text in self.sentences.items()},
        }


async def load_scope(store: Store, level: str = "full") -> tuple[ScopeDocument, ...]:
    """All documents of the corpus, oldest first. Raises what Store.query raises."""
    (_, rows), (_, named) = await asyncio.gather(select(store, _QUERY, level), select(store, _UNNAMED, level))
    labels: dict[str, dict[str, str]] = {}
    for row in named:
        labels.setdefault(row["unnamed"].value, {}).setdefault(row["label"].language or "", row["label"].value)
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["document"].value, []).append(row)
    return tuple(sorted((_document(iri, found, labels) for iri, found in grouped.items()), key=lambda one: (one.year, one.iri)))


def narrow(documents: Sequence[ScopeDocument], keys: Sequence[str], years: Sequence[str] = ()) -> Scope:
    """The scope of a question that looks at the documents with these keys; no key means all. `years` are those asked about."""
    wanted = {f"{ID}document/{key}" for key in keys}
    last = max((one.year for one in documents), default="")
    later = max((year for year in years if last and year > last), default="")
    return Scope(tuple(one for one in documents if not wanted or one.iri in wanted), last, later)


def _document(iri: str, rows: Sequence[Row], unnamed: Mapping[str, Mapping[str, str]]) -> ScopeDocument:
    own = [row for row in rows if "statement" not in row]
    labels = {row["value"].language or "": row["value"].value for row in own if row["property"].value == _LABEL}
    dates = sorted({row["value"].value for row in own if row["property"].value != _LABEL}, key=lambda text: (-len(text), text))
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        if "statement" in row:
            grouped.setdefault(row["statement"].value, []).append(row)
    statements = tuple(_statement(one, found, unnamed) for one, found in grouped.items())
    return ScopeDocument(iri, labels, dates[0] if dates else "", statements)


def _statement(iri: str, rows: Sequence[Row], unnamed: Mapping[str, Mapping[str, str]]) -> Statement:
    def values(name: str) -> list[str]:
        return [row["value"].value for row in rows if row["property"].value == _SG + name]

    notes = {row["value"].language or "": row["value"].value for row in rows if row["property"].value == f"{_SG}editorialNote"}
    silent = tuple(values("doesNotName"))
    return Statement(iri, next(iter(values("completeness")), ""), notes, silent, {one: unnamed.get(one, {}) for one in silent})


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


def encoded(document: ScopeDocument) -> str:
    """The worst that is said of a document: complete, partial or not-yet; not-yet where nothing is said."""
    said = {one.completeness.rsplit("/", 1)[-1] for one in document.statements}
    return next((kind for kind in ("not-yet", "partial", "complete") if kind in said), "not-yet")


def _titles(documents: Sequence[ScopeDocument]) -> Text:
    """Titles with years, one after the other."""
    japanese = "、".join(f"『{one.labels.get('ja') or one.key}』（{one.date or one.year}）" for one in documents)
    english = "; ".join(f"‘{one.labels.get('en') or one.labels.get('ja') or one.key}’ ({one.date or one.year})" for one in documents)
    return Text(japanese, english)


def _looked_at(scope: Scope) -> Text:
    titles = _titles(scope.documents)
    return Text(f"調べた文書は{titles.ja}です。", f"Documents looked at: {titles.en}.")


def _not_mentioned(scope: Scope) -> Text | None:
    """Silence is told of what is encoded whole alone, and of a document only where nothing but its statements was looked at."""
    whole = [one for one in scope.documents if encoded(one) == "complete"]
    if not whole:
        return None
    titles = Text("これらの文書", "these documents") if len(whole) == len(scope.documents) else _titles(whole)
    if scope.interpreted:
        return Text(
            f"ここに無い事柄は、この質問が問う限り、{titles.ja}の記述にも、それに基づく編者の解釈にもありません。",
            f"What is not here is, as far as this question asks, neither stated in {titles.en} nor said of them by our interpretation.",
        )
    return Text(
        f"ここに無い事柄は、この質問が問う限り、{titles.ja}では言及されていません。",
        f"What is not here is, as far as this question asks, not mentioned in {titles.en}.",
    )


def _never_named(scope: Scope) -> Text | None:
    """What the kinds of these documents never name; documents that leave out the same stand together."""
    groups: dict[tuple[str, ...], list[ScopeDocument]] = {}
    labels: dict[str, Mapping[str, str]] = {}
    for document in scope.documents:
        silent = tuple(dict.fromkeys(iri for one in document.statements for iri in one.does_not_name))
        labels |= {iri: found for one in document.statements for iri, found in one.labels.items()}
        if silent:
            groups.setdefault(silent, []).append(document)
    if not groups:
        return None
    told = []
    for silent, documents in groups.items():
        titles = _titles(documents) if len(documents) < len(scope.documents) else Text("これらの文書", "These documents")
        names = {
            language: [labels.get(iri, {}).get(language) or iri.replace("#", "/").rsplit("/", 1)[-1] for iri in silent]
            for language in ("ja", "en")
        }
        told.append(
            Text(
                f"{titles.ja}は、その種類からして次のものを挙げません：{'、'.join(names['ja'])}。挙げていなくても、欠けているのではありません。",
                f"{titles.en}, by their kind, never name: {', '.join(names['en'])}; that they do not is no gap.",
            )
        )
    return Text("".join(one.ja for one in told), " ".join(one.en for one in told))


def _not_encoded(scope: Scope) -> Text:
    part = [one for one in scope.documents if encoded(one) == "partial"]
    unsaid = [one for one in scope.documents if encoded(one) == "not-yet"]
    if not part and not unsaid:
        return Text("これらの文書に、未記述の部分はありません。", "No part of these documents is left to encode.")
    told = []
    if part:
        titles = _titles(part)
        told.append(
            Text(
                f"{titles.ja}は一部のみ記述しており、残りはまだ記述されていません。",
                f"Encoded in part, the rest not encoded yet: {titles.en}.",
            )
        )
    if unsaid:
        titles = _titles(unsaid)
        told.append(Text(f"{titles.ja}はまだ記述されていません。", f"Not encoded yet: {titles.en}."))
    return Text("".join(one.ja for one in told), " ".join(one.en for one in told))


def _outside(scope: Scope) -> Text:
    last, asked = scope.last_year, scope.asked_year
    if asked:
        return Text(
            f"お尋ねの{asked}年については、{last}年より後の文書が収録の範囲外であるため、その後に決まったことは分かりません。",
            f"You ask about {asked}: documents after {last} are outside the corpus, so what was decided since is not known here.",
        )
    return Text(f"{last}年より後の文書は収録の範囲外です。", f"Documents after {last} are outside the corpus.")


_NOTHING: Final = Text("この質問が必要とする文書は、まだ記述されていません。", "No document that this question needs is encoded yet.")
