"""From what an ontology says to clauses specialised to it. Imports its neighbours only.

The compiler is asked again whenever the closure has found more of the ontology; it gives what it has not given before. So an
axiom that itself follows (from data, too) counts like an asserted one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, product
from typing import Final, Protocol

from stratgraph.infer.clause import Clause, Fact, Pattern, bind
from stratgraph.infer.generate import Key, relation_of
from stratgraph.infer.relation import Relation, facts_matching
from stratgraph.infer.table import Row, rows

_LISTED: Final = ("intersectionOf", "unionOf", "oneOf", "propertyChainAxiom", "hasKey", "members", "distinctMembers", "first", "rest")
_ALL: Final = ("AllDifferent", "AllDisjointClasses", "AllDisjointProperties")
# Of owl:Thing another rule says the same without asking for the type, which everything has.
_NOT_OF_THING: Final = frozenset({"cls-svf1", "cls-maxqc1", "cls-maxqc3"})
_X, _Y, _Z = -1, -2, -3


class Facts(Protocol):
    """What the compiler reads: the relations found so far."""

    relations: dict[Key, Relation]


class Compiler:
    """Clauses for the ontology that `facts` hold. `word` gives the number of a term by its name in the table."""

    def __init__(self, word: Mapping[str, int], zeros: Iterable[int], ones: Iterable[int], facts: Facts) -> None:
        self.word, self.facts = word, facts
        self.type = word["type"]
        values = {"=0": tuple(zeros), "=1": tuple(ones)}
        self.rows = [one for row in rows() for one in _instances(row, word, values)]
        self.known_relations = 0

    def fixed(self) -> list[Clause]:
        """The clauses that hold whatever the ontology says."""
        return [row for row in self.rows if not row.axioms]

    def more(self) -> Iterator[Clause]:
        """The clauses that what is new in the facts calls for (some may have been given before)."""
        for clause in self.rows:
            for start, axiom in enumerate(clause.axioms):
                relation = self._relation(axiom)
                if relation is not None and relation.delta:
                    yield from self._specialised(clause, start)
        if any(self._is_new(word) for word in _LISTED) or any(self._is_new_class(word) for word in _ALL):
            yield from self._over_lists()
        yield from self._replacements()

    def _relation(self, pattern: Pattern) -> Relation | None:
        return self.facts.relations.get(relation_of(pattern, self.type))

    def _is_new(self, word: str) -> bool:
        relation = self.facts.relations.get(("b", self.word[word]))
        return relation is not None and bool(relation.delta)

    def _is_new_class(self, word: str) -> bool:
        relation = self.facts.relations.get(("u", self.word[word]))
        return relation is not None and bool(relation.delta)

    def _specialised(self, clause: Clause, start: int) -> Iterator[Clause]:
        order = [clause.axioms[start], *clause.axioms[:start], *clause.axioms[start + 1 :]]
        for bindings in self._solutions(order, {}, new=True):
            if clause.name in _NOT_OF_THING and self.word["Thing"] in bindings.values():
                continue
            axioms = tuple(bind(axiom, bindings) for axiom in clause.axioms)
            body = tuple(bind(pattern, bindings) for pattern in clause.body)
            head = bind(clause.head, bindings) if clause.head else ()
            yield Clause(clause.name, axioms, body, head, clause.distinct)

    def _solutions(self, patterns: list[Pattern], bindings: dict[int, int], new: bool) -> Iterator[dict[int, int]]:
        if not patterns:
            yield bindings
            return
        pattern = bind(patterns[0], bindings)
        relation = self._relation(pattern)
        if relation is None:
            return
        for subject, value in facts_matching(relation, pattern, new):
            found = {term: known for term, known in ((pattern[0], subject), (pattern[2], value)) if term < 0}
            yield from self._solutions(patterns[1:], {**bindings, **found}, new=False)

    def _pairs(self, word: str) -> Iterator[tuple[int, int]]:
        relation = self.facts.relations.get(("b", self.word[word]))
        if relation is not None:
            yield from relation.pairs()

    def _lists(self, head: int, seen: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], tuple[Fact, ...]]]:
        """The members of the list at `head` and the facts that make it; several where a cell has several contents."""
        if head == self.word["nil"]:
            yield (), ()
            return
        firsts, rests = (self.facts.relations.get(("b", self.word[word])) for word in ("first", "rest"))
        if firsts is None or rests is None or head in seen:
            return
        first, rest = self.word["first"], self.word["rest"]
        for member, tail in product(firsts.objects(head), rests.objects(head)):
            for members, facts in self._lists(tail, (*seen, head)):
                yield (member, *members), ((head, first, member), (head, rest, tail), *facts)

    def _axioms(self, word: str) -> Iterator[tuple[int, tuple[int, ...], tuple[Fact, ...]]]:
        """Each `subject word list` as subject, members, and the facts that say so."""
        for subject, head in self._pairs(word):
            for members, facts in self._lists(head):
                yield subject, members, ((subject, self.word[word], head), *facts)

    def _over_lists(self) -> Iterator[Clause]:
        yield from self._class_lists()
        for prop, chain, axioms in self._axioms("propertyChainAxiom"):
            steps = tuple((-place, step, -place - 1) for place, step in enumerate(chain, 1))
            if chain:
                yield Clause("prp-spo2", axioms, steps, (-1, prop, -len(chain) - 1))
        for cls, keys, axioms in self._axioms("hasKey"):
            ends = [(_X, key, -place) for place, key in enumerate(keys, 3)], [(_Y, key, -place) for place, key in enumerate(keys, 3)]
            body = ((_X, self.type, cls), *ends[0], (_Y, self.type, cls), *ends[1])
            if keys:
                yield Clause("prp-key", axioms, body, (_X, self.word["sameAs"], _Y), ((_X, _Y),))
        for word, kind, name in (
            ("members", "AllDisjointClasses", "cax-adc"),
            ("members", "AllDisjointProperties", "prp-adp"),
            ("members", "AllDifferent", "eq-diff2"),
            ("distinctMembers", "AllDifferent", "eq-diff3"),
        ):
            yield from self._all_different(word, kind, name)

    def _class_lists(self) -> Iterator[Clause]:
        rdf_type, sub = self.type, self.word["subClassOf"]
        for cls, members, axioms in self._axioms("intersectionOf"):
            if members:
                yield Clause("cls-int1", axioms, tuple((_X, rdf_type, one) for one in members), (_X, rdf_type, cls))
            for one in members:
                yield Clause("cls-int2", axioms, ((_X, rdf_type, cls),), (_X, rdf_type, one))
                yield Clause("scm-int", axioms, (), (cls, sub, one))
        for cls, members, axioms in self._axioms("unionOf"):
            for one in members:
                yield Clause("cls-uni", axioms, ((_X, rdf_type, one),), (_X, rdf_type, cls))
                yield Clause("scm-uni", axioms, (), (one, sub, cls))
        for cls, members, axioms in self._axioms("oneOf"):
            for one in members:
                yield Clause("cls-oo", axioms, (), (one, rdf_type, cls))

    def _all_different(self, word: str, kind: str, name: str) -> Iterator[Clause]:
        declared = self.facts.relations.get(("u", self.word[kind]))
        for node, members, listed in self._axioms(word):
            if declared is None or node not in declared.why:
                continue
            axioms = ((node, self.type, self.word[kind]), *listed)
            for one, other in combinations(members, 2):
                if name == "cax-adc":
                    yield Clause(name, axioms, ((_X, self.type, one), (_X, self.type, other)), ())
                elif name == "prp-adp":
                    yield Clause(name, axioms, ((_X, one, _Y), (_X, other, _Y)), ())
                else:
                    yield Clause(name, axioms, ((one, self.word["sameAs"], other),) if one != other else (), ())

    def _replacements(self) -> Iterator[Clause]:
        """eq-rep-s, eq-rep-p and eq-rep-o for each relation, once anything is the same as another."""
        same = self.word["sameAs"]
        relation = self.facts.relations.get(("b", same))
        if relation is None or not relation.why or (not relation.delta and len(self.facts.relations) == self.known_relations):
            return
        self.known_relations = len(self.facts.relations)
        for kind, name in list(self.facts.relations):
            others = relation.objects(name)
            if kind == "u":
                yield Clause("eq-rep-s", (), ((_X, same, _Y), (_X, self.type, name)), (_Y, self.type, name))
                for other in others:
                    yield Clause("eq-rep-o", ((name, same, other),), ((_X, self.type, name),), (_X, self.type, other))
            elif name != self.type:
                distinct = ((_Y, _Z),) if name == same else ()
                yield Clause("eq-rep-s", (), ((_X, same, _Y), (_X, name, _Z)), (_Y, name, _Z), distinct)
                yield Clause("eq-rep-o", (), ((_X, same, _Y), (_Z, name, _X)), (_Z, name, _Y), distinct)
            if kind == "b":
                for other in others:
                    yield Clause("eq-rep-p", ((name, same, other),), ((_X, name, _Y),), (_X, other, _Y))


def _instances(row: Row, word: Mapping[str, int], values: Mapping[str, tuple[int, ...]]) -> Iterator[Clause]:
    """The row in numbers; once for each literal that a number in it stands for."""
    tokens = [one for pattern in (*row.axioms, *row.body) for one in pattern]
    names = list(dict.fromkeys(one for one in tokens if one[0] == "?"))
    wanted = sorted({one for one in tokens if one[0] == "="})
    for chosen in product(*(values[one] for one in wanted)):
        numbers = {**{name: -place for place, name in enumerate(names, 1)}, **dict(zip(wanted, chosen, strict=True))}

        def triple(pattern: tuple[str, ...], numbers: Mapping[str, int] = numbers) -> Pattern:
            subject, predicate, value = (numbers[one] if one in numbers else word[one] for one in pattern)
            return (subject, predicate, value)

        distinct = tuple((numbers[left], numbers[right]) for left, right in row.distinct)
        axioms, body = tuple(triple(one) for one in row.axioms), tuple(triple(one) for one in row.body)
        yield Clause(row.name, axioms, body, triple(row.head) if row.head else (), distinct)
