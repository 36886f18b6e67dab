"""What a reader sees: every page fits its window, asks nobody else, can be read and used from the keyboard."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import Server

# One process runs them all: each would need a Chromium of its own.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

QUERY = quote("SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 50")
PATHS = [
    "/",
    "/questions",
    "/questions/where-is-a-recommendation-reflected",
    "/questions/where-is-a-recommendation-reflected?recommendation=2-4",
    "/questions/real-answer-to-a-comment?comment=99",
    "/questions/suspected-source-errors",
    "/questions/comments-per-chapter",
    "/questions/recommendations-by-theme?theme=finance",
    "/questions/bodies-named-in-comments-and-replies?body=NISC&body=IPA",
    "/questions/items-by-ministry?theme=cybercrime",
    "/questions/dated-plans-laws-and-events?document=document/2018-strategy-overview",
    "/basket?item=who-leads-a-theme%3Ftheme%3Dcybercrime&item=nothing",
    "/corrections?iri=https://w3id.org/stratgraph/id/comment/2022/18",
    "/id/recommendation/2015/2-4",
    "/id/comment/2022/18",
    "/id/document/2022-public-comments",
    "/vocab/theme",
    "/sparql",
    f"/sparql?query={QUERY}",
    "/sparql?query=SELECT",
    "/ontology",
    "/dumps/",
    "/catalog",
    "/api",
    "/why?s=comment/2022/18&p=sg:effectiveResponse&o=response/2022/6",
    "/nothing",
]
# Ratios by WCAG 2.2, 1.4.3: text against what is painted behind it.
CONTRAST = """() => {
  const channel = v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
  const light = c => .2126 * channel(c[0]) + .7152 * channel(c[1]) + .0722 * channel(c[2]);
  const parse = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const behind = node => {
    for (let at = node; at; at = at.parentElement) {
      const c = parse(getComputedStyle(at).backgroundColor);
      if (c.length && (c.length < 4 || c[3] > .5)) return c;
    }
    return [255, 255, 255];
  };
  const bad = [];
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some(one => one.nodeType === 3 && one.textContent.trim());
    if (!own || !node.checkVisibility() || node.closest('.skip')) continue;
    const style = getComputedStyle(node), a = light(parse(style.color)), b = light(behind(node));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const told = `${node.tagName}.${node.className} ${node.textContent.trim().slice(0, 40)}`;
    if (ratio < (large ? 3 : 4.5)) bad.push(`${ratio.toFixed(2)} ${told}`);
  }
  return bad;
}"""


@pytest.mark.parametrize("path", PATHS)
def test_a_page_fits_and_asks_nobody_else(path: str, page: Page, server: Server) -> None:
    """No page scrolls sideways, asks another host, breaks the policy, or lacks a title, one h1, or readable contrast."""
    asked: list[str] = []
    told: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: told.append(message.text))
    response = page.goto(path)
    assert response is not None
    assert all(address.startswith(server.base) for address in asked)
    assert not [text for text in told if "Failed to load resource" not in text]
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.title()
    assert page.locator("h1").count() == 1
    assert page.evaluate(CONTRAST) == []
    language = page.locator("html").get_attribute("lang")
    assert language == page.evaluate("navigator.language").split("-")[0]


@pytest.mark.parametrize("path", ["/", "/questions", "/id/comment/2022/18", "/sparql"])
def test_the_other_language_is_one_click_away(path: str, page: Page) -> None:
    """The switch shows the same page in the other language."""
    page.goto(path)
    before = page.locator("html").get_attribute("lang")
    address = page.url.split("?")[0]
    page.locator("a.switch").click()
    assert {before, page.locator("html").get_attribute("lang")} == {"ja", "en"}
    assert page.url.split("?")[0] == address


def test_headings_descend_one_by_one_and_tables_have_heads(page: Page) -> None:
    """No heading level is skipped; each table's columns are named; each field has a label (or, further ones of a list, an aria-label)."""
    for path in PATHS:
        page.goto(path)
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(one => Number(one.tagName[1]))")
        assert all(after - before <= 1 for before, after in pairwise(levels)), (path, levels)
        assert page.evaluate("[...document.querySelectorAll('table')].every(one => one.querySelectorAll('th[scope=col]').length)")
        fields = "[...document.querySelectorAll('input:not([type=hidden]),select,textarea')]"
        assert page.evaluate(f"{fields}.filter(one => !one.labels.length && !one.ariaLabel).length") == 0


def test_the_keyboard_reaches_everything_and_focus_shows(page: Page) -> None:
    """The first stop leads to the content; each stop has a visible outline."""
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    for _ in range(6):
        page.keyboard.press("Tab")
        style: dict[str, Any] = page.evaluate(
            "(({outlineStyle, outlineWidth}) => ({outlineStyle, outlineWidth}))(getComputedStyle(document.activeElement))"
        )
        assert style == {"outlineStyle": "solid", "outlineWidth": "3px"}


def test_a_newcomer_gets_an_answer_without_script(browser: Browser, server: Server) -> None:
    """From the front page, in Japanese, with JavaScript off: choose a question, choose a recommendation, see six rows and the scope."""
    context = browser.new_context(
        base_url=server.base, locale="ja", java_script_enabled=False, extra_http_headers={"Accept-Language": "ja"}
    )
    page = context.new_page()
    page.goto("/")
    page.get_by_role("link", name=re.compile("提言は戦略のどこに反映されたか")).click()
    page.get_by_label(re.compile("提言")).select_option(
        label="2-4 サイバー脅威への対処能力の強化に向けた情報共有や実践的な演習に係る環境整備の加速化"
    )
    page.get_by_role("button", name="答えを見る").click()
    expect(page.locator("section.answer tbody tr")).to_have_count(6)
    assert page.get_by_role("heading", name="調べた範囲").is_visible()
    page.locator("section.answer tbody a").first.click()
    assert page.get_by_role("heading", name="文書中の根拠").is_visible() or page.locator("h1").is_visible()
    context.close()


def test_the_answer_comes_into_view(page: Page) -> None:
    """Whoever asks sees the answer's heading, not the form again; on a phone each value stands under its column's name."""
    page.goto("/questions/where-is-a-recommendation-reflected")
    page.locator("form.ask select").select_option("recommendation/2015/2-4")
    page.locator("form.ask button").click()
    expect(page.locator("#answer")).to_be_in_viewport()
    narrow = page.viewport_size is not None and page.viewport_size["width"] < 640
    shown = page.locator("table.answers tbody td").first.evaluate("one => getComputedStyle(one, '::before').content")
    assert (shown != "none") == narrow
    assert page.locator("table.answers [role=cell]").count() > 6


def test_rows_are_sorted_and_filtered_by_script(page: Page) -> None:
    """A column's head sorts up, down and back; the filter keeps the rows that hold all words, in any width."""
    page.goto("/questions/where-is-a-recommendation-reflected?recommendation=2-4")
    cells = page.locator("table.answers tbody tr:not([hidden]) td:nth-child(2)")
    before = cells.all_text_contents()
    head = page.locator("table.answers th .sort").nth(1)
    orders = []
    for _ in range(3):
        head.click()
        orders.append(cells.all_text_contents())
    assert orders == [sorted(before), sorted(before, reverse=True), before]
    page.locator(".filter input").fill("５.４.２")
    assert [text.strip() for text in cells.all_text_contents()] == ["5.4.2(1)", "5.4.2(5)"]
    assert "2" in page.locator(".filter [role=status]").inner_text()


def test_the_grounds_of_a_row_lead_to_its_proof(page: Page) -> None:
    """From a row of an answer to why it holds, and where the document says so."""
    page.goto("/questions/where-is-a-recommendation-reflected?recommendation=2-4")
    page.locator("td.ground summary").first.click()
    assert page.locator("td.ground .places-list").first.is_visible()
    page.locator("td.ground .relations a").first.click()
    page.locator(".why .rule").first.wait_for()


def test_a_query_is_written_and_answered_without_script(browser: Browser, server: Server) -> None:
    """The editor's form sends the query and shows a table; a mistake shows its line."""
    context = browser.new_context(
        base_url=server.base, locale="en", java_script_enabled=False, extra_http_headers={"Accept-Language": "en"}
    )
    page = context.new_page()
    page.goto("/sparql")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("section.answer tbody tr")).to_have_count(20)
    page.get_by_label("Query", exact=True).fill("SELECT * WHERE {\n ?s ?p\n}")
    page.get_by_role("button", name="Run").click()
    assert "line 3, column 1" in page.get_by_role("alert").inner_text()
    context.close()
