"""Hostile queries and clients against the real server: after each it answers at once, and nothing of it is lost."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stratgraph.questions import load_questions
from stratgraph.release import Release
from stratgraph.settings import Layout, Settings

from .conftest import Server, run

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts processes and descriptors in /proc"),
    pytest.mark.xdist_group("hostile"),
]
WORKERS = 2
DIRECT = {"Content-Type": "application/sparql-query"}
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
# Rows from the first moment on, more than can be sent in any time that a query has.
FLOOD = f"SELECT * {{ {' UNION '.join(['{ ?s ?p ?o }'] * 300)} }}"


def resources() -> tuple[int, int]:
    """Descriptors of this process, and processes below it."""
    return len(list(Path("/proc/self/fd").iterdir())), len(below())


def below() -> set[int]:
    """The processes below this one."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    known = {os.getpid()}
    while found := {pid for pid, parent in parents.items() if parent in known} - known:
        known |= found
    return known - {os.getpid()}


def own_memory() -> int:
    """MiB that zygotes and workers have each for themselves."""
    total = 0
    for pid in below():
        with contextlib.suppress(OSError):
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))
    return total // 1024


@pytest.fixture(scope="module")
def attacked(light: Release, layout: Layout) -> Iterator[Server]:
    """A server that lets a query run a second and a half, without a limit per client."""
    yield from run(light, layout, replace(Settings(), workers=WORKERS, client_queries=0, query_timeout=1.5, worker_memory=192))


@pytest.fixture
def before(attacked: Server) -> tuple[int, int]:
    """What the server has before the attack, all workers there: the same twice, half a second apart."""
    ask(attacked)
    deadline, found = time.monotonic() + 30, resources()
    while time.monotonic() < deadline:
        time.sleep(0.5)
        last, found = found, resources()
        if last == found:
            break
    return found


def ask(server: Server) -> None:
    """A query that is answered."""
    with httpx.Client(base_url=server.base, timeout=30) as client:
        client.get("/sparql", params={"query": "ASK {}"}).raise_for_status()


def settled(server: Server, wanted: tuple[int, int]) -> tuple[int, int]:
    """Wait until nothing more than `wanted` is held, at most half a minute; workers are replaced in the meantime."""
    ask(server)
    deadline, found = time.monotonic() + 30, resources()
    while (found[0] > wanted[0] or found[1] != wanted[1]) and time.monotonic() < deadline:
        time.sleep(0.1)
        found = resources()
    return found


def assert_well(server: Server, before: tuple[int, int]) -> None:
    """It answers /health at once, a query and a question rightly, and holds no process or descriptor more."""
    with httpx.Client(base_url=server.base, timeout=30) as client:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            assert client.get("/health").json()["status"] == "ok"
            times.append(time.perf_counter() - start)
        assert min(times) < 0.1
        assert client.get("/sparql", params={"query": "ASK { ?s ?p ?o }"}).json()["boolean"] is True
        assert client.get("/questions/comments-per-chapter.json").status_code == 200
    after = settled(server, before)
    assert (after[0] <= before[0], after[1]) == (True, before[1]), (before, after)


def assert_memory_is_back(server: Server, before: int, worker_memory: int) -> None:
    """Zygote and workers hold no more than before but for what a worker may keep: half of what one query may have (MiB)."""
    ask(server)
    deadline, most = time.monotonic() + 30, before + WORKERS * worker_memory // 2 + 16
    while own_memory() > most and time.monotonic() < deadline:
        time.sleep(0.5)
    assert own_memory() <= most, (before, own_memory())


CPU = {
    "cross product": SLOW,
    "all pairs by a negated path": "SELECT (COUNT(*) AS ?n) { ?a (!<x:x>)* ?b }",
    "all pairs of a path, limited": "SELECT * { ?a (<x:a>|!<x:a>)* ?b } ORDER BY ?b LIMIT 1",
    "a regex per row of a join": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER (REGEX(STR(?c), CONCAT('(a+)+', STR(?f)))) }",
    "a thousand patterns": "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(300)) + " }",
    "a chain": "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?x{n} ?p{n} ?x{n + 1} ." for n in range(300)) + " }",
    "a chain of five thousand": "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?x{n} <x:p> ?x{n + 1} ." for n in range(5000)) + " }",
    "a list of a hundred thousand": f"ASK {{ FILTER (1 IN ({', '.join(map(str, range(100_000)))})) }}",
    "a hundred thousand values": f"SELECT * {{ VALUES ?x {{ {' '.join(map(str, range(100_000)))} }} }}",
    "a million values": f"SELECT * {{ VALUES ?x {{ {'1 ' * 1_000_000} }} }}",
    "a hundred thousand variables": f"SELECT * {{ VALUES ({' '.join(f'?v{n}' for n in range(100_000))}) {{}} }}",
    "a relative address for each": "".join("BASE <a/>\n" for _ in range(8000)) + "ASK FROM <b> {}",
    "options in one another": f"SELECT * {{ {'?s ?p ?o OPTIONAL {' * 40}{'}' * 40} }}",
    "a flood of triples": f"CONSTRUCT {{ {' '.join(f'?s <x:{n}> ?o .' for n in range(600))} }} WHERE {{ ?s ?p ?o }}",
    "a text that grows when folded": "PREFIX sgf: <https://w3id.org/stratgraph/function#> "
    f'SELECT (STRLEN(sgf:fold(sgf:fold(?x))) AS ?n) {{ BIND ("{chr(0xFDFA) * 200_000}" AS ?x) }}',
    "many variables": "SELECT * { " + " ".join(f"BIND (1 AS ?v{n})" for n in range(20_000)) + " }",
    "sorted cross product": f"{ENDLESS} ORDER BY ?i LIMIT 1",
    "concatenated cross product": "SELECT (GROUP_CONCAT(?c; separator='##########') AS ?x) { ?a ?b ?c . ?d ?e ?f }",
    "doubled text": "SELECT (STRLEN(?x40) AS ?n) { BIND('0123456789' AS ?x0) "
    + " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
    + " }",
    "nested replacement": "SELECT ?x { BIND(" + "REPLACE(" * 40 + "'a'" + ", '.', '$0$0')" * 40 + " AS ?x) }",
}
# Those of the endurance test alone.
MORE = {
    "options beside one another": f"SELECT * {{ ?s ?p ?o {' '.join(f'OPTIONAL {{ ?o ?p{n} ?o{n} }}' for n in range(300))} }} LIMIT 1",
    "what is not there": f"SELECT * {{ ?s ?p ?o {'MINUS { ?s ?q ?r } ' * 300} }} LIMIT 1",
    "a path of alternatives": f"SELECT (COUNT(*) AS ?n) {{ ?s ({'|'.join(f'<x:{n}>' for n in range(900))})* ?o }}",
    "a path of steps": f"SELECT * {{ ?s {'/'.join(['!<x:y>'] * 900)} ?o }} LIMIT 1",
    "an expression that is large": f"SELECT (REGEX('a', '{'(a|b)?' * 15_000}') AS ?x) {{}}",
}
_DEEP = 10_000
NESTED = {
    "negations": f"ASK {{ FILTER({'!(' * 22}",
    "STR": f"ASK {{ FILTER({'STR(' * _DEEP}1{')' * _DEEP} = '1') }}",
    "IF": f"ASK {{ FILTER({'IF(true,' * _DEEP}1{',1)' * _DEEP}) }}",
    "groups": f"ASK {'{' * _DEEP}{'}' * _DEEP}",
    "brackets": f"ASK {{ FILTER({'(' * _DEEP}1{')' * _DEEP}) }}",
    "subqueries": f"SELECT * {{ {'{ SELECT * { ' * _DEEP}{'} }' * _DEEP} }}",
    "EXISTS": f"ASK {{ {'FILTER EXISTS { ' * _DEEP}{'}' * _DEEP} }}",
    "GRAPH": f"ASK {{ {'GRAPH ?g { ' * _DEEP}{'}' * _DEEP} }}",
    "and": f"ASK {{ FILTER({'1 && ' * _DEEP * 10}1) }}",
    "or": f"ASK {{ FILTER({'1 || ' * _DEEP * 10}1) }}",
    "plus": f"ASK {{ FILTER({'1 + ' * _DEEP * 10}1) }}",
    "lists": f"ASK {{ ?s ?p {'(' * _DEEP}{')' * _DEEP} }}",
    "blank nodes": f"ASK {{ ?s ?p {'[ ?p ' * _DEEP}1{']' * _DEEP} }}",
    "paths": f"ASK {{ ?s {'(' * _DEEP}<x:p>{')*' * _DEEP} ?o }}",
    "triple terms": f"ASK {{ ?s ?p {'<<( ?s ?p ' * _DEEP}1{' )>>' * _DEEP} }}",
}


@pytest.mark.parametrize("name", [*CPU, *NESTED])
def test_a_query_that_would_take_all(attacked: Server, before: tuple[int, int], name: str) -> None:
    """Time, memory, stack or shape ends it with a status of its own, and within its time."""
    start = time.monotonic()
    with httpx.Client(base_url=attacked.base, timeout=30) as client:
        try:
            response = client.post("/sparql", content=(CPU.get(name) or NESTED[name]).encode(), headers=DIRECT)
        except httpx.RemoteProtocolError:  # stopped after the first rows, as it should be; of a nested one nothing comes
            assert name in CPU
            response = httpx.Response(200)
    assert response.status_code in (200, 400, 413, 504), response.text[:300]
    assert time.monotonic() - start < 6
    if response.status_code != 200:
        assert response.headers["content-type"].startswith("application/problem+json")
    assert_well(attacked, before)


def test_disconnects_in_mid_query(attacked: Server, before: tuple[int, int]) -> None:
    """A thousand clients that ask something slow or endless and go at once: nothing stays of them."""
    request = f"GET /sparql?query={httpx.QueryParams({'q': SLOW})['q'].replace(' ', '+').replace('?', '%3F')} HTTP/1.1\r\nHost: a\r\n\r\n"
    for _ in range(10):
        sockets = [socket.create_connection((attacked.host, attacked.port), timeout=5) for _ in range(100)]
        for one in sockets:
            one.sendall(request.encode())
        for one in sockets:
            one.close()
    assert_well(attacked, before)


def test_a_flood_of_results_that_nobody_reads(attacked: Server, before: tuple[int, int]) -> None:
    """Answers without end to clients that read nothing hold no worker past its time, and no memory."""
    request = f"GET /sparql?query={FLOOD.replace(' ', '+').replace('?', '%3F')} HTTP/1.1\r\nHost: a\r\n\r\n"
    sockets = [socket.create_connection((attacked.host, attacked.port), timeout=5) for _ in range(200)]
    for one in sockets:
        one.sendall(request.encode())
    time.sleep(2)
    with httpx.Client(base_url=attacked.base, timeout=5) as client:
        assert client.get("/health").status_code == 200
    for one in sockets:
        one.close()
    assert_well(attacked, before)


def test_slow_senders_take_no_place(attacked: Server, before: tuple[int, int]) -> None:
    """200 connections that send a byte now and then, in the head or the body, keep nobody else waiting."""
    heads = [
        b"GET /sparql?query=A",
        b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\nContent-Length: 900\r\n\r\nASK",
    ]
    sockets = [socket.create_connection((attacked.host, attacked.port), timeout=5) for _ in range(200)]
    for number, one in enumerate(sockets):
        one.sendall(heads[number % 2])
    for _ in range(3):
        for one in sockets:
            one.sendall(b"x")
        start = time.perf_counter()
        with httpx.Client(base_url=attacked.base, timeout=5) as client:
            assert client.get("/health").status_code == 200
            assert client.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True
        assert time.perf_counter() - start < 2
        time.sleep(0.5)
    for one in sockets:
        one.close()
    assert_well(attacked, before)


def test_bodies_without_end(attacked: Server, before: tuple[int, int]) -> None:
    """A chunked body that never ends, a false Content-Length and a gzip bomb are refused, and nothing of them is kept."""

    def endless() -> Iterator[bytes]:
        for _ in range(400):
            yield b"#" * 65536

    with httpx.Client(base_url=attacked.base, timeout=30) as client:
        with contextlib.suppress(httpx.WriteError, httpx.RemoteProtocolError, httpx.ReadError):
            assert client.post("/sparql", content=endless(), headers=DIRECT).status_code == 413
        bomb = gzip.compress(b"#" * 50_000_000)
        assert client.post("/sparql", content=bomb, headers={**DIRECT, "Content-Encoding": "gzip"}).status_code == 415
    for length in (b"99999999999", b"-1", b"12x", b"5, 6"):
        with socket.create_connection((attacked.host, attacked.port), timeout=5) as raw:
            raw.sendall(
                b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\nContent-Length: " + length + b"\r\n\r\n"
            )
            assert raw.recv(64).split()[1] in (b"400", b"413")
    assert_well(attacked, before)


def test_more_slow_queries_than_workers(attacked: Server, before: tuple[int, int]) -> None:
    """N + 5 slow queries at once: each ends by its time, and saved questions and /health answer meanwhile."""

    async def flood() -> tuple[list[httpx.Response], httpx.Response, httpx.Response]:
        async with httpx.AsyncClient(base_url=attacked.base, timeout=60) as client:
            slow = [asyncio.create_task(client.get("/sparql", params={"query": f"{SLOW} # {n}"})) for n in range(WORKERS + 5)]
            await asyncio.sleep(0.3)
            health = await client.get("/health")
            question = await client.get("/questions/comments-per-chapter.json")
            return await asyncio.gather(*slow), health, question

    slow, health, question = asyncio.run(flood())
    # 400: its product outgrew the memory of a worker before its time was up.
    assert {one.status_code for one in slow} <= {400, 503, 504}
    assert all(one.headers["retry-after"].isdigit() for one in slow if one.status_code != 400)
    assert health.elapsed.total_seconds() < 0.5
    assert question.status_code == 200
    assert_well(attacked, before)


VALUES = [
    "x> } ; DROP ALL #",
    '" . }',
    "\\u0022",
    "a\nb\r\nc",
    'ja"@en',
    "@en<script>",
    "x" * 60_000,
    "\x00",
    "' OR 1=1 --",
    "SERVICE <http://127.0.0.1:1/> {}",
]


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_values_of_questions_stay_values(attacked: Server, before: tuple[int, int], layout: Layout, value: str) -> None:
    """Whatever a parameter holds, a question answers with data, or says that the value is not allowed."""
    with httpx.Client(base_url=attacked.base, timeout=30) as client:
        for question in list(load_questions(layout.queries).values())[:8]:
            for parameter in question.parameters:
                response = client.get(f"/questions/{question.slug}.json", params={parameter.name: value})
                assert response.status_code in (200, 400, 422, 431), (question.slug, response.status_code)
    assert_well(attacked, before)


def test_a_value_of_a_hundred_thousand_characters(attacked: Server, before: tuple[int, int]) -> None:
    """As long as a head may be, and longer than most clients can ask."""
    head = b"GET /questions/real-answer-to-a-comment.json?comment=%s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % (b"x" * 100_000)
    with socket.create_connection((attacked.host, attacked.port), timeout=10) as raw:
        raw.sendall(head)
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answer.split()[1] in (b"400", b"422")
    assert_well(attacked, before)


HEADS = {
    "an unknown coding": b"Transfer-Encoding: xchunked\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n",
    "a coding after chunked": b"Transfer-Encoding: chunked, identity\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n",
    "a space before the colon": b"Transfer-Encoding : chunked\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n",
    "a chunk larger than numbers": b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nASK {}\r\n0\r\n\r\n",
    "a negative chunk": b"Transfer-Encoding: chunked\r\n\r\n-6\r\nASK {}\r\n0\r\n\r\n",
    "chunks by line feeds alone": b"Transfer-Encoding: chunked\r\n\r\n6\nASK {}\n0\n\n",
    "a carriage return alone": b"X-A: b\rX-C: d\r\n\r\n",
    "a NUL": b"X-A: b\0c\r\n\r\n",
    "garbage": bytes(range(256)) * 20,
}


@pytest.mark.parametrize("name", HEADS)
def test_a_head_that_is_read_in_two_ways_is_refused(attacked: Server, name: str) -> None:
    """What a proxy before us could read otherwise than we do is 400, and the connection closes: no second request hides in it."""
    head = b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\n"
    hidden = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
    with socket.create_connection((attacked.host, attacked.port), timeout=5) as raw:
        raw.sendall(head + HEADS[name] + hidden)
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1") == 1
    ask(attacked)


VARIANTS: list[dict[str, str]] = [
    {"Accept": "text/csv"},
    {"Accept": "application/sparql-results+json"},
    {"Accept": "text/html", "Accept-Language": "ja"},
    {"Accept": "text/html", "Accept-Language": "en"},
    {"Accept": "text/csv", "Accept-Encoding": "gzip"},
    {"Accept": "text/csv", "Accept-Encoding": "br"},
    {"Accept": "text/csv", "Origin": "https://evil.example"},
    {"Accept": "text/csv", "Host": "evil.example"},
    {"Accept": "text/csv", "X-Forwarded-Host": "evil.example"},
    {"Accept": "text/csv", "Cookie": "a=b"},
    {"Accept": "text/csv", "If-None-Match": '"other"'},
    {"Accept": "text/csv", "Accept-Language": "xx;q=evil"},
]


def test_one_request_never_spoils_the_answer_to_another(attacked: Server) -> None:
    """In whatever order variants of one request come, kept or not, each gets what it would have got alone."""
    query = {"query": "SELECT ?x { VALUES ?x { 'kept' } }"}

    def ask(client: httpx.Client, headers: dict[str, str], method: str) -> tuple[object, ...]:
        response = client.request(method, "/sparql", params=query, headers={"Accept-Encoding": "identity", **headers})
        kept = {name: response.headers.get(name) for name in ("content-type", "etag", "vary", "content-language", "content-encoding")}
        assert "evil" not in str(response.headers) + response.text
        return response.status_code, tuple(kept.items()), response.content if method == "GET" else b""

    with httpx.Client(base_url=attacked.base, timeout=30) as client:
        alone = []
        for number, headers in enumerate(VARIANTS):
            alone.append({method: ask(client, headers, method) for method in (("HEAD", "GET") if number % 2 else ("GET", "HEAD"))})
        for step in (1, 5, 7):
            for at in range(len(VARIANTS)):
                number = at * step % len(VARIANTS)
                for method in ("GET", "HEAD"):
                    assert ask(client, VARIANTS[number], method) == alone[number][method]
        tags = {one["GET"][1] for one in alone[:4]}
        assert len(tags) == 4


@pytest.mark.parametrize(
    "lines",
    [
        "Accept: text/csv\r\nAccept: application/sparql-results+json",
        "Host: a\r\nHost: b",
        "Accept-Encoding: gzip\r\nAccept-Encoding: identity",
        "Content-Length: 3\r\nTransfer-Encoding: chunked",
        "X-Evil: a\r\n folded",
        "Range: bytes=0-1",
        "Authorization: Basic YTpi",
    ],
)
def test_headers_given_twice_or_oddly(attacked: Server, lines: str) -> None:
    """The next plain request gets its own answer, never that of the odd one."""
    plain = b"GET /sparql?query=SELECT+(42+AS+%3Fx)+%7B%7D HTTP/1.1\r\nHost: a\r\nAccept: text/csv\r\nConnection: close\r\n\r\n"
    odd = plain.replace(b"Host: a\r\nAccept: text/csv", ("Host: a\r\n" if "Host" not in lines else "").encode() + lines.encode())

    def ask(request: bytes) -> bytes:
        with socket.create_connection((attacked.host, attacked.port), timeout=10) as raw:
            raw.sendall(request)
            return b"".join(iter(lambda: raw.recv(65536), b""))

    ask(odd)
    answer = ask(plain)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"x\r\n42\r\n")


def _queries() -> list[str]:
    folder = Path(__file__).parent.parent.parent / "queries"
    return [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.rq"))]


_SIGNS = ["{", "}", "(", ")", "*", ".", ";", ",", "!", "&&", "#", "\n", "^", "/", "\\u0041"]
_TERMS = ["?x", "<x:p>", '"a"', "'b'@en", "1", "1.5", "true", "a", "攻撃"]
_WORDS = ["SELECT", "ASK", "WHERE", "FILTER", "BIND", "AS", "UNION", "OPTIONAL", "MINUS", "VALUES", "GRAPH", "STR(", "EXISTS", "LIMIT 1"]
_BITS = st.sampled_from([*_SIGNS, *_TERMS, *_WORDS, "ORDER BY", "GROUP BY"])
_GRAMMAR = st.one_of(
    st.lists(_BITS, max_size=30).map(" ".join),
    st.lists(_BITS, max_size=20).map(lambda bits: f"SELECT * WHERE {{ ?s ?p ?o . {' '.join(bits)} }} LIMIT 3"),
)


@st.composite
def _mutated(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(_queries()))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 30)))
        text = text[:start] + draw(st.one_of(st.just(""), _BITS, st.text(max_size=5))) + text[end:]
    return text


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.one_of(_GRAMMAR, _mutated()))
def test_no_query_text_breaks_the_server(attacked: Server, query: str) -> None:
    """Made by a grammar or by damage to our own questions: an answer, or an error that says what is wrong; never 5xx but for time."""
    with httpx.Client(base_url=attacked.base, timeout=30) as client:
        response = client.post("/sparql", content=query.encode("utf-8", "replace"), headers=DIRECT, params={"timeout": "1"})
    assert response.status_code in (200, 400, 504), (query, response.text)
    if response.status_code == 400:
        assert response.json()["detail"]


def test_memory_is_back_after_all_of_it(attacked: Server) -> None:
    """Of what the attacks before made, workers keep no more than they may."""
    assert_memory_is_back(attacked, 0, 192)
