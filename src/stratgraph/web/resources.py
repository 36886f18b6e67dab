"""Canonical IRIs dereferenced: `/id/…`, `/vocab/…`, `/graph/…`, `/ontology` → documents in every RDF format and HTML."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from stratgraph.errors import NotAcceptable, ResourceNotFound
from stratgraph.formats import Format, by_name, by_suffix, negotiate, offered
from stratgraph.questions.bind import iri_term
from stratgraph.store.interface import Description, QueryRequest
from stratgraph.store.rdf import serialize_statements
from stratgraph.store.results import collect
from stratgraph.vocab import BASE, GRAPH, ONTOLOGY_GRAPH
from stratgraph.web.language import language_of
from stratgraph.web.ontology_page import load_terms
from stratgraph.web.places import load_places
from stratgraph.web.resource_page import view_of
from stratgraph.web.responses import VARY, cache_headers, entity_tag, is_current, not_modified
from stratgraph.web.site import level_of_request, site_of

router = APIRouter(tags=["resources"])
DOCUMENTS: Final = offered("graph", "dataset", "page")


@router.get("/id/{path:path}", response_class=Response)
async def thing(path: str, request: Request) -> Response:
    """A thing of the graph: 303 to its document in the format asked for, or, with a suffix, that document."""
    return await _resource(f"id/{path}", request)


@router.get("/vocab/{path:path}", response_class=Response)
async def concept(path: str, request: Request) -> Response:
    """A concept or concept scheme."""
    return await _resource(f"vocab/{path}", request)


@router.get("/graph/{path:path}", response_class=Response)
async def graph(path: str, request: Request) -> Response:
    """A named graph: its triples in RDF, a page about it in HTML."""
    bare, kind = by_suffix(f"graph/{path}", DOCUMENTS)
    iri = BASE + bare
    if iri not in site_of(request).store.graph_names():
        raise ResourceNotFound(iri)
    if kind is None:
        return redirect(request, choose_document(request))
    if kind.name == "html":
        return await _page(iri, request)
    return await respond_graph(iri, kind, request)


@router.get("/ontology", response_class=Response)
async def ontology(request: Request) -> Response:
    """The ontology: 303 to its document in the format asked for."""
    return redirect(request, choose_document(request))


@router.get("/ontology{suffix}", response_class=Response)
async def ontology_document(suffix: str, request: Request) -> Response:
    """The ontology as a document."""
    bare, kind = by_suffix(suffix, DOCUMENTS)
    if bare or kind is None:
        raise ResourceNotFound(f"{BASE}ontology{suffix}")
    if kind.name != "html":
        return await respond_graph(ONTOLOGY_GRAPH, kind, request)
    site, language = site_of(request), language_of(request)
    headers = cache_headers(entity_tag(site.release.id, "ontology", language), language)
    if is_current(request, headers["ETag"]):
        return not_modified(headers)
    page = site.pages.ontology(language, await load_terms(site.store, ONTOLOGY_GRAPH, site.settings.query_timeout))
    return Response(page, headers=headers, media_type="text/html")


def choose_document(request: Request) -> Format:
    """The document format asked for, by `format=` or Accept. Raises NotAcceptable."""
    name = request.query_params.get("format")
    return by_name(name, DOCUMENTS) if name else negotiate(request.headers.get("accept"), DOCUMENTS)


def redirect(request: Request, kind: Format) -> Response:
    """303 to the same path with the format's suffix, query string kept. The address is relative: no host is ever reflected."""
    query = request.scope["query_string"].decode("latin-1")
    location = quote(request.scope["path"], safe="/:@!$&'()*+,;=~-._") + kind.suffix + (f"?{query}" if query else "")
    return Response(status_code=303, headers={"Location": location, "Vary": VARY, "Cache-Control": "public, no-cache"})


async def _resource(path: str, request: Request) -> Response:
    bare, kind = by_suffix(path, DOCUMENTS)
    iri = BASE + bare
    try:
        iri_term(iri)
    except ValueError:
        raise ResourceNotFound(iri) from None
    site, level = site_of(request), level_of_request(request)
    description = await site.describe(iri, level)
    if kind is None:
        return redirect(request, choose_document(request))
    if kind.name == "html":
        return await _page(iri, request)
    tag = entity_tag(site.release.id, iri, kind.name, level)
    headers = cache_headers(tag, extra={"StratGraph-Release": site.release.id, "Link": f'<{iri}>; rel="describes"'})
    if is_current(request, tag):
        return not_modified(headers)
    statements = (*description.outgoing, *description.incoming)
    content = await run_in_threadpool(serialize_statements, statements, kind.name, await site.prefixes())
    return Response(content, headers={**headers, "Content-Type": kind.content_type})


async def _page(iri: str, request: Request) -> Response:
    site, language, level = site_of(request), language_of(request), level_of_request(request)
    tag = entity_tag(site.release.id, iri, "html", language, level)
    headers = cache_headers(tag, language, {"Link": f'<{iri}>; rel="canonical"'})
    if is_current(request, tag):
        return not_modified(headers)
    try:
        description = await site.describe(iri, level)
    except ResourceNotFound:
        if not iri.startswith(str(GRAPH)):
            raise
        # A named graph is there even where no triple speaks of it.
        description = Description(iri, (), (), {})
    places = await load_places(site.store, iri, site.settings.query_timeout)
    view = view_of(description, places, language)
    return Response(site.pages.resource(language, view), headers=headers, media_type="text/html")


async def respond_graph(iri: str, kind: Format, request: Request) -> Response:
    """All triples of a named graph. Raises NotAcceptable for a format that is no RDF."""
    site = site_of(request)
    if kind.name == "html":
        raise NotAcceptable([one.media_type for one in offered("graph", "dataset")])
    tag = entity_tag(site.release.id, iri, "graph", kind.name)
    headers = cache_headers(tag, extra={"StratGraph-Release": site.release.id})
    if is_current(request, tag):
        return not_modified(headers)
    query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {iri_term(iri).sparql} {{ ?s ?p ?o }} }}"
    content = await collect(site.store, QueryRequest(query, graph=kind.name, timeout=site.settings.query_timeout))
    return Response(content, headers={**headers, "Content-Type": kind.content_type})
