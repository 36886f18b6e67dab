"""Rules as Horn clauses over integers, and how a fact remembers the clause that gave it. Imports nothing.

Terms are integers from 0 (terms.py); variables are negative. A fact's *code* is one integer: 0 where it was asserted, 1 where
it is the type of a literal, else the clause's number followed by the values of those variables of its body that its head
does not name ("witnesses"), `SHIFT` bits each. Head and code together give the premises back, so a proof costs one
integer per fact; and comparing codes orders the ways to derive a fact, the same way in every run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

SHIFT: Final = 30
MASK: Final = (1 << SHIFT) - 1
ASSERTED: Final = 0
LITERAL_TYPE: Final = 1
FIRST_NUMBER: Final = 2

Fact = tuple[int, int, int]
Pattern = tuple[int, int, int]
Pair = tuple[int, int]


class Absent(NamedTuple):
    """What must not be there: no way to match all patterns with each pair of terms distinct."""

    body: tuple[Pattern, ...]
    distinct: tuple[Pair, ...]


class Clause(NamedTuple):
    """`axioms` hold and `body` matches, hence `head`; a clause without head is a contradiction.

    `axioms` are the ontology's facts that this clause is specialised to: premises that are the same for each use of it.
    `distinct` are pairs of terms that must differ. `absent` is allowed in rules that run when all others are done.
    """

    name: str
    axioms: tuple[Fact, ...]
    body: tuple[Pattern, ...]
    head: tuple[()] | Pattern
    distinct: tuple[Pair, ...] = ()
    absent: tuple[Absent, ...] = ()


def variables(patterns: tuple[Pattern, ...]) -> Iterator[int]:
    """The variables of patterns in order of first appearance."""
    seen: set[int] = set()
    for pattern in patterns:
        for term in pattern:
            if term < 0 and term not in seen:
                seen.add(term)
                yield term


def witnesses(clause: Clause) -> tuple[int, ...]:
    """The variables of the body that the head does not name."""
    return tuple(one for one in variables(clause.body) if one not in clause.head)


def bind(pattern: Pattern, bindings: Mapping[int, int]) -> Fact:
    """The pattern with its variables replaced."""
    subject, predicate, value = pattern
    return (bindings.get(subject, subject), bindings.get(predicate, predicate), bindings.get(value, value))


def number_of(code: int) -> int:
    """The number of the clause in a code."""
    return code >> (SHIFT * ((code.bit_length() - 1) // SHIFT))


def bindings_of(clause: Clause, code: int, fact: Fact | None) -> dict[int, int]:
    """What the variables stood for when `clause` gave `fact` (None where it has no head) by `code`."""
    bindings: dict[int, int] = {}
    if fact is not None and clause.head:
        bindings.update((one, term) for one, term in zip(clause.head, fact, strict=True) if one < 0)
    for one in reversed(witnesses(clause)):
        bindings[one] = code & MASK
        code >>= SHIFT
    return bindings


def premises(clause: Clause, code: int, fact: Fact | None) -> tuple[Fact, ...]:
    """The facts from which `clause` gave `fact` by `code` (None for a contradiction): axioms first, then the body."""
    bindings = bindings_of(clause, code, fact)
    return (*clause.axioms, *(bind(pattern, bindings) for pattern in clause.body))
