"""The server's HTTP: kept answers written at once, pipelines, clients that do not read, heads without end."""

from __future__ import annotations

import contextlib
import socket
import time

import httpx
import pytest

from stratgraph.web.http import HEAD_BYTES

from .conftest import Server
from .test_hostile import FLOOD

QUERY = "/sparql?query=SELECT%20(1%20AS%20%3Fkept)%20%7B%7D"


def connected(server: Server) -> socket.socket:
    """A connection."""
    return socket.create_connection((server.host, server.port), 20)


def read_all(connection: socket.socket) -> bytes:
    """What comes until the other side closes."""
    data = bytearray()
    while part := connection.recv(65536):
        data += part
    return bytes(data)


def test_a_kept_answer_is_the_first_one(client: httpx.Client) -> None:
    """Status, headers and body of the second answer are those of the first; HEAD and 304 have no body."""
    first, second = client.get(QUERY), client.get(QUERY)
    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert {name: value for name, value in first.headers.items() if name != "date"} == {
        name: value for name, value in second.headers.items() if name != "date"
    }
    assert "date" in second.headers
    head = client.head(QUERY)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", first.headers["content-length"])
    unchanged = client.get(QUERY, headers={"If-None-Match": first.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_pipelined_requests_are_all_answered_in_order(server: Server, client: httpx.Client) -> None:
    """Two thousand requests in one go, kept and not kept in turn, get as many answers, in order."""
    client.get(QUERY)
    one = f"GET {QUERY} HTTP/1.1\r\nHost: x\r\n\r\n"
    requests = "".join(one if n % 50 else f"GET /health HTTP/1.1\r\nHost: x\r\nX-N: {n}\r\n\r\n" for n in range(2000))
    with connected(server) as connection:
        connection.sendall((requests + one.replace("Host: x", "Host: x\r\nConnection: close")).encode())
        answer = read_all(connection)
    assert answer.count(b"HTTP/1.1 200 OK") == 2001
    assert answer.count(b'"status":"ok"') == 40
    places = [answer.index(b'"status":"ok"'), answer.rindex(b'"status":"ok"')]
    assert answer.count(b"kept", 0, places[0]) < answer.count(b"kept", 0, places[1])


def test_a_client_that_does_not_read_takes_no_memory(server: Server, client: httpx.Client) -> None:
    """Kept answers wait for who reads slowly: of many large ones asked for in one go, few are under way; others are served."""
    large = "/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D%20LIMIT%203000"
    size = len(client.get(large).content)
    assert size > 300_000
    client.get(large)
    with connected(server) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(f"GET {large} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 200)
        time.sleep(0.5)
        assert client.get("/health").status_code == 200


HEADS = [b"GET /" + b"a" * HEAD_BYTES * 2, b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * (HEAD_BYTES // 4)]


@pytest.mark.parametrize("head", HEADS, ids=["line", "headers"])
def test_a_head_without_end_is_refused(server: Server, head: bytes) -> None:
    """A request line or headers past the bound get 431 and a closed connection."""
    with connected(server) as connection:
        with contextlib.suppress(OSError):  # closed while we were sending
            connection.sendall(head)
        try:
            answer = read_all(connection)
        except ConnectionError:
            return
    assert answer.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400"))


OFFERS = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n"
POST = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"


def test_an_offer_to_speak_another_protocol_is_passed_over(server: Server) -> None:
    """Java's client (Jena, RDF4J) offers HTTP/2 with every first request: its query is read and answered, and so is the next one."""
    requests = [
        POST + OFFERS + b"Content-Length: 6\r\n\r\nASK {}",
        POST + OFFERS + b"Transfer-Encoding: chunked\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n",
        b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\n" + OFFERS + b"\r\n",
        POST + b"Content-Length: 6\r\n\r\nASK {}",
        POST + OFFERS.replace(b"Upgrade,", b"close, Upgrade,") + b"Content-Length: 6\r\n\r\nASK {}",
    ]
    for pieces in (requests, [b"".join(requests)], [bytes([one]) for one in b"".join(requests)]):
        with connected(server) as connection:
            for piece in pieces:
                connection.sendall(piece)
            answer = read_all(connection)
        assert answer.count(b"HTTP/1.1 200 OK") == answer.count(b'"boolean":true') == len(requests), answer
    many = requests[2] * 2000 + requests[-1]
    with connected(server) as connection:
        connection.sendall(many)
        assert read_all(connection).count(b'"boolean":true') == 2001


def test_http_1_0_gets_whole_answers_without_chunks(server: Server, client: httpx.Client) -> None:
    """No Transfer-Encoding for who does not know it (ab, old proxies): short, long, kept; a part is never taken for the whole."""
    rows = "/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7D%20LIMIT%2020000"
    for path in (QUERY, rows, "/health", "/dumps/SHA256SUMS", "/"):
        whole = client.get(path).content
        with connected(server) as connection:
            connection.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            head, _, body = read_all(connection).partition(b"\r\n\r\n")
        assert (head.split()[1], b"transfer-encoding" in head.lower(), body) == (b"200", False, whole), path
    flood = str(httpx.QueryParams({"query": FLOOD, "timeout": "1"}))
    with connected(server) as connection, pytest.raises(ConnectionResetError):
        connection.sendall(f"GET /sparql?{flood} HTTP/1.0\r\n\r\n".encode())
        read_all(connection)


@pytest.mark.parametrize("line", [b"X-A: bbbbbbbbbbbbbbbbbbbbbbbb\r\n", b"b"], ids=["trailers", "one trailer"])
@pytest.mark.parametrize("start", [POST, b"GET /health HTTP/1.1\r\nHost: x\r\n"], ids=["POST", "GET"])
def test_trailers_without_end_are_not_kept(server: Server, start: bytes, line: bytes) -> None:
    """What follows the last chunk is bounded as a head is: the connection is closed long before it takes memory."""
    with connected(server) as connection:
        connection.sendall(start + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: ")
        with pytest.raises(ConnectionError):
            for _ in range(2000):
                connection.sendall(line * (65536 // len(line)))


def test_a_chunk_s_extension_without_end_is_refused(server: Server) -> None:
    """Nor may one chunk's own line go on for ever."""
    with connected(server) as connection, pytest.raises(ConnectionError):
        connection.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n6;a=")
        for _ in range(2000):
            connection.sendall(b"b" * 65536)


def test_a_request_that_does_not_end_is_closed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing, a head or a body (behind an answer already given) that comes a byte at a time, holds its connection for a time only."""
    monkeypatch.setattr("stratgraph.web.http.HEAD_SECONDS", 0.3)
    monkeypatch.setattr("stratgraph.web.http.BODY_SECONDS", 0.3)
    with connected(server) as silent:
        assert silent.recv(10) == b""
    for start in (b"GET /he", b"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n", POST + b"Content-Length: 900\r\n\r\nASK"):
        with connected(server) as connection, pytest.raises(ConnectionError):
            connection.sendall(start)
            for _ in range(60):
                time.sleep(0.1)
                connection.sendall(b"x")


def test_a_connection_in_use_outlives_the_time_for_a_head(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time counts for what is awaited, not for the connection, whichever way its requests are answered."""
    monkeypatch.setattr("stratgraph.web.http.HEAD_SECONDS", 0.3)
    with connected(server) as connection:
        for number in range(8):
            path = QUERY if number % 2 else f"/sparql?query=ASK%7B%7D%23{number}"
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")
            time.sleep(0.1)
