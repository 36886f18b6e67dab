"""The queries that `run.py` asks: six over the graph of a generator, and six of the same kinds over a build of this repository."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_LABEL = re.compile(r'^<[^>]*> <[^>]*(?:#label|#prefLabel)> "([^"\\]*)"@ja \.$')
_WORDS = 4000


@dataclass(frozen=True)
class Suite:
    """Queries by name, with {n} for a fresh number (below `most`), {iri} for one of the graph's things and {word} for a Japanese text.

    `instead`: the same question by our text property, which others do not have. `kind`: the class of the things.
    """

    prefixes: str
    queries: Mapping[str, str]
    instead: Mapping[str, str]
    kind: str
    most: Mapping[str, int] = field(default_factory=dict)

    def text(self, name: str, ours: bool) -> str:
        """A query's template, as one server is asked it."""
        return self.prefixes + (self.instead.get(name, self.queries[name]) if ours else self.queries[name])


GENERATED = Suite(
    prefixes="PREFIX sg:<http://example.org/sg#> PREFIX id:<http://example.org/id/> PREFIX rdfs:<http://www.w3.org/2000/01/rdf-schema#> "
    "PREFIX sgf:<https://w3id.org/stratgraph/function#> ",
    queries={
        "q1 one subject": "SELECT ?p ?o { id:measure-{n} ?p ?o }",
        "q2 two hops, filter, order": "SELECT ?m ?l ?t ?b { ?m sg:mitigates ?th . ?th a sg:CyberThreat ; rdfs:label ?t . "
        '?m rdfs:label ?l ; sg:budget ?b . FILTER(lang(?l)="en" && lang(?t)="en" && ?b > 4{n}) } ORDER BY DESC(?b) ?m LIMIT 50',
        "q3 group over all": "SELECT ?min (COUNT(?m) AS ?n) (SUM(?b) AS ?total) { ?m sg:ledBy ?min ; sg:budget ?b . ?min a sg:Ministry "
        "FILTER(?b > {n}) } GROUP BY ?min ORDER BY DESC(?total) ?min",
        "q4 property path": "SELECT ?x { ?x (sg:directPartOf|sg:passageOf)+ id:doc-{n} }",
        "q5 Japanese text": 'SELECT ?s ?l { ?s rdfs:label ?l FILTER(lang(?l)="ja" && CONTAINS(?l,"{word}")) } LIMIT 100',
        "q6 CONSTRUCT one entity": "CONSTRUCT { id:measure-{n} ?p ?o . ?s ?q id:measure-{n} } WHERE "
        "{ { id:measure-{n} ?p ?o } UNION { ?s ?q id:measure-{n} } }",
    },
    instead={
        "q5 Japanese text": 'SELECT ?s ?l { ?s sgf:matches "{word}"@ja ; rdfs:label ?l '
        'FILTER(lang(?l)="ja" && CONTAINS(?l,"{word}")) } LIMIT 100'
    },
    kind="http://example.org/sg#Measure",
    most={"q4 property path": 30, "q2 two hops, filter, order": 1000},
)
OWN = Suite(
    prefixes="PREFIX sg:<https://w3id.org/stratgraph/ontology#> PREFIX skos:<http://www.w3.org/2004/02/skos/core#> "
    "PREFIX sgf:<https://w3id.org/stratgraph/function#> ",
    queries={
        "q1 one subject": "SELECT ?p ?o { <{iri}> ?p ?o }",
        "q2 two hops, filter, order": "SELECT ?m ?l ?t { ?m sg:servesObjective ?goal ; skos:prefLabel ?l . ?goal skos:prefLabel ?t "
        'FILTER(lang(?l)="en" && lang(?t)="en" && ?m != <{iri}>) } ORDER BY ?l ?m ?t LIMIT 50',
        "q3 group over all": "SELECT ?body (COUNT(?m) AS ?n) { ?m a sg:Measure ; sg:involvesOrganization ?body FILTER(?m != <{iri}>) } "
        "GROUP BY ?body ORDER BY DESC(?n) ?body",
        "q4 property path": "SELECT ?x { <{iri}> sg:isPartOf+ ?x }",
        "q5 Japanese text": 'SELECT ?s ?l { ?s skos:prefLabel ?l FILTER(lang(?l)="ja" && CONTAINS(?l,"{word}")) } LIMIT 100',
        "q6 CONSTRUCT one entity": "CONSTRUCT { <{iri}> ?p ?o . ?s ?q <{iri}> } WHERE { { <{iri}> ?p ?o } UNION { ?s ?q <{iri}> } }",
    },
    instead={
        "q5 Japanese text": 'SELECT ?s ?l { ?s sgf:matches "{word}"@ja ; skos:prefLabel ?l '
        'FILTER(lang(?l)="ja" && CONTAINS(?l,"{word}")) } LIMIT 100'
    },
    kind="https://w3id.org/stratgraph/ontology#Measure",
)


@dataclass(frozen=True)
class Constants:
    """What stands in for {iri} and {word}: things of the suite's kind, and pieces of the graph's Japanese labels."""

    iris: tuple[str, ...]
    words: tuple[str, ...]


def read_constants(graph: Path, suite: Suite) -> Constants:
    """The constants that an N-Triples file gives; always the same for the same file."""
    chance = random.Random(1)
    iris: set[str] = set()
    words: set[str] = set()
    is_kind = f" <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{suite.kind}> ."
    with graph.open(encoding="utf-8") as lines:
        for line in lines:
            if line.rstrip().endswith(is_kind):
                iris.add(line[1 : line.index(">")])
            elif len(words) < _WORDS and (label := _LABEL.match(line)) and len(label[1]) > 4:
                start = chance.randrange(len(label[1]) - 3)
                words.add(label[1][start : start + chance.randint(3, 6)].strip())
    return Constants(tuple(sorted(iris)), tuple(sorted(word for word in words if re.fullmatch(r"[぀-ヿ一-鿿]{3,}", word))))
