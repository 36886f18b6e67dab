"""Evidence: source texts found by hash, spans of them as anchors, checks of every span and of the figures that rest on it,
and what of a text is accounted for.

Imports rdflib, errors, vocab, places and turtle. All but `find_source_texts` are pure functions of their arguments. An
anchor is an `sg:TextAnchor` with an `oa:TextPositionSelector` that counts Unicode code points of the byte-identical file.
"""

from __future__ import annotations

from stratgraph.evidence.anchor import AnchorCues, anchor_graph, anchor_turtle, page_ordinal
from stratgraph.evidence.check import SpanCheck, SpanProblem, check_spans
from stratgraph.evidence.coverage import Coverage, CoverageProblem, Stretch, coverage
from stratgraph.evidence.figures import FigureCheck, FigureProblem, check_figures
from stratgraph.evidence.mend import Mended, mend_files
from stratgraph.evidence.numerals import Figures, figures
from stratgraph.evidence.sourcetext import SourceTextFile, find_source_texts, wanted_texts
from stratgraph.evidence.span import Span, cell_spans, line_spans, quote_span
from stratgraph.evidence.stated import Stated, stated

__all__ = [
    "AnchorCues",
    "Coverage",
    "CoverageProblem",
    "FigureCheck",
    "FigureProblem",
    "Figures",
    "Mended",
    "SourceTextFile",
    "Span",
    "SpanCheck",
    "SpanProblem",
    "Stated",
    "Stretch",
    "anchor_graph",
    "anchor_turtle",
    "cell_spans",
    "check_figures",
    "check_spans",
    "coverage",
    "figures",
    "find_source_texts",
    "line_spans",
    "mend_files",
    "page_ordinal",
    "quote_span",
    "stated",
    "wanted_texts",
]
