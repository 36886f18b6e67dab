"""Which document a thing is from, in words: so that measures or sections of the same name are told apart. Imports the store.

Told of what a document states or contains (`sg:statedIn`, `sg:isPartOf`), not of bodies and laws, which many name. Where these
lead to several documents, the one in the corpus is meant; where several are, or none has a name, nothing is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from stratgraph.store.interface import Store
from stratgraph.store.results import Row, select
from stratgraph.vocab import BASE

Origins = Mapping[str, Mapping[str, str]]
_PLACES: Final = f"""
PREFIX sg: <{BASE}ontology#>
SELECT DISTINCT ?iri ?document WHERE {{
  ?document a sg:PolicyDocument .
  {{ ?iri sg:isPartOf|sg:statedIn ?document }} UNION {{ ?part sg:isPartOf ?document . ?iri sg:statedIn ?part }}
}} ORDER BY ?iri ?document
"""
_DOCUMENTS: Final = f"""
PREFIX sg: <{BASE}ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?document ?label ?year ?held WHERE {{
  ?document a sg:PolicyDocument ; skos:prefLabel ?label .
  OPTIONAL {{ ?document sg:editionYear ?year }}
  OPTIONAL {{ ?document sg:inCorpus ?held }}
}} ORDER BY ?document ?label ?year ?held
"""


async def load_origins(store: Store) -> Origins:
    """For each thing that one document states or contains, that document's title and year by language. Raises what Store.query raises."""
    titles: dict[str, dict[str, str]] = {}
    held: set[str] = set()
    for row in (await select(store, _DOCUMENTS, "full"))[1]:
        document, label = row["document"].value, row["label"]
        titles.setdefault(document, {})[label.language or ""] = _title(row)
        if row.get("held") and row["held"].value in ("true", "1"):
            held.add(document)
    places: dict[str, list[str]] = {}
    for row in (await select(store, _PLACES, "full"))[1]:
        places.setdefault(row["iri"].value, []).append(row["document"].value)
    meant = {iri: _meant(documents, held) for iri, documents in places.items()}
    return {iri: titles[document] for iri, document in meant.items() if document in titles}


def _meant(documents: Sequence[str], held: set[str]) -> str:
    found = [one for one in documents if one in held] or documents
    return found[0] if len(found) == 1 else ""


def _title(row: Row) -> str:
    label, year = row["label"].value, row["year"].value if row.get("year") else ""
    if not year or year in label:
        return label
    return f"{label}、{year}年" if row["label"].language == "ja" else f"{label}, {year}"
