"""Help for those who encode: a new document from its text, tables by a mapping, review, and likely predecessors.

Imports load, evidence, validate and the layers below; nothing here writes a file, and what is made is Turtle for people to read.
"""

from __future__ import annotations

from stratgraph.encode.candidates import Candidate, find_candidates
from stratgraph.encode.document import NewDocument, Scaffold, scaffold_document
from stratgraph.encode.links import Link, link_to
from stratgraph.encode.mapping import TableMapping, read_mapping
from stratgraph.encode.names import Names, key_path
from stratgraph.encode.parts import Heading, Part, read_parts
from stratgraph.encode.review import COLUMNS as RECORD_COLUMNS
from stratgraph.encode.review import Place, Statement, Verdict, of_kind, read_record, shares, state, statements
from stratgraph.encode.rows import ImportedTable, import_table
from stratgraph.encode.tables import Cell, Row, Table, read_table, table_text

__all__ = [
    "RECORD_COLUMNS",
    "Candidate",
    "Cell",
    "Heading",
    "ImportedTable",
    "Link",
    "Names",
    "NewDocument",
    "Part",
    "Place",
    "Row",
    "Scaffold",
    "Statement",
    "Table",
    "TableMapping",
    "Verdict",
    "find_candidates",
    "import_table",
    "key_path",
    "link_to",
    "of_kind",
    "read_mapping",
    "read_parts",
    "read_record",
    "read_table",
    "scaffold_document",
    "shares",
    "state",
    "statements",
    "table_text",
]
