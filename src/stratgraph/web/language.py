"""Which of the two languages an answer is in. Imports errors and werkzeug's Accept-Language parser."""

from __future__ import annotations

from collections.abc import Sequence
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
    ranges = list(parse_accept_header(accept_language, LanguageAccept))
    weights = {language: _weight(language, ranges) for language in LANGUAGES}
    best = max(weights.values())
    return next(language for language, weight in weights.items() if weight == best) if best > 0 else "en"


def _weight(language: str, ranges: Sequence[tuple[str, float]]) -> float:
    """How much a language is wanted, in any of its regions (`en-GB` wants English; RFC 4647, section 3.4); `*` is any that is not named."""
    named = [weight for name, weight in ranges if name.lower().partition("-")[0] == language]
    return max(named or [weight for name, weight in ranges if name == "*"], default=0.0)


def language_of(request: Request) -> str:
    """The language of the answer to a request. Raises BadParameter."""
    return choose_language(request.query_params.get("lang"), request.headers.get("accept-language"))
