"""Help for those who encode: a new document from its text, tables by a mapping, review, and likely predecessors.

Imports load, evidence, validate and the layers below; nothing here writes a file, and what is made is Turtle for people to read.
"""

from __future__ import annotations

from stratgraph.encode.document import NewDocument, Scaffold, scaffold_document
from stratgraph.encode.mapping import TableMapping, read_mapping
from stratgraph.encode.names import Names, key_path
from stratgraph.encode.parts import Heading, Part, read_parts
from stratgraph.encode.rows import ImportedTable, import_table
from stratgraph.encode.tables import Cell, Row, Table, read_table, table_text

__all__ = [
    "Cell",
    "Heading",
    "ImportedTable",
    "Names",
    "NewDocument",
    "Part",
    "Row",
    "Scaffold",
    "Table",
    "TableMapping",
    "import_table",
    "key_path",
    "read_mapping",
    "read_parts",
    "read_table",
    "scaffold_document",
    "table_text",
]
