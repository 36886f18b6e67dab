"""Answers as files for a meeting: tables with what is told of them, as a workbook (XLSX) or a document (DOCX).

May import questions, release and what lies below. `answer_table` and `ministry_tables` make tables, `workbook` and `document` files.
"""

from stratgraph.report.document import document
from stratgraph.report.file import Report, about_release
from stratgraph.report.ministries import MINISTRIES, ministry_tables
from stratgraph.report.table import Cell, Head, Table, answer_table
from stratgraph.report.workbook import workbook

__all__ = [
    "MINISTRIES",
    "Cell",
    "Head",
    "Report",
    "Table",
    "about_release",
    "answer_table",
    "document",
    "ministry_tables",
    "workbook",
]
