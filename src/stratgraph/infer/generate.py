"""Python functions that fire a clause, written from its shape and compiled once per shape. Imports clause only.

A shape is a clause with its constants and relations replaced by slots, so that a thousand subclass axioms share one
function. `fire(driver, relations, constants, target, base)` matches the body with its atom `start` taken from `driver` (what is
new, or all there is) and puts new heads into `target.fresh`, the least code for each; without a head it adds codes to `target`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple

from stratgraph.infer.clause import MASK, SHIFT, Clause, Pattern, variables

# An atom is ("u", term) for `term a C` and ("b", subject, object) for `subject p object`; a negative term is a variable,
# another the slot of a constant.
Atom = tuple[str, int] | tuple[str, int, int]
Key = tuple[str, int]
Fire = Callable[..., None]


class Shape(NamedTuple):
    """What clauses that share a function have in common. `absent` holds atoms and pairs that must differ."""

    body: tuple[Atom, ...]
    head: tuple[()] | Atom
    distinct: tuple[tuple[int, int], ...]
    absent: tuple[tuple[tuple[Atom, ...], tuple[tuple[int, int], ...]], ...]
    witnesses: tuple[int, ...]


class Plan(NamedTuple):
    """A clause in slots: its shape, the relation of each atom (body, then absent), the head's relation, the constants."""

    shape: Shape
    relations: tuple[Key, ...]
    head: Key | None
    constants: tuple[int, ...]


def relation_of(pattern: Pattern, rdf_type: int) -> Key:
    """The relation that holds a pattern's facts: a class's members, or a property's pairs."""
    _, predicate, value = pattern
    return ("u", value) if predicate == rdf_type and value >= 0 else ("b", predicate)


def plan(clause: Clause, rdf_type: int) -> Plan:
    """The clause in slots."""
    constants: list[int] = []

    def slot(term: int) -> int:
        if term < 0:
            return term
        constants.append(term)
        return len(constants) - 1

    def atom(pattern: Pattern) -> Atom:
        kind, _ = relation_of(pattern, rdf_type)
        return (kind, slot(pattern[0])) if kind == "u" else (kind, slot(pattern[0]), slot(pattern[2]))

    patterns = (*clause.body, *(pattern for absent in clause.absent for pattern in absent.body))
    absent = tuple(
        (tuple(atom(one) for one in block.body), tuple((slot(left), slot(right)) for left, right in block.distinct))
        for block in clause.absent
    )
    named = tuple(one for one in variables(clause.body) if one not in clause.head)
    body, head = tuple(atom(one) for one in clause.body), atom(clause.head) if clause.head else ()
    distinct = tuple((slot(left), slot(right)) for left, right in clause.distinct)
    relations = tuple(relation_of(one, rdf_type) for one in patterns)
    return Plan(
        Shape(body, head, distinct, absent, named), relations, relation_of(clause.head, rdf_type) if clause.head else None, tuple(constants)
    )


@cache
def firing(shape: Shape, start: int) -> Fire:
    """The function that matches `shape` from its atom `start`."""
    writer = _Writer(shape)
    writer.write(start)
    space: dict[str, Any] = {}
    # The source is our own, written from integers alone; see _Writer.
    exec(compile("\n".join(writer.lines), f"<clause {shape}>", "exec"), space)  # noqa: S102
    fire: Fire = space["fire"]
    return fire


_EMPTY: Final = "()"


class _Writer:
    """Writes the nested loops of one function. Variable -3 is `v3`, constant slot 2 is `k2`, atom 1's relation `r1`."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.lines: list[str] = []
        self.forward: set[int] = set()
        self.backward: set[int] = set()
        self.depth = 1
        self.bound: set[int] = set()

    def put(self, text: str) -> None:
        self.lines.append("    " * self.depth + text)

    def open(self, text: str) -> None:
        self.put(text)
        self.depth += 1

    def write(self, start: int) -> None:
        shape = self.shape
        self._match(dict(enumerate(shape.body)), start)
        self._differ(shape.distinct)
        offset = len(shape.body)
        inner, self.lines = self.lines, []
        innermost = self.depth
        calls = []
        for number, (atoms, distinct) in enumerate(shape.absent):
            calls.append(self._absent(number, dict(enumerate(atoms, offset)), distinct))
            offset += len(atoms)
        blocks, self.lines, self.depth = self.lines, inner, innermost
        for call in calls:
            self.open(f"if not {call}:")
        self._conclude()
        self.lines = [*self._opening(offset), *blocks, *self.lines]

    def _opening(self, atoms: int) -> list[str]:
        opening = ["def fire(driver, relations, constants, target, base):"]
        opening += [f"    r{one} = relations[{one}].why" for one in range(atoms)]
        opening += [f"    f{one} = relations[{one}].forward" for one in sorted(self.forward)]
        opening += [f"    b{one} = relations[{one}].backward" for one in sorted(self.backward)]
        slots = {term for term in self._terms() if term >= 0}
        opening += [f"    k{one} = constants[{one}]" for one in sorted(slots)]
        if self.shape.head:
            opening += ["    why, fresh = target.why, target.fresh"]
        return opening

    def _terms(self) -> list[int]:
        shape = self.shape
        atoms = [*shape.body, *([shape.head] if shape.head else []), *(atom for block, _ in shape.absent for atom in block)]
        pairs = [*shape.distinct, *(pair for _, block in shape.absent for pair in block)]
        return [term for atom in atoms for term in atom[1:] if isinstance(term, int)] + [term for pair in pairs for term in pair]

    def _match(self, atoms: dict[int, Atom], start: int | None) -> None:
        """Open loops and conditions for all atoms: `start` first, then always the one with the most terms known."""
        while atoms:
            position = start if start is not None else max(atoms, key=lambda one: (self._known(atoms[one]), -one))
            self._atom(position, atoms.pop(position), "driver" if start is not None else f"r{position}", start is not None)
            start = None

    def _known(self, atom: Atom) -> float:
        terms = [one for one in atom[1:] if isinstance(one, int)]
        return sum(one >= 0 or one in self.bound for one in terms) / len(terms)

    def _atom(self, position: int, atom: Atom, source: str, scan: bool) -> None:
        if len(atom) == 2:
            term = atom[1]
            word = "if" if self._is_known(term) else "for"
            self.open(f"{word} {_name(term)} in {source}:")
            self.bound.add(term)
            return
        _, subject, value = atom
        known = (self._is_known(subject), self._is_known(value))
        if known == (True, True):
            self.open(f"if {_name(subject)} << {SHIFT} | {_name(value)} in {source}:")
        elif scan or known == (False, False):
            self._scan(subject, value, known, source)
        elif known[0]:
            self.forward.add(position)
            self.open(f"for {_name(value)} in f{position}.get({_name(subject)}, {_EMPTY}):")
        else:
            self.backward.add(position)
            self.open(f"for {_name(subject)} in b{position}.get({_name(value)}, {_EMPTY}):")
        self.bound.update((subject, value))

    def _scan(self, subject: int, value: int, known: tuple[bool, bool], source: str) -> None:
        pair = f"p{self.depth}"
        self.open(f"for {pair} in {source}:")
        for term, is_known, part in ((subject, known[0], f"{pair} >> {SHIFT}"), (value, known[1], f"{pair} & {MASK}")):
            if is_known or term in self.bound:
                self.open(f"if {part} == {_name(term)}:")
            else:
                self.put(f"{_name(term)} = {part}")
                self.bound.add(term)

    def _is_known(self, term: int) -> bool:
        return term >= 0 or term in self.bound

    def _differ(self, pairs: tuple[tuple[int, int], ...]) -> None:
        for left, right in pairs:
            self.open(f"if {_name(left)} != {_name(right)}:")

    def _absent(self, number: int, atoms: dict[int, Atom], distinct: tuple[tuple[int, int], ...]) -> str:
        """Write a function that says whether the block matches; give the call of it."""
        outer = set(self.bound)
        arguments = ", ".join(_name(one) for one in sorted(outer) if one < 0)
        self.depth = 1
        self.open(f"def absent{number}({arguments}):")
        self._match(atoms, None)
        self._differ(distinct)
        self.put("return True")
        self.depth = 2
        self.put("return False")
        self.bound = outer
        return f"absent{number}({arguments})"

    def _conclude(self) -> None:
        shape = self.shape
        code = " | ".join(
            [f"base << {SHIFT * len(shape.witnesses)}"]
            + [f"{_name(one)} << {SHIFT * (len(shape.witnesses) - place)}" for place, one in enumerate(shape.witnesses, 1)]
        )
        if not shape.head:
            self.put(f"target.add({code})")
            return
        head = shape.head
        self.put(f"head = {_name(head[1])}" if len(head) == 2 else f"head = {_name(head[1])} << {SHIFT} | {_name(head[2])}")
        self.open("if head not in why:")
        self.put(f"code = {code}")
        self.put("old = fresh.get(head)")
        self.open("if old is None or code < old:")
        self.put("fresh[head] = code")


def _name(term: int) -> str:
    return f"v{-term}" if term < 0 else f"k{term}"
