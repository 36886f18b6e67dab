"""`/dumps/`: the release's downloads, whole or by range, and their checksums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from stratgraph.dumps import COMPRESSIONS, MEDIA_TYPES, SUMS, read_sums
from stratgraph.formats import Format, by_suffix, negotiate, offered
from stratgraph.release import Release
from stratgraph.web.errors import RequestError
from stratgraph.web.language import language_of
from stratgraph.web.ranges import FileBody
from stratgraph.web.responses import cache_headers, entity_tag, is_current, not_modified
from stratgraph.web.site import site_of

router = APIRouter(tags=["dumps"])
_JSON: Final = Format("json", "application/json", ".json", frozenset({"list"}))


@dataclass(frozen=True)
class Download:
    """A file of the release: size in bytes, SHA-256 in hex."""

    name: str
    size: int
    sha256: str
    media_type: str


def list_downloads(release: Release) -> tuple[Download, ...]:
    """The files that SHA256SUMS names, by name."""
    return tuple(_downloads(release.dumps).values())


@lru_cache(16)
def _downloads(folder: Path) -> Mapping[str, Download]:
    # A release's folder never changes, and a mirror asks for file after file.
    return {name: _download(folder, name, digest) for name, digest in sorted(read_sums(folder).items())}


def _download(folder: Path, name: str, digest: str) -> Download:
    path = folder / name
    known = COMPRESSIONS.get(path.suffix) or MEDIA_TYPES.get(path.suffix)
    if known and known.startswith("text/"):
        known += "; charset=utf-8"
    _, kind = by_suffix(name, offered("graph", "dataset"))
    return Download(name, path.stat().st_size, digest, known or (kind.content_type if kind else "application/octet-stream"))


@router.get("/dumps/", response_class=Response)
async def listing(request: Request) -> Response:
    """The downloads with sizes and checksums: JSON, or a page."""
    site, language = site_of(request), language_of(request)
    asked = request.query_params.get("format")
    kind = negotiate(
        {"json": "application/json", "html": "text/html"}.get(asked or "", request.headers.get("accept") or ""), (_JSON, *offered("page"))
    )
    headers = cache_headers(entity_tag(site.release.id, "dumps", kind.name, language), language)
    if is_current(request, headers["ETag"]):
        return not_modified(headers)
    files = list_downloads(site.release)
    if kind is _JSON:
        told = [{"name": one.name, "bytes": one.size, "sha256": one.sha256, "mediaType": one.media_type} for one in files]
        return JSONResponse({"release": site.release.id, "date": site.release.date, "files": told}, headers=headers)
    return Response(site.pages.dumps(language, files), headers=headers, media_type="text/html")


@router.get("/dumps", include_in_schema=False)
async def without_slash(_: Request) -> Response:
    """The listing's address ends in a slash."""
    return Response(status_code=308, headers={"Location": "/dumps/"})


@router.get("/dumps/{name}", response_class=Response)
async def download(name: str, request: Request) -> Response:
    """One file, whole or by range. Only names of the listing are served, so no path leads elsewhere."""
    return respond_download(request, site_of(request).release, name)


@router.get("/dumps/tables/{name}", response_class=Response)
async def table(name: str, request: Request) -> Response:
    """One file of the tables: CSV, Parquet, the codebook, or the data package."""
    return respond_download(request, site_of(request).release, f"tables/{name}")


def respond_download(request: Request, release: Release, name: str) -> Response:
    """A file of a release. Raises RequestError: 404, or 416 for a range outside the file.

    Its ETag is its SHA-256, so a client that has the bytes from an earlier release need not fetch them again.
    """
    files = _downloads(release.dumps)
    if name == SUMS:
        tag, content_type = entity_tag(release.id, "dump", name), "text/plain; charset=utf-8"
    elif name in files:
        tag, content_type = f'"{files[name].sha256}"', files[name].media_type
    else:
        raise RequestError(404, "There is no such download; /dumps/ lists them.")
    headers = cache_headers(tag, extra={"StratGraph-Release": release.id, "Content-Type": content_type})
    if is_current(request, tag):
        return not_modified(headers)
    return FileBody(request, release.dumps / name, tag, headers)
