"""Headers, hosts, scripts, dumps, clients: what must hold for every response."""

from __future__ import annotations

import asyncio
import concurrent.futures
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from stratgraph.release import Release
from stratgraph.settings import Layout, Settings
from stratgraph.web.limits import client_address
from stratgraph.web.links import local_path
from stratgraph.web.messages import load_messages, say

from .conftest import Server, run

PAGES = ["/", "/questions", "/sparql", "/ontology.html", "/dumps/", "/catalog", "/api", "/id/recommendation/2015/2-4.html"]
EVERYTHING = [
    *PAGES,
    "/nothing",
    "/id/comment/2022/18.ttl",
    "/sparql?query=ASK%20%7B%7D",
    "/health",
    "/static/style.css",
    "/dumps/SHA256SUMS",
]


@pytest.mark.parametrize("path", EVERYTHING)
def test_every_response_carries_the_security_headers(path: str, client: httpx.Client) -> None:
    """nosniff, a policy without inline code, CORS `*` without credentials, no version of a server."""
    response = client.get(path, headers={"Accept": "text/html, */*;q=0.5", "Origin": "https://evil.example"})
    assert response.headers["x-content-type-options"] == "nosniff"
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in response.headers
    assert "server" not in response.headers


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_pages_load_nothing_from_elsewhere_and_have_no_inline_code(path: str, language: str, client: httpx.Client) -> None:
    """Every src and stylesheet is our own path; no script of the page itself, style attribute or handler."""
    page = client.get(path, params={"lang": language}, headers={"Accept": "text/html"}).text
    assert f'<html lang="{language}">' in page
    # JSON-LD is data: no browser runs a script element of that type.
    page_alone = re.sub(r'<script type="application/ld\+json">[^<>]*</script>|<script src="/static/\w+\.js" defer></script>', "", page)
    assert not re.search(r"<script|\sstyle=|\son\w+=", page_alone)
    for address in re.findall(r'(?:src|<link rel="stylesheet" href)="([^"]*)"', page):
        assert address.startswith("/static/")
    for address in re.findall(r'href="([^"]*)"', page):
        assert re.match(r"/|\?|#|https?://|mailto:", address), address


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Original-URL"])
def test_a_forged_host_is_never_reflected(header: str, client: httpx.Client) -> None:
    """No header of a client decides an address in a body, a redirect or a header."""
    for path in ("/", "/sparql", "/id/comment/2022/18", "/dumps", "/openapi.json", "/questions", "/nothing"):
        response = client.get(path, headers={header: "evil.example"})
        assert "evil.example" not in response.text
        assert "evil.example" not in str(response.headers)


ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/sparql", {"query": f'SELECT ("{ATTACK.replace(chr(34), "")}" AS ?x) {{}}'}),
        ("/sparql", {"query": f"SELECT {ATTACK}"}),
        ("/sparql", {"query": "ASK {}", "default-graph-uri": f"http://a/{ATTACK}"}),
        ("/questions/real-answer-to-a-comment", {"comment": ATTACK}),
        ("/questions/real-answer-to-a-comment", {ATTACK: "1"}),
        ("/questions/" + ATTACK, {}),
        ("/id/" + ATTACK, {}),
        ("/" + ATTACK, {}),
        ("/", {"lang": ATTACK}),
        ("/", {"x": ATTACK}),
        ("/id/hostile/thing.html", {}),
    ],
)
def test_hostile_text_is_shown_as_text(path: str, params: dict[str, str], client: httpx.Client) -> None:
    """Markup in a literal, parameter, path, query or error never becomes markup of the page."""
    page = client.get(path, params=params, headers={"Accept": "text/html"}).text
    assert "<script>" not in page
    assert "<img" not in page


def test_only_web_and_mail_addresses_become_links(client: httpx.Client) -> None:
    """A javascript: or data: IRI of the graph is shown without a link; a label that is markup is shown as text."""
    page = client.get("/id/hostile/thing.html").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert not re.search(r'href="(javascript|data):', page)
    assert local_path("javascript:alert(1)") is None
    assert local_path("mailto:a@example.org") == "mailto:a@example.org"
    assert local_path("https://w3id.org/stratgraph/id/a b") == "/id/a%20b"


def test_dumps_agree_with_their_checksums(client: httpx.Client) -> None:
    """The listing, SHA256SUMS and the files agree; a range is a range; a tag saves the second download."""
    listed = {one["name"]: one for one in client.get("/dumps/").json()["files"]}
    sums = {line[66:]: line[:64] for line in client.get("/dumps/SHA256SUMS").text.splitlines()}
    assert {name: one["sha256"] for name, one in listed.items()} == sums
    name = "stratgraph-inferred.nt"
    whole = client.get(f"/dumps/{name}")
    assert hashlib.sha256(whole.content).hexdigest() == sums[name]
    assert whole.headers["content-type"] == "application/n-triples"
    part = client.get(f"/dumps/{name}", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert client.get(f"/dumps/{name}", headers={"Range": "bytes=999999999-"}).status_code == 416
    assert client.get(f"/dumps/{name}", headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
    assert client.get(f"/dumps/{name}.gz").headers["content-type"] == "application/gzip"
    assert client.head(f"/dumps/{name}").headers["content-length"] == str(len(whole.content))


@pytest.mark.parametrize("name", ["../release.json", "..%2frelease.json", "%2e%2e/graph.nq", "/etc/passwd", "stratgraph-full.nt%00", "."])
def test_no_path_leads_out_of_the_dumps(name: str, server: Server) -> None:
    """Only names of the listing are files."""
    with httpx.Client() as raw:
        response = raw.send(httpx.Request("GET", httpx.URL(server.base).copy_with(raw_path=f"/dumps/{name}".encode())))
    assert response.status_code in (404, 308)
    assert response.headers.get("location", "/dumps/") == "/dumps/"


@pytest.fixture(scope="module")
def strict(light: Release, layout: Layout) -> Iterator[Server]:
    """A server that lets a client run two queries at once."""
    yield from run(light, layout, replace(Settings(), client_queries=2, query_timeout=3.0))


@pytest.mark.xdist_group("strict")
def test_one_client_cannot_take_all_places(strict: Server) -> None:
    """Of seven slow queries at once two run and five are 429 with Retry-After; saved questions and health still answer."""
    slow = {"query": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", "timeout": "1.5"}

    async def flood() -> tuple[list[httpx.Response], httpx.Response]:
        async with httpx.AsyncClient(base_url=strict.base, timeout=30) as client:
            running = [asyncio.create_task(client.get("/sparql", params=slow)) for _ in range(7)]
            await asyncio.sleep(0.5)
            health = await client.get("/health")
            return await asyncio.gather(*running), health

    answers, health = asyncio.run(flood())
    assert sorted(answer.status_code for answer in answers) == [429] * 5 + [504] * 2
    assert all(answer.headers["retry-after"].isdigit() for answer in answers)
    assert health.elapsed.total_seconds() < 0.5
    with httpx.Client(base_url=strict.base, timeout=30) as client:
        assert client.get("/questions/comments-per-chapter.json").status_code == 200
        assert client.get("/sparql", params={"query": "ASK {}"}).status_code == 200


@pytest.mark.xdist_group("strict")
def test_a_client_that_hangs_up_gives_its_place_back(strict: Server) -> None:
    """After twenty disconnects in mid-query the client may ask again, and the server is well."""
    slow = {"query": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"}

    def hang_up(_: int) -> None:
        with pytest.raises(httpx.ReadTimeout), httpx.Client(base_url=strict.base, timeout=0.3) as client:
            client.get("/sparql", params=slow).raise_for_status()

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        list(pool.map(hang_up, range(5)))
    with httpx.Client(base_url=strict.base, timeout=30) as client:
        assert client.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "client"),
    [
        ("1.1.1.1", None, "", "1.1.1.1"),
        ("1.1.1.1", "2.2.2.2", "", "1.1.1.1"),
        ("1.1.1.1", "2.2.2.2", "1.1.1.1", "2.2.2.2"),
        ("1.1.1.1", "9.9.9.9, 2.2.2.2, 3.3.3.3", "1.1.1.1,3.3.3.3", "2.2.2.2"),
        ("1.1.1.1", "", "1.1.1.1", "1.1.1.1"),
    ],
)
def test_a_forwarded_address_counts_from_trusted_proxies_only(peer: str, forwarded: str | None, trusted: str, client: str) -> None:
    """The last address that no trusted proxy has is the client."""
    assert client_address(peer, forwarded, frozenset(filter(None, trusted.split(",")))) == client


def test_every_message_has_both_languages() -> None:
    """Each message has Japanese and English, with the same places to fill."""
    for key, message in load_messages().items():
        assert set(message) == {"ja", "en"}, key
        assert all(message.values()), key
        assert set(re.findall(r"\{\w+\}", message["ja"])) == set(re.findall(r"\{\w+\}", message["en"])), key
    assert say("rows", "en", count=3) == "3 rows"
