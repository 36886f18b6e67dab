"""Reads a SPARQL 1.1 Protocol request into a value, strictly. Imports errors, limits and vocab.

Sources: SPARQL 1.1 Protocol (W3C, 2013), section 2; RFC 9110 for types and charsets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request

from stratgraph.errors import BadParameter
from stratgraph.vocab import LEVELS
from stratgraph.web.errors import RequestError
from stratgraph.web.limits import read_body

FORM: Final = "application/x-www-form-urlencoded"
QUERY: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
_MAX_FIELDS: Final = 2000
_NO_UPDATES: Final = "This endpoint only reads: updates are not offered, and nothing was executed."
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S*")


@dataclass(frozen=True)
class ProtocolRequest:
    """A query as the protocol gives it; `query` is None for a GET without one. `timeout` is in seconds, None: the default."""

    query: str | None
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    level: str = "full"
    timeout: float | None = None
    partial: bool = False
    options: Mapping[str, str] = field(default_factory=dict)


async def read_request(request: Request, limit: int) -> ProtocolRequest:
    """The request's query and dataset. Raises RequestError (400, 403, 408, 413, 415) and BadParameter."""
    url = parse_fields(request.scope["query_string"])
    if request.method == "GET":
        return _protocol_request(url, None)
    content_type, charset = parse_content_type(request.headers.get("content-type"))
    if content_type == UPDATE:
        raise RequestError(403, _NO_UPDATES)
    if content_type not in (FORM, QUERY):
        raise RequestError(415, f"A query is sent as {QUERY} or {FORM}, not as {content_type or 'nothing said'}.")
    if charset not in ("", "utf-8", "utf8"):
        raise RequestError(415, f"The request's text must be UTF-8, not {charset[:40]}.")
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise RequestError(415, "Compressed request bodies are not taken.", {"Accept-Encoding": "identity"})
    body = await read_body(request, limit)
    if content_type == FORM:
        if any(name == "query" for name, _ in url):
            raise RequestError(400, "The query is in the URL and the body is a form: one of them.")
        return _protocol_request([*url, *parse_fields(body)], None)
    return _protocol_request(url, _decode(body))


def parse_content_type(header: str | None) -> tuple[str, str]:
    """Media type and charset of a Content-Type header, in small letters; empty where not told."""
    if not header:
        return "", ""
    message = Message()
    message["content-type"] = header
    return message.get_content_type().lower() if "/" in header else header.lower(), str(message.get_param("charset", "")).strip().lower()


def parse_fields(raw: bytes) -> list[tuple[str, str]]:
    """The fields of a query string or form: `+` is a space, percent-escapes are UTF-8. Raises RequestError (400)."""
    try:
        text = raw.decode("ascii") if b"%" in raw or raw.isascii() else raw.decode("utf-8")
        return parse_qsl(text, keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=_MAX_FIELDS)
    except UnicodeDecodeError:
        raise RequestError(400, "The request's fields are not UTF-8.") from None
    except ValueError:
        raise RequestError(400, f"The request has more than {_MAX_FIELDS} fields.") from None


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")  # a file's signature, as Windows' editors write it, is none of the query
    except UnicodeDecodeError as error:
        raise RequestError(400, f"The query is not UTF-8: byte {error.start} does not fit.") from None


def _protocol_request(fields: Sequence[tuple[str, str]], direct: str | None) -> ProtocolRequest:
    names = {name for name, _ in fields}
    if "update" in names:
        raise RequestError(403, _NO_UPDATES)
    queries = [value for name, value in fields if name == "query"]
    if direct is not None and queries:
        raise RequestError(400, "The query is in the URL and in the body: one of them.")
    queries = [direct] if direct is not None else queries
    if len(queries) > 1:
        raise RequestError(400, "The request has more than one query.")
    if queries:
        _check_text(queries[0])
    return ProtocolRequest(
        query=queries[0] if queries else None,
        default_graphs=_graphs(fields, "default-graph-uri"),
        named_graphs=_graphs(fields, "named-graph-uri"),
        level=_level(fields),
        timeout=_timeout(fields),
        partial=_partial(fields),
        options={name: value for name, value in fields if name in ("format", "lang", "entailment", "timeout", "partial")},
    )


def _check_text(query: str) -> None:
    if not query.strip():
        raise RequestError(400, "The query is empty.")
    if "\x00" in query:
        raise RequestError(400, "The query holds a NUL character.")


def _graphs(fields: Sequence[tuple[str, str]], key: str) -> tuple[str, ...] | None:
    iris = tuple(value for name, value in fields if name == key)
    for iri in iris:
        if not _SCHEME.fullmatch(iri) or any(mark in iri for mark in '<>"{}|^`\\'):
            raise RequestError(400, f"{key} is not an absolute IRI: {iri[:80]!r}.")
    if any(name in ("default-graph-uri", "named-graph-uri") for name, _ in fields):
        return iris
    return None


def _level(fields: Sequence[tuple[str, str]]) -> str:
    level = next((value for name, value in fields if name == "entailment"), "full")
    if level not in LEVELS:
        raise BadParameter("entailment", f"“{level[:40]}” is no entailment level.", LEVELS)
    return level


def _partial(fields: Sequence[tuple[str, str]]) -> bool:
    text = next((value for name, value in fields if name == "partial"), None)
    if text not in (None, "allow"):
        raise BadParameter("partial", f"“{text[:40]}” is not known.", ["allow"])
    return text == "allow"


def _timeout(fields: Sequence[tuple[str, str]]) -> float | None:
    text = next((value for name, value in fields if name == "timeout"), None)
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,6}(\.\d{1,3})?", text, re.ASCII) or float(text) <= 0:
        raise BadParameter("timeout", f"“{text[:40]}” is not a time.", ["seconds, such as 10 or 0.5"])
    return float(text)
