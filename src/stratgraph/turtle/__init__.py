"""Turtle files: read with line numbers, written in one layout.

Imports rdflib, errors and places; rdflib's own Turtle parser is used here only. Reading is stricter than rdflib's: what
is not Turtle 1.1 (W3C Recommendation, 25 February 2014), a relative IRI without @base and an IRI with characters that no
IRI may have are errors with their place, and literals keep the form they are written in.
"""

from __future__ import annotations

from stratgraph.turtle.faults import in_japanese
from stratgraph.turtle.layout import format_graph, format_turtle
from stratgraph.turtle.parse import Declaration, TurtleFile, parse_file, parse_turtle, parse_with_lines

__all__ = ["Declaration", "TurtleFile", "format_graph", "format_turtle", "in_japanese", "parse_file", "parse_turtle", "parse_with_lines"]
