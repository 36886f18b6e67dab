"""Where a query stops being SPARQL, and how to say so. Imports pyoxigraph and precheck.

The engine's parser tells the furthest place that any of its attempts reached, and an attempt at a keyword reaches as many characters
as the keyword is long: for `FILTRE(?x)` that is the middle of what follows. So a wrong query is parsed once more with its parts
spread so far that no attempt reaches from one into the next; the furthest place then lies in the part at fault.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

from pyoxigraph import Store

from stratgraph.errors import QuerySyntaxError
from stratgraph.store.precheck import tokens

# More than the longest keyword, ENCODE_FOR_URI, has characters.
_GAP: Final = " " * 24
_PLACE: Final = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
_SHOWN: Final = 40


def explain_syntax_error(query: str, message: str) -> QuerySyntaxError:
    """The error to show for the engine's message about `query`: with the line and column of the part at fault."""
    place = _PLACE.match(message)
    if place is None:
        return QuerySyntaxError(f"Not a SPARQL query: {message}.")
    # What the engine says in words is about meaning (an unknown prefix, say); the rest lists what its attempts looked for.
    reasons = [one for one in place[3].removeprefix("expected ").removeprefix("one of ").split(", ") if re.fullmatch(r"\w+( \w+)+", one)]
    start, end = _find_part(query) or (len(query), len(query))
    line, column = query.count("\n", 0, start) + 1, start - query.rfind("\n", 0, start)
    part = query[start:end].partition("\n")[0][:_SHOWN]
    faults = reasons or ["cannot stand here" if part else "the query is not complete"]
    what = f"“{part}”: " if part else ""
    return QuerySyntaxError(f"Not a SPARQL query: line {line}, column {column}: {what}{'; '.join(faults)}.", line, column)


def _find_part(query: str) -> tuple[int, int] | None:
    """(start, end) of the part at fault; None: the end of the query."""
    spread, parts = _spread(query)
    try:
        Store().query(spread)
    except SyntaxError as error:
        place = _PLACE.match(str(error))
        if place is not None:
            lines = spread.split("\n")
            furthest = sum(len(one) + 1 for one in lines[: int(place[1]) - 1]) + int(place[2]) - 1
            index = bisect_right(parts, (furthest, len(query), len(query))) - 1
            if furthest < len(spread) and index >= 0:
                return parts[index][1:]
    return None


def _spread(query: str) -> tuple[str, list[tuple[int, int, int]]]:
    """The query with gaps where it has space or brackets, and (place in that, start, end) of each part."""
    pieces: list[str] = []
    parts: list[tuple[int, int, int]] = []
    length, last, alone = 0, -1, False
    for kind, start, end in tokens(query):
        bracket = kind in ("open", "close") or query[start] in ";,"
        # Brackets next to `<`, `>` and `|` are parts of RDF-star's, as in `<<(` and `{|`: not torn.
        bracket = bracket and not (query[start - 1 : start] in ("<", "|") or query[end : end + 1] in (">", "|"))
        if start > last or bracket or alone:
            pieces.append(_GAP)
            length += len(_GAP)
            parts.append((length, start, end))
        else:
            parts[-1] = (parts[-1][0], parts[-1][1], end)
        pieces.append(query[start:end])
        length += end - start
        last, alone = end, bracket
    return "".join([*pieces, _GAP]), parts
