"""Which of the two languages an answer is in. Imports errors and werkzeug's Accept-Language parser."""

from __future__ import annotations

from typing import Final

from fastapi import Request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from stratgraph.errors import BadParameter

LANGUAGES: Final = ("ja", "en")


def choose_language(asked: str | None, accept_language: str | None) -> str:
    """The answer's language ("ja" or "en"): `lang=` beats Accept-Language; without either Japanese, for other languages English.

    Raises BadParameter for a `lang=` that is neither.
    """
    if asked is not None:
        if asked not in LANGUAGES:
            raise BadParameter("lang", f"“{asked[:20]}” is not a language of this service.", LANGUAGES)
        return asked
    if not accept_language:
        return "ja"
    return str(parse_accept_header(accept_language, LanguageAccept).best_match(LANGUAGES, default="en"))


def language_of(request: Request) -> str:
    """The language of the answer to a request. Raises BadParameter."""
    return choose_language(request.query_params.get("lang"), request.headers.get("accept-language"))
