"""Where the documents say something: the anchors behind one thing, for its page. Imports the store through questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stratgraph.questions.bind import iri_term
from stratgraph.store.interface import Store
from stratgraph.store.results import select
from stratgraph.vocab import BASE

_PLACES = """
PREFIX oa: <http://www.w3.org/ns/oa#>
PREFIX sg: <{base}ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?anchor ?property ?value WHERE {{
  VALUES ?thing {{ {thing} }}
  {{ ?thing sg:evidence ?anchor }} UNION {{ ?thing a sg:TextAnchor BIND (?thing AS ?anchor) }}
  {{
    VALUES ?property {{
      sg:headingPath sg:locator sg:printedPage sg:pageOrdinal sg:slideNumber sg:firstCharacters sg:lastCharacters sg:spanSha256
    }}
    ?anchor ?property ?value .
  }} UNION {{
    ?anchor oa:hasSelector ?selector .
    VALUES ?property {{ oa:start oa:end }}
    ?selector ?property ?value .
  }} UNION {{
    ?anchor oa:hasSource ?text . ?text sg:sourceTextOf ?value . BIND (sg:sourceTextOf AS ?property)
  }} UNION {{
    ?anchor oa:hasSource ?text . ?text sg:sourceTextOf ?document . ?document skos:prefLabel ?value . BIND (skos:prefLabel AS ?property)
  }}
}} ORDER BY ?anchor ?property ?value LIMIT 2000
"""


@dataclass
class Place:
    """One place: its anchor, the document with labels, and what an anchor tells (by local name; `locator` by language)."""

    anchor: str
    document: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    locator: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)


async def load_places(store: Store, iri: str, timeout: float) -> tuple[Place, ...]:
    """The places that support a thing, in document order. Raises what Store.query raises."""
    query = _PLACES.format(base=BASE, thing=iri_term(iri).sparql)
    _, rows = await select(store, query, timeout=timeout)
    places: dict[str, Place] = {}
    for row in rows:
        place = places.setdefault(row["anchor"].value, Place(row["anchor"].value))
        _add(place, row["property"].value, row["value"].value, row["value"].language)
    return tuple(sorted(places.values(), key=lambda one: (one.document, _start(one.values))))


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
