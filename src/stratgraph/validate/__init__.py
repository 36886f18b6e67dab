"""The second stage: does the graph keep the shapes? May import rdflib, pyshacl (in `reference` only) and the layers below.

    shapes = load_shapes(layout.shapes / "asserted")
    report = validate(sources.graphs, shapes, sources.places)

Shapes are SHACL, and checks that SHACL cannot say (`checks`); both are declared, with their messages, in the same files.
Two engines run the SHACL: `compiled`, and `pyshacl`, the reference that it must agree with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from typing import Final

from rdflib import OWL, RDF, SH, Literal, URIRef
from rdflib.term import Node

from stratgraph.errors import SourceError
from stratgraph.indexed import IndexedGraph
from stratgraph.places import Places, Triple
from stratgraph.validate.beside import beside
from stratgraph.validate.checks import CHECKS, Check, Encoded
from stratgraph.validate.compiled import core_breaches, query_breaches
from stratgraph.validate.context import Context, Hit, Rule
from stratgraph.validate.report import Finding, Report, shorten
from stratgraph.validate.sarif import to_sarif
from stratgraph.validate.shapes import Breach, Shapes, load_shapes, local_name

__all__ = ["Finding", "Report", "Shapes", "load_shapes", "shorten", "to_sarif", "validate"]

Engine = Callable[[IndexedGraph, Shapes], Iterator[Breach]]
# Triples from which the checks take longer than a process to begin.
_WORTH_A_PROCESS: Final = 20_000


def validate(
    graphs: Mapping[str, Iterable[Triple]],
    shapes: Shapes,
    places: Places | None = None,
    validator: str = "compiled",
    union: IndexedGraph | None = None,
    further: Callable[[], Iterable[Finding]] = tuple,
) -> Report:
    """Run all shapes and checks over named graphs (graph IRI → triples, the ontology's among them).

    `places` says where triples stand in files, so that findings can name file and line; `validator` is the engine for the
    SHACL, compiled or pyshacl; `union` spares the work where all triples are at hand indexed; `further` gives findings of the
    caller's own, for which there is time while a second process works. Raises SourceError where the shapes themselves cannot
    be run; what the graph does wrong is in the report.
    """
    frozen = {iri: frozenset(triples) for iri, triples in graphs.items()}
    union = union or IndexedGraph(frozenset[Triple]().union(*frozen.values()))
    context = Context(union, places or {})
    checks, (there, here) = _checks(shapes), _engine(validator)

    def words(engine: Engine) -> Iterator[Finding]:
        return (finding for one in engine(union, shapes) for finding in _word(context, shapes, one))

    def half() -> list[Finding]:
        encoded = Encoded(frozen, union)
        return [*(context.finding(rule, hit) for rule, check in checks for hit in check(encoded)), *words(there)]

    with beside(half) if sum(map(len, frozen.values())) > _WORTH_A_PROCESS else nullcontext(half) as other_half:
        found = [*words(here), *further(), *other_half()]
    # One breach may be found along two ways (a shape that two classes share); it is told once.
    return Report(tuple(sorted({one.sort_key: one for one in found}.values(), key=lambda one: one.sort_key)))


def _engine(validator: str) -> tuple[Engine, Engine]:
    """The engine for the SHACL, in two halves."""
    if validator == "compiled":
        return core_breaches, query_breaches
    from stratgraph.validate.reference import pyshacl_breaches  # noqa: PLC0415 – slow to import, and seldom wanted

    return (lambda _graph, _shapes: iter(())), pyshacl_breaches


def _word(context: Context, shapes: Shapes, breach: Breach) -> Iterator[Finding]:
    """A breach as findings, in the words of its shape: one, or, where there are too many values, one for each of them."""
    focus, value = breach.focus, breach.value
    if breach.constraint is not None and value is not None and context.graph.has(focus, RDF.type, OWL.Class):
        focus, value = value, None  # a constraint over all of a class: the value is the offender
    rule = shapes.rule(breach.shape if breach.constraint is None else breach.constraint)
    told = Rule(rule.name, local_name(breach.severity).lower() if breach.severity is not None else rule.severity, rule.message)
    text = None if breach.path is None or isinstance(breach.path, URIRef) else shapes.path_text(breach.path)
    # A property that some value of a kind is missing from has lines, but none of them is wrong: the thing is told.
    path = None if _lacks(shapes, breach) else shapes.first_step(breach.path)
    for one in _too_many(context, shapes, breach) or (value,):
        yield context.finding(told, Hit(focus, path, one), text if path is not None else shapes.path_text(breach.path))


def _lacks(shapes: Shapes, breach: Breach) -> bool:
    """Whether a breach says that too few values are of a kind."""
    asks, limits = ((breach.shape, one, None) in shapes.graph for one in (SH.qualifiedMinCount, SH.qualifiedMaxCount))
    return breach.value is None and breach.constraint is None and asks and not limits


def _too_many(context: Context, shapes: Shapes, breach: Breach) -> list[Node]:
    """Of a breach that is about all values together: those that are one too many, whichever of them is wrong."""
    if breach.value is not None or not isinstance(breach.path, URIRef):
        return []
    values = list(context.graph.objects(breach.focus, breach.path))
    bound = shapes.graph.value(breach.shape, SH.maxCount)
    if bound is not None and len(values) > int(str(bound)):
        return values
    if (breach.shape, SH.uniqueLang, None) not in shapes.graph:
        return []
    tags = {one: str(one.language).lower() for one in values if isinstance(one, Literal) and one.language}
    counts = Counter(tags.values())
    return [one for one, tag in tags.items() if counts[tag] > 1]


def _checks(shapes: Shapes) -> list[tuple[Rule, Check]]:
    """The checks that the shapes declare, each with its rule."""
    for node in shapes.checks():
        if node not in CHECKS:
            known = ", ".join(shorten(str(one)) for one in CHECKS)
            raise SourceError(f"nothing carries out the check {shorten(str(node))}; known: {known}", shapes.folder)
    return [(shapes.rule(node), CHECKS[node]) for node in shapes.checks()]
