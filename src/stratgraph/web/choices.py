"""`/questions/{name}/choices`: what a parameter may be, found by any name of it as it is typed. Imports questions and the site."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from stratgraph.errors import BadParameter
from stratgraph.questions.resolve import Choice, Choices, fold
from stratgraph.web.language import language_of
from stratgraph.web.openapi import CHOICES
from stratgraph.web.responses import cache_headers, entity_tag, is_current, not_modified
from stratgraph.web.site import site_of

router = APIRouter(tags=["questions"])
_MOST: Final = 20
_LONGEST: Final = 200


@router.get("/questions/{name}/choices", openapi_extra=CHOICES, response_class=Response)
async def choices(name: str, request: Request) -> Response:
    """The first 20 things that `parameter=` may be and that are called `q=`, as `{parameter, count, choices}`."""
    site, language = site_of(request), language_of(request)
    question = site.questions.get_question(name)
    wanted, text = request.query_params.get("parameter", ""), request.query_params.get("q", "").strip()
    parameter = next((one for one in question.parameters if one.name == wanted and one.names_a_thing), None)
    if parameter is None:
        known = [one.name for one in question.parameters if one.names_a_thing] or ["no parameter at all"]
        raise BadParameter("parameter", f"“{wanted[:40]}” is no parameter that is chosen from things.", known)
    if len(text) > _LONGEST:
        raise BadParameter("q", f"{len(text)} characters are too many.", [f"up to {_LONGEST} characters"])
    headers = cache_headers(entity_tag(site.release.id, "choices", name, wanted, text, language), language)
    if is_current(request, headers["ETag"]):
        return not_modified(headers)
    offered = await site.service.choices(question, parameter) or Choices(())
    found = offered.search(text, len(offered.all))
    told = [_told(one, offered, text, language) for one in found[:_MOST]]
    return JSONResponse({"parameter": wanted, "count": len(found), "choices": told}, headers=headers)


def _told(choice: Choice, offered: Choices, text: str, language: str) -> dict[str, str]:
    """A choice: what to type for it, its label, the document it is from, what to show beside what is typed, and the name by which it
    was found, where that is another.
    """
    wanted, label = fold(text), choice.label(language)
    called = "" if wanted in fold(label) else next((name for name in choice.called if wanted in fold(name)), "")
    beside = " · ".join(one for one in (called, offered.beside(choice, language)) if one)
    value, document = offered.typed(choice, language), choice.document(language)
    return {"iri": choice.iri, "value": value, "label": label, "document": document, "called": called, "beside": beside}
