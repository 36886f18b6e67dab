"""What the dataset says of itself: the metadata graph as service description, VoID and catalogue. Imports the layers below.

The build writes the metadata graph in every RDF format beside the dumps; here its files are chosen and sent.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from stratgraph.errors import ResourceNotFound
from stratgraph.formats import Format, by_name, by_suffix, negotiate, offered
from stratgraph.settings import Settings
from stratgraph.store.interface import Statement, Term
from stratgraph.store.rdf import parse_statements
from stratgraph.vocab import BASE, METADATA_GRAPH, SGF
from stratgraph.web.language import language_of
from stratgraph.web.rdf import write_document, write_metadata
from stratgraph.web.responses import cache_headers, entity_tag, is_current, not_modified
from stratgraph.web.site import site_of

router = APIRouter()
_RDF: Final = offered("graph", "dataset")
_CATALOG: Final = f"{BASE}catalog"
_DATASET: Final = f"{BASE}dataset"
_SERVICE: Final = f"{BASE}sparql#service"
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"


async def respond_metadata(request: Request, root: str, kind: Format) -> Response:
    """The metadata graph as a document that begins with `root`."""
    site = site_of(request)
    tag = entity_tag(site.release.id, "metadata", root, kind.name)
    headers = cache_headers(tag, extra={"StratGraph-Release": site.release.id})
    if is_current(request, tag):
        return not_modified(headers)
    content = await write_metadata(site, site.release, root, kind)
    return Response(content, headers={**headers, "Content-Type": kind.content_type})


async def respond_service(request: Request) -> Response:
    """The service description: the metadata graph, and the limits that this server holds. Raises NotAcceptable."""
    site = site_of(request)
    kind = _choose(request, _RDF)
    limits = limit_statements(site.settings)
    tag = entity_tag(site.release.id, "service", kind.name, limits)
    headers = cache_headers(tag, extra={"StratGraph-Release": site.release.id})
    if is_current(request, tag):
        return not_modified(headers)
    path = site.release.dumps / "stratgraph-metadata.nq"
    told = await run_in_threadpool(lambda: parse_statements(path.read_bytes()))
    content = await write_document(site, _SERVICE, [*told, *limits], kind)
    return Response(content, headers={**headers, "Content-Type": kind.content_type})


def limit_statements(settings: Settings) -> tuple[Statement, ...]:
    """What a query may take on this server, in the terms of `/function`."""
    service = Term("iri", _SERVICE)
    numbers: dict[str, int | float] = {
        "seconds": settings.query_timeout,
        "memory": settings.worker_memory,
        "answerRows": settings.answer_rows,
        "answerBytes": settings.response_bytes,
        "partialBytes": settings.partial_bytes,
        "queryBytes": settings.query_bytes,
        "queue": settings.queue_length,
        "clientQueries": settings.client_queries,
    }
    told = [
        Statement(
            service,
            f"{SGF}{name}",
            Term("literal", str(value), None, f"{_XSD}{'integer' if isinstance(value, int) else 'decimal'}"),
            METADATA_GRAPH,
        )
        for name, value in numbers.items()
    ]
    allowed = [Statement(service, f"{SGF}serviceAllowed", Term("iri", iri), METADATA_GRAPH) for iri in settings.services]
    return (*told, *allowed)


def _choose(request: Request, candidates: tuple[Format, ...]) -> Format:
    name = request.query_params.get("format")
    return by_name(name, candidates) if name else negotiate(request.headers.get("accept"), candidates)


@router.get("/.well-known/void", response_class=Response, tags=["metadata"])
async def void(request: Request) -> Response:
    """The dataset's VoID description, with the rest of the metadata graph; for people, the catalogue's page."""
    return await _catalog(request, _DATASET, _choose(request, (*_RDF, *offered("page"))))


@router.get("/.well-known/void{suffix}", response_class=Response, tags=["metadata"])
async def void_document(suffix: str, request: Request) -> Response:
    """The same, with the format's suffix."""
    bare, kind = by_suffix(suffix, _RDF)
    if bare or kind is None:
        raise ResourceNotFound(f"{BASE}.well-known/void{suffix}")
    return await respond_metadata(request, _DATASET, kind)


@router.get("/catalog", response_class=Response, tags=["metadata"])
async def catalog(request: Request) -> Response:
    """The DCAT catalogue as RDF, or as a page that names release, licence and downloads."""
    return await _catalog(request, _CATALOG, _choose(request, (*_RDF, *offered("page"))))


@router.get("/catalog{suffix}", response_class=Response, tags=["metadata"])
async def catalog_document(suffix: str, request: Request) -> Response:
    """The same, with the format's suffix."""
    bare, kind = by_suffix(suffix, (*_RDF, *offered("page")))
    if bare or kind is None:
        raise ResourceNotFound(f"{BASE}catalog{suffix}")
    return await _catalog(request, _CATALOG, kind)


async def _catalog(request: Request, root: str, kind: Format) -> Response:
    site = site_of(request)
    if kind.name != "html":
        return await respond_metadata(request, root, kind)
    language = language_of(request)
    headers = cache_headers(entity_tag(site.release.id, "catalog", language), language)
    labels = await site.labels(sorted(site.release.graphs))
    return Response(site.pages.catalog(language, labels), headers=headers, media_type="text/html")
