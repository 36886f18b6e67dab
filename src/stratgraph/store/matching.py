"""The text properties of a query: `?thing sgf:matches "text"`. Imports nothing of the store.

The engine knows no such property. A worker reads from the query's text what is to be matched, looks it up in its index, and puts the
triples that the property stands for into a graph of their own beside the query's default graph: to the engine they are triples
like any other, in every place where SPARQL allows one. So the text must be in the query itself, not in a variable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from stratgraph.errors import QueryError

FUNCTIONS: Final = "https://w3id.org/stratgraph/function#"
MATCHES: Final = f"{FUNCTIONS}matches"
NAME_MATCHES: Final = f"{FUNCTIONS}nameMatches"
CONTAINS: Final = f"{FUNCTIONS}contains"
FOLD: Final = f"{FUNCTIONS}fold"

_ESCAPED: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
# Before a predicate stands a subject, or `;`.
_BEFORE: Final = frozenset({"variable", "iri", "name", "close", ";"})


@dataclass(frozen=True)
class TextPattern:
    """One use of a text property: which, and its object."""

    predicate: str
    text: str
    language: str | None = None


class TextPatternReader:
    """Takes a query's tokens one by one and keeps the text patterns among them."""

    def __init__(self) -> None:
        self._found: dict[TextPattern, None] = {}
        self._predicate: str | None = None
        self._text: str | None = None
        self._before = ""

    def take(self, kind: str, text: str, iri: str | None) -> None:
        """One token; `iri` is what it names, if it is an IRI or a prefixed name. Raises QueryError for a variable as the text."""
        if self._text is not None:
            self._found[TextPattern(self._predicate or "", self._text, text[1:] if kind == "language" else None)] = None
            self._text = None
            if kind == "language":
                return
        if kind == "mark" and text == ",":
            return  # the predicate holds for what follows
        if self._predicate is not None and kind == "text":
            self._text = string_value(text)
            return
        if self._predicate is not None and kind == "variable":
            name = self._predicate.removeprefix(FUNCTIONS)
            raise QueryError(f'sgf:{name} needs the text itself, as in sgf:{name} "攻撃"; it cannot take it from {text}.')
        self._predicate = iri if iri in (MATCHES, NAME_MATCHES) and self._before in _BEFORE else None
        self._before = text if kind == "mark" else kind

    def result(self) -> tuple[TextPattern, ...]:
        """What was found, in order."""
        return tuple(self._found)


def string_value(token: str) -> str:
    """The text that a SPARQL string stands for, quotes and escapes resolved (SPARQL 1.1, sections 4.1.2 and 19.2)."""

    def character(match: re.Match[str]) -> str:
        if code := match[1] or match[2]:
            number = int(code, 16)
            return match[0] if number > 0x10FFFF or 0xD800 <= number < 0xE000 else chr(number)
        return _ESCAPED.get(match[3], match[3])

    quotes = 3 if token[:3] in ('"""', "'''") and len(token) >= 6 else 1
    return _ESCAPE.sub(character, token[quotes:-quotes])
