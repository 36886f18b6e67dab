"""Canonical IRIs and this server's own paths. Imports vocab and the store's interface.

Data knows one base; a copy of the service anywhere dereferences it by mapping that base to its own root. Only http(s) and
mailto become links, whatever a graph holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from stratgraph.formats import Format
from stratgraph.store.interface import SearchRequest
from stratgraph.vocab import BASE, LICENCE

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


def file_name(ascii_name: str, told: str, suffix: str) -> str:
    """The parameters of a Content-Disposition that name a file for people (RFC 6266, RFC 8187), with a name in ASCII for old clients."""
    plain = "".join("_" if character in '\\/:*?"<>|' or not character.isprintable() else character for character in told).strip(" .")
    return f"filename=\"{ascii_name}{suffix}\"; filename*=UTF-8''{quote(plain[:100] + suffix, safe='')}"


def document_links(iri: str, kind: Format, others: Sequence[Format]) -> str:
    """The Link header (RFC 8288) of a document about an IRI of ours: what it is about, its other formats, its licence, its dataset."""
    path, about = local_path(iri) or "", ascii_iri(iri)
    alternates = [f'<{path}{one.suffix}>; rel="alternate"; type="{one.media_type}"' for one in others if one != kind]
    told = [f'<{about}>; rel="canonical"', f'<{about}>; rel="describes"', f'<{LICENCE}>; rel="license"']
    return ", ".join([*told, *alternates, '</.well-known/void>; rel="describedby"; type="text/turtle"'])


def thing_links(iri: str, documents: Sequence[Format]) -> str:
    """The Link header of an IRI of ours that names a thing: the documents about it, and its licence."""
    told = [f'<{local_path(iri)}{one.suffix}>; rel="describedby"; type="{one.media_type}"' for one in documents]
    return ", ".join([*told, f'<{LICENCE}>; rel="license"'])


def ascii_iri(iri: str) -> str:
    """An IRI as a URI, for headers: what is not ASCII is percent-encoded (RFC 3987, section 3.1)."""
    return quote(iri, safe=_SAFE + "?[]")


def page_links(path: str, fields: Sequence[tuple[str, str]], limit: int, offset: int, count: int) -> dict[str, str]:
    """The addresses of the neighbouring pages of a list by relation (RFC 8288): first, prev, next, last; those that there are."""
    kept = [(name, value) for name, value in fields if name not in ("limit", "offset")]
    starts = {"first": 0, "last": (count - 1) // limit * limit if count else 0}
    if offset > 0:
        starts["prev"] = max(0, min(offset, count) - limit)
    if offset + limit < count:
        starts["next"] = offset + limit
    return {
        name: f"{quote(path, safe=_SAFE)}?{urlencode([*kept, ('limit', str(limit)), ('offset', str(start))])}"
        for name, start in starts.items()
    }
