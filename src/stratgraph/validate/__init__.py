"""The second stage: does the graph keep the shapes? May import rdflib, pyshacl (in `shacl` only) and the layers below.

    shapes = load_shapes(layout.shapes / "asserted")
    report = validate(sources.graphs, shapes, sources.places)

Shapes are SHACL, and checks that SHACL cannot say (`checks`); both are declared, with their messages, in the same files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rdflib import Graph

from stratgraph.errors import SourceError
from stratgraph.places import Places, Triple
from stratgraph.validate.checks import CHECKS, Encoded
from stratgraph.validate.context import Context
from stratgraph.validate.report import Finding, Report, shorten
from stratgraph.validate.shacl import Shapes, load_shapes, run_shapes

__all__ = ["Finding", "Report", "Shapes", "load_shapes", "shorten", "validate"]


def validate(graphs: Mapping[str, Iterable[Triple]], shapes: Shapes, places: Places | None = None) -> Report:
    """Run all shapes and checks over named graphs (graph IRI → triples, the ontology's among them).

    `places` says where triples stand in files, so that findings can name file and line. Raises SourceError where the shapes
    themselves cannot be run; what the graph does wrong is in the report.
    """
    frozen = {iri: frozenset(triples) for iri, triples in graphs.items()}
    union = Graph()
    for triples in frozen.values():
        for triple in triples:
            union.add(triple)
    context = Context(union, places or {})
    found = [*run_shapes(context, shapes), *_run_checks(Encoded(frozen, union), context, shapes)]
    # One breach may be found along two ways (a shape that two classes share); it is told once.
    return Report(tuple(sorted({one.sort_key: one for one in found}.values(), key=lambda one: one.sort_key)))


def _run_checks(encoded: Encoded, context: Context, shapes: Shapes) -> Iterator[Finding]:
    for node in shapes.checks():
        if node not in CHECKS:
            known = ", ".join(shorten(str(one)) for one in CHECKS)
            raise SourceError(f"nothing carries out the check {shorten(str(node))}; known: {known}", shapes.folder)
        rule = shapes.rule(node)
        yield from (context.finding(rule, hit) for hit in CHECKS[node](encoded))
