"""Answers that fail: before the first byte with a status, after it by breaking off. A store of the tests stands in for the engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from stratgraph.errors import AnswerTooLarge, QueryTimeout, ResourceNotFound, StoreUnavailable, StratgraphError
from stratgraph.questions import load_questions
from stratgraph.release import Release
from stratgraph.settings import Layout, Settings
from stratgraph.store.interface import Answer, Begun, Description, Hits, QueryRequest, SearchRequest
from stratgraph.web import create_app


class Body:
    """Chunks, then an error or the end; remembers whether it was closed."""

    def __init__(self, chunks: list[bytes], error: StratgraphError | None = None) -> None:
        self.chunks, self.error, self.closed = chunks, error, False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self.chunks:
            return self.chunks.pop(0)
        if self.error:
            raise self.error
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Remember it."""
        self.closed = True


class FakeStore:
    """Gives one prepared body, or fails at once."""

    def __init__(self, body: Body | None = None, error: StratgraphError | None = None) -> None:
        self.body, self.error, self.requests = body, error, list[QueryRequest]()

    async def query(self, request: QueryRequest) -> Answer:
        """The prepared answer."""
        self.requests.append(request)
        if self.error or self.body is None:
            raise self.error or StoreUnavailable("nothing prepared")
        return Answer("solutions", "json", self.body)

    def begin(self, request: QueryRequest) -> Begun:
        """Nothing is begun ahead of its turn."""
        raise StoreUnavailable(request.query)

    async def describe(self, iri: str, level: str = "full") -> Description:
        """Nothing is here."""
        raise ResourceNotFound(f"{iri} on {level}")

    async def search(self, request: SearchRequest) -> Hits:
        """Nothing is found."""
        return Hits((), 0, {}, {request.words: {}})

    def graph_names(self, level: str = "full") -> tuple[str, ...]:
        """No graphs."""
        return (level,)[:0]

    async def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def empty() -> Release:
    """A release without files."""
    return Release(id="test", date="2026-01-01", version="0", triples={}, graphs={}, folder=Path("/nonexistent"))


def application(store: FakeStore, release: Release, layout: Layout, **settings: Any) -> Any:
    """The application over a store of the tests."""
    return create_app(Settings(**settings), store, release, load_questions(layout.queries))


async def messages_of(app: Any, path: str, query: str) -> list[dict[str, Any]]:
    """What the application sends for a GET, as ASGI messages, though it may never say that it has ended."""
    sent: list[dict[str, Any]] = []
    waiting = asyncio.Event()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"x")],
        "scheme": "http",
        "server": ("x", 80),
        "client": ("127.0.0.1", 1),
    }
    started = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if started:
            return started.pop()
        await waiting.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    await app(scope, receive, send)
    return sent


def test_a_whole_answer_ends(empty: Release, layout: Layout) -> None:
    """All chunks arrive, the last one says so, and the source is closed."""
    body = Body([b'{"a":', b"1}"])
    app = application(FakeStore(body), empty, layout)
    sent = asyncio.run(messages_of(app, "/sparql", "query=ASK%20%7B%7D"))
    assert b"".join(message.get("body", b"") for message in sent) == b'{"a":1}'
    assert sent[-1]["more_body"] is False
    assert body.closed


def test_an_answer_that_fails_midway_is_broken_off(empty: Release, layout: Layout) -> None:
    """After the first bytes an error appends nothing and no end is said, so that no client takes the part for the whole."""
    for error in (QueryTimeout(1), AnswerTooLarge(3)):
        body = Body([b'{"a":'], error)
        app = application(FakeStore(body), empty, layout)
        sent = asyncio.run(messages_of(app, "/sparql", "query=ASK%20%7B%7D"))
        assert sent[0]["status"] == 200
        assert [message["body"] for message in sent[1:]] == [b'{"a":']
        assert all(message["more_body"] for message in sent[1:])
        assert body.closed


def test_an_answer_that_fails_at_once_has_a_status(empty: Release, layout: Layout) -> None:
    """Before the first byte the error is told as such, and the source is closed."""
    body = Body([], QueryTimeout(2))
    app = application(FakeStore(body), empty, layout)
    sent = asyncio.run(messages_of(app, "/sparql", "query=ASK%20%7B%7D"))
    assert sent[0]["status"] == 504
    assert body.closed


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/sparql?query=ASK%20%7B%7D", "*/*"),
        ("/sparql?query=ASK%20%7B%7D", "text/html"),
        ("/questions/comments-per-chapter.json", "*/*"),
        ("/", "*/*"),
    ],
)
def test_a_full_queue_is_503_with_retry_after(path: str, accept: str, empty: Release, layout: Layout) -> None:
    """Whatever the route, no worker means 503 and when to come again."""

    async def ask() -> httpx.Response:
        app = application(FakeStore(error=StoreUnavailable("busy", 7)), empty, layout)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            return await client.get(path, headers={"Accept": accept})

    response = asyncio.run(ask())
    assert (response.status_code, response.headers["retry-after"]) == (503, "7")


def test_a_place_is_given_back_whatever_happens(empty: Release, layout: Layout) -> None:
    """With one place per client, a failure, a broken answer and a whole one can follow each other."""

    async def ask() -> list[int]:
        store = FakeStore(error=QueryTimeout(1))
        app = application(store, empty, layout, client_queries=1)
        statuses = []
        for body, error in ((None, QueryTimeout(1)), (Body([b"x"], QueryTimeout(1)), None), (Body([b"x"]), None), (Body([b"x"]), None)):
            store.body, store.error = body, error
            statuses.append((await messages_of(app, "/sparql", "query=ASK%20%7B%7D"))[0]["status"])
        return statuses

    assert asyncio.run(ask()) == [504, 200, 200, 200]


def test_the_limits_are_handed_to_the_store(empty: Release, layout: Layout) -> None:
    """`timeout=` may shorten the server's limit, never lengthen it; level and dataset arrive as asked."""

    async def ask() -> list[QueryRequest]:
        store = FakeStore(error=QueryTimeout(1))
        app = application(store, empty, layout, query_timeout=10.0)
        for query in ("timeout=2", "timeout=99", "entailment=asserted&default-graph-uri=http%3A%2F%2Fa%2F"):
            await messages_of(app, "/sparql", f"query=ASK%20%7B%7D&{query}")
        return store.requests

    first, second, third = asyncio.run(ask())
    assert (first.timeout, second.timeout) == (2.0, 10.0)
    assert (third.level, third.default_graphs, third.named_graphs) == ("asserted", ("http://a/",), ())
