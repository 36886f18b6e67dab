"""How IRIs and literals are written in Turtle. Imports rdflib's terms and namespaces only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urljoin

from rdflib.namespace import XSD
from rdflib.plugins.parsers.notation3 import join
from rdflib.term import Literal, URIRef

# Narrower than Turtle's PN_LOCAL on purpose: what needs an escape is clearer as an IRI.
_LOCAL_NAME: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_RELATIVE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~%/#-]*")

# Literals that Turtle's bare form gives back as they are: no plus sign, no leading zeros.
_BARE: Final = {
    XSD.integer: re.compile(r"0|-?[1-9][0-9]{0,99}"),
    XSD.decimal: re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+"),
    XSD.boolean: re.compile(r"true|false"),
}

# Control characters, line and paragraph separators and the byte order mark: invisible, or taken for the end of a line.
_ESCAPED: Final = re.compile(r'["\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]')
# The same for long strings, but for line feeds, and quotes only where they would end it.
_ESCAPED_IN_LONG: Final = re.compile(r'"(?="|\Z)|[\\\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]')
_IRI_ESCAPED: Final = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff]")
_NAMED_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


class TermWriter:
    """Writes terms for one file and remembers which prefixes it used.

    `prefixes` maps prefix → namespace, `base` is the file's @base or None.
    """

    def __init__(self, prefixes: Mapping[str, str], base: str | None) -> None:
        # The longest namespace wins, then the first prefix in the alphabet.
        ordered = sorted(prefixes.items(), key=lambda item: (-len(item[1]), item[0]))
        self._namespaces = [(namespace, prefix) for prefix, namespace in ordered]
        self._base = base
        self._written: dict[str, str] = {}
        self.used: set[str] = set()

    def iri(self, iri: str) -> str:
        """An IRI as prefixed name, else relative to the base, else whole."""
        written = self._written.get(iri)
        if written is None:
            written = self._written[iri] = self._prefixed(iri) or f"<{_IRI_ESCAPED.sub(_numbered, self._relative(iri))}>"
        return written

    def _prefixed(self, iri: str) -> str | None:
        for namespace, prefix in self._namespaces:
            if iri.startswith(namespace) and _LOCAL_NAME.fullmatch(iri, len(namespace)):
                self.used.add(prefix)
                return f"{prefix}:{iri[len(namespace) :]}"
        return None

    def _relative(self, iri: str) -> str:
        if self._base is None:
            return iri
        folder = self._base[: self._base.rfind("/") + 1]
        rest = iri[len(folder) :]
        # Both the parser's way and the standard's (RFC 3986) must lead back.
        back = iri.startswith(folder) and _RELATIVE.fullmatch(rest) and join(self._base, rest) == urljoin(self._base, rest) == iri
        return rest if back else iri

    def literal(self, literal: Literal) -> str:
        """A literal: bare where that gives it back, else in double quotes, on one line but for programs.

        A program (say SPARQL in a shape) is a string of several lines without a language; it stays readable.
        """
        text = str(literal)
        datatype = literal.datatype
        if datatype is not None:
            bare = _BARE.get(datatype)
            if bare and bare.fullmatch(text):
                return text
        if is_program(literal):
            return f'"""{_ESCAPED_IN_LONG.sub(_escape, text)}"""'
        quoted = f'"{_ESCAPED.sub(_escape, text)}"'
        if literal.language is not None:
            return f"{quoted}@{literal.language}"
        if datatype is None or datatype == XSD.string:
            return quoted
        return f"{quoted}^^{self.iri(URIRef(datatype))}"


def is_text(literal: Literal) -> bool:
    """Whether a literal is a string, with or without a language: the kind of which each stands on its own line."""
    return literal.datatype is None or literal.datatype == XSD.string


def is_program(literal: Literal) -> bool:
    """Whether a literal is a string of several lines without a language."""
    return literal.language is None and is_text(literal) and "\n" in literal


def _escape(match: re.Match[str]) -> str:
    return _NAMED_ESCAPES.get(match.group()) or _numbered(match)


def _numbered(match: re.Match[str]) -> str:
    return f"\\u{ord(match.group()):04X}"
