"""Every row of the table request → response of a read-only SPARQL endpoint, against the real server."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Mapping

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stratgraph.store.interface import Term
from stratgraph.web.results import parse_term

from .conftest import DATA, Server

FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
SELECT, CONSTRUCT = "SELECT (1 AS ?x) {}", "CONSTRUCT { <x:s> <x:p> 1 } WHERE {}"
TWO_IN_DEFAULT = f"ASK {{ <{DATA[1]}> a ?type . <{DATA[2]}> a ?type }}"
TWO_NAMED = f"ASK {{ GRAPH ?g1 {{ <{DATA[1]}> a ?type }} GRAPH ?g2 {{ <{DATA[2]}> a ?type }} }}"


def media_type(response: httpx.Response) -> str:
    """The Content-Type without its parameters."""
    return str(response.headers.get("content-type", "")).split(";")[0]


def test_a_query_is_taken_by_get_form_direct_post_and_query(client: httpx.Client) -> None:
    """The same ASK is true by each of the four ways to send it."""
    ways = [
        client.get("/sparql", params={"query": "ASK {}"}),
        client.post("/sparql", data={"query": "ASK {}"}),
        client.post("/sparql", content="ASK {}", headers={"Content-Type": DIRECT}),
        client.post("/sparql", content="ASK {}", headers={"Content-Type": 'Application/SPARQL-Query; charset="utf-8"'}),
        client.request("QUERY", "/sparql", content="ASK {}", headers={"Content-Type": DIRECT}),
        client.post("/sparql", content="\ufeffASK {}".encode(), headers={"Content-Type": DIRECT}),  # a file with a byte order mark
    ]
    assert [(way.status_code, way.json()["boolean"]) for way in ways] == [(200, True)] * 6


@pytest.mark.parametrize("method", ["GET", "POST", "direct"])
def test_the_protocol_gives_the_dataset(method: str, client: httpx.Client) -> None:
    """default-graph-uri and named-graph-uri, repeated, make exactly the dataset, and beat FROM."""
    cases: list[tuple[str, list[tuple[str, str]], bool]] = [
        (TWO_IN_DEFAULT, [("default-graph-uri", DATA[1]), ("default-graph-uri", DATA[2])], True),
        (TWO_IN_DEFAULT, [("default-graph-uri", DATA[1])], False),
        (TWO_NAMED, [("named-graph-uri", DATA[1]), ("named-graph-uri", DATA[2])], True),
        (TWO_NAMED, [("named-graph-uri", DATA[1])], False),
        (TWO_NAMED.replace("ASK", f"ASK FROM <{DATA[3]}>"), [("named-graph-uri", DATA[1]), ("named-graph-uri", DATA[2])], True),
        ("ASK { ?s ?p ?o }", [("default-graph-uri", "http://nowhere.example/")], False),
        ("ASK { ?s ?p ?o }", [("default-graph-uri", "file:///etc/passwd")], False),
    ]
    for query, graphs, expected in cases:
        fields: list[tuple[str, str | int | float | bool | None]] = [("query", query), *graphs]
        if method == "GET":
            response = client.get("/sparql", params=httpx.QueryParams(fields))
        elif method == "POST":
            response = client.post("/sparql", content=str(httpx.QueryParams(fields)), headers={"Content-Type": FORM})
        else:
            response = client.post("/sparql", params=httpx.QueryParams(fields[1:]), content=query, headers={"Content-Type": DIRECT})
        assert (response.status_code, response.json()["boolean"]) == (200, expected), (query, graphs)


def test_a_graph_that_is_no_iri_is_refused(client: httpx.Client) -> None:
    """A relative or broken graph IRI is a 400."""
    for iri in ("not an iri", "relative", "http://a/<b>", ""):
        assert client.get("/sparql", params={"query": "ASK {}", "default-graph-uri": iri}).status_code == 400


BAD: Mapping[str, tuple[int, str, str, bytes | None, str | None]] = {
    "two queries": (400, "GET", "query=ASK%20%7B%7D&query=SELECT%20*%20%7B%7D", None, None),
    "query in URL and form": (400, "POST", "query=ASK%20%7B%7D", b"query=ASK%20%7B%7D", FORM),
    "query in URL and body": (400, "POST", "query=ASK%20%7B%7D", b"ASK {}", DIRECT),
    "empty query": (400, "GET", "query=", None, None),
    "blank query": (400, "GET", "query=%20%0A", None, None),
    "form without query": (400, "POST", "", b"a=b", FORM),
    "empty form": (400, "POST", "", b"", FORM),
    "empty body": (400, "POST", "", b"", DIRECT),
    "syntax error": (400, "GET", "query=ASK%20%7B", None, None),
    "text/plain": (415, "POST", "", b"ASK {}", "text/plain"),
    "JSON": (415, "POST", "", b'{"query":"ASK {}"}', "application/json"),
    "no content type": (415, "POST", "", b"ASK {}", None),
    "UTF-16": (415, "POST", "", "ASK {}".encode("utf-16"), f"{DIRECT}; charset=UTF-16"),
    "invalid UTF-8": (400, "POST", "", b"ASK { <x:\xff\xfe> ?p ?o }", DIRECT),
    "%FF": (400, "GET", "query=ASK%20%7B%20%3Fs%20%3Fp%20%22%FF%22%20%7D", None, None),
    "NUL": (400, "GET", "query=ASK%20%7B%7D%00", None, None),
    "update by GET": (403, "GET", "update=CLEAR%20ALL", None, None),
    "update form": (403, "POST", "", b"update=DROP%20ALL", FORM),
    "query and update": (403, "POST", "", b"query=ASK%20%7B%7D&update=DROP%20ALL", FORM),
    "update direct": (403, "POST", "", b"DROP ALL", "application/sparql-update"),
    "update as query": (400, "GET", "query=INSERT%20DATA%20%7B%3Cx%3Ax%3E%20%3Cx%3Ay%3E%201%7D", None, None),
    "update as direct query": (400, "POST", "", b"DROP ALL", DIRECT),
    "a service": (400, "GET", "query=SELECT%20*%20%7BSERVICE%20%3Chttp%3A%2F%2F127.0.0.1%3A9%2F%3E%7B%3Fs%20%3Fp%20%3Fo%7D%7D", None, None),
    "unknown function": (400, "GET", "query=SELECT%20(%3Chttp%3A%2F%2Fx.example%2Ff%3E(1)%20AS%20%3Fx)%20%7B%7D", None, None),
    "too many fields": (400, "GET", "query=ASK%20%7B%7D" + "&a=1" * 3000, None, None),
    "no such level": (422, "GET", "query=ASK%20%7B%7D&entailment=most", None, None),
    "no such time": (422, "GET", "query=ASK%20%7B%7D&timeout=soon", None, None),
    "no such language": (422, "GET", "query=ASK%20%7B%7D&lang=xx", None, None),
    "PUT": (405, "PUT", "query=ASK%20%7B%7D", b"", None),
    "DELETE": (405, "DELETE", "query=ASK%20%7B%7D", None, None),
    "PATCH": (405, "PATCH", "", b"ASK {}", DIRECT),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_request_is_a_problem_document(case: str, client: httpx.Client) -> None:
    """Each kind of bad request has its status and a problem document, without traceback and without HTML."""
    status, method, query, body, content_type = BAD[case]
    headers = {"Content-Type": content_type} if content_type else {}
    response = client.request(method, f"/sparql?{query}", content=body, headers=headers)
    told = response.json()
    assert response.status_code == status == told["status"]
    assert media_type(response) == "application/problem+json"
    assert {"type", "title", "detail"} <= set(told)
    assert "Traceback" not in response.text
    if status == 405:
        assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST, QUERY"


def test_a_syntax_error_tells_line_and_column(client: httpx.Client) -> None:
    """The problem document of a syntax error has line and column as numbers."""
    told = client.get("/sparql", params={"query": "SELECT * WHERE {\n ?s ?p\n}"}).json()
    assert (told["line"], told["column"]) == (3, 1)


def test_an_update_is_told_that_updates_are_not_offered(client: httpx.Client) -> None:
    """Update text says so; nothing of it is executed."""
    assert "update" in client.get("/sparql", params={"query": "DROP ALL"}).json()["detail"].lower()
    assert client.get("/sparql", params={"query": "ASK { ?s ?p ?o }"}).json()["boolean"]


def test_a_body_over_the_limit_is_refused_before_it_is_kept(client: httpx.Client) -> None:
    """20 MB with a length, and as many without one, are 413; the client can read why."""
    big = b"ASK {} #" + b"a" * 20_000_000

    def pieces() -> object:
        for start in range(0, len(big), 65536):
            yield big[start : start + 65536]

    told = client.post("/sparql", content=big, headers={"Content-Type": DIRECT})
    assert (told.status_code, told.json()["status"]) == (413, 413)
    assert client.post("/sparql", content=pieces(), headers={"Content-Type": DIRECT}).status_code == 413  # type: ignore[arg-type]


def test_a_compressed_body_is_refused(client: httpx.Client) -> None:
    """A gzip body is 415: nothing is unpacked."""
    headers = {"Content-Type": DIRECT, "Content-Encoding": "gzip"}
    assert client.post("/sparql", content=gzip.compress(b"ASK {}"), headers=headers).status_code == 415


def test_plus_is_a_space_and_percent_2b_is_a_plus(client: httpx.Client) -> None:
    """Form encoding holds in the query string; unknown parameters are ignored."""
    response = client.get("/sparql?query=SELECT+(1%2B1+AS+?x)+%7B%7D&foo=bar", headers={"Accept": "text/csv"})
    assert response.text.split() == ["x", "2"]


def test_head_has_headers_and_no_body_and_options_allows(client: httpx.Client) -> None:
    """HEAD answers as GET without a body; OPTIONS answers 204 with CORS."""
    head = client.head("/sparql", params={"query": "ASK {}"})
    assert (head.status_code, head.content, media_type(head)) == (200, b"", "application/sparql-results+json")
    options = client.options("/sparql", headers={"Origin": "https://a.example", "Access-Control-Request-Method": "POST"})
    assert options.status_code == 204
    assert options.headers["access-control-allow-origin"] == "*"
    assert "QUERY" in options.headers["allow"]


NEGOTIATED = [
    (SELECT, None, "application/sparql-results+json"),
    (SELECT, "*/*", "application/sparql-results+json"),
    (SELECT, "", "application/sparql-results+json"),
    (SELECT, "application/json", "application/sparql-results+json"),
    (SELECT, "application/sparql-results+xml", "application/sparql-results+xml"),
    (SELECT, "text/xml", "application/sparql-results+xml"),
    (SELECT, "text/csv", "text/csv"),
    (SELECT, "text/tab-separated-values", "text/tab-separated-values"),
    (SELECT, "text/*", "text/csv"),
    (SELECT, "text/html", "text/html"),
    (SELECT, "application/sparql-results+xml;q=0.5, application/sparql-results+json;q=0.9", "application/sparql-results+json"),
    (SELECT, "application/sparql-results+json;q=0, */*;q=0.1", "application/sparql-results+xml"),
    (SELECT, "image/png", 406),
    (SELECT, "text/turtle", 406),
    (SELECT, ";;q=abc,///", "application/sparql-results+json"),
    ("ASK {}", "application/sparql-results+xml", "application/sparql-results+xml"),
    (CONSTRUCT, None, "text/turtle"),
    (CONSTRUCT, "text/*", "text/turtle"),
    (CONSTRUCT, "application/ld+json", "application/ld+json"),
    (CONSTRUCT, "application/rdf+xml", "application/rdf+xml"),
    (CONSTRUCT, "application/n-triples", "application/n-triples"),
    (CONSTRUCT, "application/trig", "application/trig"),
    (CONSTRUCT, "application/n-quads", "application/n-quads"),
    (CONSTRUCT, "application/sparql-results+json", 406),
    ("DESCRIBE <http://example.org/>", None, "text/turtle"),
]


@pytest.mark.parametrize(("query", "accept", "expected"), NEGOTIATED)
def test_accept_chooses_the_format(query: str, accept: str | None, expected: str | int, server: Server) -> None:
    """The answer has the type that Accept prefers, or 406; Vary names Accept always."""
    with httpx.Client(base_url=server.base) as plain:
        del plain.headers["accept"]
        headers = {} if accept is None else {"Accept": accept}
        response = plain.get("/sparql", params={"query": query}, headers=headers)
    assert (response.status_code if isinstance(expected, int) else media_type(response)) == expected
    assert "accept" in response.headers["vary"].lower()
    if expected == 406:
        assert response.json()["offered"]


@pytest.mark.parametrize(
    ("query", "name", "expected"),
    [
        (SELECT, "csv", "text/csv"),
        (SELECT, "xml", "application/sparql-results+xml"),
        (SELECT, "html", "text/html"),
        (CONSTRUCT, "jsonld", "application/ld+json"),
        (CONSTRUCT, "json", "application/ld+json"),
        (CONSTRUCT, "nt", "application/n-triples"),
    ],
)
def test_format_beats_accept(query: str, name: str, expected: str, client: httpx.Client) -> None:
    """`format=` decides against any Accept header."""
    assert media_type(client.get("/sparql", params={"query": query, "format": name}, headers={"Accept": "image/png"})) == expected


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_no_accept_header_breaks_the_server(client: httpx.Client, accept: str) -> None:
    """Whatever Accept holds, the answer is 200 or 406."""
    assert client.get("/sparql", params={"query": SELECT}, headers={"Accept": accept.strip()}).status_code in (200, 406)


def test_without_a_query_the_service_describes_itself(client: httpx.Client) -> None:
    """GET without query is the service description in RDF, and the page to write queries on in HTML."""
    described = client.get("/sparql")
    assert media_type(described) == "text/turtle"
    assert "https://w3id.org/stratgraph/sparql" in described.text
    page = client.get("/sparql", headers={"Accept": "text/html"})
    assert media_type(page) == "text/html"
    assert "<textarea" in page.text


def test_the_level_decides_which_triples_are_seen(client: httpx.Client) -> None:
    """Asserted ⊂ curated ⊂ full; the inferred graph is visible on the full level alone."""
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    levels = [
        int(client.get("/sparql", params={"query": count, "entailment": level}, headers={"Accept": "text/csv"}).text.split()[1])
        for level in ("asserted", "curated", "full")
    ]
    assert levels == sorted(set(levels))
    seen = {
        level: client.get(
            "/sparql", params={"query": "ASK { GRAPH <https://w3id.org/stratgraph/graph/inferred> { ?s ?p ?o } }", "entailment": level}
        ).json()["boolean"]
        for level in ("asserted", "curated", "full")
    }
    assert seen == {"asserted": False, "curated": False, "full": True}


def test_a_query_past_its_time_is_504_with_retry_after(client: httpx.Client) -> None:
    """`timeout=` stops a query for real; /health answers at once afterwards."""
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    response = client.get("/sparql", params={"query": slow, "timeout": "0.5"})
    assert (response.status_code, response.json()["seconds"]) == (504, 0.5)
    assert int(response.headers["retry-after"]) > 0
    assert client.get("/health").json()["status"] == "ok"


LATE = """SELECT (COUNT(*) AS ?n) {
  ?a ?b ?c .
  OPTIONAL { ?c ?d ?e }
  FILTER (?a != ?c)
  ?f ?g ?h .
}"""


def test_a_timeout_names_a_pattern_that_stands_too_late(client: httpx.Client) -> None:
    """The line of a required pattern behind OPTIONAL, as a problem document and on the page in the reader's language."""
    told = client.get("/sparql", params={"query": LATE, "timeout": "0.4"}).json()
    assert (told["status"], told["line"], "line 5 stands behind OPTIONAL" in told["detail"]) == (504, 5, True)
    page = client.get("/sparql", params={"query": LATE, "timeout": "0.4", "lang": "ja"}, headers={"Accept": "text/html"})
    assert page.status_code == 504
    assert "5 行目のパターンは OPTIONAL より後" in page.text


def test_rdf_xml_that_could_not_be_read_is_not_written(client: httpx.Client) -> None:
    """A property whose IRI ends in no name is no element: 400 and what to ask for; every other format has it."""
    query = {"query": "CONSTRUCT { <x:s> <http://a.example/1> 2 } {}"}
    told = client.get("/sparql", params=query, headers={"Accept": "application/rdf+xml"})
    assert (told.status_code, "<http://a.example/1>" in told.json()["detail"]) == (400, True)
    assert client.get("/sparql", params=query, headers={"Accept": "text/turtle"}).status_code == 200


def test_an_etag_saves_the_second_answer(client: httpx.Client) -> None:
    """The same query gives the same ETag and then 304; another format, query or level has another."""
    first = client.get("/sparql", params={"query": SELECT})
    tag = first.headers["etag"]
    assert client.get("/sparql", params={"query": SELECT}, headers={"If-None-Match": tag}).status_code == 304
    others = [
        client.get("/sparql", params={"query": SELECT}, headers={"Accept": "text/csv"}),
        client.get("/sparql", params={"query": "SELECT (2 AS ?x) {}"}),
        client.get("/sparql", params={"query": SELECT, "entailment": "asserted"}),
    ]
    assert len({tag, *(other.headers["etag"] for other in others)}) == 4


@pytest.mark.parametrize("call", ["RAND()", "NOW()", "UUID()", "STRUUID()", "BNODE()"])
def test_what_changes_is_never_kept(call: str, client: httpx.Client) -> None:
    """An answer with a value of the moment has no ETag and may not be stored."""
    response = client.get("/sparql", params={"query": f"SELECT ({call} AS ?x) {{}}"})
    assert "etag" not in response.headers
    assert response.headers["cache-control"] == "no-store"


def test_ambiguous_framing_is_refused(server: Server) -> None:
    """Content-Length beside Transfer-Encoding, two lengths, or no Host never reach a handler."""
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    for raw in (
        head + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nASK {}\r\n0\r\n\r\n",
        head + b"Content-Length: 6\r\nContent-Length: 7\r\n\r\nASK {} ",
        b"GET /sparql?query=ASK%20%7B%7D HTTP/1.1\r\n\r\n",
    ):
        with socket.create_connection((server.host, server.port), 10) as connection:
            connection.sendall(raw)
            answer = connection.recv(200)
        assert answer.startswith(b"HTTP/1.1 4"), answer


def test_a_label_stands_for_an_iri_on_the_result_page(client: httpx.Client) -> None:
    """The HTML table shows labels that link to this server's own paths."""
    query = "SELECT ?x { VALUES ?x { <https://w3id.org/stratgraph/id/recommendation/2015/2-4> } }"
    page = client.get("/sparql", params={"query": query, "lang": "ja"}, headers={"Accept": "text/html"}).text
    assert "サイバー脅威への対処能力の強化に向けた情報共有や実践的な演習に係る環境整備の加速化</a>" in page
    assert 'href="/id/recommendation/2015/2-4?lang=ja"' in page


def test_a_long_result_page_is_bounded_and_says_so(client: httpx.Client) -> None:
    """A page shows 1,000 rows and tells that there are more."""
    page = client.get("/sparql", params={"query": "SELECT * { ?s ?p ?o }", "lang": "en"}, headers={"Accept": "text/html"}).text
    assert page.count("<tr>") == 1001
    assert "Only the first 1000 rows are shown" in page


def test_an_error_on_the_page_shows_where(client: httpx.Client) -> None:
    """The page of a failed query keeps the query and tells line and column in the reader's language."""
    response = client.get("/sparql", params={"query": "SELECT * WHERE {\n ?s ?p\n}", "lang": "ja"}, headers={"Accept": "text/html"})
    assert response.status_code == 400
    assert "3 行目、1 文字目" in response.text
    assert "SELECT * WHERE {" in response.text


def test_the_release_is_told_with_every_answer(client: httpx.Client, server: Server) -> None:
    """SPARQL answers carry the release in a header."""
    assert client.get("/sparql", params={"query": SELECT}).headers["stratgraph-release"] == server.release.id
    assert json.loads(client.get("/health").text)["release"] == server.release.id


def test_a_boolean_and_a_graph_have_a_page_too(client: httpx.Client) -> None:
    """ASK shows its truth, CONSTRUCT its beginning as Turtle text, marked where it is cut."""
    html = {"Accept": "text/html"}
    assert "<code>true</code>" in client.get("/sparql", params={"query": "ASK {}"}, headers=html).text
    small = client.get("/sparql", params={"query": CONSTRUCT, "lang": "en"}, headers=html).text
    assert "&lt;x:s&gt; &lt;x:p&gt;" in small
    assert "Only the beginning" not in small
    everything = "CONSTRUCT { ?s ?p ?o . ?s ?q ?o } WHERE { ?s ?p ?o BIND (IRI(CONCAT(STR(?p), REPEAT)) AS ?q) }".replace(
        "REPEAT", f'"{"x" * 400}"'
    )
    large = client.get("/sparql", params={"query": everything, "lang": "en"}, headers=html).text
    assert "Only the beginning is shown." in large
    assert len(large) < 5_000_000


XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("", None),
        ("<http://a/\\u00e9>", Term("iri", "http://a/é")),
        ("_:b0", Term("blank", "b0")),
        ('"a\\tb\\n\\"c\\"\\\\"', Term("literal", 'a\tb\n"c"\\', None, f"{XSD}string")),
        ('"猫"@ja', Term("literal", "猫", "ja")),
        ('"2022-01-28"^^<http://www.w3.org/2001/XMLSchema#date>', Term("literal", "2022-01-28", None, f"{XSD}date")),
        ("42", Term("literal", "42", None, f"{XSD}integer")),
        ("1.5", Term("literal", "1.5", None, f"{XSD}decimal")),
        ("1e3", Term("literal", "1e3", None, f"{XSD}double")),
        ("true", Term("literal", "true", None, f"{XSD}boolean")),
    ],
)
def test_terms_are_read_as_tsv_writes_them(text: str, term: Term | None) -> None:
    """Each way that SPARQL 1.1 TSV writes a term is read back."""
    assert parse_term(text) == term
