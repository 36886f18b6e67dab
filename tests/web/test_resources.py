"""Canonical IRIs dereference: redirect, documents, pages, nothing else."""

from __future__ import annotations

import httpx
import pyoxigraph as ox
import pytest

from stratgraph.formats import offered
from stratgraph.release import Release
from stratgraph.vocab import EXTERNAL_NAMES, SG

from .conftest import Server
from .crawl import ENGINE

THING = "/id/recommendation/2015/2-4"
IRI = f"https://w3id.org/stratgraph{THING}"


@pytest.mark.parametrize("one", offered("graph", "dataset", "page"), ids=lambda one: one.name)
def test_a_thing_redirects_to_the_document_asked_for(one: object, client: httpx.Client) -> None:
    """303 to path + suffix by Accept and by `format=`, query string kept, address relative."""
    media_type, suffix, name = one.media_type, one.suffix, one.name  # type: ignore[attr-defined]
    by_accept = client.get(f"{THING}?lang=en&x=%2F", headers={"Accept": media_type})
    assert (by_accept.status_code, by_accept.headers["location"]) == (303, f"{THING}{suffix}?lang=en&x=%2F")
    by_name = client.get(f"{THING}?format={name}", headers={"Accept": "image/png"})
    assert by_name.headers["location"] == f"{THING}{suffix}?format={name}"
    assert "accept" in by_accept.headers["vary"].lower()


def test_anything_means_turtle(client: httpx.Client) -> None:
    """`*/*` gets Turtle; what suits nothing is 406."""
    assert client.get(THING).headers["location"] == f"{THING}.ttl"
    assert client.get(THING, headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize("name", ENGINE)
def test_a_document_says_the_same_in_every_format(name: str, client: httpx.Client) -> None:
    """Each RDF document parses and holds the recommendation's number and its inferred section."""
    one = next(one for one in offered("graph", "dataset") if one.name == name)
    response = client.get(THING + one.suffix)
    assert response.headers["content-type"] == one.content_type
    sg = "https://w3id.org/stratgraph/ontology#"
    quads = list(ox.parse(response.content, ENGINE[name]))
    said = {(quad.predicate.value, quad.object.value) for quad in quads if quad.subject == ox.NamedNode(IRI)}
    assert (f"{sg}recommendationNumber", "2-4") in said
    assert (f"{sg}reflectedIn", "https://w3id.org/stratgraph/id/section/2015-strategy/5.1.2-3") in said


def test_a_level_leaves_out_what_is_above_it(client: httpx.Client) -> None:
    """`entailment=asserted` gives a document without inferred statements."""
    assert "reflectedIn" in client.get(f"{THING}.nt").text
    assert "reflectedIn" not in client.get(f"{THING}.nt", params={"entailment": "asserted"}).text
    assert client.get(f"{THING}.nt", params={"entailment": "all"}).status_code == 422


def test_only_a_format_s_suffix_is_one(client: httpx.Client) -> None:
    """A section number with a dot is a thing, not a suffix."""
    assert client.get("/id/section/2021-strategy/4.1").headers["location"] == "/id/section/2021-strategy/4.1.ttl"
    assert client.get("/id/section/2021-strategy/4.9").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/id/comment/2022/18",
        "/id/anchor/2022-public-comments/5646-5648",
        "/id/body/nisc",
        "/id/document/2022-public-comments",
        "/vocab/role",
        "/vocab/role/lead",
        "/vocab/theme/iot",
        "/graph/ontology",
        "/graph/document/2022-public-comments",
        "/graph/curated/2022-public-comments",
        "/graph/reference",
        "/graph/inferred",
        "/graph/metadata",
        "/ontology",
    ],
)
def test_every_kind_of_iri_dereferences(path: str, client: httpx.Client) -> None:
    """Following redirects, each gives Turtle that parses, and a page."""
    turtle = client.get(path, headers={"Accept": "text/turtle"}, follow_redirects=True)
    assert turtle.status_code == 200
    assert list(ox.parse(turtle.content, ox.RdfFormat.TURTLE))
    page = client.get(path, headers={"Accept": "text/html"}, follow_redirects=True)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_a_document_s_etag_is_the_release_s(client: httpx.Client, server: Server) -> None:
    """A second request with the ETag is 304; languages and formats have tags of their own."""
    tags = set()
    for path in (f"{THING}.ttl", f"{THING}.nt", f"{THING}.html?lang=ja", f"{THING}.html?lang=en"):
        response = client.get(path)
        tag = response.headers["etag"]
        assert server.release.id in tag
        assert client.get(path, headers={"If-None-Match": f'"other", {tag}'}).status_code == 304
        tags.add(tag)
    assert len(tags) == 4


def test_a_page_tells_what_a_stranger_needs(client: httpx.Client) -> None:
    """Label in both languages, the mark on the summary, evidence with offsets and hash, inference marked, formats, permalink."""
    page = client.get(f"{THING}.html", params={"lang": "ja"}).text
    for wanted in (
        "サイバー脅威への対処能力の強化に向けた情報共有や実践的な演習に係る環境整備の加速化",
        "要約（政府の公式見解ではない）",
        "文書中の根拠",
        "1634–1681",
        'class="tag inferred"',
        f"{THING}.jsonld",
        f"<code>{IRI}</code>",
        '<html lang="ja">',
        "lang=en",
    ):
        assert wanted in page, wanted
    english = client.get(f"{THING}.html", params={"lang": "en"}).text
    assert "summary, not the government&#39;s text" in english
    assert '<html lang="en">' in english


def test_the_metadata_is_served_where_it_is_looked_for(client: httpx.Client) -> None:
    """VoID and catalogue are RDF by default, and the catalogue has a page."""
    for path in ("/.well-known/void", "/catalog"):
        response = client.get(path)
        assert response.headers["content-type"].startswith("text/turtle")
        assert list(ox.parse(response.content, ox.RdfFormat.TURTLE))
    assert client.get("/catalog", headers={"Accept": "text/html"}).headers["content-type"].startswith("text/html")
    assert client.get("/catalog?format=nt").headers["content-type"] == "application/n-triples"


def test_properties_of_others_have_names_in_both_languages(release: Release) -> None:
    """Every property of another vocabulary that documents, reference data or our reading use is told by a name, not by its IRI."""
    files = [one for stem in ("document-*", "curated-*", "reference") for one in release.dumps.glob(f"stratgraph-{stem}.nt")]
    assert len(files) == 12
    used = {line.split(b" ", 2)[1][1:-1].decode() for one in files for line in one.read_bytes().splitlines()}
    assert sorted(one for one in used - set(EXTERNAL_NAMES) if not one.startswith(str(SG))) == []
    assert {frozenset(names) for names in EXTERNAL_NAMES.values()} == {frozenset({"ja", "en"})}
