"""`/`, `/health`, `/api`, `/openapi.json`, `/static/…`: the ways in."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from stratgraph.errors import NotAcceptable
from stratgraph.formats import Format, negotiate, offered
from stratgraph.store.results import select
from stratgraph.vocab import BASE
from stratgraph.web.errors import RequestError
from stratgraph.web.language import language_of
from stratgraph.web.pages import DocumentCount
from stratgraph.web.responses import VARY, cache_headers, entity_tag, is_current, not_modified
from stratgraph.web.site import Site, site_of

router = APIRouter(tags=["service"])
_STATIC: Final = {
    "answers.js": "text/javascript; charset=utf-8",
    "basket.js": "text/javascript; charset=utf-8",
    "suggest.js": "text/javascript; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_COUNTED: Final = ("Recommendation", "Correspondence", "PublicComment", "GovernmentResponse", "Section", "Measure")
_DOCUMENTS: Final = f"""
PREFIX sg: <{BASE}ontology#>
SELECT ?document ?kind (COUNT(DISTINCT ?thing) AS ?count) WHERE {{
  ?document sg:inCorpus true .
  VALUES ?kind {{ {" ".join(f"sg:{name}" for name in _COUNTED)} }}
  OPTIONAL {{
    ?thing a ?kind ; sg:evidence [ <http://www.w3.org/ns/oa#hasSource> [ sg:sourceTextOf ?document ] ] .
  }}
}} GROUP BY ?document ?kind ORDER BY ?document ?kind
"""


@router.get("/", response_class=Response)
async def home(request: Request) -> Response:
    """What is here, in both languages: documents with counts, questions, SPARQL, downloads, ontology. RDF is that of the dataset."""
    asked = _asked(request)
    if asked.name != "html":
        return Response(status_code=303, headers={"Location": f"/dataset{asked.suffix}", "Vary": VARY})
    site, language = site_of(request), language_of(request)
    tag = entity_tag(site.release.id, "home", language)
    headers = cache_headers(tag, language)
    if is_current(request, tag):
        return not_modified(headers)
    page = site.pages.home(language, site.questions, await count_documents(site))
    return Response(page, headers=headers, media_type="text/html")


def _asked(request: Request) -> Format:
    """A page, unless RDF is preferred by name."""
    rdf = (replace(one, aliases=()) for one in offered("graph", "dataset"))
    try:
        return negotiate(request.headers.get("accept"), (*offered("page"), *rdf))
    except NotAcceptable:
        return offered("page")[0]


async def count_documents(site: Site) -> tuple[DocumentCount, ...]:
    """The documents of the corpus, oldest first, with what is encoded of each. Raises what Store.query raises."""
    _, rows = await select(site.store, _DOCUMENTS, timeout=site.settings.query_timeout)
    counts: dict[str, dict[str, int]] = {}
    for row in rows:
        kind, number = row["kind"].value.rsplit("#", 1)[-1], int(row["count"].value)
        counts.setdefault(row["document"].value, {})[kind] = number
    labels = await site.labels(list(counts))
    found = (
        DocumentCount(iri, labels.get(iri, {}), {kind: counts[iri][kind] for kind in _COUNTED if counts[iri].get(kind)}) for iri in counts
    )
    return tuple(sorted(found, key=lambda one: one.iri))


@router.get("/health")
async def health(request: Request) -> Response:
    """Whether the server answers, and which release it serves."""
    return JSONResponse({"status": "ok", "release": site_of(request).release.id}, headers={"Cache-Control": "no-store"})


@router.get("/api", response_class=Response, include_in_schema=False)
async def api(request: Request) -> Response:
    """The interface's description as a page of our own; the one that comes with the framework loads code from elsewhere."""
    site, language = site_of(request), language_of(request)
    tag = entity_tag(site.release.id, "api", language)
    return Response(site.pages.api(language, request.app.openapi()), headers=cache_headers(tag, language), media_type="text/html")


@router.get("/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> Response:
    """The interface's description, OpenAPI 3.1."""
    tag = entity_tag(site_of(request).release.id, "openapi")
    if is_current(request, tag):
        return not_modified(cache_headers(tag))
    return JSONResponse(request.app.openapi(), headers=cache_headers(tag))


@router.get("/robots.txt", include_in_schema=False)
async def robots(_: Request) -> Response:
    """Robots may read everything but queries."""
    return Response("User-agent: *\nDisallow: /sparql\n", media_type="text/plain")


@router.get("/static/{name}", response_class=Response, include_in_schema=False)
async def static(name: str, request: Request) -> Response:
    """The stylesheet, the script of the tables, and the icon."""
    if name not in _STATIC:
        raise RequestError(404, "There is no such file.")
    tag = entity_tag(site_of(request).release.id, "static", name)
    headers = cache_headers(tag, extra={"Content-Type": _STATIC[name], "Cache-Control": "public, max-age=300"})
    if is_current(request, tag):
        return not_modified(headers)
    content = files("stratgraph.web").joinpath("static", name).read_bytes()
    return Response(content, headers=headers)
