"""Terms as people give them: a bare IRI, an N-Triples term, a prefixed name, or the path of a thing. Imports rdflib's reader."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rdflib import Literal
from rdflib.util import from_n3

from stratgraph.errors import BadParameter
from stratgraph.vocab import BASE

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]+")
_LITERAL = re.compile(r'"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"(?:@[A-Za-z]+(?:-[A-Za-z0-9]+)*|\^\^<[^\x00-\x20<>"{}|^`\\]+>)?')
_PATH = re.compile(r"[a-z0-9./#-]+")


def parse_term(name: str, text: str, prefixes: Mapping[str, str]) -> str:
    """The term in N-Triples. `name` is the parameter's ("s", "p", "o"); only "o" may be a literal. Raises BadParameter."""
    text = text.strip()
    allowed = ["an IRI", "a term in N-Triples", "a prefixed name such as sg:reflectedIn", "a path such as recommendation/2015/2-4"]
    if text.startswith("<") and text.endswith(">") and _IRI.fullmatch(text[1:-1]):
        return text
    if name == "o" and text.startswith('"'):
        return _literal(text, allowed)
    prefix, colon, local = text.partition(":")
    if colon and prefix in prefixes and _IRI.fullmatch(prefixes[prefix] + local):
        return f"<{prefixes[prefix]}{local}>"
    if _IRI.fullmatch(text):
        return f"<{text}>"
    if _PATH.fullmatch(text):
        return f"<{BASE}{text if text.startswith('vocab/') else f'id/{text}'}>"
    raise BadParameter(name, f"“{text[:80]}” is no term.", allowed)


def _literal(text: str, allowed: list[str]) -> str:
    try:
        found = from_n3(text) if _LITERAL.fullmatch(text) else None
    except ValueError:  # an escape that stands for no character
        found = None
    if not isinstance(found, Literal):
        raise BadParameter("o", f"“{text[:80]}” is no literal.", allowed)
    return Literal(str(found), lang=found.language, datatype=found.datatype, normalize=False).n3()
