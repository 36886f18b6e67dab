"""`/search`: hits by name and text, ranked; the page; what is refused."""

from __future__ import annotations

import re

import httpx
import pytest

NISC = "https://w3id.org/stratgraph/id/body/nisc"
JSON = {"Accept": "application/json"}


@pytest.mark.parametrize("words", ["NISC", "ｎｉｓｃ", "内閣サイバーセキュリティセンター", "内閣さいばーせきゅりてぃせんたー"])
def test_a_body_is_found_by_its_names_however_they_are_written(client: httpx.Client, words: str) -> None:
    """Width, case and kana make no difference, and the body comes first, before what only mentions it."""
    told = client.get("/search", params={"q": words}, headers=JSON).json()
    assert told["hits"][0]["iri"] == NISC
    assert told["hits"][0]["label"]["ja"] == "内閣サイバーセキュリティセンター"
    assert told["hits"][0]["field"] in ("name", "variant")
    assert told["count"] >= len(told["hits"]) > 0
    assert told["kinds"]["body"] >= 1


def test_pages_follow_one_another(client: httpx.Client) -> None:
    """The Link header leads from page to page, and together they hold every hit once."""
    path, seen = "/search?q=サイバー&limit=7", list[str]()
    while path:
        answer = client.get(path, headers=JSON)
        seen += [hit["iri"] for hit in answer.json()["hits"]]
        path = answer.links.get("next", {}).get("url", "")
    assert len(seen) == len(set(seen)) == answer.json()["count"] > 14
    assert "prev" in answer.links


def test_a_kind_narrows_but_counts_stay(client: httpx.Client) -> None:
    """`kind=` gives only things of that kind; the counts still tell of all."""
    everything = client.get("/search", params={"q": "情報共有"}, headers=JSON).json()
    only = client.get("/search", params={"q": "情報共有", "kind": "recommendation"}, headers=JSON).json()
    assert only["kinds"] == everything["kinds"]
    assert only["count"] == everything["kinds"]["recommendation"] > 0
    assert all("/id/recommendation/" in hit["iri"] for hit in only["hits"])


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_shows_form_hits_and_kinds(client: httpx.Client, language: str) -> None:
    """Without words the form; with words the hits, linked; summaries are marked as ours."""
    html = {"Accept": "text/html"}
    assert 'name="q"' in client.get("/search", params={"lang": language}, headers=html).text
    page = client.get("/search", params={"q": "攻撃 対処", "lang": language, "limit": "200"}, headers=html).text
    assert f'<html lang="{language}">' in page
    assert "/id/" in page
    mark = "要約（政府の公式見解ではない）" if language == "ja" else "summary, not the government"
    assert mark in page
    kinds = client.get("/search", params={"q": "NISC", "lang": language}, headers=html).text
    assert not re.search(r">[a-z-]+ \d+</a>", kinds), "a kind without words"
    nothing = client.get("/search", params={"q": "存在しない言葉", "lang": language}, headers=html).text
    assert ("見つかりませんでした" if language == "ja" else "Nothing was found") in nothing


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, "q"),
        ({"q": " "}, "q"),
        ({"q": "x" * 201}, "q"),
        ({"q": "x", "limit": "0"}, "limit"),
        ({"q": "x", "limit": "1e9"}, "limit"),
        ({"q": "x", "offset": "-1"}, "offset"),
        ({"q": "x", "in": "fr"}, "in"),
        ({"q": "x", "entailment": "none"}, "entailment"),
    ],
)
def test_what_cannot_be_searched_is_told(client: httpx.Client, given: dict[str, str], name: str) -> None:
    """A wrong parameter is 422 and named."""
    answer = client.get("/search", params=given, headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["parameter"] == name


def test_markup_in_words_stays_text(client: httpx.Client) -> None:
    """What was typed comes back as text."""
    page = client.get("/search", params={"q": "<script>alert(1)</script>"}, headers={"Accept": "text/html"}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
