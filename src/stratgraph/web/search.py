"""`/search`: things by their names and texts, ranked, as a page or JSON. Imports the store's interface and this package.

Texts are compared as `sgf:matches` does in queries: width, kana and case make no difference, and every word must be in one text.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from stratgraph.errors import BadParameter
from stratgraph.formats import Format, by_name, negotiate, offered
from stratgraph.store.interface import Hits, SearchRequest
from stratgraph.web.language import LANGUAGES, language_of
from stratgraph.web.links import SEARCH_PAGE, search_query
from stratgraph.web.openapi import SEARCH
from stratgraph.web.responses import cache_headers, entity_tag, is_current, not_modified
from stratgraph.web.site import level_of_request, site_of

router = APIRouter(tags=["search"])
JSON: Final = Format("json", "application/json", ".json", frozenset({"answer"}))
_DOCUMENTS: Final = (JSON, *offered("page"))
_LONGEST: Final = 200
_MOST: Final = 200


@router.get("/search", openapi_extra=SEARCH, response_class=Response)
async def search(request: Request) -> Response:
    """Things whose names or texts hold all the words of `q`, the best first."""
    site, language = site_of(request), language_of(request)
    asked = request.query_params.get("format")
    kind = by_name(asked, _DOCUMENTS) if asked else negotiate(request.headers.get("accept"), _DOCUMENTS)
    wanted = _wanted(request)
    page = kind.name == "html"
    tag = entity_tag(site.release.id, "search", wanted, kind.name, language if page else "")
    headers = cache_headers(tag, language if page else None, {"StratGraph-Release": site.release.id})
    if is_current(request, tag):
        return not_modified(headers)
    if page and not wanted.words.strip():
        return Response(site.pages.search(language, wanted, None), headers=headers, media_type="text/html")
    if not wanted.words.strip():
        raise BadParameter("q", "There is no word to search for.", ["words, such as q=攻撃"])
    with site.clients.query_of(request):
        hits = await site.store.search(wanted)
    if page:
        origins = await site.service.origins()
        return Response(site.pages.search(language, wanted, hits, origins), headers=headers, media_type="text/html")
    return JSONResponse(
        {"query": wanted.words, "release": site.release.id, **_told(hits, wanted)}, headers={**headers, **_links(wanted, hits)}
    )


def _wanted(request: Request) -> SearchRequest:
    given = request.query_params
    words = given.get("q", "")
    if len(words) > _LONGEST:
        raise BadParameter("q", f"The words have more than {_LONGEST} characters.", [f"up to {_LONGEST} characters"])
    language = given.get("in") or None
    if language is not None and language not in LANGUAGES:
        raise BadParameter("in", f"“{language[:20]}” is not a language of the texts.", LANGUAGES)
    names_only = given.get("names", "") in ("1", "true", "yes", "on")
    limit, offset = _number(given.get("limit"), "limit", 1, _MOST, SEARCH_PAGE), _number(given.get("offset"), "offset", 0, 10**6, 0)
    return SearchRequest(words, level_of_request(request), language, given.get("kind") or None, names_only, limit, offset)


def _number(text: str | None, name: str, least: int, most: int, default: int) -> int:
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 8 or not least <= int(text) <= most:
        raise BadParameter(name, f"“{text[:20]}” is not a whole number from {least} to {most}.", [f"{least} to {most}"])
    return int(text)


def _told(hits: Hits, wanted: SearchRequest) -> dict[str, object]:
    found = [
        {"iri": hit.iri, "label": dict(hits.labels.get(hit.iri, {})), "text": hit.text, "language": hit.language, "field": hit.field}
        for hit in hits.hits
    ]
    return {"count": hits.count, "offset": wanted.offset, "kinds": dict(hits.kinds), "hits": found}


def _links(wanted: SearchRequest, hits: Hits) -> dict[str, str]:
    links = []
    if wanted.offset + wanted.limit < hits.count:
        links.append(f'</search?{search_query(wanted, wanted.offset + wanted.limit)}>; rel="next"')
    if wanted.offset:
        links.append(f'</search?{search_query(wanted, max(0, wanted.offset - wanted.limit))}>; rel="prev"')
    return {"Link": ", ".join(links)} if links else {}
