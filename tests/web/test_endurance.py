"""Ten minutes of good, slow and hostile clients at once: the good one gets every answer, and each is right. For `make check-long`."""

from __future__ import annotations

import contextlib
import itertools
import random
import socket
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest

from stratgraph.release import Release
from stratgraph.settings import Layout, Settings

from .conftest import Server, run
from .test_hostile import (
    CPU,
    DIRECT,
    FLOOD,
    HEADS,
    MORE,
    NESTED,
    SLOW,
    VALUES,
    assert_memory_is_back,
    assert_well,
    own_memory,
    resources,
)

SECONDS = 600
# Seconds until an answer counts as lost: on a machine that has other work, some take a minute. How long they took is told.
PATIENCE = 120
REFUSED = [
    "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
    "SELECT * { SERVICE SILENT ?x { ?s ?p ?o } }",
    "ASK FROM <file:///etc/passwd> { ?s ?p ?o }",
    "LOAD <http://127.0.0.1:9/>",
    "DROP ALL",
]
GOOD = [
    ("/sparql", {"query": "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/stratgraph/ontology#PublicComment> }", "format": "csv"}),
    ("/sparql", {"query": "CONSTRUCT WHERE { <https://w3id.org/stratgraph/id/comment/2022/18> ?p ?o }", "format": "nt"}),
    (
        "/sparql",
        {"query": 'PREFIX sgf: <https://w3id.org/stratgraph/function#> SELECT ?x { ?x sgf:matches "攻撃" } ORDER BY ?x', "format": "tsv"},
    ),
    (
        "/sparql",
        {"query": "SELECT ?s ?o { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?o } ORDER BY ?s ?o LIMIT 3000", "format": "json"},
    ),
    ("/questions/comments-per-chapter.json", {}),
    ("/questions/real-answer-to-a-comment.csv", {"comment": "18"}),
    ("/id/recommendation/2015/2-4.ttl", {}),
    ("/search", {"q": "サイバー", "format": "json"}),
    ("/dumps/SHA256SUMS", {}),
]


def _fresh(params: dict[str, str], number: int) -> dict[str, str]:
    """The same request, written so that no kept answer serves it."""
    return {**params, "query": f"{params['query']}\n# {number}"}


class _Clients:
    """Threads that run until told to end, each by its own address behind a trusted proxy."""

    def __init__(self, server: Server) -> None:
        self.server, self.over, self.done = server, threading.Event(), Counter[str]()
        self.failures: list[str] = []

    def start(self, name: str, act: Callable[[httpx.Client, random.Random], None]) -> threading.Thread:
        """Repeat `act` until the end."""

        def target() -> None:
            chance = random.Random(name)
            headers = {"X-Forwarded-For": f"10.0.0.{sum(map(ord, name)) % 200 + 20}"}
            while not self.over.is_set():
                with httpx.Client(base_url=self.server.base, timeout=PATIENCE, headers=headers) as client:
                    try:
                        act(client, chance)
                    except (httpx.ReadTimeout, httpx.ConnectTimeout, TimeoutError) as error:
                        self.failures.append(f"{name}: {error!r}")  # whoever asks in full, is answered
                    except (httpx.HTTPError, OSError):
                        pass  # as it goes when one is refused
                self.done[name] += 1

        thread = threading.Thread(target=target, name=name)
        thread.start()
        return thread

    def connect(self) -> socket.socket:
        """A connection of its own."""
        return socket.create_connection((self.server.host, self.server.port), timeout=30)

    def hostile(self, client: httpx.Client, chance: random.Random) -> None:
        """A query that would take all, or ask for what is never given."""
        query = chance.choice([*CPU.values(), *MORE.values(), *NESTED.values(), *REFUSED])
        response = client.post("/sparql", content=query.encode(), headers=DIRECT, params={"timeout": "1"})
        if response.status_code not in (200, 400, 413, 429, 503, 504):
            self.failures.append(f"{response.status_code} for {query[:60]}")

    def greedy(self, client: httpx.Client, _: random.Random) -> None:
        """Ten slow queries at once by one client."""

        def ask(number: int) -> int:
            return client.get("/sparql", params={"query": f"{SLOW} # {number}", "timeout": "1"}).status_code

        with ThreadPoolExecutor(10) as pool:
            self.failures += [f"greedy: {status}" for status in pool.map(ask, range(10)) if status not in (400, 429, 503, 504)]
        self.over.wait(2)

    def values(self, client: httpx.Client, chance: random.Random) -> None:
        """Hostile values for saved questions."""
        question = chance.choice(["real-answer-to-a-comment?comment", "incidents-by-date?scope", "recommendations-by-theme?theme"])
        path, _, parameter = question.partition("?")
        response = client.get(f"/questions/{path}.json", params={parameter: chance.choice(VALUES)})
        if response.status_code not in (200, 400, 422, 429, 431, 503):
            self.failures.append(f"{response.status_code} for a value of {path}")

    def rude(self, _: httpx.Client, chance: random.Random) -> None:
        """Go away in mid-query, read nothing, send half a head, close half or by a reset."""
        request = f"GET /sparql?{httpx.QueryParams({'query': chance.choice([SLOW, FLOOD]), 'timeout': '1'})} HTTP/1.1\r\nHost: a\r\n\r\n"
        with self.connect() as raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            raw.sendall(request.encode()[: chance.choice([20, len(request)])])
            ending = chance.random()
            if ending < 0.3:
                raw.shutdown(socket.SHUT_WR)
            elif ending < 0.6:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.over.wait(chance.random())

    def malformed(self, _: httpx.Client, chance: random.Random) -> None:
        """Heads that are none, bodies and trailers without end."""
        head = b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\n"
        endless = head + b"Transfer-Encoding: chunked\r\n\r\n"
        with self.connect() as raw:
            kind = chance.randrange(3)
            raw.sendall(head + chance.choice(list(HEADS.values())) if kind == 0 else endless)
            for _piece in range(0 if kind == 0 else 200):
                raw.sendall(b"10000\r\n" + b"#" * 65536 + b"\r\n" if kind == 1 else b"0\r\n" + b"X-A: b\r\n" * 8000)

    def slow(self, client: httpx.Client, _: random.Random) -> None:
        """Read a large answer piece by piece."""
        with client.stream("GET", "/sparql", params={"query": "SELECT * { ?s ?p ?o } LIMIT 20000", "format": "csv"}) as response:
            for _piece in response.iter_bytes(65536):
                self.over.wait(0.02)

    def slow_senders(self, _: httpx.Client, chance: random.Random) -> None:
        """Two hundred connections that send a byte now and then, in the head or in the body, until they are closed."""
        heads = [
            b"GET /sparql?query=A",
            b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\nContent-Length: 900\r\n\r\nASK",
        ]
        with contextlib.ExitStack() as stack:
            open_ones = [stack.enter_context(self.connect()) for _ in range(200)]
            for number, one in enumerate(open_ones):
                one.sendall(heads[number % 2])
            for _round in range(chance.randint(1, 12)):
                for one in open_ones:
                    with contextlib.suppress(OSError):
                        one.sendall(b"x")
                self.over.wait(5)

    def silent_readers(self, _: httpx.Client, chance: random.Random) -> None:
        """Fifty connections that ask for much and read nothing."""
        paths = [
            f"/sparql?{httpx.QueryParams({'query': FLOOD})}",
            "/dumps/stratgraph-full.nq",
            "/sparql?query=SELECT+*+%7B%3Fs+%3Fp+%3Fo%7D",
        ]
        with contextlib.ExitStack() as stack:
            for _each in range(50):
                raw = stack.enter_context(self.connect())
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                address = f"10.0.1.{chance.randrange(250)}"
                raw.sendall(f"GET {chance.choice(paths)} HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {address}\r\n\r\n".encode())
            self.over.wait(chance.choice([0, 2, 5]))
        self.over.wait(3)


class _Good:
    """The client whose every answer counts."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.expected = [client.get(path, params=params).raise_for_status().content for path, params in GOOD]
        self.wrong, self.lost, self.times = list[str](), list[str](), list[float]()

    def ask(self, number: int) -> None:
        """The next of its requests; every second one that has a query is asked afresh."""
        at = number % len(GOOD)
        path, params = GOOD[at]
        start = time.perf_counter()
        try:
            response = self.client.get(path, params=_fresh(params, number) if number % 2 and "query" in params else params)
        except httpx.HTTPError as error:
            self.lost.append(f"{path}: {error!r}")
            return
        self.times.append(time.perf_counter() - start)
        if response.status_code != 200:
            self.lost.append(f"{path}: {response.status_code} {response.text[:200]}")
        elif response.content != self.expected[at]:
            self.wrong.append(f"{path} {params}")

    def told(self) -> str:
        """What it got, in numbers."""
        times = sorted(self.times)
        quantiles = [round(times[int(len(times) * share)] * 1000) for share in (0.5, 0.9, 0.99)]
        counts = f"{len(times)} answers, {len(self.wrong)} wrong, {len(self.lost)} lost"
        return f"{counts}; ms at 50, 90, 99 %: {quantiles}, most {times[-1] * 1000:.0f}"


@pytest.mark.long
@pytest.mark.alone
def test_ten_minutes_of_mixed_clients(served: Release, layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    """Zero wrong and zero lost answers to the good client; afterwards nothing is held that was not held before."""
    options = replace(Settings(), trusted_proxies="127.0.0.1", worker_memory=192)
    for server in run(served, layout, options):
        with httpx.Client(base_url=server.base, timeout=PATIENCE, headers={"X-Forwarded-For": "10.0.0.1"}) as client:
            good = _Good(client)
            before, memory, clients = resources(), own_memory(), _Clients(server)
            several = (clients.hostile, clients.rude)
            single = (clients.greedy, clients.values, clients.malformed, clients.slow, clients.slow_senders, clients.silent_readers)
            threads = [clients.start(f"{act.__name__} {number}", act) for act in several for number in (1, 2)]
            threads += [clients.start(act.__name__, act) for act in single]
            end = time.monotonic() + SECONDS
            for number in itertools.count():
                if time.monotonic() > end:
                    break
                good.ask(number)
            clients.over.set()
            for thread in threads:
                thread.join(60)
        with capsys.disabled():
            sys.stdout.write(f"\n{good.told()}\nothers did: {dict(clients.done)}; faults: {clients.failures[:5]}\n")
        assert [thread.name for thread in threads if thread.is_alive()] == []
        assert (good.wrong, good.lost, clients.failures) == ([], [], [])
        assert_well(server, before)
        assert_memory_is_back(server, memory, options.worker_memory)
        with capsys.disabled():
            sys.stdout.write(f"before and after: descriptors and processes {before}, {resources()}; MiB {memory}, {own_memory()}\n")
