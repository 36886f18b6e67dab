"""What the OpenAPI document says beyond what the handlers' signatures tell. Imports formats."""

from __future__ import annotations

from typing import Any, Final

from stratgraph.formats import DOCX, offered

_PROBLEM: Final = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
PROBLEM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457 problem document",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "line": {"type": "integer"},
        "column": {"type": "integer"},
        "parameter": {"type": "string"},
        "allowed": {"type": "array", "items": {"type": "string"}},
        "near": {"type": "array", "items": {"type": "string"}},
    },
}


def _parameter(name: str, description: str, schema: dict[str, Any], required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "description": description, "schema": schema}


_IRIS: Final = {"type": "array", "items": {"type": "string", "format": "iri"}}
_LANGUAGE: Final = _parameter("lang", "Language of the answer; beats Accept-Language.", {"type": "string", "enum": ["ja", "en"]})
_FORMAT: Final = _parameter("format", "Format by name; beats Accept.", {"type": "string"})
_LEVEL: Final = _parameter(
    "entailment",
    "Which triples a query sees; default full.",
    {"type": "string", "enum": ["asserted", "curated", "full"], "default": "full"},
)
_SPARQL_PARAMETERS: Final = [
    _parameter("default-graph-uri", "Default graph of the dataset; may be repeated.", _IRIS),
    _parameter("named-graph-uri", "Named graph of the dataset; may be repeated.", _IRIS),
    _LEVEL,
    _parameter("timeout", "Seconds the query may run, up to the server's limit.", {"type": "number"}),
    _parameter(
        "partial", "Of an answer that meets a limit, the part that is there: whole rows, marked.", {"type": "string", "enum": ["allow"]}
    ),
    _FORMAT,
    _LANGUAGE,
]
_ANSWERS: Final[dict[str, Any]] = {one.media_type: {} for one in offered("solutions", "sheet", "graph", "page")}


def _office() -> dict[str, Any]:
    return {one.media_type: {} for one in (*offered("sheet"), DOCX)}


def _responses(*codes: int) -> dict[str, Any]:
    texts = {
        400: "Not a query, or one that is refused",
        403: "An update",
        404: "Unknown",
        406: "No acceptable format",
        413: "Body too large",
        415: "Wrong type of body",
        422: "A parameter has a value it may not have; says which it may",
        429: "Too many queries of one client",
        503: "All workers are busy",
        504: "Stopped at the time limit",
    }
    return {str(code): {"description": texts[code], **_PROBLEM} for code in codes}


_SPARQL_ANSWERS: Final = {
    "200": {"description": "The answer, in a format of its kind", "content": _ANSWERS},
    **_responses(400, 403, 406, 422, 429, 503, 504),
}
SPARQL_GET: Final[dict[str, Any]] = {
    "summary": "SPARQL 1.1 query",
    "tags": ["sparql"],
    "parameters": [_parameter("query", "A SPARQL 1.1 query; without it the service description.", {"type": "string"}), *_SPARQL_PARAMETERS],
    "responses": _SPARQL_ANSWERS,
}
SPARQL_POST: Final[dict[str, Any]] = {
    "summary": "SPARQL 1.1 query, sent in the body",
    "tags": ["sparql"],
    "parameters": _SPARQL_PARAMETERS,
    "requestBody": {
        "required": True,
        "content": {
            "application/sparql-query": {"schema": {"type": "string"}},
            "application/x-www-form-urlencoded": {
                "schema": {"type": "object", "required": ["query"], "properties": {"query": {"type": "string"}}}
            },
        },
    },
    "responses": {**_SPARQL_ANSWERS, **_responses(413, 415)},
}
QUESTION: Final[dict[str, Any]] = {
    "summary": "Ask a saved question by its name; each has an operation of its own, with its parameters",
    "parameters": [
        _parameter("limit", "Rows wanted.", {"type": "integer", "minimum": 1}),
        _parameter("offset", "Rows left out before the first.", {"type": "integer", "minimum": 0}),
        _LEVEL,
        _FORMAT,
        _LANGUAGE,
    ],
    "responses": {
        "200": {"description": "The answer", "content": {"application/json": {}, **_ANSWERS}},
        **_responses(404, 406, 422, 503, 504),
    },
}
WHY: Final[dict[str, Any]] = {
    "summary": "Why a triple holds",
    "parameters": [
        *(
            _parameter(name, f"The triple's {role}: an IRI, a term in N-Triples, or a short form.", {"type": "string"}, True)
            for name, role in (("s", "subject"), ("p", "predicate"), ("o", "object"))
        ),
        _FORMAT,
        _LANGUAGE,
    ],
    "responses": {
        "200": {
            "description": "Rule, premises and evidence, nested",
            "content": {"application/json": {}, "text/html": {}, "text/turtle": {}},
        },
        **_responses(404, 406, 422, 429, 503, 504),
    },
}
SEARCH: Final[dict[str, Any]] = {
    "summary": "Things by their names and texts, ranked",
    "parameters": [
        _parameter("q", "Words; all must be in one text. Width, kana and case make no difference.", {"type": "string", "maxLength": 200}),
        _parameter("kind", "Things of one kind only, such as measure or body.", {"type": "string"}),
        _parameter("in", "Texts in one language only.", {"type": "string", "enum": ["ja", "en"]}),
        _parameter("names", "1: names only, no summaries.", {"type": "string", "enum": ["1"]}),
        _parameter("limit", "Hits wanted.", {"type": "integer", "minimum": 1, "maximum": 200, "default": 20}),
        _parameter("offset", "Hits left out before the first.", {"type": "integer", "minimum": 0}),
        _LEVEL,
        _FORMAT,
        _LANGUAGE,
    ],
    "responses": {
        "200": {"description": "Hits, and counts by kind", "content": {"application/json": {}, "text/html": {}}},
        **_responses(406, 422, 429, 503, 504),
    },
}
_LIMITS: Final = [
    _parameter("limit", "Rows wanted.", {"type": "integer", "minimum": 1, "maximum": 100_000}),
    _parameter("offset", "Rows left out before the first.", {"type": "integer", "minimum": 0}),
]
ASKED: Final = [*_LIMITS, _LEVEL, _FORMAT, _LANGUAGE]
ASKED_FORMATS: Final[dict[str, Any]] = {one.media_type: {} for one in (*offered("solutions", "sheet"), DOCX, *offered("page"))}
ASKED_ERRORS: Final = _responses(404, 406, 422, 503, 504)
_HEADERS: Final = {
    "ETag": "Names this representation; sent back as If-None-Match it saves an answer that is the same.",
    "Link": "The document about the answer's CSV and the page that tells scope and columns (describedby); first, prev, next, last.",
    "StratGraph-Release": "The release that was asked.",
    "StratGraph-Count": "The number of all rows.",
    "StratGraph-Complete": "Whether the answer holds all of them.",
    "StratGraph-Scope": "What was looked at, as a structured field: documents, not-encoded, from, to, corpus-to.",
}
ASKED_HEADERS: Final = {name: {"description": text, "schema": {"type": "string"}} for name, text in _HEADERS.items()}
NOT_MODIFIED: Final = {"description": "The answer that the client has (If-None-Match) is the same"}
_LIST: Final = {"type": "array", "items": {"type": "string"}}
CHOICES: Final[dict[str, Any]] = {
    "summary": "What a parameter of a saved question may be",
    "parameters": [
        _parameter("parameter", "The parameter's name.", {"type": "string"}, True),
        _parameter("q", "What one of its names holds, whatever the width, case and white space.", {"type": "string", "maxLength": 200}),
        _LANGUAGE,
    ],
    "responses": {
        "200": {"description": "How many there are, and the first 20", "content": {"application/json": {}}},
        **_responses(404, 422, 503, 504),
    },
}
BASKET: Final[dict[str, Any]] = {
    "summary": "Collected answers as one file",
    "parameters": [
        _parameter("item", "An answer's address, whole or from the question's name on; may be repeated, up to 20 times.", _LIST),
        _parameter(
            "layout",
            "A part for each question, or for each ministry with its items, roles and blank columns for the reply.",
            {"type": "string", "enum": ["question", "ministry"], "default": "question"},
        ),
        _FORMAT,
        _LANGUAGE,
    ],
    "responses": {
        "200": {"description": "The page, the workbook or the document", "content": {"text/html": {}, **_office()}},
        **_responses(406, 422, 503, 504),
    },
}
CORRECTIONS: Final[dict[str, Any]] = {
    "summary": "A report of an error, prepared, and the corrections made so far",
    "parameters": [
        _parameter("iri", "What the report is about: a thing, or an answer's permanent address.", {"type": "string"}),
        _parameter("anchor", "The anchor of a place in the source; may be repeated.", _LIST),
        _parameter("statement", "The statement in words.", {"type": "string", "maxLength": 2000}),
        _LANGUAGE,
    ],
    "responses": {"200": {"description": "The page", "content": {"text/html": {}}}, **_responses(422)},
}
