"""Canonical IRIs and this server's own paths. Imports vocab and the store's interface.

Data knows one base; a copy of the service anywhere dereferences it by mapping that base to its own root. Only http(s) and
mailto become links, whatever a graph holds.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from stratgraph.store.interface import SearchRequest
from stratgraph.vocab import BASE

SEARCH_PAGE = 20
_SAFE = "/#:@!$&'()*+,;=~-._%"


def local_path(iri: str) -> str | None:
    """The path on this server for a canonical IRI, the address itself for another http(s) or mailto IRI, else None."""
    if iri.startswith(BASE):
        return quote("/" + iri.removeprefix(BASE), safe=_SAFE)
    return iri if iri.startswith(("http://", "https://", "mailto:")) else None


def canonical(path: str) -> str:
    """The canonical IRI of a path of this server."""
    return BASE + path.lstrip("/")


def short_name(iri: str) -> str:
    """What is left of an IRI that has no label: the path after `/id/`, or its last part."""
    for base in (f"{BASE}id/", f"{BASE}vocab/", f"{BASE}ontology#", BASE):
        if iri.startswith(base) and iri != base:
            return iri.removeprefix(base)
    return iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1] or iri


def with_query(path: str, **values: str | None) -> str:
    """A path with a query string of the values that are not None."""
    given = [(name, value) for name, value in values.items() if value is not None]
    return f"{path}?{urlencode(given)}" if given else path


def search_query(wanted: SearchRequest, offset: int) -> str:
    """The query string of another page of the same search."""
    given = {"q": wanted.words, "kind": wanted.kind, "in": wanted.language, "names": "1" if wanted.names_only else None}
    level = wanted.level if wanted.level != "full" else None
    fields = {**given, "entailment": level, "limit": wanted.limit if wanted.limit != SEARCH_PAGE else None, "offset": offset or None}
    return urlencode({name: value for name, value in fields.items() if value is not None})
