"""Review: what is said of each thing beside the places it rests on, and a record of verdicts that lapse when it changes.

Imports evidence, errors and vocab. A record is a CSV of lines that are only ever added, so that a stopped review loses nothing:

    thing,statement,verdict,date,note
    section/2099-cats/1,3f8a…,confirmed,2099-04-01,

`statement` is a hash over all that is said of the thing; a verdict counts while it is the last one and the hash is still right.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from rdflib import RDF, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.term import Node

from stratgraph.errors import InputError
from stratgraph.evidence import Span
from stratgraph.vocab import ID, OA, SG

COLUMNS: Final = ("thing", "statement", "verdict", "date", "note")
VERDICTS: Final = ("confirmed", "rejected")
_DIGITS: Final = 16


@dataclass(frozen=True)
class Place:
    """A span that a thing rests on, and the heading path of its anchor."""

    span: Span
    heading: str


@dataclass(frozen=True)
class Statement:
    """All that is said of a thing: `said` are (property, value) as a reader sees them, in order; `digest` its hash."""

    iri: str
    kinds: tuple[str, ...]
    said: tuple[tuple[str, str], ...]
    places: tuple[Place, ...]
    digest: str

    @property
    def path(self) -> str:
        """The IRI without the base, as records name it."""
        return self.iri.removeprefix(str(ID))


@dataclass(frozen=True)
class Verdict:
    """One line of a record; `date` is written 2099-04-01."""

    thing: str
    statement: str
    verdict: str
    date: str
    note: str = ""

    def line(self) -> str:
        """The line, with its line feed."""
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerow([self.thing, self.statement, self.verdict, self.date, self.note])
        return out.getvalue()


def read_record(text: str, shown: str) -> dict[str, Verdict]:
    """The last verdict on each thing. Raises InputError, with the line, where the record is not one."""
    rows = list(csv.reader(io.StringIO(text)))
    if rows and tuple(rows[0]) != COLUMNS:
        raise InputError(f"{shown}:1: a record of a review begins with {','.join(COLUMNS)}.")
    found: dict[str, Verdict] = {}
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(COLUMNS) or row[2] not in VERDICTS:
            raise InputError(f"{shown}:{number}: a line holds {','.join(COLUMNS)}, and a verdict is {' or '.join(VERDICTS)}.")
        found[row[0]] = Verdict(*row)
    return found


def statements(graph: Graph, key: str) -> tuple[Statement, ...]:
    """Everything that rests on the source text `key`, in the order of its first place there."""
    places = _places(graph, key)
    things: dict[Node, list[Place]] = {}
    for thing, anchor in graph.subject_objects(SG.evidence):
        if anchor in places:
            things.setdefault(thing, []).append(places[anchor])
    made = [_statement(graph, thing, found) for thing, found in things.items()]
    return tuple(sorted(made, key=lambda one: (one.places[0].span, one.iri)))


def _places(graph: Graph, key: str) -> dict[Node, Place]:
    source = ID[f"source-text/{key}"]
    found: dict[Node, Place] = {}
    for anchor in graph.subjects(OA.hasSource, source):
        selector = graph.value(anchor, OA.hasSelector)
        bounds = [graph.value(selector, predicate) for predicate in (OA.start, OA.end)] if selector is not None else []
        if len(bounds) == 2 and all(isinstance(one, Literal) for one in bounds):
            found[anchor] = Place(Span(int(str(bounds[0])), int(str(bounds[1]))), str(graph.value(anchor, SG.headingPath) or ""))
    return found


def _statement(graph: Graph, thing: Node, places: Iterable[Place]) -> Statement:
    triples = sorted((predicate.n3(), value.n3()) for predicate, value in graph.predicate_objects(thing))
    digest = hashlib.sha256("\n".join(" ".join(one) for one in triples).encode("utf-8")).hexdigest()[:_DIGITS]
    kinds = tuple(sorted(str(kind) for kind in graph.objects(thing, RDF.type)))
    said = sorted(
        (_name(predicate), _shown(graph, value))
        for predicate, value in graph.predicate_objects(thing)
        if predicate not in (SG.evidence, RDF.type)
    )
    return Statement(str(thing), kinds, tuple(said), tuple(sorted(places, key=lambda one: one.span)), digest)


def _name(predicate: Node) -> str:
    return str(predicate).rpartition("#")[2].rpartition("/")[2]


def _shown(graph: Graph, value: Node) -> str:
    if isinstance(value, Literal):
        return f"{value} ({value.language})" if value.language else str(value)
    label = next((one for one in graph.objects(value, SKOS.prefLabel) if isinstance(one, Literal) and one.language == "ja"), None)
    return str(value).removeprefix(str(ID)) if label is None else f"{str(value).removeprefix(str(ID))} {label}"


def of_kind(found: Iterable[Statement], graph: Graph, kind: URIRef) -> tuple[Statement, ...]:
    """Those about things of a class or one below it."""
    below = {str(one) for one in graph.transitive_subjects(RDFS.subClassOf, kind)}
    return tuple(one for one in found if below & set(one.kinds))


def state(statement: Statement, record: Mapping[str, Verdict]) -> str:
    """confirmed, rejected, changed (since its verdict) or open (none yet)."""
    verdict = record.get(statement.path)
    if verdict is None:
        return "open"
    return verdict.verdict if verdict.statement == statement.digest else "changed"


def shares(found: Iterable[Statement], record: Mapping[str, Verdict]) -> Counter[str]:
    """How many statements are confirmed, rejected, changed and open."""
    return Counter(state(one, record) for one in found)
