"""What each row of an answer rests on: places in the documents, and the relations between its things. Imports the store and places.

A row's places are those of the things in it (not of documents, bodies and concepts alone: these are named in many places); its
relations are what the graph says between two of its things, or between one and what was asked about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Final
from urllib.parse import urlencode

from stratgraph.errors import QueryError
from stratgraph.questions import QuestionAnswer
from stratgraph.questions.bind import iri_term
from stratgraph.store.interface import Store
from stratgraph.store.results import Row, select
from stratgraph.vocab import BASE, ID
from stratgraph.web.places import Place, load_places_of
from stratgraph.web.resource_page import label_of

Labels = Mapping[str, Mapping[str, str]]
_MOST_THINGS: Final = 400
_MOST_PAIRS: Final = 1500
_MOST_PLACES: Final = 1000
_EACH: Final = 3
_NAMED_EVERYWHERE: Final = tuple(f"{ID}{kind}/" for kind in ("document", "body", "law", "programme"))
_RELATIONS: Final = """
SELECT DISTINCT ?s ?p ?o WHERE {{
  VALUES (?s ?o) {{ {pairs} }}
  ?s ?p ?o .
  FILTER (STRSTARTS(STR(?p), "{base}ontology#"))
}} ORDER BY ?s ?o ?p
"""


@dataclass(frozen=True)
class Grounds:
    """A row's places (with how many there are beyond those shown), and its relations as triples of IRIs."""

    places: tuple[Place, ...] = ()
    more: int = 0
    relations: tuple[tuple[str, str, str], ...] = ()

    def report(self, answer: str, labels: Labels, language: str) -> str:
        """The query string of a report about this row: the answer's address, the row's relations in words, the anchors of its places."""
        told = ["→".join(label_of(iri, labels, language) for iri in triple) for triple in self.relations]
        anchors = [("anchor", place.anchor) for place in self.places]
        return urlencode([("iri", answer[:2000]), *anchors, ("statement", " / ".join(told)[:1500]), ("lang", language)])

    def __bool__(self) -> bool:
        return bool(self.places or self.relations)


async def load_grounds(store: Store, answer: QuestionAnswer, timeout: float) -> tuple[Grounds, ...]:
    """The grounds of each row shown. An engine that fails here costs the grounds, not the page."""
    asked = [term.value for terms in answer.parameters.values() for term in terms if term.sparql.startswith("<")]
    things = [_things(row) for row in answer.rows]
    wanted = list(dict.fromkeys(iri for found in things for iri in found))[:_MOST_THINGS]
    pairs = [tuple(_pairs(row, asked)) for row in answer.rows]
    try:
        places = await load_places_of(store, wanted, timeout, _MOST_PLACES) if wanted else {}
        relations = await _load_relations(store, list(dict.fromkeys(pair for found in pairs for pair in found)), timeout)
    except QueryError:
        return tuple(Grounds() for _ in answer.rows)
    return tuple(_grounds(found, of, places, relations) for found, of in zip(things, pairs, strict=True))


def _grounds(
    things: Sequence[str],
    pairs: Sequence[tuple[str, str]],
    places: Mapping[str, Sequence[Place]],
    relations: Mapping[tuple[str, str], Sequence[str]],
) -> Grounds:
    found = list({place.anchor: place for iri in things for place in places.get(iri, ())}.values())
    told: dict[frozenset[str], tuple[tuple[str, str, str], ...]] = {}
    for s, o in pairs:
        # A relation and its inverse say the same: the direction of the columns is told.
        if relations.get((s, o)):
            told.setdefault(frozenset((s, o)), tuple((s, p, o) for p in relations[s, o]))
    triples = [triple for group in told.values() for triple in group]
    return Grounds(tuple(found[:_EACH]), max(0, len(found) - _EACH), tuple(triples[:_EACH]))


def _things(row: Row) -> list[str]:
    """The things of a row whose places are worth telling: at most two."""
    iris = [cell.value for cell in row.values() if cell.kind == "iri" and cell.value.startswith(ID)]
    narrow = [iri for iri in iris if not iri.startswith(_NAMED_EVERYWHERE)]
    return list(dict.fromkeys(narrow or iris))[:2]


def _pairs(row: Row, asked: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs of a row's things, and of what was asked about with each."""
    iris = list(dict.fromkeys(cell.value for cell in row.values() if cell.kind == "iri" and cell.value.startswith(BASE)))[:4]
    yield from permutations([*asked[:2], *(iri for iri in iris if iri not in asked)], 2)


async def _load_relations(store: Store, pairs: Sequence[tuple[str, str]], timeout: float) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    if not pairs:
        return found
    terms = " ".join(f"({iri_term(s).sparql} {iri_term(o).sparql})" for s, o in pairs[:_MOST_PAIRS])
    _, rows = await select(store, _RELATIONS.format(pairs=terms, base=BASE), timeout=timeout)
    for row in rows:
        found.setdefault((row["s"].value, row["o"].value), []).append(row["p"].value)
    return found
