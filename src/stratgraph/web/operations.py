"""Saved questions as OpenAPI operations, each with typed parameters, examples, its answer's shape and its errors. Imports questions.

Source: OpenAPI Specification 3.1.1; schemas are JSON Schema 2020-12. A concrete path is matched before `/questions/{name}`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from stratgraph.questions import Column, Example, Parameter, Question, Questions
from stratgraph.questions.answer import column_label
from stratgraph.questions.model import LANGUAGES
from stratgraph.vocab import BASE, QUESTIONS
from stratgraph.web.openapi import ASKED, ASKED_ERRORS, ASKED_FORMATS, ASKED_HEADERS, NOT_MODIFIED

MARK: Final = "x-stratgraph-question"
_ROWS: Final = 2
_TYPES: Final[Mapping[str, dict[str, Any]]] = {
    "iri": {"type": ["string", "null"], "format": "iri"},
    "concept": {"type": ["string", "null"], "format": "iri"},
    "text": {"type": ["string", "null"]},
    "summary": {"type": ["string", "null"]},
    "integer": {"type": ["integer", "null"]},
    "decimal": {"type": ["number", "null"]},
    "date": {"type": ["string", "null"]},
    "boolean": {"type": ["boolean", "null"]},
}


def question_paths(questions: Questions) -> dict[str, Any]:
    """A path for each question, with its one operation."""
    return {f"/questions/{one.slug}": {"get": _operation(one)} for one in questions.values()}


def _operation(question: Question) -> dict[str, Any]:
    graph = question.form != "SELECT"
    content = {"text/turtle": {}, "text/html": {}} if graph else {"application/json": _answer(question), **ASKED_FORMATS}
    errors = {**ASKED_ERRORS, "422": _refusal(question)} if question.parameters else dict(ASKED_ERRORS)
    return {
        "operationId": f"ask-{question.slug}",
        "summary": question.name.en,
        "description": f"{question.description.en}\n\n{question.name.ja}：{question.description.ja}",
        "tags": ["questions", *question.tags],
        "parameters": [*(_parameter(one, question) for one in question.parameters), *ASKED],
        "responses": {"200": {"description": "The answer", "headers": ASKED_HEADERS, "content": content}, "304": NOT_MODIFIED, **errors},
        MARK: f"{QUESTIONS}{question.slug}",
    }


def _parameter(parameter: Parameter, question: Question) -> dict[str, Any]:
    given = {one.name: one.parameters[parameter.name] for one in question.examples if parameter.name in one.parameters}
    label, help_ = parameter.label, parameter.help
    told: dict[str, Any] = {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": " ／ ".join((f"{label.en}: {help_.en}", f"{label.ja}：{help_.ja}")) + _choices(parameter, question),
        "schema": _schema(parameter),
    }
    if given:
        told["examples"] = {name: {"value": _values(parameter, values)} for name, values in given.items()}
    return told


def _choices(parameter: Parameter, question: Question) -> str:
    return f" Choices: /questions/{question.slug}/choices?parameter={parameter.name}&q=…" if parameter.names_a_thing else ""


def _schema(parameter: Parameter) -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {
        "integer": {"type": "integer"},
        "date": {"type": "string", "format": "date"},
        "language": {"type": "string", "enum": list(LANGUAGES)},
    }
    one = dict(kinds.get(parameter.type, {"type": "string", "minLength": 1, "maxLength": 2000}))
    schema = {"type": "array", "items": one, "maxItems": 50} if parameter.multiple else one
    return {**schema, "default": _values(parameter, parameter.default)} if parameter.default else schema


def _values(parameter: Parameter, texts: tuple[str, ...]) -> Any:
    values = [int(text) if parameter.type == "integer" and text.lstrip("+-").isdigit() else text for text in texts]
    return values if parameter.multiple else values[0]


def _answer(question: Question) -> dict[str, Any]:
    """The shape of the JSON answer, and the beginning of an example's rows as the documents give them."""
    texts = {"type": "object", "properties": {"ja": {"type": "string"}, "en": {"type": "string"}}}
    row = {"type": "object", "properties": {one.name: _column(one) for one in question.columns}}
    properties = {
        "question": {"const": f"{QUESTIONS}{question.slug}"},
        "release": {"type": "string"},
        "parameters": {"type": "object"},
        "scope": {"type": "object", "properties": {"documents": {"type": "array"}, "statement": texts, "sentences": {"type": "object"}}},
        "columns": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}, "label": texts}}},
        "rows": {"type": "array", "items": row},
        "count": {"type": "integer", "description": "The number of all rows."},
        "complete": {"type": "boolean", "description": "Whether `rows` are all there are."},
    }
    examples = {one.name: {"value": {"question": f"{QUESTIONS}{question.slug}", "rows": _rows(question, one)}} for one in question.examples}
    return {"schema": {"type": "object", "properties": properties}, "examples": {name: one for name, one in examples.items() if one}}


def _column(column: Column) -> dict[str, Any]:
    label = column_label(column)
    return {**_TYPES[column.type], "description": f"{label.en} ／ {label.ja}"}


def _rows(question: Question, example: Example) -> list[dict[str, Any]]:
    """The first expected rows of an example; none where a reader's own question has no file of them."""
    if not example.expected.is_file():
        return []
    types = {one.name: one.type for one in question.columns}
    with example.expected.open(encoding="utf-8", newline="") as handle:
        return [
            {name: _typed(types.get(name, "text"), text) for name, text in row.items()} for row in islice(csv.DictReader(handle), _ROWS)
        ]


def _typed(kind: str, text: str) -> Any:
    if not text:
        return None
    if kind == "boolean":
        return text == "true"
    try:
        return int(text) if kind == "integer" else float(text) if kind == "decimal" else text
    except ValueError:
        return text


def _refusal(question: Question) -> dict[str, Any]:
    """A problem document as an unknown value gets it."""
    first = question.parameters[0].name
    problem = {
        "type": f"{BASE}api#bad-parameter",
        "title": "Bad parameter",
        "status": 422,
        "detail": f"Parameter “{first}”: “…” is none of the values allowed.",
        "parameter": first,
        "allowed": ["the nearest values there are"],
    }
    told = ASKED_ERRORS["422"]
    content = {name: {**one, "example": problem} for name, one in told["content"].items()}
    return {**told, "content": content}
