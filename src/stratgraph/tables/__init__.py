"""Tables for R, pandas and spreadsheets: one per kind of thing, with a codebook, as a Frictionless data package.

    kinds      which kinds of things get a table
    collect    graphs → rows and columns, what documents state, what is ours and what is inferred apart
    agreement  how far two readers agreed, by kind of coding and document
    codebook   what each column is, in both languages
    package    datapackage.json and CSVW metadata
    write      CSV, Parquet and the archive of all, under dumps/tables/

May import rdflib's terms, dumps and the layers below; `write` alone imports pyarrow.
"""

from stratgraph.tables.agreement import Agreement, read_agreement
from stratgraph.tables.collect import Column, Table, collect_tables
from stratgraph.tables.package import Packaged
from stratgraph.tables.write import write_tables

__all__ = ["Agreement", "Column", "Packaged", "Table", "collect_tables", "read_agreement", "write_tables"]
