"""Tables as files: CSV (RFC 4180, UTF-8, LF), Parquet, metadata and an archive of it all. The only importer of pyarrow.

The same tables give the same bytes, with the same version of pyarrow: rows are in order, and no file holds a time.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stratgraph.dumps import MEDIA_TYPES, DumpFile, write_file
from stratgraph.errors import InputError
from stratgraph.places import Triple
from stratgraph.tables.agreement import Agreement
from stratgraph.tables.codebook import Codebook
from stratgraph.tables.collect import Column, Table, collect_tables
from stratgraph.tables.package import Packaged, csvw_metadata, data_package

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER: Final = "tables"
ARCHIVE: Final = "stratgraph-tables.zip"
# What the metadata files are, beyond JSON.
_STANDARDS: Final = {
    "datapackage.json": "https://specs.frictionlessdata.io/tabular-data-package/",
    "csv-metadata.json": "http://www.w3.org/ns/csvw",
}


def write_tables(
    dumps: Path, graphs: Mapping[str, frozenset[Triple]], prefixes: Mapping[str, str], agreement: Sequence[Agreement], told: Packaged
) -> tuple[DumpFile, ...]:
    """Write the tables of a release into `tables/` under its dumps; returns the files by name. Raises OSError.

    `graphs` are the named graphs of its levels, `agreement` what is known of two readings.
    """
    codebook = Codebook(graphs, agreement)
    tables = collect_tables(graphs, prefixes)
    tables = (*tables, *codebook.tables(tables))
    texts: dict[str, bytes] = {}
    files: dict[str, DumpFile] = {}
    for table in tables:
        title = dict(zip(("ja", "en"), codebook.table(table)[0], strict=True))
        content = texts[f"{table.name}.csv"] = to_csv(table)
        files[f"{table.name}.csv"] = _write(dumps, f"{table.name}.csv", content, title)
        files[f"{table.name}.parquet"] = _write(dumps, f"{table.name}.parquet", to_parquet(table, content), title)
    for name, package in (
        ("datapackage.json", data_package(told, codebook, tables, files)),
        ("csv-metadata.json", csvw_metadata(told, codebook, tables)),
    ):
        texts[name] = json.dumps(package, ensure_ascii=False, indent=1).encode() + b"\n"
        files[name] = _write(dumps, name, texts[name])
    files[ARCHIVE] = _write(dumps, ARCHIVE, _archive(texts))
    return tuple(sorted(files.values(), key=lambda file: file.name))


def to_csv(table: Table) -> bytes:
    """A table as CSV; several values of a cell are joined by the column's separator, no value is an empty cell.

    Raises InputError for a value of several that holds the separator, and so would be read as two.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in table.columns])
    for row in table.rows:
        writer.writerow([_cell(row[column.name], column, row) if column.name in row else "" for column in table.columns])
    return out.getvalue().encode()


def _cell(values: tuple[str, ...], column: Column, row: Mapping[str, tuple[str, ...]]) -> str:
    if len(values) == 1 and not column.multiple:
        return values[0]
    if any(column.separator in one for one in values):
        what = f"{column.predicate or column.name} of {row['iri'][0]}"
        raise InputError(f"A value of {what} holds “{column.separator}”, which separates the values of a table's cell. Write it otherwise.")
    return column.separator.join(values)


def to_parquet(table: Table, content: bytes) -> bytes:
    """A table, given as its CSV, as Parquet: typed columns, lists where a cell may hold several values, null where there is none.

    Arrow reads the CSV itself: that is several times as fast as handing it Python's values, and the two cannot differ.
    """
    import pyarrow as pa  # noqa: PLC0415 - takes half a second, which only a build has to spend
    from pyarrow import compute, parquet  # noqa: PLC0415
    from pyarrow import csv as arrow_csv  # noqa: PLC0415

    kinds = {column.name: pa.string() if column.multiple else _arrow_type(column) for column in table.columns}
    found = arrow_csv.read_csv(
        pa.BufferReader(content),
        read_options=arrow_csv.ReadOptions(use_threads=False, block_size=len(content) + 1),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(column_types=kinds, null_values=[""], strings_can_be_null=True),
    )
    for position, column in enumerate(table.columns):
        if column.multiple:
            values = compute.split_pattern(found.column(position), column.separator).cast(pa.list_(_arrow_type(column)))
            found = found.set_column(position, column.name, values)
    out = pa.BufferOutputStream()
    parquet.write_table(found, out, compression="zstd")
    return bytes(out.getvalue().to_pybytes())


def _arrow_type(column: Column) -> pa.DataType:
    import pyarrow as pa  # noqa: PLC0415

    kinds = {"integer": pa.int64(), "year": pa.int64(), "number": pa.float64(), "boolean": pa.bool_(), "date": pa.date32()}
    return kinds.get(column.type, pa.string())


def _archive(texts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in sorted(texts):
            entry = zipfile.ZipInfo(f"stratgraph-tables/{name}")  # its time is 1980-01-01, the first a ZIP file can tell
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, texts[name], zipfile.ZIP_DEFLATED, 6)
    return out.getvalue()


def _write(dumps: Path, name: str, content: bytes, titles: Mapping[str, str] | None = None) -> DumpFile:
    file = DumpFile(f"{FOLDER}/{name}", MEDIA_TYPES[Path(name).suffix], titles=titles or {}, conforms_to=_STANDARDS.get(name, ""))
    return write_file(dumps, file, content)
