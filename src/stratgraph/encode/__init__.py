"""Help for those who encode: a new document from its text, tables by a mapping, review, and likely predecessors.

Imports load, evidence, validate and the layers below; nothing here writes a file, and what is made is Turtle for people to read.
"""

from __future__ import annotations

from stratgraph.encode.document import NewDocument, Scaffold, scaffold_document
from stratgraph.encode.parts import Heading, Part, read_parts

__all__ = ["Heading", "NewDocument", "Part", "Scaffold", "read_parts", "scaffold_document"]
