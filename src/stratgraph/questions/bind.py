"""Puts values into a question: as serialised terms inside its declared VALUES blocks, nowhere else.

Imports errors and the model. A value never becomes syntax: IRIs are checked against the grammar of IRIREF, literals are
escaped character by character.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from stratgraph.errors import BadParameter
from stratgraph.questions.model import LANGUAGES, Parameter, Question

MAX_CHARACTERS: Final = 2000
MAX_VALUES: Final = 50

_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^<>\"{}|^`\\\x00-\x20\x7f-\x9f\ud800-\udfff]+")
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_XSD_DATE: Final = "http://www.w3.org/2001/XMLSchema#date"


@dataclass(frozen=True)
class Term:
    """A value ready to be bound: its SPARQL text, and the plain value people see."""

    sparql: str
    value: str


def iri_term(iri: str) -> Term:
    """An IRI as a term. Raises ValueError where it could not stand between angle brackets."""
    if len(iri) > MAX_CHARACTERS or not _IRI.fullmatch(iri):
        raise ValueError(f"not an absolute IRI: {iri[:80]!r}")
    return Term(f"<{iri}>", iri)


def literal(parameter: Parameter, text: str) -> Term:
    """The term for what a user typed into a parameter that is no IRI. Raises BadParameter."""
    check_text(parameter, text)
    if parameter.type == "integer":
        return _integer(parameter, text.strip())
    if parameter.type == "date":
        return _date(parameter, text.strip())
    if parameter.type == "language" and text not in LANGUAGES:
        raise BadParameter(parameter.name, f"“{text[:40]}” is not a language of this service.", LANGUAGES, "言語は ja か en です。")
    return Term('"' + "".join(_ESCAPES.get(character, character) for character in text) + '"', text)


def check_text(parameter: Parameter, text: str) -> None:
    """Raises BadParameter for text that is too long or holds characters no value has."""
    if len(text) > MAX_CHARACTERS:
        japanese = f"値は{MAX_CHARACTERS}文字までです（{len(text)}文字あります）。"
        raise BadParameter(parameter.name, f"the value has {len(text)} characters; {MAX_CHARACTERS} are allowed.", ja=japanese)
    if any((ord(c) < 32 and c not in "\t\n\r") or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000 for c in text):
        raise BadParameter(parameter.name, "the value holds control characters.", ja="値に制御文字が含まれています。")


def _integer(parameter: Parameter, text: str) -> Term:
    if not _INTEGER.fullmatch(text):
        japanese = f"「{text[:40]}」は整数ではありません。"
        raise BadParameter(parameter.name, f"“{text[:40]}” is not a whole number.", ["a whole number, such as 6"], japanese)
    number = str(int(text))
    return Term(number, number)


def _date(parameter: Parameter, text: str) -> Term:
    try:
        day = datetime.date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) else None
    except ValueError:
        day = None
    if day is None:
        japanese = f"「{text[:40]}」は日付ではありません（例：2022-01-28）。"
        raise BadParameter(parameter.name, f"“{text[:40]}” is not a date.", ["a date as YYYY-MM-DD, such as 2022-01-28"], japanese)
    return Term(f'"{day.isoformat()}"^^<{_XSD_DATE}>', day.isoformat())


def block_content(terms: Sequence[Term]) -> str:
    """What stands between the braces for these values; no value leaves the variable unbound."""
    return " ".join(term.sparql for term in terms) or "UNDEF"


def bind(question: Question, values: Mapping[str, Sequence[Term]]) -> str:
    """The question's SPARQL with these values in all their blocks. Parameters not named stay unbound (UNDEF)."""
    pieces = [
        (block.start, block.end, f" {block_content(values.get(parameter.name, ()))} ")
        for parameter in question.parameters
        for block in question.blocks[parameter.name]
    ]
    text = question.sparql
    for start, end, content in sorted(pieces, reverse=True):
        text = text[:start] + content + text[end:]
    return "\n".join(line for line in text.split("\n") if not line.startswith("#+")).strip() + "\n"
