"""Where the documents say something: the anchors behind one thing, for its page. Imports the store through questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stratgraph.questions.bind import iri_term
from stratgraph.store.interface import Store
from stratgraph.store.results import select
from stratgraph.vocab import BASE

_ANCHORS = """
PREFIX sg: <{base}ontology#>
SELECT ?thing ?anchor WHERE {{
  {{ VALUES ?thing {{ {things} }} ?thing sg:evidence ?anchor }}
  UNION {{ VALUES ?thing {{ {things} }} ?thing a sg:TextAnchor BIND (?thing AS ?anchor) }}
}} ORDER BY ?thing ?anchor LIMIT {limit}
"""
# The block stands in every branch: the engine evaluates a branch by itself, and would go through all anchors for it.
_PLACES = """
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX sg: <{base}ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?anchor ?property ?value WHERE {{
  {{
    VALUES ?anchor {{ {anchors} }}
    ?anchor ?property ?value .
    FILTER (?property IN (
      sg:headingPath, sg:locator, sg:printedPage, sg:pageOrdinal, sg:slideNumber, sg:firstCharacters, sg:lastCharacters, sg:spanSha256
    ))
  }} UNION {{
    VALUES ?anchor {{ {anchors} }}
    ?anchor oa:hasSelector ?selector .
    ?selector ?property ?value .
    FILTER (?property IN (oa:start, oa:end))
  }} UNION {{
    VALUES ?anchor {{ {anchors} }}
    ?anchor oa:hasSource ?text . ?text sg:sourceTextOf ?value . BIND (sg:sourceTextOf AS ?property)
  }} UNION {{
    VALUES ?anchor {{ {anchors} }}
    ?anchor oa:hasSource ?text . ?text sg:sourceTextOf ?document . ?document skos:prefLabel ?value . BIND (skos:prefLabel AS ?property)
  }}
}} ORDER BY ?anchor ?property ?value
"""
_MOST_ANCHORS = 200


@dataclass
class Place:
    """One place: its anchor, the document with labels, and what an anchor tells (by local name; `locator` by language)."""

    anchor: str
    document: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    locator: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)


async def load_places(store: Store, iri: str, timeout: float) -> tuple[Place, ...]:
    """The places that support a thing, in document order, at most 200. Raises what Store.query raises."""
    return (await load_places_of(store, [iri], timeout, _MOST_ANCHORS)).get(iri, ())


async def load_places_of(store: Store, iris: Sequence[str], timeout: float, limit: int) -> dict[str, tuple[Place, ...]]:
    """The places that support each of several things; at most `limit` in all are read. Raises what Store.query raises."""
    terms = " ".join(iri_term(iri).sparql for iri in iris)
    _, rows = await select(store, _ANCHORS.format(base=BASE, things=terms, limit=limit), timeout=timeout)
    found = [row for row in rows if row["anchor"].kind == "iri"]
    places = {row["anchor"].value: Place(row["anchor"].value) for row in found}
    if not places:
        return {}
    anchors = " ".join(iri_term(anchor).sparql for anchor in places)
    _, rows = await select(store, _PLACES.format(base=BASE, anchors=anchors), timeout=timeout)
    for row in rows:
        _add(places[row["anchor"].value], row["property"].value, row["value"].value, row["value"].language)
    by_thing: dict[str, list[Place]] = {}
    for row in found:
        by_thing.setdefault(row["thing"].value, []).append(places[row["anchor"].value])
    return {iri: tuple(sorted(told, key=lambda one: (one.document, _start(one.values)))) for iri, told in by_thing.items()}


def _add(place: Place, property_iri: str, value: str, language: str | None) -> None:
    name = property_iri.replace("#", "/").rsplit("/", 1)[-1]
    if name == "sourceTextOf":
        place.document = value
    elif name == "prefLabel":
        place.labels[language or ""] = value
    elif name == "locator":
        place.locator[language or ""] = value
    else:
        place.values[name] = value


def _start(values: Mapping[str, str]) -> int:
    text = values.get("start", "")
    return int(text) if text.isdigit() else 0
