"""A table of rows, each cell with its place in a text. Imports errors, evidence; the only importer of openpyxl.

Anchors count in a text whose cells end at tabs and rows at line breaks. A tab-separated file is such a text; a CSV file or a sheet
of an XLSX file is first written as one by `table_text`, and that text is the source text of what is encoded.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from stratgraph.errors import InputError
from stratgraph.evidence import Span, cell_spans


@dataclass(frozen=True)
class Cell:
    """What a cell says, and its spans in the text: one per bullet, none where it is empty."""

    value: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Row:
    """A row by the heads of its columns. `number` counts the rows of the table from 1, the heads' included, as a spreadsheet does."""

    number: int
    cells: dict[str, Cell]

    def value(self, column: str) -> str:
        """What the cell says; empty where there is nothing."""
        return self.cells[column].value


@dataclass(frozen=True)
class Table:
    """A table with one row of heads. `text` is the whole text that the spans count in."""

    text: str
    heads: tuple[Cell, ...]
    rows: tuple[Row, ...]


def read_table(text: str) -> Table:
    """A tab-separated text as a table. Rows that are empty throughout are left out.

    Raises InputError, with the row, where the number of cells is wrong, or a head is empty or there twice.
    """
    heads, names, rows = tuple[Cell, ...](), list[str](), []
    offset = 0
    for number, line in enumerate(text.split("\n"), start=1):
        cells = tuple(_cells(line, offset))
        offset += len(line) + 1
        if number == 1:
            heads, names = cells, [cell.value for cell in cells]
            _check_heads(names)
        elif any(cell.value for cell in cells):
            if len(cells) != len(names):
                raise InputError(f"Row {number} has {len(cells)} cells, but there are {len(names)} columns.")
            rows.append(Row(number, dict(zip(names, cells, strict=True))))
    return Table(text, heads, tuple(rows))


def _cells(line: str, offset: int) -> Iterable[Cell]:
    for characters in line.removesuffix("\r").split("\t"):
        yield Cell(" ".join(characters.split()), cell_spans(characters, offset))
        offset += len(characters) + 1


def _check_heads(names: list[str]) -> None:
    wrong = next((name for name in names if not name or names.count(name) > 1), None)
    if wrong is not None:
        raise InputError(f"The first row must hold the head of each column, once each, but “{wrong}” is not. It holds {', '.join(names)}.")


def table_text(path: Path, sheet: str | None = None) -> str:
    """A CSV file, or a sheet of an XLSX file (the first, or the one named), as tab-separated text.

    Blanks and line breaks within a cell become one blank; days are written 2099-04-01; formulas give their last value. Raises
    InputError where the file cannot be read, or has no such sheet.
    """
    rows = _sheet_rows(path, sheet) if path.suffix.lower() == ".xlsx" else _csv_rows(path)
    cells = [[_written(value) for value in row] for row in rows]
    width = max((index + 1 for row in cells for index, value in enumerate(row) if value), default=0)
    return "".join("\t".join([*row, *[""] * (width - len(row))][:width]) + "\n" for row in cells)


def _csv_rows(path: Path) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True))
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8: byte {error.start} cannot be read. Save it as “CSV UTF-8”.") from error
    except csv.Error as error:
        raise InputError(f"{path} is no CSV file: {error}.") from error


def _sheet_rows(path: Path, sheet: str | None) -> list[tuple[object, ...]]:
    import openpyxl  # noqa: PLC0415 - only who has a spreadsheet waits for it

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:
        raise InputError(f"{path} cannot be read as an XLSX file: {error}.") from error
    try:
        if sheet is not None and sheet not in book.sheetnames:
            raise InputError(f"{path} has no sheet “{sheet}”; there are {', '.join(book.sheetnames)}.")
        return list(book[sheet or book.sheetnames[0]].iter_rows(values_only=True))
    finally:
        book.close()


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == datetime.min.time():
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())
