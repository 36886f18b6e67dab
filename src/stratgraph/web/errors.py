"""The one table from errors to HTTP statuses, and how an error is told. Imports errors and this package's helpers below.

A problem document (RFC 9457) unless the client asks for HTML. Nothing of a traceback ever leaves the server.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import anyio
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from stratgraph import errors
from stratgraph.formats import Format, negotiate, offered
from stratgraph.vocab import BASE
from stratgraph.web.language import choose_language

LOG = logging.getLogger("stratgraph.web")
PROBLEM: Final = Format("problem", "application/problem+json", ".json", frozenset({"problem"}), ("application/json",))

# Most specific class first: the first that fits decides.
STATUSES: Final[tuple[tuple[type[errors.StratgraphError], int], ...]] = (
    (errors.QuerySyntaxError, 400),
    (errors.QueryTooComplex, 400),
    (errors.QueryTimeout, 504),
    (errors.UpdateRefused, 400),
    (errors.ServiceRefused, 400),
    (errors.AnswerTooLarge, 400),
    (errors.QueryError, 400),
    (errors.StoreUnavailable, 503),
    (errors.UnknownQuestion, 404),
    (errors.BadParameter, 422),
    (errors.ResourceNotFound, 404),
    (errors.ResourceGone, 410),
    (errors.NotAcceptable, 406),
    (errors.SourceError, 500),
    (errors.SourceTextError, 500),
    (errors.SettingError, 500),
    (errors.LayoutError, 500),
    (errors.InputError, 500),
    (errors.NotConforming, 500),
    (errors.InferenceError, 500),
)
# What an error carries beside its text: attribute → member of the problem document.
_MEMBERS: Final = {
    "line": "line",
    "column": "column",
    "seconds": "seconds",
    "limit": "limit",
    "unit": "unit",
    "parameter": "parameter",
    "allowed": "allowed",
    "near": "near",
    "offered": "offered",
    "retry_after": "retryAfter",
}
# RFC 9110's names; http.HTTPStatus words some of them otherwise from one Python to the next.
_NAMES: Final = {
    400: "bad-request",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    408: "request-timeout",
    413: "content-too-large",
    415: "unsupported-media-type",
    416: "range-not-satisfiable",
    429: "too-many-requests",
    500: "internal-error",
}
_DRAIN_BYTES: Final = 64 * 2**20
_DRAIN_SECONDS: Final = 10.0


class RequestError(errors.StratgraphError):
    """A request that breaks HTTP's or the SPARQL protocol's rules: its status and further headers."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        self.status, self.headers = status, dict(headers or {})
        super().__init__(message)


def status_of(error: errors.StratgraphError) -> int:
    """The HTTP status of an error; 500 where it has none, which a test excludes."""
    if isinstance(error, RequestError):
        return error.status
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def kind_of(error: errors.StratgraphError) -> str:
    """An error's name in problem documents and on the page that lists them: `query-syntax-error`."""
    if isinstance(error, RequestError):
        return _NAMES.get(error.status, "bad-request")
    return kind_name(type(error))


def kind_name(kind: type[errors.StratgraphError]) -> str:
    """A class's name with hyphens: QueryTimeout → query-timeout."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in kind.__name__).lstrip("-")


def kinds_told() -> tuple[tuple[str, int], ...]:
    """All kinds of error that a client can meet, with their statuses, for the page that explains them."""
    ours = [(kind_name(kind), status) for kind, status in STATUSES if status != 500]
    return tuple(sorted([*ours, *((name, status) for status, name in _NAMES.items())], key=lambda one: (one[1], one[0])))


def problem(error: errors.StratgraphError) -> dict[str, Any]:
    """The problem document of an error."""
    status = status_of(error)
    told = {
        "type": f"{BASE}api#{kind_of(error)}",
        "title": kind_of(error).replace("-", " ").capitalize(),
        "status": status,
        "detail": str(error) if status != 500 else "Something went wrong on this server.",
    }
    extra = {member: getattr(error, name) for name, member in _MEMBERS.items() if getattr(error, name, None) is not None}
    return {**told, **(extra if status != 500 else {})}


class DrainingResponse(JSONResponse):
    """Tells the client its body is too large, then reads on a little without keeping anything.

    A server that closes with bytes unread resets the connection, and the client never sees why.
    """

    media_type = PROBLEM.media_type

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Send head and body, read what still comes (bounded in bytes and time), end."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        left = _DRAIN_BYTES
        with anyio.move_on_after(_DRAIN_SECONDS):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    break
        await send({"type": "http.response.body", "body": b""})


def wants_page(request: Request) -> bool:
    """Whether the client asks for HTML: by suffix, `format=`, or by preferring it in Accept."""
    if request.url.path.endswith(".html") or request.query_params.get("format") == "html":
        return True
    try:
        chosen = negotiate(request.headers.get("accept"), (PROBLEM, *offered("page")))
    except errors.NotAcceptable:
        return False
    return chosen.name == "html"


def respond_error(request: Request, error: errors.StratgraphError) -> Response:
    """The response that tells an error."""
    status = status_of(error)
    told = problem(error)
    headers = {"Vary": "Accept, Accept-Language", "Cache-Control": "no-store"}
    headers.update(error.headers if isinstance(error, RequestError) else {})
    if isinstance(error, errors.StoreUnavailable):
        headers["Retry-After"] = str(error.retry_after)
    if status == 504:
        headers["Retry-After"] = "60"
    if status == 500 and not isinstance(error, RequestError):
        LOG.error("%s %s", request.method, request.url.path, exc_info=error)
    if status == 413:
        return DrainingResponse(told, status, {**headers, "Connection": "close"})
    if wants_page(request):
        try:
            language = choose_language(request.query_params.get("lang"), request.headers.get("accept-language"))
        except errors.BadParameter:
            language = "en"
        # As site_of does, which cannot be imported here.
        site = getattr(request.state, "site", None) or request.app.state.site
        reasons = error.reasons if isinstance(error, errors.BadParameter) else {}
        named = {slug: one.name.get(language) for slug, one in site.questions.items()} if isinstance(error, errors.UnknownQuestion) else {}
        page = site.pages.error(told, language, str(request.url.path), reasons.get(language, ""), named)
        return Response(page, status, {**headers, "Content-Language": language}, media_type="text/html")
    return JSONResponse(told, status, headers, media_type=PROBLEM.media_type)


def allowed_methods(request: Request) -> str:
    """The methods the request's path has, for `Allow`."""
    found = {"OPTIONS"}
    for route in request.app.state.routes:
        if route.path_regex.match(request.scope["path"]):
            found |= route.methods
    return ", ".join(sorted(found | ({"HEAD"} if "GET" in found else set())))


def install_error_handlers(app: FastAPI) -> None:
    """Make every failure of a handler a problem document."""

    def ours(request: Request, error: Exception) -> Response:
        return respond_error(request, error if isinstance(error, errors.StratgraphError) else RequestError(500, "Unexpected."))

    def http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = {"Allow": allowed_methods(request)} if status == 405 else {}
        detail = {404: f"There is nothing at {request.url.path}.", 405: f"{request.method} is not offered here."}
        return respond_error(request, RequestError(status, detail.get(status, HTTPStatus(status).phrase), headers))

    def invalid(request: Request, error: Exception) -> Response:
        found = error.errors()[0] if isinstance(error, RequestValidationError) else {"loc": ("?",), "msg": "invalid"}
        return respond_error(request, errors.BadParameter(str(found["loc"][-1]), str(found["msg"])))

    app.add_exception_handler(errors.StratgraphError, ours)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, ours)
