"""SPARQL CONSTRUCT rules: reading them, and what of them is Horn. Imports rdflib and errors.

A rule is Horn where its condition is made of triple patterns with known properties, paths without repetition, UNION, FILTER
(?x != ?y) and, for rules that are not monotone, FILTER NOT EXISTS of the same. Such a rule runs as clauses; any other is evaluated by
rdflib (sparql.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, product
from pathlib import Path
from typing import Final

from rdflib import BNode, URIRef, Variable
from rdflib.paths import AlternativePath, InvPath, SequencePath
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import Query
from rdflib.term import Node

from stratgraph.errors import SourceError
from stratgraph.places import Triple

Pairs = tuple[tuple[Node, Node], ...]
# Parts of a query under which more facts can mean fewer solutions.
_NOT_MONOTONE: Final = frozenset({"Builtin_NOTEXISTS", "Minus", "LeftJoin", "AggregateJoin", "Group", "Slice", "ToMultiSet"})


@dataclass(frozen=True)
class Rule:
    """A SPARQL CONSTRUCT rule; `name` is its file's stem, `query` the parsed text."""

    name: str
    query: Query

    @property
    def is_monotone(self) -> bool:
        """True where more facts never mean fewer conclusions; other rules run when everything else is concluded."""
        return not _NOT_MONOTONE.intersection(_parts(self.query.algebra.p))


@dataclass(frozen=True)
class Group:
    """Triple patterns that must all match, pairs of terms that must differ, and groups that must not match."""

    patterns: tuple[Triple, ...]
    distinct: Pairs = ()
    absent: tuple[Group, ...] = ()


def load_rules(folder: Path) -> tuple[Rule, ...]:
    """The rules of a folder (`*.rq`), by name. Raises SourceError for a file that is not a CONSTRUCT query."""
    rules = []
    for path in sorted(folder.glob("*.rq")):
        try:
            query = prepareQuery(path.read_text(encoding="utf-8"))
        except Exception as error:  # rdflib raises pyparsing's and its own errors alike
            raise SourceError(f"not a SPARQL query: {error}", str(path)) from error
        if query.algebra.name != "ConstructQuery":
            raise SourceError("a rule must be a CONSTRUCT query", str(path))
        rules.append(Rule(path.stem, query))
    return tuple(rules)


class NotHornError(Exception):
    """A rule's condition has a part that is not Horn."""


def horn_groups(rule: Rule) -> tuple[Group, ...]:
    """The alternatives of a rule's condition. Raises NotHornError where the rule is not Horn."""
    groups = tuple(_groups(rule.query.algebra.p, count(1)))
    template = heads(rule)
    for group in groups:
        named = {term for pattern in group.patterns for term in pattern if is_open(term)}
        blank = any(isinstance(term, BNode) for head in template for term in head)
        if blank or any(term not in named for head in template for term in head if isinstance(term, Variable)):
            raise NotHornError("a conclusion with a term that the condition does not bind")
        pairs = [*group.distinct, *(pair for absent in group.absent for pair in absent.distinct)]
        inner = {term for absent in group.absent for pattern in absent.patterns for term in pattern if is_open(term)}
        if any(isinstance(term, Variable) and term not in named | inner for pair in pairs for term in pair):
            raise NotHornError("a filter on a variable that nothing binds")
    if any(not isinstance(head[1], URIRef) for head in template):
        raise NotHornError("a conclusion whose property is open")
    return groups


def heads(rule: Rule) -> tuple[Triple, ...]:
    """The triple patterns that the rule concludes."""
    return tuple((head[0], head[1], head[2]) for head in rule.query.algebra.template)


def is_open(term: Node) -> bool:
    """True for what a pattern leaves open: a variable, or a blank node, which is one without a name."""
    return isinstance(term, Variable | BNode)


def _parts(value: object) -> Iterator[str]:
    """The names of all parts of an algebra expression."""
    if isinstance(value, CompValue):
        yield value.name
        for part in value.values():
            yield from _parts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _parts(part)


def _groups(part: CompValue, fresh: Iterator[int]) -> list[Group]:
    if part.name == "Project":
        return _groups(part.p, fresh)
    if part.name == "BGP":
        return [Group(patterns) for patterns in expand(part.triples, fresh)]
    if part.name == "Join":
        return [_joined(left, right) for left, right in product(_groups(part.p1, fresh), _groups(part.p2, fresh))]
    if part.name == "Union":
        return [*_groups(part.p1, fresh), *_groups(part.p2, fresh)]
    if part.name == "Filter":
        distinct, absent = _conditions(part.expr, fresh)
        return [_joined(group, Group((), distinct, absent)) for group in _groups(part.p, fresh)]
    raise NotHornError(part.name)


def _joined(left: Group, right: Group) -> Group:
    return Group((*left.patterns, *right.patterns), (*left.distinct, *right.distinct), (*left.absent, *right.absent))


def _conditions(expression: object, fresh: Iterator[int]) -> tuple[Pairs, tuple[Group, ...]]:
    """Pairs that must differ and groups that must not match."""
    name = expression.name if isinstance(expression, CompValue) else ""
    if name == "ConditionalAndExpression":
        parts = [_conditions(one, fresh) for one in (expression.expr, *expression.other)]  # type: ignore[attr-defined]
        return tuple(pair for pairs, _ in parts for pair in pairs), tuple(group for _, groups in parts for group in groups)
    if name == "RelationalExpression" and expression.op == "!=":  # type: ignore[attr-defined]
        pair = (expression.expr, expression.other)  # type: ignore[attr-defined]
        if all(isinstance(term, Variable | URIRef) for term in pair):
            return (pair,), ()
    if name == "Builtin_NOTEXISTS":
        return (), tuple(_refused(expression.graph, fresh))  # type: ignore[attr-defined]
    raise NotHornError(name or str(expression))


def _refused(graph: CompValue, fresh: Iterator[int]) -> Iterator[Group]:
    """The groups of a NOT EXISTS. None of its alternatives may match."""
    for group in _groups(graph, fresh):
        if group.absent:
            raise NotHornError("NOT EXISTS within NOT EXISTS")
        if not group.patterns:
            raise NotHornError("NOT EXISTS without a triple pattern")
        yield group


def expand(triples: Sequence[Triple], fresh: Iterator[int]) -> Iterator[tuple[Triple, ...]]:
    """The patterns with their paths written out; one tuple per choice among alternatives."""
    for choice in product(*(list(_expanded(*triple, fresh)) for triple in triples)):
        yield tuple(pattern for patterns in choice for pattern in patterns)


def _expanded(subject: Node, path: object, value: Node, fresh: Iterator[int]) -> Iterator[tuple[Triple, ...]]:
    if isinstance(path, URIRef):
        yield ((subject, path, value),)
    elif isinstance(path, InvPath):
        yield from _expanded(value, path.arg, subject, fresh)
    elif isinstance(path, AlternativePath):
        for one in path.args:
            yield from _expanded(subject, one, value, fresh)
    elif isinstance(path, SequencePath):
        ends = [subject, *(Variable(f"_{next(fresh)}") for _ in path.args[1:]), value]
        steps = [list(_expanded(ends[place], one, ends[place + 1], fresh)) for place, one in enumerate(path.args)]
        for choice in product(*steps):
            yield tuple(pattern for patterns in choice for pattern in patterns)
    else:
        raise NotHornError(f"the path {path}")
