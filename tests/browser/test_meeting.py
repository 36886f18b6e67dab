"""What policy staff come for, in Japanese, from the front page, knowing no IRI: each way as they would go it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import Server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def reader(browser: Browser, server: Server) -> Iterator[Page]:
    """A Japanese reader's page."""
    context = browser.new_context(base_url=server.base, locale="ja", extra_http_headers={"Accept-Language": "ja"}, accept_downloads=True)
    yield context.new_page()
    context.close()


def test_from_the_front_page_to_the_workbook_for_monday(reader: Page) -> None:
    """Which ministries lead a theme; their answer into the basket; a sheet for each ministry, with blank columns for the reply."""
    reader.goto("/")
    reader.get_by_role("link", name=re.compile("ある主題を主担当する府省庁はどれか")).click()
    reader.get_by_label(re.compile("主題")).first.select_option(label="サイバー犯罪")
    reader.get_by_role("button", name="答えを見る").click()
    expect(reader.locator("table.answers tbody tr td:first-child")).to_have_text(["経済産業省", "総務省", "法務省", "警察庁"])
    reader.get_by_role("link", name="かごに入れる").click()
    reader.get_by_role("link", name=re.compile("かごを見る")).click()
    expect(reader.locator("[data-basket]")).to_have_attribute("data-count", "1")
    with reader.expect_download() as caught:
        reader.locator("section[aria-labelledby=by-ministry] .formats a").first.click()
    assert caught.value.suggested_filename == "府省庁別照会票.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(Path(caught.value.path()).read_bytes()))
    assert set(book.sheetnames) == {"経済産業省", "総務省", "法務省", "警察庁", "出典と範囲"}
    # The basket is kept while the reader looks elsewhere, and leaves when it is told to.
    reader.goto("/questions")
    reader.locator("[data-basket]").click()
    reader.get_by_role("link", name="かごから外す").click()
    expect(reader.locator("#basket")).to_have_count(0)
    reader.goto("/")
    assert reader.locator("[data-basket]").get_attribute("data-count") == ""


def test_what_is_typed_is_found_by_any_name(reader: Page) -> None:
    """The front page finds the question; of 600 measures the field suggests those called so; the answer is that measure's."""
    reader.goto("/")
    reader.get_by_role("searchbox").fill("施策 引き継がれた")
    reader.get_by_role("button", name="探す").click()
    reader.get_by_role("link", name="ある施策は後の文書でどう引き継がれたか").first.click()
    field = reader.locator("input[data-choices]")
    with reader.expect_response(lambda response: "/choices" in response.url and "q=cyder" in response.url):
        field.press_sequentially("cyder")
    reader.wait_for_function("document.querySelector('datalist').options.length < 20")
    named = reader.locator("datalist option").evaluate_all("options => options.map(one => one.value)")
    wanted = next(one for one in named if "ナショナルサイバートレーニングセンター" in one)
    field.fill(wanted)
    reader.get_by_role("button", name="答えを見る").click()
    assert wanted in reader.locator("dl.asked").inner_text()


def test_an_error_is_reported_in_two_clicks(reader: Page, server: Server) -> None:
    """From the grounds of a row: the text has the answer's address, the release and the anchor."""
    reader.goto("/questions/where-is-a-recommendation-reflected?recommendation=2-4")
    reader.locator("td.ground summary").first.click()
    reader.locator("td.ground .report a").first.click()
    text = reader.locator("#text").input_value()
    assert "questions/where-is-a-recommendation-reflected?recommendation=2-4" in text
    assert server.release.id in text
    assert "原文の位置: https://w3id.org/stratgraph/id/" in text


@pytest.mark.parametrize(
    "path", ["items-by-ministry?theme=cybercrime", "dated-plans-laws-and-events", "recommendations-under-a-section?section=5.3"]
)
def test_an_answer_fits_a_sheet_of_paper(path: str, reader: Page) -> None:
    """Printed on A4, nothing is cut off at the side, and nothing is left that only a screen can use."""
    reader.set_viewport_size({"width": 690, "height": 1000})  # 210 mm less the margins, at 96 dots an inch
    reader.goto(f"/questions/{path}")
    reader.emulate_media(media="print")
    assert reader.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert not any(one.is_visible() for one in reader.locator("form.ask, .formats, .collecting, nav, .filter").all())
    assert reader.locator("#scope").is_visible()
