"""Every IRI of ours leads to documents: a crawl by kind in every format, links without a dead end, JSON-LD that reads well.

The long tests crawl all IRIs and follow links from every page; each document is read by a second parser, and every asserted triple is in
some document of a thing.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from contextlib import closing
from html.parser import HTMLParser
from urllib.parse import unquote

import httpx
import pyoxigraph as ox
import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

from stratgraph.formats import offered
from stratgraph.release import Release
from stratgraph.vocab import VOID

from . import raptor
from .conftest import Server
from .crawl import ENGINE, FORMATS, READ, Crawler, Followed, canonical, crawl, is_page, walk
from .test_resources import THING

BASE = "https://w3id.org/stratgraph/"
OLD = "/id/theme-link/2017/measure.economy.insurance/finance"
KANJI = "/id/hostile/機関"
TYPES = {one.suffix: one.content_type for one in offered("graph", "dataset", "page")}
# Their parts (partitions, distributions, the service) are told in RDF; the page is about the whole.
METADATA = ("/.well-known/void#", "/catalog#", "/dataset#", "/sparql#")
LARGE = ("graph/inferred", "graph/metadata", "graph/proofs")


def iris_of(release: Release) -> dict[str, list[str]]:
    """All IRIs of ours in a release, fragments taken off, by kind: the first step of the path or two."""
    content = b"".join((release.dumps / f"stratgraph-{name}.nt").read_bytes() for name in ("full", "metadata"))
    found = {match.decode().partition("#")[0] for match in set(re.findall(rb"<(https://w3id\.org/stratgraph/[^>\s]*)>", content))}
    found |= {f"{BASE}{name}" for name in ("shapes", "releases", "context.jsonld")}
    kinds: dict[str, list[str]] = {}
    for iri in sorted(found):
        steps = iri.removeprefix(BASE).split("/")
        kind = "/".join(steps[: 2 if steps[0] in ("id", "vocab", "graph") else 1])
        kinds.setdefault(kind, []).append("/" + iri.removeprefix(BASE))
    return kinds


def triples(content: bytes, name: str) -> set[ox.Triple]:
    """A document's triples."""
    return {quad.triple for quad in ox.parse(content, ENGINE[name])}


def fetch(client: httpx.Client, path: str, accept: str) -> httpx.Response:
    """The document that an IRI leads to; every step must lead on."""
    return client.get(path, headers={"Accept": accept}, follow_redirects=True)


def test_every_kind_of_iri_leads_to_documents_in_every_format(client: httpx.Client, release: Release) -> None:
    """One IRI of each kind by Accept, in one format (all of them over the kinds) and as a page; raptor reads it, HEAD tells the same."""
    kinds = [paths[len(paths) // 2] for kind, paths in iris_of(release).items() if kind not in LARGE]
    assert len(kinds) > 60
    second = raptor.Raptor() if raptor.available() else None
    for number, path in enumerate(kinds):
        if path.startswith("/dumps/") or path == "/context.jsonld":
            assert client.head(path).status_code == 200, path
            continue
        if path != "/releases":
            one = FORMATS[number % len(FORMATS)]
            found = fetch(client, path, one.media_type)
            assert (found.status_code in (200, 410), found.headers["content-type"]) == (True, one.content_type), path
            assert path.startswith("/graph") or triples(found.content, one.name), path
            if second and one.name in raptor.SYNTAXES:
                second.count(found.content, one.name, BASE + path[1:])
        page = fetch(client, path, "text/html")
        assert page.headers["content-type"] == "text/html; charset=utf-8", path
        head = client.head(page.url.path, headers={"Accept": "text/html"})
        assert (head.status_code, head.headers.get("etag"), head.content) == (page.status_code, page.headers.get("etag"), b"")


def test_a_document_tells_what_else_there_is(client: httpx.Client) -> None:
    """`Link`: what it is about, other formats, licence, dataset; at the IRI, its documents. All of them are there."""
    document = client.get(f"{THING}.ttl")
    links = httpx.Response(200, headers={"Link": document.headers["link"]}).links
    assert links["canonical"]["url"] == links["describes"]["url"] == BASE + THING[1:]
    assert links["license"]["url"].startswith("https://creativecommons.org/")
    told = re.findall(r'<(/[^>]*)>; rel="(alternate|describedby)"; type="([^"]*)"', document.headers["link"])
    assert {one for _, _, one in told} == {one.media_type for one in offered("graph", "dataset", "page")}
    for path, _, media_type in told:
        assert client.head(path).headers["content-type"].startswith(media_type)
    assert f'<{THING}.nt>; rel="describedby"; type="application/n-triples"' in client.get(THING).headers["link"]


def test_a_document_tells_neighbours_evidence_and_licence(client: httpx.Client) -> None:
    """Labels of what it names, the place in the text with offsets and hash, the dataset with its release; the same at a lower level."""
    graph = Graph().parse(data=client.get(f"{THING}.ttl").text)
    answer = graph.query(
        """PREFIX sg: <https://w3id.org/stratgraph/ontology#> PREFIX oa: <http://www.w3.org/ns/oa#>
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX void: <http://rdfs.org/ns/void#> PREFIX dcterms: <http://purl.org/dc/terms/>
        SELECT * { ?thing sg:evidence ?anchor ; sg:reflectedIn/skos:prefLabel ?name .
          ?thing void:inDataset [ dcterms:license ?l ; dcterms:identifier ?id ] .
          ?anchor oa:hasSelector/oa:start 1634 ; sg:spanSha256 ?hash ; oa:hasSource/skos:prefLabel ?text }"""
    )
    assert {str(row.id) for row in answer} == {client.get(f"{THING}.ttl").headers["stratgraph-release"]}  # type: ignore[union-attr]
    asserted = triples(client.get(f"{THING}.nt", params={"entailment": "asserted"}).content, "ntriples")
    assert asserted < triples(client.get(f"{THING}.nt").content, "ntriples")


def test_json_ld_reads_well(client: httpx.Client) -> None:
    """The thing is the root, names are short, texts are by language, neighbours have labels; parsed, it says what Turtle says."""
    told = client.get(f"{THING}.jsonld").json()
    assert (told["id"], told["recommendationNumber"]) == (BASE + THING[1:], "2-4")
    assert set(told["type"]) == {"Recommendation", "AddressedRecommendation"}
    assert set(told["prefLabel"]) == {"ja", "en"}
    assert {"サイバーセキュリティ戦略（2015年）5.1.2(3)"} <= {one["prefLabel"]["ja"] for one in told["reflectedIn"]}
    assert 1634 in {one["hasSelector"]["start"] for one in told["evidence"]}
    assert "hasPart" in told["@reverse"]
    assert not [key for key in told if ":" in key and not key.startswith("void:")]


@pytest.mark.parametrize(
    "path", [THING, "/id/body/nisc", "/vocab/role/named", "/id/document/2021-strategy-outline", "/dataset", "/ontology"]
)
def test_json_ld_says_what_turtle_says(path: str, client: httpx.Client) -> None:
    """Read by rdflib, the JSON-LD document is isomorphic to the Turtle one; its context is part of the published one."""
    json_ld = client.get(f"{path}.jsonld")
    published = client.get("/context.jsonld")
    assert json_ld.json()["@context"].items() <= published.json()["@context"].items()
    assert "max-age" in published.headers["cache-control"]
    framed, turtle = Graph().parse(data=json_ld.text, format="json-ld"), Graph().parse(data=client.get(f"{path}.ttl").text)
    assert isomorphic(framed, turtle)
    if path == THING:
        # The same names with the published context in the place of the document's own.
        swapped = json.dumps({**json_ld.json(), **published.json()})
        assert isomorphic(Graph().parse(data=swapped, format="json-ld"), turtle)


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("/graph/document/2017-interim-review", None),
        ("/graph/ontology", None),
        ("/graph/inferred", None),
        ("/shapes", None),
        ("/function", "function"),
        ("/questions/who-leads-a-theme", "questions/who-leads-a-theme"),
        ("/catalog", "catalog"),
        ("/.well-known/void", "dataset"),
        ("/sparql", "sparql#service"),
    ],
)
def test_json_ld_of_every_kind_is_framed(path: str, root: str | None, client: httpx.Client) -> None:
    """With its context, short names and the thing it is about first; else a list of things, each once, places in texts last."""
    answer = fetch(client, path, "application/ld+json")
    told = answer.json()
    assert told["@context"].items() <= client.get("/context.jsonld").json()["@context"].items()
    assert canonical(triples(answer.content, "jsonld")) == canonical(triples(fetch(client, path, "text/turtle").content, "turtle"))
    assert told.get("id") == (None if root is None else BASE + root)
    if root is None:
        things = [one["id"] for one in told["@graph"] if "id" in one]
        assert len(things) == len(set(things)) > 50
        anchors = ["/id/anchor/" in one for one in things if one.startswith(BASE)]
        assert anchors == sorted(anchors)


class Page(HTMLParser):
    """Collects a page's links and the JSON-LD in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.embedded = ""
        self._inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by the parser."""
        given = dict(attrs)
        self._inside = tag == "script" and given.get("type") == "application/ld+json"
        self.links += [value for name, value in attrs if name in ("href", "src") and value]

    def handle_data(self, data: str) -> None:
        """Called by the parser."""
        self.embedded += data if self._inside else ""

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser's
        """Called by the parser."""
        self._inside = False


def test_a_page_holds_its_json_ld(client: httpx.Client) -> None:
    """The page of a thing embeds the same document; nothing in it can end the element."""
    page = Page(client.get(f"{THING}.html").text)
    assert json.loads(page.embedded) == client.get(f"{THING}.jsonld").json()
    hostile = client.get("/id/hostile/thing.html").text
    assert hostile.count("</script>") == client.get(f"{THING}.html").text.count("</script>")
    assert json.loads(Page(hostile).embedded)["prefLabel"] == {"en": "<script>alert(1)</script>"}
    assert json.loads(Page(client.get("/ontology.html").text).embedded)["title"]["en"] == "StratGraph ontology"


def test_kanji_in_an_iri_are_addresses(client: httpx.Client) -> None:
    """Raw or percent-encoded, the path is the IRI; headers stay ASCII, documents name the IRI in kanji."""
    encoded = "/id/hostile/%E6%A9%9F%E9%96%A2"
    first = client.get(KANJI, headers={"Accept": "text/turtle"})
    assert (first.status_code, first.headers["location"]) == (303, f"{encoded}.ttl")
    assert f"<{BASE}id/hostile/機関>" in client.get(f"{encoded}.nt").text
    assert client.get(f"{encoded}.html").links["canonical"]["url"] == BASE + encoded[1:]
    assert client.get("/id/hostile/%E6%A9").status_code == 400


def test_a_retired_iri_is_gone(client: httpx.Client) -> None:
    """410 in every format, in RDF with what is left of it; one that has a successor leads there."""
    for path in (OLD, f"{OLD}.ttl", f"{OLD}.nq"):
        found = client.get(path)
        assert found.status_code == 410, path
        assert "deprecated" in found.text
    page = client.get(OLD, headers={"Accept": "text/html", "Accept-Language": "ja"})
    assert (page.status_code, "今は何も示しません" in page.text) == (410, True)
    assert client.get(OLD, headers={"Accept": "image/png"}).status_code == 406
    moved = client.get("/id/hostile/old")
    assert (moved.status_code, unquote(moved.headers["location"])) == (301, KANJI)
    assert "機関" in client.get("/id/hostile/old.html").text


def test_a_namespace_leads_to_its_scheme(client: httpx.Client) -> None:
    """What a prefix stands for is an address too."""
    assert client.get("/vocab/theme/").headers["location"] == "/vocab/theme"
    assert client.get("/vocab/nothing/").status_code == 404


def test_the_version_of_the_ontology_is_an_address(client: httpx.Client) -> None:
    """The version IRI that the ontology tells leads to it; another is not here."""
    ontology = triples(client.get("/ontology.nt").content, "ntriples")
    (version,) = {str(one.object) for one in ontology if one.predicate.value.endswith("#versionIRI")}
    path = "/" + version.strip("<>").removeprefix(BASE)
    assert client.get(path).headers["location"] == f"{path}.ttl"
    assert len(triples(client.get(f"{path}.nt").content, "ntriples")) == len(ontology)
    assert client.get("/ontology/99.0").status_code == 404


def starts(client: httpx.Client) -> list[str]:
    """Where crawlers begin: the front page, and the examples of the VoID description."""
    description = Graph().parse(data=client.get("/.well-known/void", headers={"Accept": "text/turtle"}).text)
    examples = sorted(str(one).removeprefix(BASE) for one in description.objects(None, VOID.exampleResource))
    assert len(examples) > 40
    return ["/", *(f"/{path}" for path in examples)]


def check_link(one: Followed, named_by: str) -> str:
    """Asserts that a link is alive and of the type that its suffix says; gives its kind."""
    path, _, query = one.address.partition("?")
    assert one.status in (200, 410), (one.address, named_by, one.status)
    suffix = re.search(r"\.[a-z]+$", path)
    if suffix and suffix[0] in TYPES and not path.startswith(("/dumps/", "/static/")):
        assert one.media_type == TYPES[suffix[0]], (one.address, named_by, one.media_type)
    return f"/{path.split('/')[1]}{'?' if query else ''}"


class Portion:
    """Wants all pages in Japanese; of other links (formats, English, reasons, reports) the first `most` of a kind, then one of `every`."""

    def __init__(self, most: int, every: int) -> None:
        self._most, self._every = most, every
        self._seen: Counter[str] = Counter()

    def __call__(self, address: str) -> bool:
        """Whether to follow it."""
        path, _, query = address.partition("?")
        if is_page(path) and query in READ:
            return True
        kind = f"{path.split('/')[1]} {'' if is_page(path) else path.rpartition('.')[2]} {query.partition('=')[0]}"
        self._seen[kind] += 1
        return self._seen[kind] <= self._most or self._seen[kind] % self._every == 0


def test_links_lead_somewhere(client: httpx.Client, server: Server) -> None:
    """From the front page and the examples of the VoID description, no dead link on the first pages."""
    with closing(Crawler(server.host, server.port)) as crawler:
        first = [crawler.follow(one) for one in starts(client)[:4]]
        named_by = {link: page.address for page in first for link in page.links}
        assert len(named_by) > 60
        for address in list(named_by)[:60]:
            check_link(crawler.follow(address), named_by[address])


@pytest.mark.long
def test_links_lead_somewhere_far_and_wide(server: Server, client: httpx.Client, capsys: pytest.CaptureFixture[str]) -> None:
    """Every page that a crawler reaches, with the places in pages that are named; of other links a part of each kind."""
    followed: Counter[str] = Counter()
    ids, places = defaultdict[str, set[str]](set), dict[str, str]()
    for one, named_by in walk(server.host, server.port, starts(client), Portion(500, 20)):
        followed[check_link(one, named_by)] += 1
        ids[one.address.partition("?")[0].removesuffix(".html")].update(one.ids)
        places |= dict.fromkeys(one.places, one.address)
    tell(capsys, f"{followed.total()} links, {len(places)} places in pages: {dict(followed)}")
    assert followed["/id?"] > 9000
    assert len(places) > 300
    told = {place: page for place, page in places.items() if not place.startswith(METADATA)}
    assert {place: page for place, page in told.items() if place.partition("#")[2] not in ids[place.partition("#")[0]]} == {}


@pytest.mark.long
@pytest.mark.skipif(not raptor.available(), reason="libraptor2 (Debian: raptor2-utils) is not installed")
def test_every_iri_of_the_graph_dereferences(
    server: Server, client: httpx.Client, release: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each in all six RDF formats, of the right type, read by second parsers, the same; together they hold every asserted triple."""
    paths = [path for ones in iris_of(release).values() for path in ones]
    found = crawl(server.host, server.port, paths)
    tell(capsys, f"{len(paths)} IRIs, {found.documents.total()} documents: {dict(found.documents)}; {len(found.triples)} triples of things")
    assert found.faults == []
    assert found.documents.total() > 50_000
    whole = {quad.triple for quad in ox.parse(path=release.dumps / "stratgraph-asserted.nt", format=ox.RdfFormat.N_TRIPLES)}
    told_by_ontology = triples(client.get("/ontology.nt").content, "ntriples")
    blank = {one for one in whole if isinstance(one.subject, ox.BlankNode) or isinstance(one.object, ox.BlankNode)}
    assert {str(one) for one in whole - blank - told_by_ontology} - found.triples == set()
    assert len(blank) <= sum(isinstance(one.subject, ox.BlankNode) or isinstance(one.object, ox.BlankNode) for one in told_by_ontology)


def tell(capsys: pytest.CaptureFixture[str], text: str) -> None:
    """Numbers of a long test, for who waits for it."""
    with capsys.disabled():
        sys.stdout.write(f"\n{text}\n")
