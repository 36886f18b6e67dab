"""Proofs on disk: one JSON line for each inferred step, in a stable order. Imports rdflib and expressions.

A line is `{"t": [s, p, o], "r": rule, "m": [[s, p, o], …]}` with terms in N-Triples. A blank node of the ontology is written as
`_:` and its class expression, and the statements that merely spell that expression out are left away, so that the same sources
give the same bytes and a proof can be read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rdflib import BNode, Graph
from rdflib.term import Node

from stratgraph.errors import InputError
from stratgraph.expression import expression, is_structure
from stratgraph.places import Triple

Written = tuple[str, str, str]


class ProofLike(Protocol):
    """What a reasoner gives: a triple, the rule that gave it (None where asserted) and the proofs of its premises."""

    @property
    def triple(self) -> Triple:
        """What is proven."""
        ...

    @property
    def rule(self) -> str | None:
        """The rule's name."""
        ...

    @property
    def premises(self) -> tuple[ProofLike, ...]:
        """Proofs of what the rule needed."""
        ...


@dataclass(frozen=True)
class Step:
    """One inference: the triple, its rule, and the triples it rests on, terms in N-Triples."""

    triple: Written
    rule: str
    premises: tuple[Written, ...]


Proofs = Mapping[Written, Step]


def write_proofs(path: Path, proofs: Iterable[ProofLike], ontology: Graph, prefixes: Mapping[str, str]) -> int:
    """Write each inferred step of the proofs once; returns how many there are. `ontology` has what blank nodes stand for."""
    words: dict[Node, str] = {}

    def term(node: Node) -> str:
        if node not in words:
            words[node] = f"_:{expression(node, ontology, prefixes)}" if isinstance(node, BNode) else str(node.n3())
        return words[node]

    def written(triple: Triple) -> Written:
        return (term(triple[0]), term(triple[1]), term(triple[2]))

    lines: dict[Written, str] = {}
    leaves: set[Written] = set()
    for step in _steps(proofs):
        if step.rule is None:
            leaves.add(written(step.triple))
        elif (head := written(step.triple)) not in lines:
            premises = [written(one.triple) for one in step.premises if not is_structure(one.triple)]
            lines[head] = json.dumps({"t": head, "r": step.rule, "m": premises}, ensure_ascii=False)
    # Two anonymous classes with one expression look alike: what is asserted of one needs no proof of the other.
    kept = [line for head, line in sorted(lines.items()) if head not in leaves]
    path.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
    return len(kept)


def _steps(proofs: Iterable[ProofLike]) -> Iterator[ProofLike]:
    """All proofs and all below them, each triple once, premises before what they give."""
    seen: set[Triple] = set()
    for proof in proofs:
        pending = [(proof, False)]
        while pending:
            step, is_open = pending.pop()
            if is_open:
                yield step
            elif step.triple not in seen:
                seen.add(step.triple)
                pending.append((step, True))
                pending.extend((premise, False) for premise in reversed(step.premises))


def read_proofs(path: Path) -> Proofs:
    """The proofs of a release; none where its engine kept none. Raises InputError for a file that cannot be read."""
    if not path.exists():
        return {}
    found: dict[Written, Step] = {}
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                told = json.loads(line)
                triple = _written(told["t"])
                found[triple] = Step(triple, told["r"], tuple(_written(one) for one in told["m"]))
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path} holds no proofs: {error}. Run `stratgraph build --force`.") from error
    return found


def premises_first(triples: Iterable[Written], proofs: Proofs) -> Iterator[Written]:
    """The triples and all that their proofs rest on, each once, premises before what they give."""
    seen: set[Written] = set()
    for start in triples:
        pending = [(start, False)]
        while pending:
            triple, is_open = pending.pop()
            if is_open:
                yield triple
            elif triple not in seen:
                seen.add(triple)
                pending.append((triple, True))
                pending.extend((one, False) for one in reversed(proofs[triple].premises if triple in proofs else ()))


def _written(terms: Iterable[str]) -> Written:
    subject, predicate, value = terms
    return subject, predicate, value
