"""How much faster is the compiled closure than owlrl, and how does it grow?

    python benchmarks/build/closure.py [--sizes 5000 50000] [--reference-up-to 50000]
        [--generator GEN --ontology TTL]

Measured are our own graph, with its rules, and generated graphs: by default measures, sections and assignments in our ontology's own
terms; else what `GEN size file.nt` writes, under the ontology TTL. Loading is not timed. Seconds are those of the processor, so that a
busy machine disturbs less; they say little on another one. The compiled engine is timed from triples to triples with its justifications
kept, three times, the best taken; then the proofs of a thousand triples are read. Memory is the peak of the process so far. owlrl runs
once, up to a size.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from rdflib import RDF, Graph, Namespace

from stratgraph.infer import Inference, Rule, infer, load_rules
from stratgraph.load import load_product
from stratgraph.places import Triple
from stratgraph.settings import Layout
from stratgraph.vocab import SG

ID = Namespace("https://w3id.org/stratgraph/id/")
PROOFS = 1000


def generated(size: int) -> Iterator[Triple]:
    """About `size` triples of strategies: chapters, sections, measures with sub-measures, assignments, threats, recommendations."""
    chance = random.Random(size)
    bodies = [ID[f"body/b{one}"] for one in range(40)]
    threats = [ID[f"threat/t{one}"] for one in range(60)]
    yield from ((body, RDF.type, SG.Ministry) for body in bodies)
    yield from ((threat, RDF.type, SG.Threat) for threat in threats)
    made = len(bodies) + len(threats)
    document = 0
    while made < size:
        triples = list(_strategy(ID[f"document/d{document}"], chance, bodies, threats))
        yield from triples
        made += len(triples)
        document += 1


def _strategy(document: Namespace, chance: random.Random, bodies: Sequence[Namespace], threats: Sequence[Namespace]) -> Iterator[Triple]:
    yield document, RDF.type, SG.Strategy
    for chapter in range(4):
        above = document
        for depth in range(4):
            section = ID[f"{document[len(ID) :]}/{chapter}/{depth}"]
            yield section, RDF.type, SG.Section
            yield section, SG.isDirectPartOf, above
            above = section
            parent = None
            for number in range(8):
                measure = ID[f"{section[len(ID) :]}/m{number}"]
                yield measure, RDF.type, SG.Measure
                yield measure, SG.statedIn, section
                if parent is not None and number % 4:
                    yield measure, SG.isSubMeasureOf, parent
                yield from _links(measure, chance, bodies, threats)
                parent = measure


def _links(measure: Namespace, chance: random.Random, bodies: Sequence[Namespace], threats: Sequence[Namespace]) -> Iterator[Triple]:
    for kind in (SG.hasLeadAssignment, SG.hasRelatedAssignment):
        assignment = ID[f"{measure[len(ID) :]}/{kind[len(SG) :]}"]
        yield measure, kind, assignment
        yield assignment, SG.assignee, chance.choice(bodies)
    response = ID[f"{measure[len(ID) :]}/response"]
    yield measure, SG.hasThreatResponse, response
    yield response, SG.respondsToThreat, chance.choice(threats)


def read(ontology: Sequence[Path], more: Graph | None = None) -> Graph:
    """Turtle files as one graph."""
    graph = more or Graph()
    for path in ontology:
        graph.parse(path)
    return graph


def from_generator(generator: Path, ontology: Path, size: int) -> frozenset[Triple]:
    """What another generator writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.nt"
        subprocess.run([sys.executable, generator, str(size), path], check=True, stdout=subprocess.DEVNULL)
        return frozenset(read([ontology, path]))


def timed(triples: frozenset[Triple], rules: Sequence[Rule], engine: str, times: int) -> tuple[Inference, float]:
    """What follows, and the seconds of the best run."""
    best = float("inf")
    for _ in range(times):
        start = time.process_time()
        inference = infer(triples, rules, engine=engine)
        best = min(best, time.process_time() - start)
    return inference, best


def measure(name: str, triples: frozenset[Triple], rules: Sequence[Rule], with_reference: bool) -> None:
    """Print a row; refuse to where the engines differ."""
    compiled, seconds = timed(triples, rules, "compiled", 3)
    chosen = sorted(random.Random(0).sample(sorted(compiled.triples), min(PROOFS, len(compiled.triples))))
    start = time.process_time()
    for triple in chosen:
        compiled.proof(triple)
    each = (time.process_time() - start) / max(1, len(chosen))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ratio = "-"
    if with_reference:
        reference, slow = timed(triples, rules, "owlrl", 1)
        if reference.triples != compiled.triples:
            raise SystemExit(f"{name}: the engines differ in {len(reference.triples ^ compiled.triples)} triples")
        ratio = f"{slow / seconds:.0f} (owlrl {slow:.1f} s)"
    print(
        f"| {name} | {len(triples)} | {len(compiled.triples)} | {seconds:.3f} | {seconds / len(triples) * 1e6:.1f} | {each * 1e3:.2f} |"
        f" {memory:.0f} | {ratio} |",
        flush=True,
    )


def main() -> None:
    """Parse options, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=[5000, 50000])
    parser.add_argument("--reference-up-to", type=int, default=50000, metavar="SIZE")
    parser.add_argument("--generator", type=Path)
    parser.add_argument("--ontology", type=Path)
    options = parser.parse_args()
    layout = Layout.find()
    print(f"Python {sys.version.split()[0]}, rdflib {version('rdflib')}, owlrl {version('owlrl')}")
    print("| graph | asserted | inferred | s | µs per asserted triple | ms per proof | MiB | times owlrl |\n| --- |" + " --- |" * 7)
    if options.generator is None:
        measure("our own", load_product(layout).triples(), load_rules(layout.rules), True)
    for size in options.sizes:
        if options.generator is None:
            rules, triples = load_rules(layout.rules), frozenset(read(sorted(layout.ontology.glob("*.ttl")))) | frozenset(generated(size))
        else:
            rules, triples = (), from_generator(options.generator, options.ontology, size)
        measure(f"generated, {size}", triples, rules, size <= options.reference_up_to)


if __name__ == "__main__":
    main()
