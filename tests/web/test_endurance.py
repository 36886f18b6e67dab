"""Ten minutes of good, slow and hostile clients at once: the good one gets every answer, and each is right. For `make check-long`."""

from __future__ import annotations

import contextlib
import itertools
import random
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from stratgraph.release import Release
from stratgraph.settings import Layout, Settings

from .conftest import Server, run
from .test_hostile import CPU, DIRECT, ENDLESS, NESTED, SLOW, assert_well, resources

SECONDS = 600
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
                with (
                    httpx.Client(base_url=self.server.base, timeout=20, headers=headers) as client,
                    contextlib.suppress(httpx.HTTPError, OSError),
                ):
                    act(client, chance)
                self.done[name] += 1

        thread = threading.Thread(target=target, name=name)
        thread.start()
        return thread

    def hostile(self, client: httpx.Client, chance: random.Random) -> None:
        """A query that would take all."""
        query = chance.choice([*CPU.values(), *NESTED.values()])
        response = client.post("/sparql", content=query.encode(), headers=DIRECT, params={"timeout": "1"})
        if response.status_code not in (200, 400, 413, 429, 503, 504):
            self.failures.append(f"{response.status_code} for {query[:60]}")

    def rude(self, _: httpx.Client, chance: random.Random) -> None:
        """Go away in mid-query, read nothing, or send half a head."""
        query = chance.choice([SLOW, ENDLESS]).replace(" ", "+").replace("?", "%3F")
        request = f"GET /sparql?timeout=1&query={query} HTTP/1.1\r\nHost: a\r\n\r\n"
        with socket.create_connection((self.server.host, self.server.port), timeout=5) as raw:
            raw.sendall(request.encode()[: chance.choice([20, len(request)])])
            time.sleep(chance.random())

    def slow(self, client: httpx.Client, _: random.Random) -> None:
        """Read a large answer piece by piece."""
        with client.stream("GET", "/sparql", params={"query": "SELECT * { ?s ?p ?o } LIMIT 20000", "format": "csv"}) as response:
            for _piece in response.iter_bytes(65536):
                time.sleep(0.02)


@pytest.mark.long
def test_ten_minutes_of_mixed_clients(served: Release, layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    """Zero wrong and zero lost answers to the good client; afterwards nothing is held that was not held before."""
    options = replace(Settings(), trusted_proxies="127.0.0.1", worker_memory=192)
    for server in run(served, layout, options):
        with httpx.Client(base_url=server.base, timeout=60, headers={"X-Forwarded-For": "10.0.0.1"}) as good:
            expected = [good.get(path, params=params).raise_for_status().content for path, params in GOOD]
            before, clients, times = resources(), _Clients(server), list[float]()
            acts = {
                "hostile 1": clients.hostile,
                "hostile 2": clients.hostile,
                "rude 1": clients.rude,
                "rude 2": clients.rude,
                "slow": clients.slow,
            }
            threads = [clients.start(name, act) for name, act in acts.items()]
            end, wrong, lost = time.monotonic() + SECONDS, list[str](), list[str]()
            for number in itertools.count():
                if time.monotonic() > end:
                    break
                at = number % len(GOOD)
                path, params = GOOD[at]
                start = time.perf_counter()
                try:
                    response = good.get(path, params=_fresh(params, number) if number % 2 and "query" in params else params)
                except httpx.HTTPError as error:
                    lost.append(f"{path}: {error!r}")
                    continue
                times.append(time.perf_counter() - start)
                if response.status_code != 200:
                    lost.append(f"{path}: {response.status_code} {response.text[:200]}")
                elif response.content != expected[at]:
                    wrong.append(f"{path} {params}")
            clients.over.set()
            for thread in threads:
                thread.join(60)
        times.sort()
        quantiles = [round(times[int(len(times) * share)] * 1000) for share in (0.5, 0.9, 0.99)]
        told = (
            f"\n{len(times)} answers, {len(wrong)} wrong, {len(lost)} lost; ms at 50, 90, 99 %: {quantiles}, most {times[-1] * 1000:.0f}\n"
            f"others did: {dict(clients.done)}; faults: {clients.failures[:5]}\n"
        )
        with capsys.disabled():
            sys.stdout.write(told)
        assert (wrong, lost, clients.failures) == ([], [], [])
        assert_well(server, before)
