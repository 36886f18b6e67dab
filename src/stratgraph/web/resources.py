"""Canonical IRIs dereferenced: `/id/…`, `/vocab/…`, `/graph/…`, `/dataset` → documents in every RDF format and HTML.

A document holds what the graph says of a thing and what refers to it, the labels of what it names, the places that are its evidence,
and which dataset, release and licence it belongs to.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from stratgraph.dumps import graph_dump_name
from stratgraph.errors import NotAcceptable, ResourceGone, ResourceNotFound
from stratgraph.formats import Format, by_name, by_suffix, negotiate, offered
from stratgraph.questions.bind import iri_term
from stratgraph.store.interface import Description, QueryRequest
from stratgraph.store.rdf import parse_statements
from stratgraph.store.results import collect
from stratgraph.vocab import BASE, GRAPH, INFERRED_GRAPH
from stratgraph.web.document import Document
from stratgraph.web.dumps import list_downloads, respond_download
from stratgraph.web.language import language_of
from stratgraph.web.links import document_links, local_path, thing_links
from stratgraph.web.rdf import write_document
from stratgraph.web.resource_page import view_of
from stratgraph.web.responses import VARY, cache_headers, entity_tag, is_current, not_modified
from stratgraph.web.site import level_of_request, site_of

router = APIRouter(tags=["resources"])
DOCUMENTS: Final = offered("graph", "dataset", "page")
# Triples. A larger graph (the proofs) is for programs: its JSON-LD is as the engine writes it, with whole IRIs.
FRAMED_MOST: Final = 100_000
_DATASET: Final = f"{BASE}dataset"
_DEPRECATED: Final = "http://www.w3.org/2002/07/owl#deprecated"
_REPLACED: Final = "http://purl.org/dc/terms/isReplacedBy"


@router.get("/id/{path:path}", response_class=Response)
async def thing(path: str, request: Request) -> Response:
    """A thing of the graph: 303 to its document in the format asked for, or, with a suffix, that document."""
    return await respond_resource(f"id/{path}", request)


@router.get("/vocab/{path:path}", response_class=Response)
async def concept(path: str, request: Request) -> Response:
    """A concept or concept scheme."""
    return await respond_resource(f"vocab/{path}", request)


@router.get("/dataset", response_class=Response)
async def dataset(request: Request) -> Response:
    """The dataset: 303 to the document about it."""
    return await respond_resource("dataset", request)


@router.get("/dataset{suffix}", response_class=Response)
async def dataset_document(suffix: str, request: Request) -> Response:
    """What the metadata say of the dataset, its build and its files."""
    bare, kind = by_suffix(suffix, DOCUMENTS)
    if bare or kind is None:
        raise ResourceNotFound(f"{_DATASET}{suffix}")
    return await respond_resource(f"dataset{suffix}", request)


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


def choose_document(request: Request) -> Format:
    """The document format asked for, by `format=` or Accept. Raises NotAcceptable."""
    name = request.query_params.get("format")
    return by_name(name, DOCUMENTS) if name else negotiate(request.headers.get("accept"), DOCUMENTS)


def redirect(request: Request, kind: Format) -> Response:
    """303 to the same path with the format's suffix, query string kept. The address is relative: no host is ever reflected."""
    path, query = request.scope["path"], request.scope["query_string"].decode("latin-1")
    location = quote(path, safe="/:@!$&'()*+,;=~-._") + kind.suffix + (f"?{query}" if query else "")
    links = thing_links(BASE + path.lstrip("/"), DOCUMENTS)
    return Response(status_code=303, headers={"Location": location, "Link": links, "Vary": VARY, "Cache-Control": "public, no-cache"})


async def respond_resource(path: str, request: Request) -> Response:
    """The answer for a path that is, perhaps with a suffix, that of an IRI. Raises ResourceNotFound, ResourceGone, NotAcceptable."""
    bare, kind = by_suffix(path, DOCUMENTS)
    iri = BASE + bare
    try:
        iri_term(iri)
    except ValueError:
        raise ResourceNotFound(iri) from None
    try:
        document = await site_of(request).document(iri, level_of_request(request))
    except ResourceNotFound:
        return await _without_slash(iri, request)
    successors = retired(document.description)
    if successors is not None:
        return await _gone(document, successors, kind, request)
    if kind is None:
        return redirect(request, choose_document(request))
    return await _page(iri, request) if kind.name == "html" else await _respond(document, kind, request)


async def _without_slash(iri: str, request: Request) -> Response:
    """A namespace (`…/vocab/theme/`) leads to the scheme whose concepts it holds. Raises ResourceNotFound."""
    if not iri.endswith("/"):
        raise ResourceNotFound(iri)
    await site_of(request).describe(iri.rstrip("/"), level_of_request(request))
    return Response(status_code=308, headers={"Location": local_path(iri.rstrip("/")) or "/"})


def retired(description: Description) -> tuple[str, ...] | None:
    """The IRIs that stand for a retired one now; None where it is not retired: the graph says more of it than that it is."""
    own = [one for one in description.outgoing if one.subject.value == description.iri and one.graph != INFERRED_GRAPH]
    if not own or any(one.predicate not in (_DEPRECATED, _REPLACED) for one in own):
        return None
    return tuple(sorted(one.object.value for one in own if one.predicate == _REPLACED))


async def _gone(document: Document, successors: tuple[str, ...], kind: Format | None, request: Request) -> Response:
    """410, in RDF with what is left; where one IRI stands for the old one, its address leads on to that one's."""
    if kind is None and len(successors) == 1 and successors[0].startswith(BASE):
        location = local_path(successors[0]) or ""
        return Response(status_code=301, headers={"Location": location, "Cache-Control": "public, no-cache"})
    kind = kind or choose_document(request)
    if kind.name == "html":
        raise ResourceGone(document.description.iri, successors)
    response = await _respond(document, kind, request)
    response.status_code = 410 if response.status_code == 200 else response.status_code
    return response


async def _respond(document: Document, kind: Format, request: Request) -> Response:
    site, iri = site_of(request), document.description.iri
    tag = entity_tag(site.release.id, iri, kind.name, level_of_request(request))
    headers = cache_headers(tag, extra={"StratGraph-Release": site.release.id, "Link": document_links(iri, kind, DOCUMENTS)})
    if is_current(request, tag):
        return not_modified(headers)
    return Response(await document.in_format(kind.name), headers={**headers, "Content-Type": kind.content_type})


async def _page(iri: str, request: Request) -> Response:
    site, language, level = site_of(request), language_of(request), level_of_request(request)
    tag = entity_tag(site.release.id, iri, "html", language, level)
    headers = cache_headers(tag, language, {"Link": document_links(iri, offered("page")[0], DOCUMENTS)})
    if is_current(request, tag):
        return not_modified(headers)
    try:
        document = await site.document(iri, level)
    except ResourceNotFound:
        if not iri.startswith(str(GRAPH)):
            raise
        # A named graph is there even where no triple speaks of it.
        document = site.document_of(Description(iri, (), (), {}))
    view = view_of(document.description, await document.places(site.store, site.settings.query_timeout), language)
    return Response(site.pages.resource(language, view, await document.in_format("jsonld")), headers=headers, media_type="text/html")


async def respond_graph(iri: str, kind: Format, request: Request) -> Response:
    """All triples of a named graph. Raises NotAcceptable for a format that is no RDF."""
    site = site_of(request)
    if kind.name == "html":
        raise NotAcceptable([one.media_type for one in offered("graph", "dataset")])
    links = document_links(iri, kind, DOCUMENTS)
    name = f"{graph_dump_name(iri)}{kind.suffix}"
    framed = kind.name == "jsonld" and site.release.graphs.get(iri, 0) <= FRAMED_MOST
    if not framed and any(one.name == name for one in list_downloads(site.release)):
        # The build has written this very document; a file is sent piece by piece, and by range.
        response = respond_download(request, site.release, name)
        response.headers["Link"] = links
        return response
    tag = entity_tag(site.release.id, iri, "graph", kind.name)
    headers = cache_headers(tag, extra={"StratGraph-Release": site.release.id, "Link": links})
    if is_current(request, tag):
        return not_modified(headers)
    query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {iri_term(iri).sparql} {{ ?s ?p ?o }} }}"
    form = "ntriples" if framed else kind.name
    content = await collect(site.store, QueryRequest(query, graph=form, timeout=site.settings.query_timeout))
    if framed:
        content = await write_document(site, None, await run_in_threadpool(parse_statements, content), kind)
    return Response(content, headers={**headers, "Content-Type": kind.content_type})
