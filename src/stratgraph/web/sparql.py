"""`/sparql`: the SPARQL 1.1 Protocol for queries, the service description, and a page to write queries on."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from stratgraph.errors import NotAcceptable, QueryTimeout, StratgraphError
from stratgraph.formats import EXCEL_CSV, Format, by_name, negotiate, offered
from stratgraph.report import SHEET_ROWS, Report
from stratgraph.store.interface import Answer, Begun, QueryRequest, Term
from stratgraph.store.ordering import find_late_pattern
from stratgraph.vocab import BASE
from stratgraph.web.catalog import respond_service
from stratgraph.web.errors import RequestError, respond_error, status_of
from stratgraph.web.language import choose_language
from stratgraph.web.openapi import SPARQL_GET, SPARQL_POST
from stratgraph.web.pages import EditorShown
from stratgraph.web.protocol import ProtocolRequest, read_request
from stratgraph.web.responses import (
    LOG,
    VARY,
    CheckedStream,
    ClientGone,
    cache_headers,
    close_stream,
    entity_tag,
    first_chunk,
    is_current,
    not_modified,
    tag_of_text,
    unless_gone,
)
from stratgraph.web.results import PAGE_ROWS, ResultTable, read_graph, read_table
from stratgraph.web.sheets import about, make, read_rows, terms_table
from stratgraph.web.site import Site, site_of

router = APIRouter()
FORMATS_BY_NAME: Final = {one.name: one for one in offered("solutions", "boolean", "graph")}
_SHEETS: Final = (*offered("sheet"), EXCEL_CSV)
_LONGEST_KEPT: Final = 300
_SYNONYMS: Final = {"graph": {"json": "jsonld", "xml": "rdfxml"}}


@dataclass(frozen=True)
class Wanted:
    """How each kind of answer is wanted: a format, or None where the client takes none. `page`: as HTML for people."""

    solutions: Format | None
    boolean: Format | None
    graph: Format | None
    page: bool

    @cached_property
    def names(self) -> tuple[str | None, ...]:
        """The formats' names, for a request and for an ETag."""
        return tuple(one.name if one else None for one in (self.solutions, self.boolean, self.graph))


class BegunAnswer:
    """A query that was begun, and a client's place taken, before the request came this way. Whoever takes it, ends both."""

    def __init__(self, query: Begun, address: str) -> None:
        self.query, self.address, self._taken = query, address, False

    def take(self) -> BegunAnswer | None:
        """It, once."""
        taken, self._taken = self._taken, True
        return None if taken else self


@router.get("/sparql", operation_id="sparql_get", openapi_extra=SPARQL_GET, response_class=Response)
async def sparql_get(request: Request) -> Response:
    """Answer a SPARQL query; without one, describe the service (RDF) or show the page to write queries on (HTML)."""
    return await respond_sparql(request)


@router.post("/sparql", operation_id="sparql_post", openapi_extra=SPARQL_POST, response_class=Response)
async def sparql_post(request: Request) -> Response:
    """Answer a SPARQL query sent as a form or as application/sparql-query."""
    return await respond_sparql(request)


# OpenAPI 3.1 knows no QUERY method, so it stays out of the schema.
router.add_api_route("/sparql", sparql_post, methods=["QUERY"], include_in_schema=False)


def answer_directly(app: FastAPI) -> ASGIApp:
    """The endpoint as a plain ASGI application: the framework takes longer than a lookup. Its routes stay for what describes them."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request({**scope, "app": app}, receive, send)
        try:
            response = await respond_sparql(request)
        except ClientGone:
            return
        except StratgraphError as error:
            response = respond_error(request, error)
        except Exception as error:  # noqa: BLE001 (as the framework does for every other route)
            LOG.error("%s /sparql", request.method, exc_info=error)
            response = respond_error(request, RequestError(500, "Unexpected."))
        await response(scope, receive, send)

    return answer


async def respond_sparql(request: Request) -> Response:
    """Answer a request of the protocol from the request's site. Raises what the protocol and Store.query raise, ClientGone."""
    site = site_of(request)
    asked = await read_request(request, site.settings.query_bytes)
    wanted = choose_formats(request.headers.get("accept"), asked.options.get("format"))
    language = choose_language(asked.options.get("lang"), request.headers.get("accept-language"))
    if asked.query is None:
        if request.method != "GET":
            raise RequestError(400, "The request has no query.")
        return await _without_query(request, wanted, language)
    tag = tag_of(site, asked, wanted, language)
    if wanted.solutions in _SHEETS:
        tag = entity_tag(site.release.id, tag, language)
    if is_current(request, tag):
        return not_modified(cache_headers(tag))
    if wanted.page:
        return await _page(request, asked, language, tag)
    with _explained_timeout(asked.query):
        if wanted.solutions in _SHEETS:
            return await _sheet(request, asked, wanted.solutions, (tag, language))
        return await _stream(request, asked, wanted, tag)


@contextmanager
def _explained_timeout(query: str) -> Iterator[None]:
    """Say with a time-out what in the query is likely to have taken the time, where its text tells."""
    try:
        yield
    except QueryTimeout as error:
        if (late := find_late_pattern(query)) is None:
            raise
        raise QueryTimeout(error.seconds, late.line, late.word) from None


def tag_of(site: Site, asked: ProtocolRequest, wanted: Wanted, language: str = "") -> str:
    """The ETag of a query's answer; only a page is in a language."""
    return tag_of_text(site.release.id, f"{asked.query}\x1f{manner_of(asked, wanted, language)}")


def manner_of(asked: ProtocolRequest, wanted: Wanted, language: str = "") -> str:
    """All that a query's answer depends on beside the query."""
    return repr((asked.default_graphs, asked.named_graphs, asked.level, asked.partial, wanted.names, wanted.page and language))


def is_sheet(kind: Format | None) -> bool:
    """Whether an answer is for a spreadsheet program."""
    return kind in _SHEETS


async def _without_query(request: Request, wanted: Wanted, language: str) -> Response:
    site = site_of(request)
    if not wanted.page:
        return await respond_service(request)
    tag = entity_tag(site.release.id, "editor", language)
    shown = EditorShown(ProtocolRequest(None), prefixes=await site.prefixes())
    return Response(site.pages.editor(language, site.questions, shown), headers=cache_headers(tag, language), media_type="text/html")


def choose_formats(accept: str | None, name: str | None) -> Wanted:
    """What the client wants of each kind; `format=` beats Accept. Raises NotAcceptable where nothing suits any kind."""
    if len(accept or "") + len(name or "") > _LONGEST_KEPT:
        return _choose_formats(accept, name)
    return _formats_kept(accept, name)


def _choose_formats(accept: str | None, name: str | None) -> Wanted:
    html = offered("page")
    chosen = {family: _choose(family, accept, name, html) for family in ("solutions", "boolean", "graph")}
    if not any(chosen.values()):
        raise NotAcceptable([one.name if name else one.media_type for one in (*offered("solutions", "sheet", "graph"), *html)])
    # `text/*` means CSV and Turtle: the page is for those who prefer it for rows and graphs alike.
    page = chosen["solutions"] in html and chosen["graph"] in html
    solutions, boolean, graph = (None if one in html else one for one in chosen.values())
    return Wanted(solutions, boolean, graph, page)


# A few headers come all the time, and reading one takes longer than the rest of a small request.
_formats_kept = lru_cache(512)(_choose_formats)


def _choose(family: str, accept: str | None, name: str | None, html: Sequence[Format]) -> Format | None:
    candidates = (*offered(family), *(offered("sheet") if family == "solutions" else ()), *html)
    try:
        if name is None:
            return negotiate(accept, candidates)
        if name == EXCEL_CSV.name and family == "solutions":
            return EXCEL_CSV
        return by_name(_SYNONYMS.get(family, {}).get(name, name), candidates)
    except NotAcceptable:
        return None


def query_request(site: Site, asked: ProtocolRequest, names: Sequence[str | None]) -> QueryRequest:
    """What the store is asked, within the site's limits."""
    limit = site.settings.query_timeout
    return QueryRequest(
        query=asked.query or "",
        solutions=names[0],
        boolean=names[1],
        graph=names[2],
        level=asked.level,
        default_graphs=asked.default_graphs,
        named_graphs=asked.named_graphs,
        timeout=min(asked.timeout or limit, limit),
        response_bytes=site.settings.response_bytes,
        answer_rows=site.settings.answer_rows,
        partial_bytes=site.settings.partial_bytes if asked.partial else None,
    )


async def _stream(request: Request, asked: ProtocolRequest, wanted: Wanted, tag: str) -> Response:
    site = site_of(request)
    taken = _begun_before(request)
    address = taken.address if taken is not None else site.clients.take(request)
    try:
        coming = taken.query.answer() if taken is not None else site.store.query(query_request(site, asked, wanted.names))
        answer, first = await unless_gone(request, _start(coming))
    except BaseException:
        site.clients.release(address)
        raise
    kind = FORMATS_BY_NAME[answer.format]
    if getattr(answer.body, "complete", False):  # most answers are one chunk: no need to stream
        site.clients.release(address)
        return Response(first, headers=_headers(site, asked, answer, tag), media_type=kind.content_type)
    return CheckedStream(first, _held(site, address, answer), _headers(site, asked, answer, tag), kind.content_type)


def _begun_before(request: Request) -> BegunAnswer | None:
    before: BegunAnswer | None = getattr(request.state, "begun", None)
    return before.take() if before is not None else None


async def _start(coming: Awaitable[Answer]) -> tuple[Answer, bytes]:
    """The answer and its first chunk: what fails until then still gets a status of its own."""
    answer = await coming
    try:
        return answer, await first_chunk(answer.body)
    except BaseException:
        await close_stream(answer.body)
        raise


class _held:  # noqa: N801 - an iterator written as a class: its aclose() must run even when it was never started
    """The rest of an answer; ends the client's place in the queue with it."""

    def __init__(self, site: Site, address: str, answer: Answer) -> None:
        self._site, self._address, self._body, self._open = site, address, answer.body, True

    def __aiter__(self) -> _held:
        return self

    async def __anext__(self) -> bytes:
        return await anext(self._body)

    async def aclose(self) -> None:
        """Close the source and give the place back, once."""
        if self._open:
            self._open = False
            self._site.clients.release(self._address)
            await close_stream(self._body)


def _headers(site: Site, asked: ProtocolRequest, answer: Answer, tag: str) -> Mapping[str, str]:
    headers = answer_headers(site.release.id, tag, answer.volatile or not answer.complete)
    if asked.partial:
        headers["StratGraph-Complete"] = "true" if answer.complete else "false"
    return headers


def answer_headers(release: str, tag: str, passing: bool) -> dict[str, str]:
    """The headers of an answer but its type and length; `passing`: nobody may keep it."""
    told = {"StratGraph-Release": release}
    return {"Vary": VARY, "Cache-Control": "no-store", **told} if passing else cache_headers(tag, extra=told)


async def _page(request: Request, asked: ProtocolRequest, language: str, tag: str) -> Response:
    site = site_of(request)
    try:
        with site.clients.query_of(request), _explained_timeout(asked.query or ""):
            table, volatile = await unless_gone(request, _table(site, asked))
    except StratgraphError as error:
        if status_of(error) not in (400, 504):
            return respond_error(request, error)
        shown = site.pages.editor(language, site.questions, EditorShown(asked, error=error, prefixes=await site.prefixes()))
        return Response(shown, status_of(error), {"Vary": "Accept, Accept-Language", "Cache-Control": "no-store"}, "text/html")
    labels = await site.labels(table.iris())
    shown = site.pages.editor(language, site.questions, EditorShown(asked, table, labels, await site.prefixes()))
    headers = {"Vary": "Accept, Accept-Language", "Cache-Control": "no-store"} if volatile else cache_headers(tag, language)
    return Response(shown, headers=headers, media_type="text/html")


async def _sheet(request: Request, asked: ProtocolRequest, kind: Format, tagged: tuple[str, str]) -> Response:
    site, (tag, language) = site_of(request), tagged
    query = query_request(site, replace(asked, partial=False), ("tsv", None, None))
    query = replace(query, answer_rows=min(SHEET_ROWS, query.answer_rows))
    with site.clients.query_of(request):
        answer, columns, rows = await unless_gone(request, _rows(site, query))
        told = about(site.release, language, asked.query or "", f"{BASE}sparql")
        report = Report("SPARQL", language, [terms_table(columns, rows)], told, site.release.date)
        content = await run_in_threadpool(make, kind.name, report)
    headers = {**_headers(site, asked, answer, tag), "Content-Disposition": f'attachment; filename="stratgraph{kind.suffix}"'}
    return Response(content, headers=headers, media_type=kind.content_type)


async def _rows(site: Site, query: QueryRequest) -> tuple[Answer, list[str], list[list[Term | None]]]:
    try:
        answer = await site.store.query(query)
    except NotAcceptable:
        raise NotAcceptable([one.media_type for one in offered("boolean", "graph", "page")]) from None
    try:
        return answer, *await read_rows(answer)
    finally:
        await close_stream(answer.body)


async def _table(site: Site, asked: ProtocolRequest) -> tuple[ResultTable, bool]:
    answer = await site.store.query(query_request(site, replace(asked, partial=False), ("tsv", "json", "turtle")))
    try:
        table = await (read_graph(answer.body) if answer.kind == "graph" else read_table(answer, PAGE_ROWS))
    finally:
        await close_stream(answer.body)
    return table, answer.volatile
