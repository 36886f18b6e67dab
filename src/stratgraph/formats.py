"""The one table of representations, and the choice among them. Imports errors and werkzeug's Accept parser.

A format belongs to one or more families: what a SPARQL query returns (`solutions`, `boolean`), a set of triples (`graph`),
triples with their graphs (`dataset`), `sheet` for spreadsheet programs, and `page` for people.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from stratgraph.errors import NotAcceptable


@dataclass(frozen=True)
class Format:
    """One representation: its name (for `format=`), media type, file suffix, and families.

    `aliases` are further media types that select it; `charset` is told in Content-Type where the type wants one.
    """

    name: str
    media_type: str
    suffix: str
    families: frozenset[str]
    aliases: tuple[str, ...] = ()
    charset: bool = False

    @property
    def content_type(self) -> str:
        """The Content-Type header's value."""
        return f"{self.media_type}; charset=utf-8" if self.charset else self.media_type


def _format(name: str, media_type: str, suffix: str, families: str, *aliases: str) -> Format:
    return Format(name, media_type, suffix, frozenset(families.split()), aliases, media_type.startswith("text/"))


# Order is preference: the first of a family is what `*/*` gets.
FORMATS: Final[tuple[Format, ...]] = (
    _format("json", "application/sparql-results+json", ".srj", "solutions boolean", "application/json"),
    _format("xml", "application/sparql-results+xml", ".srx", "solutions boolean", "application/xml", "text/xml"),
    _format("csv", "text/csv", ".csv", "solutions"),
    _format("tsv", "text/tab-separated-values", ".tsv", "solutions"),
    _format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", "sheet"),
    _format("turtle", "text/turtle", ".ttl", "graph", "application/x-turtle"),
    _format("ntriples", "application/n-triples", ".nt", "graph"),
    _format("jsonld", "application/ld+json", ".jsonld", "graph dataset", "application/json"),
    _format("rdfxml", "application/rdf+xml", ".rdf", "graph", "application/xml", "text/xml"),
    _format("trig", "application/trig", ".trig", "graph dataset"),
    _format("nquads", "application/n-quads", ".nq", "graph dataset"),
    _format("html", "text/html", ".html", "page", "application/xhtml+xml"),
)

# CSV for spreadsheet programs, by name only: a byte order mark, and nothing that they would run as a formula.
EXCEL_CSV: Final = _format("excel-csv", "text/csv", ".csv", "sheet")

# A document for word processors, of answers to saved questions alone.
DOCX: Final = _format("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx", "document")

_MEDIA_RANGE: Final = re.compile(r"(\*/\*|[\w!#$&^.+-]+/(\*|[\w!#$&^.+-]+))( *;|$)")

# Ways people name a format beside its own name.
_SYNONYMS: Final = {"ttl": "turtle", "nt": "ntriples", "nq": "nquads", "rdf": "rdfxml", "json-ld": "jsonld", "srj": "json", "srx": "xml"}


def offered(*families: str) -> tuple[Format, ...]:
    """The formats of these families, in order of preference."""
    return tuple(one for one in FORMATS if one.families & set(families))


def by_name(name: str, candidates: Sequence[Format]) -> Format:
    """The candidate called `name` (or that has this suffix or media type); of several with commas, the first known. Raises NotAcceptable.

    SPARQLWrapper asks for JSON-LD as `application/ld+json,application/x-json+ld`.
    """
    for asked in name.lower().split(","):
        wanted = _SYNONYMS.get(asked.strip().lstrip("."), asked.strip())
        for one in candidates:
            if wanted in (one.name, one.suffix.lstrip("."), one.media_type, *one.aliases):
                return one
    raise NotAcceptable([one.name for one in candidates])


def by_suffix(path: str, candidates: Sequence[Format]) -> tuple[str, Format | None]:
    """Split a known suffix off a path: `a/b.ttl` → (`a/b`, Turtle); (`path`, None) where it ends in none."""
    for one in candidates:
        if path.endswith(one.suffix):
            return path[: -len(one.suffix)], one
    return path, None


def negotiate(accept: str | None, candidates: Sequence[Format]) -> Format:
    """The candidate that an Accept header prefers (RFC 9110, section 12.5.1). Raises NotAcceptable.

    No header, an empty or a malformed one accepts everything. Equal weights: our order decides.
    """
    header = parse_accept_header(accept, MIMEAccept)
    if not any(_MEDIA_RANGE.match(media_range) for media_range in header.values()):
        return candidates[0]
    named = (accept or "").lower()
    # An alias counts only where the client names it: `application/json` must not come in by `*/*` when the
    # format's own type is excluded with q=0, nor `text/xml` by `text/*` ahead of CSV.
    order = [(header.quality(one.media_type), one) for one in candidates]
    order += [(header.quality(alias), one) for one in candidates for alias in one.aliases if alias in named]
    best = max(weight for weight, _ in order)
    if best <= 0:
        raise NotAcceptable([one.media_type for one in candidates])
    return next(one for weight, one in order if weight == best)
