"""The server's HTTP: kept answers written at once, pipelines, clients that do not read, heads without end."""

from __future__ import annotations

import contextlib
import socket
import time

import httpx
import pytest

from stratgraph.web.http import HEAD_BYTES

from .conftest import Server

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


@pytest.mark.parametrize("head", [b"GET /" + b"a" * HEAD_BYTES * 2, b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * (HEAD_BYTES // 4)])
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
