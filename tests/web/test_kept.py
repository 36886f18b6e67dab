"""Kept answers and compression, on small applications of the tests: what is kept, for whom, and how it is tagged."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from typing import Any

import brotli
import pytest
import zstandard
from starlette.types import Message, Receive, Scope, Send

from stratgraph.web.compress import SMALLEST, Compress, choose_encoding
from stratgraph.web.kept import Kept, KeptAnswers

TEXT = "施策と担当府省庁。" * SMALLEST


class App:
    """Answers with its text, and counts how often it is asked."""

    def __init__(self, release: str = "r1", control: str = "public, no-cache", text: str = TEXT, kind: str = "text/csv") -> None:
        self.asked, self.release, self.control, self.text, self.kind = 0, release, control, text, kind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 (ASGI)
        """One answer, in two pieces; a GET that names its tag gets 304."""
        self.asked += 1
        tag = f'"{self.release}-x"'
        headers = dict(scope["headers"])
        current = tag.encode() in headers.get(b"if-none-match", b"")
        raw = [(b"etag", tag.encode()), (b"cache-control", self.control.encode()), (b"vary", b"Accept, Accept-Language")]
        await send({"type": "http.response.start", "status": 304, "headers": raw} if current else self._start(raw))
        data = b"" if current or scope["method"] == "HEAD" else self.text.encode()
        await send({"type": "http.response.body", "body": data[:5], "more_body": True})
        await send({"type": "http.response.body", "body": data[5:]})

    def _start(self, raw: list[tuple[bytes, bytes]]) -> Message:
        length = str(len(self.text.encode())).encode()
        return {
            "type": "http.response.start",
            "status": 200,
            "headers": [*raw, (b"content-type", self.kind.encode()), (b"content-length", length)],
        }


class Answer:
    """What came back."""

    def __init__(self, messages: list[Message]) -> None:
        self.status = messages[0]["status"]
        self.headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
        self.body = b"".join(message.get("body", b"") for message in messages[1:])


def ask(
    app: Callable[[Scope, Receive, Send], Awaitable[None]], method: str = "GET", query: bytes = b"", body: bytes = b"", **headers: str
) -> Answer:
    """Send one request."""
    sent: list[Message] = []
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in {"host": "x", **headers}.items()]
    scope: dict[str, Any] = {"type": "http", "method": method, "path": "/sparql", "query_string": query, "headers": raw}

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    return Answer(sent)


def kept(app: App, size: int = 10**7) -> Kept:
    """The application as it is served: kept answers ahead of compression."""
    return Kept(Compress(app), KeptAnswers(size), lambda: app.release)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, None),
        ("", None),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("br;q=1, zstd;q=0.5", "br"),
        ("zstd;q=0, gzip;q=0.1", "gzip"),
        ("identity", None),
        ("*", "zstd"),
        ("*;q=0", None),
        ("x" * 300, None),
    ],
)
def test_the_encoding_that_the_client_likes_best_is_chosen(accept: str | None, chosen: str | None) -> None:
    """Weights decide, then our order; what is not accepted is not used."""
    assert choose_encoding(accept) == chosen


@pytest.mark.parametrize(
    ("encoding", "unpack"),
    [
        ("gzip", gzip.decompress),
        ("br", brotli.decompress),
        ("zstd", lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data)),
    ],
)
def test_each_encoding_holds_the_whole_answer_under_a_tag_of_its_own(encoding: str, unpack: Callable[[bytes], bytes]) -> None:
    """Unpacked it is the plain answer; its ETag names the encoding, Vary the header, and the length is that of what is sent."""
    answer = ask(kept(App()), accept_encoding=encoding)
    assert unpack(answer.body).decode() == TEXT
    assert len(answer.body) < len(TEXT.encode()) / 10
    assert (answer.headers["content-encoding"], answer.headers["etag"]) == (encoding, f'"r1-x-{encoding}"')
    assert answer.headers["vary"] == "Accept, Accept-Language, Accept-Encoding"


def test_what_is_small_or_no_text_is_left_as_it_is() -> None:
    """A few bytes and pictures are not compressed."""
    for app in (App(text="short"), App(kind="image/png")):
        answer = ask(Compress(app), accept_encoding="gzip")
        assert "content-encoding" not in answer.headers
        assert (answer.headers["etag"], answer.body) == ('"r1-x"', app.text.encode())


def test_validators_of_an_encoding_are_understood() -> None:
    """A compressed answer's tag gives 304 with the same tag, a plain one's with the plain tag, kept or not."""
    for make in (lambda: Compress(App()), lambda: kept(App())):
        app = make()
        for _ in range(2):
            again = ask(app, accept_encoding="gzip", if_none_match='"r1-x-gzip"')
            assert (again.status, again.headers["etag"], again.body) == (304, '"r1-x-gzip"', b"")
            assert ask(app, accept_encoding="gzip", if_none_match='"r1-x-br"').status == 200
            assert ask(app, if_none_match='"r1-x-gzip"').status == 200
            plain = ask(app, if_none_match='W/"r1-x"')
            assert (plain.status, plain.headers["etag"]) == (304, '"r1-x"')


def test_head_tells_what_get_would() -> None:
    """HEAD has the headers of GET and no body, whether the answer is kept or not."""
    app = kept(App())
    first = ask(app, "HEAD", accept_encoding="gzip")
    full = ask(app, accept_encoding="gzip")
    second = ask(app, "HEAD", accept_encoding="gzip")
    assert first.body == second.body == b""
    assert full.body
    for name in ("etag", "content-encoding", "content-type", "vary"):
        assert first.headers[name] == second.headers[name] == full.headers[name]


def test_the_same_request_is_answered_from_what_is_kept() -> None:
    """The second answer is the first one, byte by byte, and the application is not asked again."""
    app = App()
    front = kept(app)
    first, second = ask(front), ask(front)
    assert (first.body, first.headers) == (second.body, second.headers)
    assert app.asked == 1


@pytest.mark.parametrize(
    "other",
    [
        {"query": b"a=2"},
        {"accept": "text/turtle"},
        {"accept_language": "en"},
        {"accept_encoding": "gzip"},
        {"method": "POST", "body": b"x"},
        {"method": "POST", "body": b"y"},
        {"method": "QUERY", "body": b"x"},
    ],
)
def test_what_differs_is_another_request(other: dict[str, Any]) -> None:
    """Everything that an answer may depend on is told apart."""
    app = App()
    front = kept(app)
    ask(front, query=b"a=1")
    ask(front, method="POST", body=b"z")
    ask(front, **other)
    assert app.asked == 3


@pytest.mark.parametrize("control", ["no-store", "private"])
def test_what_may_not_be_cached_is_not_kept(control: str) -> None:
    """An answer that must not be cached is made anew each time."""
    app = App(control=control)
    front = kept(app)
    ask(front)
    ask(front)
    assert app.asked == 2


@pytest.mark.parametrize("header", ["range", "authorization", "if_range"])
def test_requests_for_more_than_their_key_are_passed_on(header: str) -> None:
    """What is not in the key is not answered from what is kept."""
    app = App()
    front = kept(app)
    ask(front)
    ask(front, **{header: "x"})  # type: ignore[arg-type]
    assert app.asked == 2


def test_a_new_release_is_never_answered_with_the_old() -> None:
    """When the release changes, everything kept is dropped; an answer of the old one that comes late is not kept."""
    app = App()
    front = kept(app)
    ask(front)
    app.release = "r2"
    assert ask(front).headers["etag"] == '"r2-x"'
    late = App("r1")
    front.app = late
    assert [ask(front, query=b"late").headers["etag"] for _ in range(2)] == ['"r1-x"', '"r1-x"']
    assert late.asked == 2


def test_what_is_kept_is_bounded() -> None:
    """The least lately used answers go first; one that would take too large a share is not kept."""
    app = App(text="x" * 1000)
    front = kept(app, size=10_000)
    for number in range(20):
        ask(front, query=str(number).encode())
        ask(front, query=b"0")
    assert front.answers.taken <= 10_000
    assert app.asked == 20
    app.text = "x" * 2000
    ask(front, query=b"large")
    ask(front, query=b"large")
    assert app.asked == 22
