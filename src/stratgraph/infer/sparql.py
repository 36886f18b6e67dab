"""Rules as clauses, and rules that are not Horn evaluated by rdflib. Imports rdflib and its neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from rdflib import Graph, Variable
from rdflib.plugins.sparql.evaluate import evalPart
from rdflib.plugins.sparql.evalutils import _fillTemplate
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import QueryContext
from rdflib.term import Node

from stratgraph.infer.clause import Absent, Clause, Pattern
from stratgraph.infer.rules import Group, NotHornError, Rule, expand, heads, horn_groups, is_open
from stratgraph.places import Triple


@dataclass(frozen=True)
class Instance:
    """One use of a rule: the triples that its condition matched, and what it concludes."""

    rule: str
    premises: tuple[Triple, ...]
    conclusion: Triple


@dataclass(frozen=True)
class HornRules:
    """A rule with the alternatives of its condition."""

    rule: Rule
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Split:
    """Rules by how they run: Horn in the fixpoint, evaluated by rdflib after it, or last since they ask what is absent."""

    horn: tuple[HornRules, ...]
    evaluated: tuple[Rule, ...]
    last_horn: tuple[HornRules, ...]
    last_evaluated: tuple[Rule, ...]


def split(rules: Sequence[Rule]) -> Split:
    """The rules by how they run."""
    horn: list[HornRules] = []
    other: list[Rule] = []
    for rule in rules:
        try:
            horn.append(HornRules(rule, horn_groups(rule)))
        except NotHornError:
            other.append(rule)
    return Split(
        tuple(one for one in horn if one.rule.is_monotone),
        tuple(one for one in other if one.is_monotone),
        tuple(one for one in horn if not one.rule.is_monotone),
        tuple(one for one in other if not one.is_monotone),
    )


def terms_of(parts: Split) -> set[Node]:
    """The terms that Horn rules name."""
    found: set[Node] = set()
    for horn in (*parts.horn, *parts.last_horn):
        for group in horn.groups:
            patterns = (*group.patterns, *(one for absent in group.absent for one in absent.patterns), *heads(horn.rule))
            pairs = (*group.distinct, *(pair for absent in group.absent for pair in absent.distinct))
            found.update(term for some in (*patterns, *pairs) for term in some if not is_open(term))
    return found


def clauses_of(horn: HornRules, numbers: Mapping[Node, int]) -> Iterator[tuple[Clause, Pattern]]:
    """The clauses of a Horn rule, each without head, and the head."""
    for group in horn.groups:
        names: dict[Node, int] = {}

        def number(term: Node, names: dict[Node, int] = names) -> int:
            return names.setdefault(term, -len(names) - 1) if is_open(term) else numbers[term]

        def pattern(triple: Triple, number=number) -> Pattern:  # type: ignore[no-untyped-def]
            return (number(triple[0]), number(triple[1]), number(triple[2]))

        body = tuple(pattern(one) for one in group.patterns)
        distinct = tuple((number(left), number(right)) for left, right in group.distinct)
        absent = tuple(
            Absent(tuple(pattern(one) for one in block.patterns), tuple((number(left), number(right)) for left, right in block.distinct))
            for block in group.absent
        )
        for head in heads(horn.rule):
            yield Clause(horn.rule.name, (), body, (), distinct, absent), pattern(head)


def ground(instance: Instance, numbers: Mapping[Node, int]) -> Clause:
    """One use of a rule as a clause without variables."""

    def fact(triple: Triple) -> Pattern:
        return (numbers[triple[0]], numbers[triple[1]], numbers[triple[2]])

    return Clause(instance.rule, (), tuple(fact(one) for one in instance.premises), fact(instance.conclusion))


def evaluate(rule: Rule, graph: Graph) -> Iterator[Instance]:
    """The uses of a rule in a graph, by rdflib. A path with repetition, and a pattern with open ends, leave no premise."""
    algebra = rule.query.algebra
    context = QueryContext(graph)
    context.prologue = rule.query.prologue
    for solution in list(evalPart(context, algebra.p)):
        known = dict(solution.items())
        premises = tuple(dict.fromkeys(triple for pattern in _positive(algebra.p) for triple in _matched(pattern, known, graph)))
        for conclusion in _fillTemplate(algebra.template, solution):
            yield Instance(rule.name, premises, (conclusion[0], conclusion[1], conclusion[2]))


def _positive(part: object) -> Iterator[Triple]:
    """The triple patterns of a condition that are not refused."""
    if not isinstance(part, CompValue):
        return
    if part.name == "BGP":
        yield from part.triples
    for name in ("p", "p1", *(() if part.name == "Minus" else ("p2",))):
        yield from _positive(part.get(name))


def _matched(pattern: Triple, known: Mapping[Variable, Node], graph: Graph) -> tuple[Triple, ...]:
    """The triples of the graph that a pattern matched, given what its variables stood for."""

    def bound(term: Node) -> Node:
        return known.get(term, term) if isinstance(term, Variable) else term

    try:
        choices = sorted(expand([(bound(pattern[0]), bound(pattern[1]), bound(pattern[2]))], count(1)), key=str)
    except NotHornError:
        return ()
    for patterns in choices:
        for found in _search(patterns, {}, graph):
            return found
    return ()


def _search(patterns: tuple[Triple, ...], known: dict[Node, Node], graph: Graph) -> Iterator[tuple[Triple, ...]]:
    if not patterns:
        yield ()
        return
    subject, predicate, value = (known.get(term, term) for term in patterns[0])
    asked = (None if is_open(subject) else subject, predicate, None if is_open(value) else value)
    for triple in sorted(graph.triples(asked)):
        found = {**known, **{name: term for name, term in zip(patterns[0], triple, strict=True) if is_open(name)}}
        for rest in _search(patterns[1:], found, graph):
            yield (triple, *rest)
