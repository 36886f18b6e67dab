"""Downloads over HTTP: ranges, conditions, HEAD, slow readers, against a server over the product in miniature (RFC 9110)."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import zstandard
from fastapi import Request
from starlette.types import Message

from stratgraph.build import build
from stratgraph.settings import Layout, Settings
from stratgraph.web.errors import RequestError
from stratgraph.web.ranges import FileBody, parse_range

from ..conftest import PRODUCT
from .conftest import Server, run

NAME = "stratgraph-full.nt"
LARGE, LARGE_SIZE = "large.nt", 64 * 2**20


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose queries may run for half a second."""
    lines: list[str] = []
    release = build(Layout(PRODUCT), tmp_path_factory.mktemp("build"), lines.append).release
    with (release.dumps / LARGE).open("wb") as file:
        file.truncate(LARGE_SIZE)
    with (release.dumps / "SHA256SUMS").open("a") as sums:
        sums.write(f"{'0' * 64}  {LARGE}\n")
    yield from run(release, Layout(PRODUCT), replace(Settings(), query_timeout=0.5, workers=1))


@pytest.fixture
def dumps(small: Server) -> Iterator[httpx.Client]:
    """A client of its downloads."""
    with httpx.Client(base_url=f"{small.base}/dumps/", timeout=30, headers={"Accept": "*/*"}) as found:
        yield found


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-9", (0, 10)),
        ("bytes=10-", (10, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-1000", (0, 100)),
        ("bytes=90-1000", (90, 100)),
        ("Bytes= 5-5 ", (5, 6)),
        ("bytes=0-9, 20-29", None),
        ("bytes=0-9,500-", None),
        ("lines=0-9", None),
        ("bytes=9-0", None),
        ("bytes=-", None),
        ("bytes=", None),
        ("bytes=a-b", None),
        ("bytes=0-9;20", None),
        ("bytes=" + "9" * 5000 + "-", None),
        ("bytes=" + ",".join(["0-"] * 100_000), None),
    ],
)
def test_ranges_are_read_as_the_standard_says(header: str | None, expected: tuple[int, int] | None) -> None:
    """One range is a part; several, an unknown unit and nonsense are the whole."""
    assert parse_range(header, 100) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=-0", "bytes=200-300", "bytes=200-,300-"])
def test_a_range_outside_the_file_is_416(header: str) -> None:
    """Nothing of it is there; the error tells the size."""
    with pytest.raises(RequestError) as caught:
        parse_range(header, 100)
    assert (caught.value.status, caught.value.headers) == (416, {"Content-Range": "bytes */100"})


def test_parts_make_the_whole(dumps: httpx.Client) -> None:
    """First part, last part and the rest between are the file; 206 tells where they belong."""
    whole = dumps.get(NAME)
    size = len(whole.content)
    parts = [dumps.get(NAME, headers={"Range": one}) for one in ("bytes=0-99", f"bytes=100-{size - 51}", "bytes=-50")]
    assert [one.status_code for one in parts] == [206] * 3
    assert b"".join(one.content for one in parts) == whole.content
    assert parts[2].headers["content-range"] == f"bytes {size - 50}-{size - 1}/{size}"
    assert whole.headers["accept-ranges"] == "bytes"
    several = dumps.get(NAME, headers={"Range": "bytes=0-1,3-4"})
    assert (several.status_code, several.content) == (200, whole.content)
    refused = dumps.get(NAME, headers={"Range": f"bytes={size}-"})
    assert (refused.status_code, refused.headers["content-range"]) == (416, f"bytes */{size}")


def test_conditions(dumps: httpx.Client) -> None:
    """If-None-Match saves the download, before any range; If-Range gives the part only of the same bytes."""
    whole = dumps.get(NAME)
    tag = whole.headers["etag"]
    assert tag == f'"{hashlib.sha256(whole.content).hexdigest()}"'
    for given in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        same = dumps.get(NAME, headers={"If-None-Match": given, "Range": "bytes=0-9"})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    part = {"Range": "bytes=0-9"}
    assert dumps.get(NAME, headers={**part, "If-Range": tag}).status_code == 206
    for other in ('"other"', f"W/{tag}", "Sat, 21 Nov 2026 00:00:00 GMT"):
        assert dumps.get(NAME, headers={**part, "If-Range": other}).status_code == 200


def test_head_tells_the_file_and_sends_nothing(dumps: httpx.Client) -> None:
    """HEAD has the headers of the whole, whatever range it names."""
    whole, head = dumps.get(NAME), dumps.head(NAME, headers={"Range": "bytes=0-9"})
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-length", "etag", "content-type", "accept-ranges"):
        assert head.headers[name] == whole.headers[name]


def test_every_file_holds_what_its_plain_one_holds(dumps: httpx.Client) -> None:
    """Each download has its size and checksum; gzip and zstd unpack to the plain file."""
    files = {one["name"]: one for one in dumps.get("").json()["files"] if one["name"] != LARGE}
    content = {name: dumps.get(name) for name in files}
    for name, one in files.items():
        data = content[name].content
        assert (len(data), hashlib.sha256(data).hexdigest()) == (one["bytes"], one["sha256"]), name
        assert "content-encoding" not in content[name].headers
        assert content[name].headers["content-type"] == one["mediaType"]
    tables = [name for name in files if name.startswith(("tables/", "datacite."))]
    plain = [name for name in files if not name.endswith((".gz", ".zst")) and name not in tables]
    for name in plain:
        assert gzip.decompress(content[f"{name}.gz"].content) == content[name].content
        assert zstandard.decompress(content[f"{name}.zst"].content) == content[name].content
    assert content[f"{NAME}.zst"].headers["content-type"] == "application/zstd"
    assert len(files) == 3 * len(plain) + len(tables)
    assert content["tables/measures.parquet"].headers["content-type"] == "application/vnd.apache.parquet"


def test_a_slow_reader_of_a_large_file_is_not_cut_off(small: Server) -> None:
    """A download that takes longer than a query may run ends whole: what does not fit into the sockets waits on the disk."""
    with socket.create_connection((small.host, small.port)) as client:
        client.sendall(f"GET /dumps/{LARGE} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        received = len(client.recv(100))
        time.sleep(1.0)
        while piece := client.recv(65536):
            received += len(piece)
    assert LARGE_SIZE < received < LARGE_SIZE + 2000


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """A file is sent in pieces of a quarter of a mebibyte."""
    (tmp_path / "large").write_bytes(bytes(2**20 + 1))
    sizes: list[int] = []

    async def send(message: Message) -> None:
        sizes.append(len(message.get("body", b"")))

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    request = Request({"type": "http", "headers": [], "state": {}})
    asyncio.run(FileBody(request, tmp_path / "large", '"tag"', {})(request.scope, receive, send))
    assert sizes == [0, *[2**18] * 4, 1]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_lists_every_file(language: str, small: Server) -> None:
    """Levels, graphs, proofs and tables, in both languages."""
    with httpx.Client(base_url=small.base) as client:
        names = [one["name"] for one in client.get("/dumps/?format=json").json()["files"]]
        page = client.get("/dumps/", params={"lang": language}, headers={"Accept": "text/html"}).text
    assert [name for name in names if f'href="/dumps/{name}"' not in page] == []
    assert "stratgraph-document-2099-sample.ttl.zst" in names


def test_the_catalogue_s_page_has_each_file_and_checksum(client: httpx.Client) -> None:
    """`/catalog#NAME` is the IRI of a file in the metadata: who follows it in a browser finds the file there."""
    page = client.get("/catalog", headers={"Accept": "text/html"}).text
    files = client.get("/dumps/SHA256SUMS").text.splitlines()
    assert len(files) > 100
    for digest, name in (line.split("  ", 1) for line in files):
        assert f'id="{name}"' in page
        assert f'id="{name}-sha256" title="{digest}"' in page
