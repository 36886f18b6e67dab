"""Reports of errors: two clicks, a prepared text, nothing stored."""

from __future__ import annotations

import html
import re
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest

from stratgraph.vocab import BASE
from stratgraph.web.corrections import address, read_corrections

from .conftest import Server

PAGES = [
    "/questions/where-is-a-recommendation-reflected?recommendation=2-4",
    "/id/comment/2022/18.html",
    "/id/recommendation/2015/2-4.html",
]
PROOF = "/why?s=comment/2022/18&p=sg:effectiveResponse&o=response/2022/6"


@pytest.mark.parametrize("path", [*PAGES, PROOF])
def test_a_report_is_two_clicks_from_any_answer_or_statement(path: str, client: httpx.Client, server: Server) -> None:
    """The first click leads to the text: with the IRI, the release, and the anchor where the statement has a place."""
    page = client.get(path, headers={"Accept": "text/html", "Accept-Language": "ja"}).text
    links = [html.unescape(link) for link in re.findall(r'href="(/corrections\?[^"]*iri=[^"]+)"', page)]
    assert links
    texts = [client.get(link).text for link in links]
    assert all(server.release.id in text and BASE in text for text in texts)
    assert path == PROOF or any("原文の位置" in text for text in texts)


@pytest.mark.parametrize("params", [{"iri": "javascript:alert(1)"}, {"anchor": "x"}, {"iri": f"{BASE}id/x y"}, {"statement": "x" * 2001}])
def test_what_is_no_iri_of_the_graph_is_not_reported(params: dict[str, str], client: httpx.Client) -> None:
    """422; markup in a statement stays text."""
    assert client.get("/corrections", params=params).status_code == 422
    assert "<script>alert" not in client.get("/corrections", params={"statement": "<script>alert(1)</script>"}).text


@pytest.mark.parametrize(
    ("setting", "begins"),
    [
        ("https://tracker.example/new", "https://tracker.example/new?title=T%26&body=B%0A"),
        ("https://tracker.example/new?labels=data", "https://tracker.example/new?labels=data&title=T%26&body="),
        ("mailto:data@example.org", "mailto:data@example.org?subject=T%26&body=B"),
        ("https://lab.example/new?issue[title]={title}&issue[description]={body}", "https://lab.example/new?issue[title]=T%26&issue["),
        ("", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_a_report_goes_where_the_setting_says(setting: str, begins: str) -> None:
    """A tracker's form or a mail, filled in; anything else is no address."""
    found = address(setting, "T&", "B\n誤り")
    assert found.startswith(begins)
    assert not begins or "誤り" in unquote(found)
    assert bool(found) == bool(begins)


def test_corrections_are_read_from_their_file(tmp_path: Path) -> None:
    """Rows with a date; the file of the repository is one."""
    rows = "| Date | Release | About | 訂正 | Correction | Reported by |\n| --- | --- | --- | --- | --- | --- |\n"
    path = tmp_path / "CORRECTIONS.md"
    path.write_text(rows + f"| 2026-12-01 | 00ff | <{BASE}id/x> | 日付を直した | Date mended | a reader |\n", encoding="utf-8")
    (found,) = read_corrections(path)
    assert (found.date, found.about, found.words["ja"], found.by) == ("2026-12-01", f"{BASE}id/x", "日付を直した", "a reader")
    assert read_corrections(None) == read_corrections(tmp_path / "none") == ()
    assert "| Date | Release | About |" in (Path(__file__).parents[2] / "CORRECTIONS.md").read_text(encoding="utf-8")
