"""The first rows of a streamed answer, for a page: SPARQL TSV and boolean JSON read into cells. Imports the store's interface.

Source: SPARQL 1.1 Query Results CSV and TSV Formats (W3C, 2013): terms in TSV are written as in Turtle, one line a row.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from stratgraph.store.interface import Answer, Term

PAGE_ROWS: Final = 1000
PAGE_BYTES: Final = 2 * 2**20
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_LITERAL: Final = re.compile(r'"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)?', re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
_PLAIN: Final = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}


@dataclass(frozen=True)
class ResultTable:
    """What a page shows of an answer. `more` says that rows were left out; `text` holds a graph as Turtle."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Term | None, ...], ...] = ()
    boolean: bool | None = None
    text: str | None = None
    more: bool = False

    def iris(self) -> list[str]:
        """All IRIs in the rows."""
        return [cell.value for row in self.rows for cell in row if cell is not None and cell.kind == "iri"]


async def read_table(answer: Answer, limit: int) -> ResultTable:
    """The first `limit` rows of solutions in TSV, or a boolean in JSON. Raises what the body raises."""
    if answer.kind == "boolean":
        told = json.loads(b"".join([chunk async for chunk in answer.body]))
        return ResultTable(boolean=bool(told["boolean"]))
    lines, more = await _read_lines(answer.body, limit + 1)
    head, *rows = lines or [""]
    columns = tuple(name.lstrip("?") for name in head.split("\t")) if head else ()
    return ResultTable(columns, tuple(tuple(parse_term(cell) for cell in line.split("\t")) for line in rows), more=more)


async def read_graph(body: AsyncIterator[bytes]) -> ResultTable:
    """The beginning of a graph as Turtle text, cut at a line."""
    kept = bytearray()
    async for chunk in body:
        kept += chunk
        if len(kept) > PAGE_BYTES:
            return ResultTable(text=bytes(kept[: kept.rfind(b"\n", 0, PAGE_BYTES)]).decode("utf-8", "replace"), more=True)
    return ResultTable(text=bytes(kept).decode("utf-8", "replace"))


async def _read_lines(body: AsyncIterator[bytes], limit: int) -> tuple[list[str], bool]:
    """At most `limit` whole lines within the page's bytes, and whether there were more."""
    buffer = b""
    lines: list[str] = []
    size = 0
    async for chunk in body:
        *whole, buffer = (buffer + chunk).split(b"\n")
        for line in whole:
            if len(lines) >= limit or size > PAGE_BYTES:
                return lines, True
            size += len(line)
            lines.append(line.decode("utf-8").rstrip("\r"))
    if buffer:
        lines.append(buffer.decode("utf-8"))
    return lines, False


def parse_term(text: str) -> Term | None:
    """A term as TSV writes it: <iri>, _:blank, "literal"@en, "literal"^^<type>, or a bare number or boolean. Empty is None."""
    if not text:
        return None
    if text.startswith("<"):
        return Term("iri", _unescape(text[1:-1]))
    if text.startswith("_:"):
        return Term("blank", text[2:])
    found = _LITERAL.fullmatch(text)
    if found:
        return Term("literal", _unescape(found[1]), found[2], found[3] or (None if found[2] else f"{_XSD}string"))
    kind = "boolean" if text in ("true", "false") else "double" if "e" in text.lower() else "decimal" if "." in text else "integer"
    return Term("literal", text, None, _XSD + kind)


def _unescape(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        mark = match[1]
        return chr(int(mark[1:], 16)) if mark[0] in "uU" and len(mark) > 1 else _PLAIN.get(mark, mark)

    return _ESCAPE.sub(one, text)
