"""The rows of an answer, seen in its bytes: how many there are, and where one ends. Imports errors only.

The engine writes an answer without telling how many rows it has, and reading it row by row in Python would be many times slower. In
each format the end of a row has a mark that, outside of quoted text, stands nowhere else: `},{` between two rows of JSON (SPARQL 1.1
Query Results JSON Format, section 3.2), `<result>` in XML (text is escaped there), the line's end in CSV and TSV. Quoted text
is left out by counting quotation marks, which are escaped (JSON) or doubled (CSV) within it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from stratgraph.errors import AnswerTooLarge

# A row takes one byte at least: the line's end of an empty row in TSV.
_LEAST_BYTES: Final[Mapping[str, int]] = {"json": 3, "xml": 17, "csv": 2, "tsv": 1}
# A mark ends in none of these but begins with one, as does an escape.
_BROKEN: Final = b"},\\\r"
# Only between rows a `{` has `"` and a name behind it: in a text the quotation mark would be escaped, or end the text.
_SURE: Final = (b'},{"',)
_NOT_SURE: Final = (b'},{"}', b'},{",', b'},{":')
# How many candidates for a row's end are looked at before more bytes are waited for.
_TRIES: Final = 64


@dataclass(frozen=True)
class _Marks:
    """What marks a row, how many marks are none (CSV's first line) or are missing (JSON's last row), and how text is quoted."""

    mark: bytes
    beside: int
    quoted: bool = False
    escaped: bool = False


_MARKS: Final[Mapping[str, _Marks]] = {
    "json": _Marks(b"},{", -1, quoted=True, escaped=True),
    "xml": _Marks(b"<result>", 0),
    "csv": _Marks(b"\r\n", 1, quoted=True),
    "tsv": _Marks(b"\n", 1),
}


class RowLimit:
    """Counts the rows of one answer as its bytes go by. `format_name` is that of solutions; in others nothing is counted."""

    def __init__(self, format_name: str, limit: int) -> None:
        self._limit = limit
        self._marks = _MARKS.get(format_name)
        self._least = limit * _LEAST_BYTES.get(format_name, 0)
        self._size = self._found = 0
        self._inside = False
        self._held: list[bytes] | None = []
        self._left = b""

    def take(self, data: bytes) -> None:
        """The next bytes. Raises AnswerTooLarge where they bring one row more than allowed."""
        if self._marks is None:
            return
        self._size += len(data)
        # What is too small to have so many rows is not looked at: most answers end before.
        if self._held is not None:
            self._held.append(data)
            if self._size < self._least:
                return
            data, self._held = b"".join(self._held), None
        self._found += self._count(self._whole(data, self._marks), self._marks)
        if self._found - self._marks.beside > self._limit:
            raise AnswerTooLarge(self._limit, "rows")

    def fit(self, data: bytes, end: Callable[[bytes], int]) -> bytes:
        """Of bytes that `take` would refuse, those up to the last row that it takes; `end` tells where a row ends."""
        low, high = 0, len(data)
        while low < high:
            middle = (low + high + 1) // 2
            try:
                copy.deepcopy(self).take(data[:middle])
            except AnswerTooLarge:
                high = middle - 1
            else:
                low = middle
        # Between two rows of JSON the mark shows its kind by what follows.
        ahead = 5 if self._marks is not None and self._marks.beside < 0 else 0
        return data[: end(data[: low + ahead])]

    def _whole(self, data: bytes, marks: _Marks) -> bytes:
        """The bytes up to where no mark and no escape is broken in two, without escapes; the rest waits for the next."""
        data = self._left + data
        cut = len(data.rstrip(_BROKEN)) if marks.quoted else len(data)
        if not marks.quoted and len(marks.mark) > 1 and (at := data.rfind(marks.mark[:1], max(0, len(data) - len(marks.mark) + 1))) >= 0:
            cut = at
        data, self._left = data[:cut], data[cut:]
        if marks.escaped and b"\\" in data:
            data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
        return data

    def _count(self, data: bytes, marks: _Marks) -> int:
        found = data.count(marks.mark)
        if not marks.quoted:
            return found
        inside, quotes = self._inside, data.count(b'"')
        self._inside ^= quotes % 2 == 1
        if not found or not quotes:
            return 0 if inside else found
        # In JSON nearly every mark shows by what is next to it that it is one: then the texts need not be taken out.
        sure = marks.escaped and not data.endswith(_SURE)
        if sure and found == sum(map(data.count, _SURE)) - sum(map(data.count, _NOT_SURE)):
            return found
        return sum(part.count(marks.mark) for part in data.split(b'"')[inside::2])


def _json_end(data: bytes) -> int:
    # As `_SURE`.
    return _search(data, b'},{"', lambda at: data[at + 4 : at + 5] not in (b"", b"}", b",", b":"), 1)


def _csv_end(data: bytes) -> int:
    return _search(data, b"\r\n", lambda at: data.count(b'"', 0, at) % 2 == 0, 2)


def _search(data: bytes, mark: bytes, ends: Callable[[int], bool], width: int) -> int:
    """Where the last row of `data` ends: behind `width` bytes of the last mark that does end one; 0 if none is found."""
    at = len(data)
    for _ in range(_TRIES):
        at = data.rfind(mark, 0, at)
        if at < 0:
            return 0
        if ends(at):
            return at + width
    return 0


# Where the last whole row or statement of what is there ends. JSON-LD and RDF/XML can be cut nowhere.
ROW_ENDS: Final[Mapping[str, Callable[[bytes], int]]] = {
    "json": _json_end,
    "xml": lambda data: data.rfind(b"</result>") + len(b"</result>") if b"</result>" in data else 0,
    "csv": _csv_end,
    "tsv": lambda data: data.rfind(b"\n") + 1,
    "ntriples": lambda data: data.rfind(b"\n") + 1,
    "nquads": lambda data: data.rfind(b"\n") + 1,
    "turtle": lambda data: data.rfind(b" .\n") + 3 if b" .\n" in data else 0,
    "trig": lambda data: data.rfind(b" .\n") + 3 if b" .\n" in data else 0,
}
_INCOMPLETE: Final = b"incomplete: a limit of this server was met"
# What makes a part valid again, and says that it is one where the format has a place for that.
CLOSINGS: Final[Mapping[str, bytes]] = {
    "json": b']},"complete":false}',
    "xml": b"</results></sparql><!-- " + _INCOMPLETE + b" -->",
    "csv": b"",
    "tsv": b"",
    "ntriples": b"# " + _INCOMPLETE + b"\n",
    "nquads": b"# " + _INCOMPLETE + b"\n",
    "turtle": b"# " + _INCOMPLETE + b"\n",
    "trig": b"# " + _INCOMPLETE + b"\n",
}
