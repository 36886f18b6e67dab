"""Processor seconds that each engine takes to run the shapes: on what is encoded, and on the same multiplied under fresh IRIs.

    python benchmarks/validation/run.py --triples 50000

Only the SHACL is timed; loading, the checks in Python and the wording of findings are the same for both engines.
"""

from __future__ import annotations

import argparse
import platform
import re
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from rdflib import URIRef
from rdflib.term import Node

from stratgraph.indexed import IndexedGraph
from stratgraph.load import load_product
from stratgraph.places import Triple
from stratgraph.settings import Layout
from stratgraph.validate.compiled import core_breaches, query_breaches
from stratgraph.validate.reference import pyshacl_breaches
from stratgraph.validate.shapes import Shapes, load_shapes
from stratgraph.vocab import ID, ONTOLOGY_GRAPH, REFERENCE_GRAPH

# The IRI of a thing names its document or year; a copy gets a year of its own, and so keeps all patterns.
_YEAR = re.compile(r"/(\d{4})(?=[-/#]|$)")


def multiply(layout: Layout, triples: int) -> frozenset[Triple]:
    """What is encoded with copies of all documents, until there are as many triples as asked for."""
    graphs = load_product(layout).graphs
    shared = graphs[ONTOLOGY_GRAPH] | graphs[REFERENCE_GRAPH]
    data = frozenset[Triple]().union(*graphs.values()) - shared
    made, copy = shared | data, 0
    while len(made) < triples:
        copy += 1
        made |= frozenset((_renamed(one[0], copy), one[1], _renamed(one[2], copy)) for one in data)
    return made


def _renamed(node: Node, copy: int) -> Node:
    if isinstance(node, URIRef) and node.startswith(str(ID)):
        return URIRef(_YEAR.sub(lambda found: f"/{int(found[1]) + 100 * copy:04}", node, count=1))
    return node


def seconds(run: Callable[[], int], times: int) -> tuple[float, int]:
    """The best of several runs, and what was found."""
    taken, found = [], 0
    for _ in range(times):
        start = time.process_time()
        found = run()
        taken.append(time.process_time() - start)
    return min(taken), found


def compare(name: str, triples: frozenset[Triple], shapes: Shapes, times: int) -> None:
    """Print a row of the table."""
    graph = IndexedGraph(triples)
    ours, found = seconds(lambda: len([*core_breaches(graph, shapes), *query_breaches(graph, shapes)]), times)
    theirs, expected = seconds(lambda: len(list(pyshacl_breaches(triples, shapes))), 1)
    print(f"| {name} | {len(triples)} | {theirs:.2f} | {ours:.3f} | {theirs / ours:.0f} × | {expected} / {found} |", flush=True)


def main() -> None:
    """Run the benchmark."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--triples", type=int, default=50_000, help="how many triples the multiplied graph is to have")
    options.add_argument("--times", type=int, default=3, help="runs of the compiled engine, of which the best counts")
    asked = options.parse_args()
    layout = Layout(Path(__file__).resolve().parent.parent.parent)
    shapes = load_shapes(layout.shapes / "asserted")
    print(f"Python {platform.python_version()}, " + ", ".join(f"{one} {version(one)}" for one in ("pyshacl", "rdflib", "pyoxigraph")))
    print("| graph | triples | pyshacl, s | compiled, s | ratio | breaches, pyshacl / compiled |")
    print("| --- | --- | --- | --- | --- | --- |")
    compare("what is encoded", multiply(layout, 0), shapes, asked.times)
    compare("multiplied", multiply(layout, asked.triples), shapes, asked.times)


if __name__ == "__main__":
    main()
