"""Clauses run round by round until nothing new follows. Imports its neighbours only.

A round fires each clause on what the last round found (semi-naive evaluation), and each new clause on everything; all facts of a
round are concluded from facts of earlier rounds. So the round in which a fact is found is the least height of its proofs, and the
least code found in that round is the canonical one among the proofs of that height.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from stratgraph.errors import InferenceError
from stratgraph.infer.clause import ASSERTED, FIRST_NUMBER, LITERAL_TYPE, MASK, SHIFT, Clause, Fact, number_of, premises
from stratgraph.infer.compile import Compiler
from stratgraph.infer.generate import Key, Shape, firing, plan, relation_of
from stratgraph.infer.literals import Values
from stratgraph.infer.relation import Relation
from stratgraph.infer.table import ANNOTATION_PROPERTIES, words
from stratgraph.infer.terms import Terms

_MOST_ROUNDS: Final = 10_000
Action = Callable[[dict[int, int]], None]
# What fills a function's slots: relations, constants, where conclusions go, the clause's number.
Slots = tuple[list[Relation], tuple[int, ...], Relation | set[int], int]


class Closure:
    """The closure of asserted facts under OWL 2 RL and further clauses.

    `idle` holds the classes of everything (to be a member is noise) whose members nobody has asked for so far; `asked` those of them
    that a clause reads, for which the closure must be run again without leaving them out.
    """

    def __init__(self, terms: Terms, idle: frozenset[int]) -> None:
        self.terms = terms
        self.word = {name: terms.numbers[iri] for name, iri in words().items()}
        self.type = self.word["type"]
        self.relations: dict[Key, Relation] = {}
        self.clauses: dict[int, Clause] = {}
        self.clashes: set[int] = set()
        self.idle, self.asked = idle, set[int]()
        self.values = Values(terms)
        self._started: set[Clause] = set()
        self._actions: dict[tuple[int, int], Action] = {}
        self._compiler = Compiler(self.word, self.values.equal_to(0), self.values.equal_to(1), self)

    def run(self, facts: Iterable[Fact], clauses: Iterable[Clause], progress: Callable[[str], None]) -> None:
        """Close the facts. Raises InferenceError where that does not end."""
        self._assert(facts)
        new = [*self._compiler.fixed(), *self._named_types(), *clauses]
        for number in range(1, _MOST_ROUNDS):
            self._start([*new, *self._compiler.more()])
            if not self._merge():
                progress(f"closure: {number} rounds, {len(self.clauses)} clauses")
                return
            new = []
        raise InferenceError(f"The closure did not end in {_MOST_ROUNDS} rounds.")

    def relation(self, key: Key) -> Relation:
        """The relation of that key, made where there is none. Pairs of rdf:type mirror all memberships once they are asked for."""
        found = self.relations.get(key)
        if found is None:
            found = self.relations[key] = Relation(key[0] == "u")
            if key == ("b", self.type):
                for (kind, cls), members in list(self.relations.items()):
                    if kind == "u":
                        found.why.update((one << SHIFT | cls, code) for one, code in members.why.items())
        return found

    def code(self, fact: Fact) -> int | None:
        """How the fact was found; None where it was not."""
        subject, _, value = fact
        key = ("u", value) if fact[1] == self.type else ("b", fact[1])
        relation = self.relations.get(key)
        if relation is None:
            return None
        return relation.why.get(subject if relation.unary else subject << SHIFT | value)

    def premises(self, fact: Fact) -> tuple[str | None, tuple[Fact, ...]]:
        """The rule that gave a known fact and its premises; (None, ()) where it was asserted."""
        code = self.code(fact)
        assert code is not None
        if code == ASSERTED:
            return None, ()
        if code == LITERAL_TYPE:
            return "dt-type2", ()
        clause = self.clauses[number_of(code)]
        return clause.name, premises(clause, code, fact)

    def contradictions(self) -> Iterator[tuple[str, tuple[Fact, ...]]]:
        """Each contradiction's rule and premises, in canonical order."""
        for code in sorted(self.clashes):
            clause = self.clauses[number_of(code)]
            yield clause.name, premises(clause, code, None)
        yield from self._clashes_of_literals()

    def matches(self, clause: Clause) -> set[int]:
        """The codes of all matches of a clause without head, now."""
        shape, keys, _, constants = plan(clause, self.type)
        relations = [self.relation(key) for key in keys]
        start = min(range(len(clause.body)), key=lambda one: len(relations[one].why))
        found: set[int] = set()
        firing(shape, start)(relations[start].why, relations, constants, found, FIRST_NUMBER)
        return found

    def facts(self) -> Iterator[tuple[Key, Relation]]:
        """The relations, mirrors aside."""
        return ((key, one) for key, one in self.relations.items() if key != ("b", self.type))

    def _assert(self, facts: Iterable[Fact]) -> None:
        rdf_type = self.type
        keys: dict[Key, list[int]] = {}
        for subject, predicate, value in facts:
            if predicate == rdf_type:
                keys.setdefault(("u", value), []).append(subject)
            else:
                keys.setdefault(("b", predicate), []).append(subject << SHIFT | value)
        # In order, what is near in one table is near in the others: in a large graph memory is what takes the time.
        for key, found in keys.items():
            found.sort()
            self.relation(key).fresh = dict.fromkeys(found, ASSERTED)
        self._merge()
        for datatype, members in self.values.of_datatypes():
            if datatype in self.idle:
                continue
            why = self.relation(("u", datatype)).why
            why.update((one, LITERAL_TYPE) for one in members if one not in why)

    def _named_types(self) -> Iterator[Clause]:
        """dt-type1 and prp-ap for what the facts name."""
        numbers, datatype, annotation = self.terms.numbers, self.word["Datatype"], self.word["AnnotationProperty"]
        yield from (Clause("dt-type1", (), (), (one, self.type, datatype)) for one, _ in self.values.of_datatypes())
        for iri in ANNOTATION_PROPERTIES:
            if iri in numbers:
                yield Clause("prp-ap", (), (), (numbers[iri], self.type, annotation))

    def _start(self, clauses: Iterable[Clause]) -> None:
        """Fire what has been read before on what is new, and each new clause on everything."""
        old = [(relation.delta, reader) for relation in self.relations.values() if relation.delta for reader in relation.readers]
        new = sorted({one for one in clauses if one not in self._started and not self._is_idle(one)})
        self._started.update(new)
        for clause in new:
            self._add(clause)
        for delta, reader in old:
            self._actions[reader](delta)

    def _is_idle(self, clause: Clause) -> bool:
        head = clause.head
        if not head:
            return False
        if head in clause.body or not self.terms.is_predicate(head[1]):
            return True
        return head[1] == self.type and head[2] in self.idle

    def _add(self, clause: Clause) -> None:
        number = FIRST_NUMBER + len(self.clauses)
        self.clauses[number] = clause
        if not clause.body:
            self._conclude(clause, number)
            return
        shape, keys, head, constants = plan(clause, self.type)
        self.asked.update(name for kind, name in keys if kind == "u" and name in self.idle)
        if ("b", self.type) in keys:
            self.asked.update(self.idle)
        relations = [self.relation(key) for key in keys]
        target = self.relation(head) if head else self.clashes
        for position, relation in enumerate(relations[: len(clause.body)]):
            self._actions[number, position] = self._action(shape, position, (relations, constants, target, number))
            relation.readers.append((number, position))
        smallest = min(range(len(clause.body)), key=lambda one: len(relations[one].why))
        if relations[smallest].why:
            self._actions[number, smallest](relations[smallest].why)

    def _action(self, shape: Shape, position: int, slots: Slots) -> Action:
        """The firing of a clause from one atom; its function is written when there is something to fire on."""
        relations, constants, target, number = slots

        def action(driver: dict[int, int]) -> None:
            firing(shape, position)(driver, relations, constants, target, number)

        return action

    def _conclude(self, clause: Clause, number: int) -> None:
        """The head of a clause without body."""
        if not clause.head:
            self.clashes.add(number)
            return
        subject, _, value = clause.head
        relation = self.relation(relation_of(clause.head, self.type))
        key = subject if relation.unary else subject << SHIFT | value
        if key not in relation.why:
            relation.fresh[key] = min(number, relation.fresh.get(key, number))

    def _merge(self) -> bool:
        self._mirror()
        merged = [relation.merge() for relation in list(self.relations.values())]
        return any(merged)

    def _mirror(self) -> None:
        """Let the pairs of rdf:type and the members of classes say the same."""
        pairs = self.relations.get(("b", self.type))
        if pairs is None:
            return
        for pair, code in pairs.fresh.items():
            if pair & MASK not in self.idle:
                members = self.relation(("u", pair & MASK))
                members.fresh[pair >> SHIFT] = min(code, members.fresh.get(pair >> SHIFT, code))
        for (kind, cls), members in self.relations.items():
            if kind == "u":
                pairs.fresh.update((one << SHIFT | cls, code) for one, code in members.fresh.items())

    def _clashes_of_literals(self) -> Iterator[tuple[str, tuple[Fact, ...]]]:
        for one in sorted(self.values.ill_typed()):
            yield "dt-not-type", tuple(self._naming(one))[:1]
        for datatype, _ in self.values.of_datatypes():
            for one, code in sorted(self.relation(("u", datatype)).why.items()):
                if code != LITERAL_TYPE and self.values.is_outside(one, datatype):
                    yield "dt-not-type", ((one, self.type, datatype),)
        for pair in sorted(self.relation(("b", self.word["sameAs"])).why):
            if self.values.differ(pair >> SHIFT, pair & MASK):
                yield "dt-diff", ((pair >> SHIFT, self.word["sameAs"], pair & MASK),)

    def _naming(self, literal: int) -> Iterator[Fact]:
        """The facts with that literal as object."""
        for (kind, name), relation in self.facts():
            if kind == "b":
                yield from ((subject, name, literal) for subject in sorted(relation.backward.get(literal, ())))
