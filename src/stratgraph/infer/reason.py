"""The compiled engine: closure and rules to one fixpoint, then triples and proofs. Imports its neighbours only."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from rdflib import OWL, RDF, Graph
from rdflib.term import Node

from stratgraph.errors import InferenceError
from stratgraph.expression import shown
from stratgraph.infer.clause import ASSERTED, MASK, SHIFT, Fact, bind, bindings_of
from stratgraph.infer.closure import Closure
from stratgraph.infer.literals import DATATYPES
from stratgraph.infer.noise import LOGICAL, REFLEXIVE, UNIVERSAL
from stratgraph.infer.proof import Contradiction, prove, told
from stratgraph.infer.relation import Relation
from stratgraph.infer.rules import Rule
from stratgraph.infer.sparql import HornRules, Instance, Split, clauses_of, evaluate, ground, split, terms_of
from stratgraph.infer.table import ANNOTATION_PROPERTIES, words
from stratgraph.infer.terms import Terms, collect
from stratgraph.places import Place, Triple

_MOST_ROUNDS: Final = 20
_MOST_TOLD: Final = 10
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Telling:
    """What a contradiction is told with: where asserted triples stand, and the prefixes that shorten names."""

    places: Mapping[Triple, Place]
    prefixes: Mapping[str, str]


@dataclass(frozen=True)
class Closed:
    """A closure with its terms; gives justifications as triples."""

    closure: Closure
    terms: Terms

    def justification(self, triple: Triple) -> tuple[str | None, tuple[Triple, ...]] | None:
        """The rule and premises of a triple; (None, ()) where asserted; None where it does not hold."""
        if any(term not in self.terms.numbers for term in triple):
            return None
        fact = self.terms.encode(triple)
        if self.closure.code(fact) is None:
            return None
        rule, premises = self.closure.premises(fact)
        return rule, tuple(self.terms.decode(one) for one in premises)

    def inferred(self) -> frozenset[Triple]:
        """What is not asserted and tells something of our things (noise.is_noise, asked of whole relations)."""
        terms = self.terms
        silent = {terms.numbers[node] for node in (*UNIVERSAL, OWL.Nothing) if node in terms.numbers}
        logical = {number for number in terms.iris() if str(terms.nodes[number]).startswith(LOGICAL)}
        found: list[Triple] = []
        for (kind, name), relation in self.closure.facts():
            if name < terms.first_iri or (kind == "u" and name in silent) or (kind == "b" and name >= terms.first_literal):
                continue
            members = _members if kind == "u" else _pairs
            found.extend(members(relation, name, terms, logical | silent if kind == "b" else logical))
        return frozenset(found)

    def graph(self) -> Graph:
        """All facts, for rules that rdflib evaluates."""
        graph = Graph()
        for (kind, name), relation in self.closure.facts():
            for one in relation.why:
                fact = (one, self.closure.type, name) if kind == "u" else (one >> SHIFT, name, one & MASK)
                graph.add(self.terms.decode(fact))
        return graph

    def contradictions(self) -> tuple[Contradiction, ...]:
        """What cannot be, with proofs."""
        found = []
        for rule, premises in self.closure.contradictions():
            found.append(Contradiction(rule, tuple(prove(self.terms.decode(one), self) for one in premises)))
        return tuple(found)


def _members(relation: Relation, cls: int, terms: Terms, logical: set[int]) -> Iterator[Triple]:
    nodes, iris, rdf_type = terms.nodes, terms.iris(), RDF.type
    for subject, code in relation.why.items():
        if code != ASSERTED and subject in iris and subject not in logical:
            yield nodes[subject], rdf_type, nodes[cls]


def _pairs(relation: Relation, predicate: int, terms: Terms, silent: set[int]) -> Iterator[Triple]:
    nodes, iris = terms.nodes, terms.iris()
    node, reflexive = nodes[predicate], nodes[predicate] in REFLEXIVE
    universal = {terms.numbers[one] for one in (*UNIVERSAL, OWL.Nothing) if one in terms.numbers}
    for pair, code in relation.why.items():
        subject, value = pair >> SHIFT, pair & MASK
        if code == ASSERTED or subject not in iris or value < terms.first_iri or (reflexive and subject == value):
            continue
        if subject not in silent and value not in universal:
            yield nodes[subject], node, nodes[value]


def close(encoded: Iterable[Triple], rules: Sequence[Rule], progress: Progress, telling: Telling) -> Closed:
    """The closure of `encoded` under OWL 2 RL and `rules`.

    Rules that rdflib must evaluate, and those that ask what is absent, run on a finished closure; their uses then join a new run as
    clauses without variables, so that heights are right whatever ran last. Raises InferenceError.
    """
    # A set gives them in no order; that in which they lie in memory is read faster. What follows does not depend on it.
    triples = sorted(encoded, key=id)
    parts = split(rules)
    named = terms_of(parts)
    awake = set(UNIVERSAL) if parts.evaluated or parts.last_evaluated else set(UNIVERSAL & named)
    used: dict[Instance, None] = {}
    left = _MOST_ROUNDS
    while left:
        more = [one for use in used for triple in (*use.premises, use.conclusion) for one in triple]
        # Where a rule asks for any type at all, the types of the words of OWL count too.
        built_in = (*DATATYPES, *ANNOTATION_PROPERTIES) if awake == UNIVERSAL else ()
        terms, facts = collect(triples, (*more, *words().values(), *built_in, *named))
        closed = Closed(Closure(terms, frozenset(terms.numbers[node] for node in UNIVERSAL - awake)), terms)
        _run(closed, facts, parts, used, progress)
        if closed.closure.asked:
            awake |= {node for node in UNIVERSAL if terms.numbers[node] in closed.closure.asked}
            continue
        _refuse(closed.contradictions(), triples, telling)
        found = _uses(closed, parts, used)
        if not found:
            return closed
        used.update(dict.fromkeys(found))
        left -= 1
    raise InferenceError(f"The rules reached no fixpoint in {_MOST_ROUNDS} rounds; does one create new nodes?")


@contextmanager
def without_collector() -> Iterator[None]:
    """Python's collector of cycles off for a while: none are made here, and it would look through millions of facts again and again.

    What was made meanwhile is set aside until the next time, else the first collection afterwards would look through all of it at once.
    """
    was_on = gc.isenabled()
    gc.disable()
    gc.unfreeze()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()
            gc.enable()


def _run(closed: Closed, facts: Iterable[Fact], parts: Split, used: Iterable[Instance], progress: Progress) -> None:
    numbers = closed.terms.numbers
    clauses = [one._replace(head=head) for horn in parts.horn for one, head in clauses_of(horn, numbers)]
    clauses += [ground(use, numbers) for use in used]
    closed.closure.run(facts, clauses, progress)


def _refuse(contradictions: Sequence[Contradiction], encoded: Iterable[Triple], telling: Telling) -> None:
    if not contradictions:
        return
    graph = Graph()
    for triple in encoded:
        graph.add(triple)

    def show(term: Node) -> str:
        return shown(term, graph, telling.prefixes)

    lines = [line for one in contradictions[:_MOST_TOLD] for line in told(one, show, telling.places)]
    if len(contradictions) > _MOST_TOLD:
        lines.append(f"and {len(contradictions) - _MOST_TOLD} more")
    raise InferenceError("The graph contradicts itself:\n" + "\n".join(f"  {line}" for line in lines), contradictions)


def _uses(closed: Closed, parts: Split, used: Mapping[Instance, None]) -> list[Instance]:
    """Uses of rules that the closure allows and has not seen: first of rules that rdflib evaluates, else of those that run last."""
    for horn, evaluated in (((), parts.evaluated), (parts.last_horn, parts.last_evaluated)):
        graph = closed.graph() if evaluated else Graph()
        found = [use for one in horn for use in _horn_uses(closed, one)]
        found += [use for rule in evaluated for use in evaluate(rule, graph)]
        new = [use for use in found if use not in used and not _is_asserted(closed, use.conclusion)]
        if new:
            return new
    return []


def _is_asserted(closed: Closed, triple: Triple) -> bool:
    return closed.justification(triple) == (None, ())


def _horn_uses(closed: Closed, horn: HornRules) -> Iterator[Instance]:
    terms = closed.terms
    for clause, head in clauses_of(horn, terms.numbers):
        for code in sorted(closed.closure.matches(clause)):
            bindings = bindings_of(clause, code, None)
            premises = tuple(dict.fromkeys(terms.decode(bind(pattern, bindings)) for pattern in clause.body))
            yield Instance(clause.name, premises, terms.decode(bind(head, bindings)))
