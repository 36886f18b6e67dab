"""Answers as files for a meeting: tables with what is told of them, as a workbook (XLSX) or a document (DOCX).

May import questions, release and what lies below. A `Collector` makes reports, `workbook` and `document` write them.
"""

from stratgraph.report.collect import SHEET_ROWS, Collector, Item, parse_item
from stratgraph.report.document import document
from stratgraph.report.file import Report, about_release, citation
from stratgraph.report.ministries import MINISTRIES
from stratgraph.report.table import Cell, Head, Table
from stratgraph.report.workbook import workbook

__all__ = [
    "MINISTRIES",
    "SHEET_ROWS",
    "Cell",
    "Collector",
    "Head",
    "Item",
    "Report",
    "Table",
    "about_release",
    "citation",
    "document",
    "parse_item",
    "workbook",
]
