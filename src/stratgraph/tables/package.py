"""The tables as a data package: datapackage.json (Frictionless) and csv-metadata.json (CSVW), as values for JSON.

Sources: Frictionless Data, Tabular Data Package 1.0; W3C, Metadata Vocabulary for Tabular Data (2015).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from stratgraph.dumps import DumpFile
from stratgraph.tables.codebook import Codebook
from stratgraph.tables.collect import Column, Table
from stratgraph.vocab import BASE, VOCAB

_CSVW_TYPES: Final = {"iri": "anyURI", "code": "string", "number": "decimal", "year": "gYear", "yearmonth": "gYearMonth"}


@dataclass(frozen=True)
class Packaged:
    """The release that is packaged: identifier, version, date (ISO), titles and descriptions by language, the licence's IRI."""

    id: str
    version: str
    date: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    licence: str


def data_package(told: Packaged, codebook: Codebook, tables: Sequence[Table], files: Mapping[str, DumpFile]) -> dict[str, Any]:
    """datapackage.json; `files` are the tables' files by name (`measures.csv`, `measures.parquet`)."""
    return {
        "profile": "tabular-data-package",
        "name": "stratgraph-tables",
        "id": f"{BASE}dataset",
        "title": " / ".join(told.titles.values()),
        "description": " / ".join(told.descriptions.values()),
        "homepage": BASE,
        "version": told.version,
        "created": f"{told.date}T00:00:00Z",
        "stratgraph:release": told.id,
        "licenses": [{"name": "CC-BY-4.0", "path": told.licence, "title": "Creative Commons Attribution 4.0 International"}],
        "contributors": [{"title": "The StratGraph founders", "role": "author"}],
        "sources": [{"title": title, "path": iri} for iri, title in _documents(tables)],
        "resources": [_resource(codebook, one, files[f"{one.name}.csv"], files[f"{one.name}.parquet"]) for one in tables],
    }


def _documents(tables: Sequence[Table]) -> list[tuple[str, str]]:
    rows = [row for table in tables if table.name == "documents" for row in table.rows if row.get("in_corpus") == ("true",)]
    return [(row["iri"][0], row.get("label_ja", row["iri"])[0]) for row in rows]


def _resource(codebook: Codebook, table: Table, csv: DumpFile, parquet: DumpFile) -> dict[str, Any]:
    title, definition = codebook.table(table)
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": f"{table.name}.csv",
        "title": " / ".join(title),
        "description": " / ".join(definition),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": csv.size,
        "hash": f"sha256:{csv.sha256}",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True, "header": True},
        "schema": {
            "fields": [_field(codebook, one) for one in table.columns],
            "missingValues": [""],
            "primaryKey": list(table.key),
        },
        "stratgraph:parquet": {"path": f"{table.name}.parquet", "bytes": parquet.size, "hash": f"sha256:{parquet.sha256}"},
    }


def _field(codebook: Codebook, column: Column) -> dict[str, Any]:
    title, definition = codebook.column(column)
    plain = "string" if column.type in ("iri", "code") or column.multiple else column.type
    told: dict[str, Any] = {
        "name": column.name,
        "type": plain,
        "title": " / ".join(title),
        "description": " / ".join(definition),
        "stratgraph:layer": column.layer,
    }
    if column.type == "iri" and not column.multiple:
        told["format"] = "uri"
    if column.predicate:
        told["rdfType" if column.type == "iri" else "stratgraph:property"] = column.predicate
    if column.multiple:
        told["stratgraph:separator"] = column.separator
    return told


def csvw_metadata(told: Packaged, codebook: Codebook, tables: Sequence[Table]) -> dict[str, Any]:
    """csv-metadata.json: columns with their properties, so that a CSVW processor makes the statements of the tables again."""
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "dc:title": told.titles["en"],
        "dc:license": {"@id": told.licence},
        "tables": [
            {
                "url": f"{table.name}.csv",
                "dc:title": codebook.table(table)[0][1],
                "dialect": {"lineTerminators": ["\n"]},
                "tableSchema": {
                    "columns": [_csvw_column(codebook, one) for one in table.columns],
                    "primaryKey": list(table.key),
                    **({"aboutUrl": "{+iri}"} if table.key == ("iri",) else {}),
                },
            }
            for table in tables
        ],
    }


def _csvw_column(codebook: Codebook, column: Column) -> dict[str, Any]:
    title, _ = codebook.column(column)
    told: dict[str, Any] = {"name": column.name, "titles": column.name, "dc:title": " / ".join(title)}
    told["datatype"] = _CSVW_TYPES.get(column.type, column.type)
    if column.multiple:
        told["separator"] = column.separator
    if column.language and column.type == "string":
        told["lang"] = column.language
    if column.predicate is None or column.name.startswith("class"):
        return told | {"suppressOutput": True}
    told["propertyUrl"] = column.predicate
    if column.type == "iri":
        told["valueUrl"] = f"{{+{column.name}}}"
    elif column.type == "code":
        told["valueUrl"] = f"{VOCAB}{column.scheme}/{{+{column.name}}}"
    return told
