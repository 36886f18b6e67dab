"""Turtle in the one layout that `stratgraph fmt` writes, read line by line. Imports rdflib's terms and its resolving of IRIs.

A fifth of the time of a parser of all Turtle. It takes a narrow part of the language, strings and numbers each on its line, and
gives up at the first line that is anything else: what is wrong, or merely unusual, is for the whole parser (`parse`) to read and tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from rdflib import RDF, XSD
from rdflib.plugins.parsers.notation3 import join
from rdflib.term import Literal, URIRef

from stratgraph.places import Triple

_IRI: Final = r'<[^\x00-\x20<>"{}|^`\\#]+(?:#[^\x00-\x20<>"{}|^`\\#]+)?>'
_NAME: Final = r"[a-z][a-z0-9]*:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?"
_TERM: Final = rf"(?:{_IRI}|{_NAME})"
_OBJECT: Final = (
    rf"(?:({_TERM}(?:, {_TERM})*)|"
    rf'"((?:[^"\\\x00-\x1f\ud800-\udfff]|\\["\\])+)"(?:@([a-zA-Z]+(?:-[a-zA-Z0-9]+)*)|\^\^({_TERM}))?'
    r"|(0|-?[1-9][0-9]{0,99})|(-?(?:0|[1-9][0-9]*)\.[0-9]+)|(true|false))(,| ;| \.)"
)
_ESCAPE: Final = re.compile(r'\\(["\\])')
_PREDICATE: Final = rf"(a|{_TERM})"
# By what the line before ended with, what may stand on a line; the groups are the same in all: subject, predicate, object's, end.
_LINES: Final = {
    " .": re.compile(rf"({_TERM})(?: {_PREDICATE} {_OBJECT})?"),
    " ;": re.compile(rf"()  {_PREDICATE} {_OBJECT}"),
    ",": re.compile(rf"()()    {_OBJECT}"),
}
_DECLARATION: Final = re.compile(r'@(?:base|prefix ([a-z][a-z0-9]*):) <(https?://[^\x00-\x20<>"{}|^`\\]+)> \.')


class _Unusual(Exception):
    """This is not in the layout."""


@lru_cache(maxsize=1 << 12)
def _bare(integer: str | None, decimal: str | None, boolean: str | None) -> Literal:
    datatype = XSD.integer if integer else XSD.decimal if decimal else XSD.boolean
    return Literal(integer or decimal or boolean, datatype=datatype, normalize=False)


def read_laid_out(
    text: str, base: str | None, iri: Callable[[str], URIRef]
) -> tuple[dict[Triple, int], list[tuple[str | None, str, int]]] | None:
    """The triples, each with the line (from 1) its object first stands on, and the declarations: prefix or None, IRI, line.

    None where the text is not wholly in the layout. `base`, if any, resolves relative IRIs until an @base; `iri` makes terms.
    """
    reader = _Reader(base, iri)
    try:
        for number, line in enumerate(text.split("\n"), start=1):
            if line and line[0] != "#":
                reader.read(line, number)
    except _Unusual:
        return None
    return (reader.lines, reader.declarations) if reader.end == " ." else None


class _Reader:
    """Reads one file; `end` is how the last line ended."""

    def __init__(self, base: str | None, iri: Callable[[str], URIRef]) -> None:
        self._base = base
        self._iri = iri
        self._namespaces: dict[str, str] = {}
        self._terms: dict[str, URIRef] = {"a": RDF.type}
        self._subject = self._predicate = RDF.type
        self.end = " ."
        self.lines: dict[Triple, int] = {}
        self.declarations: list[tuple[str | None, str, int]] = []

    def read(self, line: str, number: int) -> None:
        """Take one line in. Raises _Unusual."""
        found = _LINES[self.end].fullmatch(line)
        if found is None:
            self._declare(line, number)
            return
        subject, predicate, terms, string, language, datatype, *bare, end = found.groups()
        if subject:
            self._subject = self._term(subject)
        if end is None:  # a subject alone
            self.end = " ;"
            return
        if predicate:
            self._predicate = self._term(predicate)
        self.end = end
        if terms:
            for one in terms.split(", "):
                self.lines.setdefault((self._subject, self._predicate, self._term(one)), number)
        else:
            value = self._string(string, language, datatype) if string else _bare(*bare)
            self.lines.setdefault((self._subject, self._predicate, value), number)

    def _string(self, text: str, language: str | None, datatype: str | None) -> Literal:
        kind = self._term(datatype) if datatype else None
        text = _ESCAPE.sub(r"\1", text) if "\\" in text else text
        return Literal(text, lang=language, datatype=None if kind == XSD.string else kind, normalize=False)

    def _term(self, written: str) -> URIRef:
        term = self._terms.get(written)
        if term is None:
            term = self._terms[written] = self._iri(self._resolved(written))
        return term

    def _resolved(self, written: str) -> str:
        if written[0] == "<":
            if self._base is None:  # a relative IRI is an error then
                raise _Unusual
            return join(self._base, written[1:-1])
        prefix, _, local = written.partition(":")
        if prefix not in self._namespaces:
            raise _Unusual
        return self._namespaces[prefix] + local

    def _declare(self, line: str, number: int) -> None:
        found = _DECLARATION.fullmatch(line) if self.end == " ." else None
        if found is None:
            raise _Unusual
        prefix, iri = found.groups()
        if prefix is None:
            self._base = iri
        else:
            self._namespaces[prefix] = iri
        self._terms = {"a": RDF.type}
        self.declarations.append((prefix, iri, number))
