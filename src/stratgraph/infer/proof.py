"""What a closure gives: inferred triples, the proof of each, and contradictions. Imports errors, expressions and places only.

An `explain` module can be built on these values alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from rdflib.term import Node

from stratgraph.errors import InferenceError
from stratgraph.expression import is_structure
from stratgraph.places import Place, Triple


@dataclass(frozen=True)
class Proof:
    """Why a triple holds. `rule` is None where it was asserted.

    Else `rule` is a name of the OWL 2 RL/RDF rules (`cax-sco`) or of a rule file's stem, and `premises` are the proofs of what the rule
    needed, in the rule's order: first what the ontology says, then the rest. `height` is 0 where asserted, else one more than the
    greatest of the premises (a literal's own datatype, dt-type2, needs none and counts 0).
    """

    triple: Triple
    rule: str | None
    premises: tuple[Proof, ...]
    height: int

    def leaves(self) -> Iterator[Triple]:
        """The asserted triples at the bottom, each once, in the order of the proof."""
        return (proof.triple for proof in self.steps() if proof.rule is None)

    def steps(self) -> Iterator[Proof]:
        """This proof and all below it, each triple once, premises before what they give."""
        seen: set[Triple] = set()
        pending: list[tuple[Proof, bool]] = [(self, False)]
        while pending:
            proof, is_open = pending.pop()
            if is_open:
                yield proof
            elif proof.triple not in seen:
                seen.add(proof.triple)
                pending.append((proof, True))
                pending.extend((premise, False) for premise in reversed(proof.premises))


@dataclass(frozen=True)
class Contradiction:
    """A rule that says "this cannot be", and the proofs of what it found."""

    rule: str
    premises: tuple[Proof, ...]

    def leaves(self) -> tuple[Triple, ...]:
        """The asserted triples that contradict one another, each once."""
        return tuple(dict.fromkeys(triple for proof in self.premises for triple in proof.leaves()))


class Justified(Protocol):
    """What proofs are read from."""

    def justification(self, triple: Triple) -> tuple[str | None, tuple[Triple, ...]] | None:
        """The rule and premises of a triple; (None, ()) where asserted; None where it does not hold."""


@dataclass(frozen=True)
class Inference:
    """What follows from the encoded triples, noise left out. `engine` is the one that found it."""

    triples: frozenset[Triple]
    engine: str
    _justified: Justified | None = field(default=None, repr=False, compare=False)

    @property
    def keeps_proofs(self) -> bool:
        """Whether `proof` can be asked."""
        return self._justified is not None

    def proof(self, triple: Triple) -> Proof:
        """The proof of least height of a triple that is asserted or inferred; the same one in every run.

        Raises KeyError for a triple that does not hold, InferenceError where the engine keeps no proofs.
        """
        (proof,) = self.proofs((triple,))
        return proof

    def proofs(self, triples: Iterable[Triple]) -> Iterator[Proof]:
        """The proofs of several triples; what they have in common is one object. Raises as `proof` does."""
        if self._justified is None:
            raise InferenceError(f"The engine {self.engine} keeps no proofs; build with the setting reasoner=compiled.")
        done: dict[Triple, Proof] = {}
        for triple in triples:
            yield prove(triple, self._justified, done)


def prove(triple: Triple, justified: Justified, done: dict[Triple, Proof] | None = None) -> Proof:
    """The proof that the justifications spell out; `done` are proofs that are known, and grows. Raises KeyError for what does not hold."""
    done = {} if done is None else done
    pending: list[Triple] = [triple]
    while pending:
        current = pending[-1]
        if current in done:
            pending.pop()
            continue
        found = justified.justification(current)
        if found is None:
            raise KeyError(current)
        rule, premises = found
        missing = [one for one in premises if one not in done]
        if missing:
            pending.extend(missing)
            continue
        pending.pop()
        proofs = tuple(done[one] for one in premises)
        done[current] = Proof(current, rule, proofs, _height(rule, proofs))
    return done[triple]


def _height(rule: str | None, premises: tuple[Proof, ...]) -> int:
    if rule in (None, "dt-type2"):
        return 0
    return 1 + max((one.height for one in premises), default=0)


def told(contradiction: Contradiction, show: Callable[[Node], str], places: Mapping[Triple, Place]) -> Iterator[str]:
    """Lines that tell a contradiction: the rule, then each step below it, with the place of what is asserted.

    What only spells out an anonymous class is left away: `show` gives its expression wherever it occurs.
    """
    yield f"{contradiction.rule} refuses these together:"
    for premise in contradiction.premises:
        if not is_structure(premise.triple):
            yield f"  {_line(premise.triple, show)}"
    yield "which hold since"
    seen: set[Triple] = set()
    for proof in (step for premise in contradiction.premises for step in premise.steps()):
        if proof.triple not in seen and not is_structure(proof.triple):
            seen.add(proof.triple)
            place = places.get(proof.triple)
            yield f"  {_line(proof.triple, show)}  [{proof.rule or (f'asserted, {place}' if place else 'asserted')}]"


def _line(triple: Triple, show: Callable[[Node], str]) -> str:
    return " ".join(show(term) for term in triple)
