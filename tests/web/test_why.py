"""`/why`: from an inferred triple down to places in the documents, as JSON, page and PROV-O."""

from __future__ import annotations

from typing import Any

import httpx
import pyoxigraph as ox
import pytest

from stratgraph.release import Release

ID = "https://w3id.org/stratgraph/id/"
SG = "https://w3id.org/stratgraph/ontology#"
# No. 18's printed reply is "see No. 6", so by inference its effective response is that of No. 6.
INFERRED = {"s": f"{ID}comment/2022/18", "p": f"{SG}effectiveResponse", "o": f"{ID}response/2022/6"}


def steps(found: dict[str, Any]) -> list[dict[str, Any]]:
    """An explanation and all below it."""
    return [found, *(step for premise in found["premises"] for step in steps(premise))]


def test_an_inferred_triple_is_proven_down_to_the_text(client: httpx.Client) -> None:
    """The chain over 参照: rule, premises, and the cell that prints it, with offsets and hash."""
    found = client.get("/why", params=INFERRED, headers={"Accept": "application/json"}).json()
    assert set(found) >= {"triple", "kind", "rule", "premises", "evidence"}
    assert found["triple"] == {name: f"<{iri}>" for name, iri in INFERRED.items()}
    assert (found["kind"], found["rule"]["name"]) == ("inferred", "prp-spo2")
    assert set(found["rule"]["text"]) == {"ja", "en"}
    leaves = [one for one in steps(found) if not one["premises"]]
    assert {one["kind"] for one in leaves} == {"asserted"}
    see = next(one for one in leaves if one["triple"]["p"] == f"<{SG}seeResponse>")
    assert {place["document"] for place in see["evidence"]} == {f"{ID}document/2022-public-comments"}
    assert all(place["end"] > place["start"] and len(place["sha256"]) == 64 for place in see["evidence"])
    assert found["evidence"] == []


def test_terms_may_be_given_short(client: httpx.Client) -> None:
    """Prefixed names, paths and N-Triples terms mean the same."""
    short = client.get("/why", params={"s": "comment/2022/18", "p": "sg:effectiveResponse", "o": f"<{INFERRED['o']}>", "format": "json"})
    assert short.json() == client.get("/why", params={**INFERRED, "format": "json"}).json()


@pytest.mark.parametrize(
    ("s", "p", "o", "kind"),
    [
        ("recommendation/2015/2-4", "sg:recommendationNumber", '"2-4"', "asserted"),
        ("theme-link/2015/2-4/information-sharing", "sg:linkedTheme", "vocab/theme/information-sharing", "curated"),
    ],
)
def test_what_is_encoded_has_its_evidence(client: httpx.Client, s: str, p: str, o: str, kind: str) -> None:
    """No rule, no premises, but a place in a document."""
    found = client.get("/why", params={"s": s, "p": p, "o": o, "format": "json"}).json()
    assert (found["kind"], found["rule"], found["premises"]) == (kind, None, [])
    assert found["evidence"]
    assert found["evidence"][0]["locator"]["ja"]


def test_what_does_not_hold_is_said_with_what_is_near(client: httpx.Client) -> None:
    """No. 18's reply does not refer to No. 7, but the graph says what it refers to."""
    response = client.get("/why", params={"s": "response/2022/18", "p": "sg:seeResponse", "o": "response/2022/7", "format": "json"})
    found = response.json()
    assert (response.status_code, found["kind"]) == (404, "absent")
    assert {"s": f"<{ID}response/2022/18>", "p": f"<{SG}seeResponse>", "o": f"<{ID}response/2022/6>"} in found["near"]


@pytest.mark.parametrize(
    ("given", "named"),
    [({"s": "a b", "p": "sg:x", "o": "y"}, "s"), ({"s": "a", "p": "sg:x"}, "o"), ({"s": "a", "p": '"x"', "o": "b"}, "p")],
)
def test_a_bad_term_is_named(client: httpx.Client, given: dict[str, str], named: str) -> None:
    """422 with the parameter and what is allowed."""
    response = client.get("/why", params={**given, "format": "json"})
    assert (response.status_code, response.json()["parameter"]) == (422, named)
    assert response.json()["allowed"]


def test_the_page_tells_it_in_both_languages(client: httpx.Client) -> None:
    """Rule in words, premises nested, places linked; the form without parameters."""
    page = client.get("/why", params={**INFERRED, "lang": "ja"}, headers={"Accept": "text/html"}).text
    assert "決められた順につながる関係" in page
    assert "/id/anchor/2022-public-comments/" in page
    assert "one after the other" in client.get("/why", params={**INFERRED, "lang": "en"}, headers={"Accept": "text/html"}).text
    assert 'name="s"' in client.get("/why", headers={"Accept": "text/html"}).text


def test_the_proof_is_prov(client: httpx.Client, release: Release) -> None:
    """Each step is a statement derived from others or quoted from an anchor, in the words of the proofs graph."""
    response = client.get("/why", params={**INFERRED, "format": "nt"})
    quads = list(ox.parse(response.content, ox.RdfFormat.N_TRIPLES))
    prov = "http://www.w3.org/ns/prov#"
    predicates = {quad.predicate.value for quad in quads}
    evidence = {f"{prov}wasQuotedFrom", f"{prov}hadPrimarySource"}
    assert {f"{prov}wasDerivedFrom"} | evidence <= predicates
    kept = {quad.triple for quad in ox.parse((release.dumps / "stratgraph-proofs.nq").read_bytes(), ox.RdfFormat.N_QUADS)}
    texts = "http://www.w3.org/2004/02/skos/core#definition"
    assert [quad for quad in quads if quad.predicate.value not in evidence | {texts} and quad.triple not in kept] == []


def test_resource_pages_lead_to_the_proof(client: httpx.Client) -> None:
    """Beside an inferred statement stands the way to its grounds, which answers."""
    page = client.get("/id/comment/2022/18.html?lang=en").text
    assert "/why?s=" in page
    start = page.index('href="/why?s=') + len('href="')
    address = page[start : page.index('"', start)].replace("&amp;", "&")
    assert client.get(address, headers={"Accept": "text/html"}).status_code == 200
