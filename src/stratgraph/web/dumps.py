"""`/dumps/`: the release's downloads, whole or by range, and their checksums."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, JSONResponse

from stratgraph.formats import Format, by_suffix, negotiate, offered
from stratgraph.release import Release
from stratgraph.web.errors import RequestError
from stratgraph.web.language import language_of
from stratgraph.web.responses import cache_headers, entity_tag, is_current, not_modified
from stratgraph.web.site import site_of

router = APIRouter(tags=["dumps"])
_SUMS: Final = "SHA256SUMS"
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
    lines = (release.dumps / _SUMS).read_text(encoding="utf-8").splitlines()
    sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    return tuple(_download(release.dumps / name, digest) for name, digest in sorted(sums.items()))


def _download(path: Path, digest: str) -> Download:
    if path.name.endswith(".gz"):
        return Download(path.name, path.stat().st_size, digest, "application/gzip")
    _, kind = by_suffix(path.name, offered("graph", "dataset"))
    return Download(path.name, path.stat().st_size, digest, kind.content_type if kind else "application/octet-stream")


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
    """One file, by name. Only names of the listing are served, so no path leads elsewhere."""
    site = site_of(request)
    files = {one.name: one for one in list_downloads(site.release)}
    if name == _SUMS:
        content_type = "text/plain; charset=utf-8"
    elif name in files:
        content_type = files[name].media_type
    else:
        raise RequestError(404, "There is no such download; /dumps/ lists them.")
    tag = entity_tag(site.release.id, "dump", name)
    headers = cache_headers(tag, extra={"StratGraph-Release": site.release.id, "Content-Type": content_type})
    if is_current(request, tag):
        return not_modified(headers)
    return FileResponse(site.release.dumps / name, headers=headers)
