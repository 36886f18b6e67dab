"""The reference engine: pyshacl, which this module alone imports. Slow and trusted; `compiled` must agree with it.

pyshacl gives exceptions back as results and drops the language of messages, so nothing but which shape failed on which
node is taken from its report; words come from the shapes themselves.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator

from rdflib import SH, Graph

from stratgraph.errors import SourceError
from stratgraph.places import Triple
from stratgraph.validate.shapes import Breach, Shapes

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pyshacl


def pyshacl_breaches(triples: Iterable[Triple], shapes: Shapes) -> Iterator[Breach]:
    """What breaks the SHACL shapes, unordered. Raises SourceError where pyshacl cannot use the shapes."""
    graph = Graph()
    for triple in triples:
        graph.add(triple)
    results = _run(graph, shapes)
    for result in results.objects(None, SH.result):
        focus = results.value(result, SH.focusNode)
        shape = results.value(result, SH.sourceShape)
        if focus is None or shape is None:
            raise SourceError("pyshacl gave a result without focus node or shape", shapes.folder)
        path = shapes.graph.value(shape, SH.path)
        if path is None:  # a constraint's query may bind one
            path = results.value(result, SH.resultPath)
        severity = results.value(result, SH.resultSeverity)
        yield Breach(focus, shape, results.value(result, SH.sourceConstraint), results.value(result, SH.value), path, severity)


def _run(graph: Graph, shapes: Shapes) -> Graph:
    silent = logging.getLogger("pyshacl-validate")
    silent.setLevel(logging.CRITICAL)
    try:
        _, results, text = pyshacl.validate(graph, shacl_graph=shapes.graph, inplace=True, inference="none", do_owl_imports=False)
    except Exception as error:  # pyshacl and rdflib raise many kinds, and none is about the data
        raise SourceError(f"the shapes cannot be run: {error}", shapes.folder) from error
    if not isinstance(results, Graph):
        raise SourceError(f"the shapes cannot be run: {text}", shapes.folder)
    return results
