"""What the dataset says of itself: the metadata graph as service description, VoID and catalogue. Imports the layers below.

The build writes the metadata graph in every RDF format beside the dumps; here its files are chosen and sent.
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from stratgraph.formats import Format, by_name, negotiate, offered
from stratgraph.web.language import language_of
from stratgraph.web.responses import cache_headers, entity_tag, is_current, not_modified
from stratgraph.web.site import site_of

router = APIRouter()
_RDF: Final = offered("graph", "dataset")


async def respond_metadata(request: Request, chosen: Format | None = None) -> Response:
    """The metadata graph in the format asked for. Raises NotAcceptable."""
    site = site_of(request)
    kind = chosen or _choose(request, _RDF)
    tag = entity_tag(site.release.id, "metadata", kind.name)
    headers = cache_headers(tag, extra={"StratGraph-Release": site.release.id})
    if is_current(request, tag):
        return not_modified(headers)
    content = await run_in_threadpool((site.release.dumps / f"stratgraph-metadata{kind.suffix}").read_bytes)
    return Response(content, headers={**headers, "Content-Type": kind.content_type})


def _choose(request: Request, candidates: tuple[Format, ...]) -> Format:
    name = request.query_params.get("format")
    return by_name(name, candidates) if name else negotiate(request.headers.get("accept"), candidates)


@router.get("/.well-known/void", response_class=Response, tags=["metadata"])
async def void(request: Request) -> Response:
    """The dataset's VoID description, with the rest of the metadata graph."""
    return await respond_metadata(request)


@router.get("/catalog", response_class=Response, tags=["metadata"])
async def catalog(request: Request) -> Response:
    """The DCAT catalogue as RDF, or as a page that names release, licence and downloads."""
    site = site_of(request)
    kind = _choose(request, (*_RDF, *offered("page")))
    if kind.name != "html":
        return await respond_metadata(request, kind)
    language = language_of(request)
    headers = cache_headers(entity_tag(site.release.id, "catalog", language), language)
    return Response(site.pages.catalog(language), headers=headers, media_type="text/html")
