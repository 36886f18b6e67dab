"""The reference engine: owlrl's closure and the rules, run to one fixpoint. The one importer of owlrl."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from rdflib import Graph, URIRef

from stratgraph.errors import InferenceError
from stratgraph.infer.noise import is_noise
from stratgraph.infer.rules import Rule
from stratgraph.places import Triple

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import owlrl

_ERROR: Final = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")
_MOST_ROUNDS: Final = 20


def close(encoded: Iterable[Triple], rules: Sequence[Rule], progress: Callable[[str], None]) -> frozenset[Triple]:
    """The triples that follow from `encoded` and are not in it, noise left out.

    Rules that ask what is absent run when closure and other rules give no more. Raises InferenceError.
    """
    known = set(encoded)
    closed = Graph()
    for triple in known:
        closed.add(triple)
    stages = ([rule for rule in rules if rule.is_monotone], [rule for rule in rules if not rule.is_monotone])
    for number in range(1, _MOST_ROUNDS + 1):
        progress(f"closure, round {number}: {len(closed)} triples")
        _close(closed)
        concluded = _conclusions(closed, stages[0]) or _conclusions(closed, stages[1])
        if not concluded:
            return frozenset(triple for triple in closed if triple not in known and not is_noise(triple))
        for triple in concluded:
            closed.add(triple)
    raise InferenceError(f"The rules reached no fixpoint in {_MOST_ROUNDS} rounds; does one create new nodes?")


def _close(graph: Graph) -> None:
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(graph)
    contradictions = sorted({str(message) for message in graph.objects(None, _ERROR)})
    if contradictions:
        raise InferenceError("The graph contradicts itself:\n" + "\n".join(f"  {one}" for one in contradictions))


def _conclusions(closed: Graph, rules: Iterable[Rule]) -> set[Triple]:
    found: set[Triple] = set()
    for rule in rules:
        for row in closed.query(rule.query):
            if isinstance(row, tuple) and len(row) == 3 and row not in closed:
                found.add((row[0], row[1], row[2]))
    return found
