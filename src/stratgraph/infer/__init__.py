"""The third stage: the OWL 2 RL closure and the rules beyond it, run to one fixpoint, with a proof of everything that follows.

Two engines give the same triples (tests hold them to it; docs/decisions/0005-compiled-closure.md tells the exceptions): the compiled
one, which specialises the rules of OWL 2 RL/RDF to what the ontology says and keeps proofs, and owlrl, the reference.
What says nothing about our things is noise and left out (docs/decisions/0003-inference-noise.md). May import rdflib, errors, expression and
places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from stratgraph.errors import SettingError
from stratgraph.infer import reason
from stratgraph.infer.noise import is_noise
from stratgraph.infer.proof import Contradiction, Inference, Proof
from stratgraph.infer.rules import Rule, load_rules
from stratgraph.places import Place, Triple

__all__ = ["ENGINES", "Contradiction", "Inference", "Proof", "Rule", "infer", "is_noise", "load_rules"]

ENGINES: Final = ("compiled", "owlrl")


def infer(
    encoded: Iterable[Triple],
    rules: Sequence[Rule],
    progress: Callable[[str], None] = lambda _: None,
    engine: str = "compiled",
    places: Mapping[Triple, Place] | None = None,
    prefixes: Mapping[str, str] | None = None,
) -> Inference:
    """What follows from `encoded` and is not in it, noise left out.

    Raises InferenceError where the closure contradicts itself, with the proof of each contradiction (names shortened by `prefixes`,
    anonymous classes as expressions) and, as far as `places` tells, where the asserted triples in it stand.
    Raises SettingError for an engine that is not one of ENGINES.
    """
    if engine == "compiled":
        with reason.without_collector():
            closed = reason.close(encoded, rules, progress, reason.Telling(places or {}, prefixes or {}))
            return Inference(closed.inferred(), engine, closed)
    if engine == "owlrl":
        from stratgraph.infer import owl  # noqa: PLC0415 - the reference engine is slow to import, and seldom asked for

        return Inference(owl.close(encoded, rules, progress), engine)
    raise SettingError(f"The setting reasoner must be one of {', '.join(ENGINES)}, not {engine!r}.")
