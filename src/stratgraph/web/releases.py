"""`/releases`: the kept releases, each with its downloads, its endpoint, and what changed between two. Imports archive, changes, old.

The feed is one list, as Atom, JSON or a page; its ETag changes exactly when a release is published, so a night with nothing new is one 304.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import asdict
from functools import lru_cache
from typing import Any, Final
from xml.sax.saxutils import escape

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from stratgraph.archive import Published, content_of, stored_patch
from stratgraph.changes import Changes, make_patch, tell_changes, write_patch
from stratgraph.errors import NotAcceptable, StratgraphError
from stratgraph.formats import Format, by_name, negotiate, offered
from stratgraph.release import Release
from stratgraph.vocab import BASE
from stratgraph.web.dumps import list_downloads, respond_download
from stratgraph.web.errors import respond_error, wants_page
from stratgraph.web.language import language_of
from stratgraph.web.old import old_releases_of
from stratgraph.web.openapi import QUESTION, SPARQL_GET, SPARQL_POST
from stratgraph.web.questions import ask
from stratgraph.web.rdf import write_metadata
from stratgraph.web.responses import ClientGone, cache_headers, is_current, not_modified
from stratgraph.web.site import Site, site_of
from stratgraph.web.sparql import respond_sparql

router = APIRouter(tags=["releases"])
_JSON: Final = Format("json", "application/json", ".json", frozenset({"list"}))
_ATOM: Final = Format("atom", "application/atom+xml", ".atom", frozenset({"list"}), ("application/xml", "text/xml"))
_PATCH: Final = Format("patch", "application/rdf-patch", ".rdfp", frozenset({"patch"}))
_FEEDS: Final = (_JSON, _ATOM, *offered("page"))
_RELEASE: Final = (_JSON, *offered("page"), *offered("graph", "dataset"))
_CHANGES: Final = (_JSON, *offered("page"), _PATCH)
_SHOWN: Final = 2000


def _chosen(request: Request, candidates: tuple[Format, ...]) -> Format:
    name = request.query_params.get("format")
    return by_name(name, candidates) if name else negotiate(request.headers.get("accept"), candidates)


def _tag(kind: Format, language: str, *parts: object) -> str:
    return f'"{hashlib.sha256(repr((kind.name, kind.name == "html" and language, *parts)).encode()).hexdigest()[:40]}"'


@router.get("/releases", response_class=Response)
async def releases(request: Request) -> Response:
    """The releases in the order they were published, newest first: JSON, Atom, or a page."""
    site, language, kind = site_of(request), language_of(request), _chosen(request, _FEEDS)
    kept = await run_in_threadpool(old_releases_of(request).listed)
    kept = kept or (Published(site.release.id, site.release.date, site.release.fingerprint, f"{site.release.date}T00:00:00Z"),)
    headers = cache_headers(_tag(kind, language, kept, site.release.id if kind.name == "html" else ""), language)
    if is_current(request, headers["ETag"]):
        return not_modified(headers)
    entries = [_entry(number, kept) for number in reversed(range(len(kept)))]
    if kind is _JSON:
        return JSONResponse({"releases": entries}, headers=headers)
    if kind is _ATOM:
        return Response(_atom(entries), headers={**headers, "Content-Type": kind.media_type})
    return Response(site.pages.releases(language, entries), headers=headers, media_type="text/html")


def _entry(number: int, kept: tuple[Published, ...]) -> dict[str, Any]:
    one, before = kept[number], kept[number - 1] if number else None
    path = f"/releases/{one.id}"
    links = {"href": path, "content": f"{path}/dumps/stratgraph-full.nq", "sparql": f"{path}/sparql"}
    patch = {"from": before.id, "href": f"/releases/{before.id}/diff/{one.id}?format=patch"} if before else None
    return {"number": number + 1, **asdict(one), **links, "patch": patch}


def _atom(entries: list[dict[str, Any]]) -> bytes:
    lines = ['<?xml version="1.0" encoding="utf-8"?>', '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">']
    lines += [f"<id>{BASE}releases</id>", "<title>StratGraph: releases</title>", f"<updated>{entries[0]['published']}</updated>"]
    lines += ["<author><name>StratGraph</name></author>", '<link rel="alternate" type="application/json" href="/releases?format=json"/>']
    for one in entries:
        lines += ["<entry>", f"<id>{BASE}releases#{one['number']}</id>", f"<title>Release {one['id']}</title>"]
        lines += [f"<updated>{one['published']}</updated>", f'<link rel="alternate" href="{one["href"]}"/>']
        lines += [f'<link rel="enclosure" type="application/n-quads" href="{one["content"]}"/>']
        if one["patch"]:
            lines += [f'<link rel="enclosure" type="{_PATCH.media_type}" href="{escape(one["patch"]["href"])}"/>']
        lines += [f"<summary>SHA-256 of its canonical N-Quads: {one['fingerprint']}</summary>", "</entry>"]
    return "\n".join([*lines, "</feed>", ""]).encode()


@router.get("/releases/{release}", response_class=Response)
async def one_release(release: str, request: Request) -> Response:
    """A release: its facts and downloads as JSON or a page, its metadata as RDF."""
    site, language, kind = site_of(request), language_of(request), _chosen(request, _RELEASE)
    found = await _find(request, release)
    if kind.name == "jsonld":
        return await _framed(site, found, kind, request)
    if kind.families & {"graph", "dataset"}:
        return respond_download(request, found, f"stratgraph-metadata{kind.suffix}")
    headers = cache_headers(_tag(kind, language, found.id, site.release.id if kind.name == "html" else ""), language)
    if is_current(request, headers["ETag"]):
        return not_modified(headers)
    files = [asdict(one) for one in list_downloads(found)]
    if kind is _JSON:
        facts = {name: value for name, value in vars(found).items() if name != "folder"}
        return JSONResponse({**facts, "sparql": f"/releases/{found.id}/sparql", "files": files}, headers=headers)
    return Response(site.pages.release(language, found, files), headers=headers, media_type="text/html")


async def _framed(site: Site, release: Release, kind: Format, request: Request) -> Response:
    """The metadata of a release as JSON-LD with the dataset first, in the short names of the current one."""
    headers = cache_headers(_tag(kind, "", release.id, site.release.id), extra={"StratGraph-Release": release.id})
    if is_current(request, headers["ETag"]):
        return not_modified(headers)
    content = await write_metadata(site, release, f"{BASE}dataset", kind)
    return Response(content, headers={**headers, "Content-Type": kind.content_type})


@router.get("/releases/{release}/dumps/{name}", response_class=Response)
async def release_download(release: str, name: str, request: Request) -> Response:
    """A download of a release, whole or by range."""
    return respond_download(request, await _find(request, release), name)


@router.get("/releases/{release}/dumps/tables/{name}", response_class=Response)
async def release_table(release: str, name: str, request: Request) -> Response:
    """A file of its tables."""
    return respond_download(request, await _find(request, release), f"tables/{name}")


@router.get("/releases/{old}/diff/{new}", response_class=Response)
async def diff(old: str, new: str, request: Request) -> Response:
    """What changed from one release to another: JSON or a page in people's terms, or the statements as an RDF Patch."""
    site, language, kind = site_of(request), language_of(request), _chosen(request, _CHANGES)
    before, after = await _find(request, old), await _find(request, new)
    tag = _tag(kind, language, old, new, site.release.id if kind.name == "html" else "")
    headers = {**cache_headers(tag, language if kind.name == "html" else None), "Content-Type": kind.content_type}
    if is_current(request, tag):
        return not_modified(headers)
    with site.clients.query_of(request):
        if kind is _PATCH:
            return Response(await run_in_threadpool(_patch_text, request, before, after), headers=headers)
        changes = await run_in_threadpool(_changes, _Pair(before, after))
    if kind is _JSON:
        return JSONResponse(asdict(changes), headers=headers)
    return Response(site.pages.diff(language, changes, _SHOWN), headers=headers)


class _Pair:
    """Two releases, the same as another pair of the same identifiers."""

    def __init__(self, old: Release, new: Release) -> None:
        self.old, self.new = old, new

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Pair) and (self.old.id, self.new.id) == (other.old.id, other.new.id)

    def __hash__(self) -> int:
        return hash((self.old.id, self.new.id))


@lru_cache(8)
def _changes(pair: _Pair) -> Changes:
    before, after = content_of(pair.old), content_of(pair.new)
    return tell_changes(make_patch(pair.old.id, pair.new.id, before, after), before, after)


def _patch_text(request: Request, old: Release, new: Release) -> bytes:
    folder = old_releases_of(request).folder
    path = stored_patch(folder, old.id, new.id) if folder else None
    return path.read_bytes() if path else write_patch(make_patch(old.id, new.id, content_of(old), content_of(new)))


@router.get("/releases/{release}/sparql", operation_id="release_sparql_get", openapi_extra=SPARQL_GET, response_class=Response)
async def release_sparql_get(release: str, request: Request) -> Response:
    """Answer a SPARQL query over a kept release, as `/sparql` does over the current one."""
    return await _sparql(release, request)


@router.post("/releases/{release}/sparql", operation_id="release_sparql_post", openapi_extra=SPARQL_POST, response_class=Response)
async def release_sparql_post(release: str, request: Request) -> Response:
    """Answer a SPARQL query over a kept release, sent as a form or as application/sparql-query."""
    return await _sparql(release, request)


router.add_api_route("/releases/{release}/sparql", release_sparql_post, methods=["QUERY"], include_in_schema=False)


async def _sparql(identifier: str, request: Request) -> Response:
    found = await _find(request, identifier)
    return _Held(request, await old_releases_of(request).site(found, site_of(request)), respond_sparql)


@router.get("/releases/{release}/questions/{name}", operation_id="release_question", openapi_extra=QUESTION, response_class=Response)
async def release_question(release: str, name: str, request: Request) -> Response:
    """Answer a saved question, as it is asked today, over a kept release: as data, as `/questions/{name}` does over the current one."""
    found = await _find(request, release)
    if wants_page(request):
        raise NotAcceptable(["application/json", *(one.media_type for one in offered("solutions", "sheet"))])

    async def respond(held: Request) -> Response:
        return await ask(name, held)

    return _Held(request, await old_releases_of(request).site(found, site_of(request)), respond)


class _Held(Response):
    """An answer from a kept release, which stays open until the answer has been sent."""

    def __init__(self, request: Request, site: Site, respond: Callable[[Request], Awaitable[Response]]) -> None:
        super().__init__()
        self._request, self._site, self._respond = request, site, respond
        self._hold = ExitStack()
        self._hold.enter_context(site.held())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask, and send the answer."""
        with self._hold:
            request = Request({**self._request.scope, "state": {**scope.get("state", {}), "site": self._site}}, receive, send)
            try:
                response = await self._respond(request)
            except ClientGone:
                return
            except StratgraphError as error:
                response = respond_error(request, error)
            await response(scope, receive, send)


async def _find(request: Request, identifier: str) -> Release:
    return await run_in_threadpool(old_releases_of(request).find, identifier, site_of(request).release)
