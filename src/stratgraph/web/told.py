"""What is told of a question's answer where its format has no place for it. Imports questions, formats, release and vocab.

Plain CSV and TSV stay tables and nothing else: a `Link` leads from them to a document about them, in the vocabulary that W3C made for
that (Metadata Vocabulary for Tabular Data, section 5.3; Model for Tabular Data, section 5.2). SPARQL results in JSON and XML have a
link in their head (SPARQL 1.1 Query Results JSON Format, section 3.1.2), and Turtle and its kin have comments.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from fastapi import Request

from stratgraph.formats import Format
from stratgraph.questions import Column, Question
from stratgraph.questions.answer import SUMMARY_MARK, column_label
from stratgraph.questions.marks import NOTE
from stratgraph.questions.scope import Scope
from stratgraph.release import Release
from stratgraph.report import citation
from stratgraph.vocab import BASE, LICENCE, QUESTIONS

METADATA: Final = Format("csv-metadata", "application/csvm+json", ".csv-metadata.json", frozenset({"metadata"}))
# Dates are printed to the year, the month or the day: to CSVW they are text.
_DATATYPES: Final = {"iri": "anyURI", "concept": "anyURI", "integer": "integer", "decimal": "decimal", "boolean": "boolean"}
# RFC 3986, section 3.4, and the percent sign of what is encoded already.
_QUERY: Final = "-._~%!$&'()*+,;=:@/?"
_COMMENTS: Final = ("turtle", "ntriples", "trig", "nquads")


@dataclass(frozen=True)
class Told:
    """What an answer rests on: its question, release and scope, the number of all rows and of those in it."""

    question: Question
    release: Release
    scope: Scope
    count: int
    shown: int


def metadata_address(request: Request) -> str:
    """The address of the document about the CSV of an answer, from a request for the answer in any format."""
    folder, _, name = request.url.path.rpartition("/")
    return f"{folder}/{name.partition('.')[0]}{METADATA.suffix}{_query(request)}"


def metadata(told: Told, request: Request) -> dict[str, Any]:
    """The document about the CSV of an answer (CSVW), which the same query string asks for."""
    question, release, scope = told.question, told.release, told.scope
    years = sorted(one.year for one in scope.documents if one.year.isdigit())
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": f"{question.slug}.csv{_query(request)}",
        "dc:title": _both(question.names),
        "dc:description": _both(question.descriptions),
        "dc:source": {"@id": f"{QUESTIONS}{question.slug}"},
        "dc:isPartOf": {"@id": f"{BASE}releases/{release.id}"},
        "dc:issued": release.date,
        "dc:license": {"@id": str(LICENCE)},
        "dc:bibliographicCitation": citation(release),
        "dc:references": [{"@id": one.iri} for one in scope.documents],
        **({"schema:temporalCoverage": f"{years[0]}/{years[-1]}"} if years else {}),
        "rdfs:comment": _both(scope.sentence.mapping()),
        "notes": [{"count": told.count, "rows": told.shown, "complete": told.shown == told.count, "scope": scope.json()}],
        "tableSchema": {"columns": [*map(_column, question.columns), *(_note(one) for one in question.columns if one.type == "summary")]},
    }


def linked(content: bytes, kind: Format, address: str) -> bytes:
    """SPARQL results in JSON or XML with the link in their head that leads to the document about them; other formats as they are."""
    if kind.name == "json":
        return content.replace(b'{"head":{', b'{"head":{"link":[%s],' % json.dumps(address).encode(), 1)
    if kind.name == "xml":
        return content.replace(b"</head>", f"<link href={quoteattr(address)}/></head>".encode(), 1)
    return content


def commented(content: bytes, kind: Format, told: Told, language: str) -> bytes:
    """RDF with comments above it, in a language, where the format has comments."""
    if kind.name not in _COMMENTS:
        return content
    lines = [
        told.question.name.get(language),
        f"{QUESTIONS}{told.question.slug}",
        *(text.get(language) for text in told.scope.sentences.values()),
        citation(told.release),
    ]
    return "".join(f"# {' '.join(line.split())}\n" for line in lines).encode() + content


def _query(request: Request) -> str:
    """The query string as it was sent, its question mark before it; what is not allowed in one is percent-encoded."""
    raw: bytes = request.scope["query_string"]
    return f"?{quote(raw, safe=_QUERY)}" if raw else ""


def _both(texts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"@value": text, "@language": language} for language, text in texts.items()]


def _column(column: Column) -> dict[str, Any]:
    told = {"name": column.name, "titles": column.name, "dc:title": _both(column_label(column).mapping())}
    return {**told, "datatype": _DATATYPES.get(column.type, "string")}


def _note(column: Column) -> dict[str, Any]:
    """The column that marks a summary."""
    return {"name": f"{column.name}{NOTE}", "titles": f"{column.name}{NOTE}", "dc:title": _both(SUMMARY_MARK.mapping())}
