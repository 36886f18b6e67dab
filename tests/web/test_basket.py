"""The basket: collected answers as one workbook or document, by question or by ministry."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import httpx
import openpyxl
import pytest

EXPECTED = Path(__file__).parents[2] / "queries" / "who-leads-a-theme.cybercrime.csv"
LEADS = "who-leads-a-theme?theme=cybercrime"
COUNTS = "comments-per-chapter"


def test_an_answer_goes_into_the_basket_by_its_address(client: httpx.Client) -> None:
    """The page of an answer links to the basket that holds it; there it is told with its values and number of rows."""
    page = client.get(f"/questions/{LEADS}&lang=ja", headers={"Accept": "text/html"}).text
    assert "/basket?item=who-leads-a-theme%3Ftheme%3Dcybercrime&amp;lang=ja" in page
    basket = client.get("/basket", params={"item": [LEADS, COUNTS, LEADS], "lang": "ja"}, headers={"Accept": "text/html"}).text
    assert basket.count('<li data-item="') == 2
    assert "サイバー犯罪" in basket
    assert "4 件" in basket


def test_a_workbook_has_a_sheet_for_each_question(client: httpx.Client) -> None:
    """In their order, with the scope of each told apart."""
    response = client.get("/basket", params={"item": [LEADS, COUNTS], "format": "xlsx", "lang": "ja"})
    assert "filename*=UTF-8''%E8%B3%AA%E5%95%8F" in response.headers["content-disposition"]
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    assert book.sheetnames == ["ある主題を主担当する府省庁はどれか", "章ごとの意見の数", "出典と範囲"]
    with EXPECTED.open(encoding="utf-8", newline="") as handle:
        expected = [row["bodyName"] for row in csv.DictReader(handle)]
    sheet = book.worksheets[0]
    heads = [str(cell.value) for cell in sheet[1]]
    assert [row[heads.index("機関の名称 (bodyName)")] for row in sheet.iter_rows(min_row=2, values_only=True)] == expected
    told = [row[0].value for row in book["出典と範囲"]]
    assert told.count("調べた文書") == 2


def test_the_inquiry_form_has_a_sheet_for_each_ministry(client: httpx.Client) -> None:
    """Its items with their roles, and blank columns for the reply; a ministry that the answers do not name has none."""
    response = client.get("/basket", params={"item": LEADS, "layout": "ministry", "format": "xlsx", "lang": "ja"})
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    assert set(book.sheetnames) == {"経済産業省", "総務省", "法務省", "警察庁", "出典と範囲"}
    heads, item = ([cell.value for cell in row] for row in book["法務省"].iter_rows(min_row=5, max_row=6))
    assert item[heads.index("項目")] == "サイバー犯罪への対策"
    assert item[heads.index("役割")] == "主担当"
    replies = [i for i, head in enumerate(heads) if str(head).startswith("【回答】")]
    assert len(replies) == 3
    assert [item[i] for i in replies] == [None] * 3


def test_without_an_answer_the_form_holds_every_item(client: httpx.Client) -> None:
    """From the browser's empty basket: a document with a part for each ministry that a document names."""
    response = client.get("/basket", params={"layout": "ministry", "format": "docx", "lang": "en"})
    with zipfile.ZipFile(io.BytesIO(response.content)) as package:
        text = package.read("word/document.xml").decode()
    assert "Ministry of Finance" in text
    assert "Reply: next steps" in text
    headers = {"If-None-Match": response.headers["etag"]}
    assert client.get("/basket", params={"layout": "ministry", "format": "docx", "lang": "en"}, headers=headers).status_code == 304


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"format": "xlsx"}, "item"),
        ({"item": "nonsense", "format": "xlsx"}, "item"),
        ({"item": "who-leads-a-theme?theme=nonsense", "format": "docx"}, "theme"),
        ({"item": "who-leads-a-theme?nothing=1", "format": "xlsx"}, "nothing"),
        ({"item": [f"{COUNTS}?x={i}" for i in range(21)], "format": "xlsx"}, "item"),
        ({"item": COUNTS, "layout": "pile", "format": "xlsx"}, "layout"),
        ({"item": "x> } ; DROP ALL #", "format": "xlsx"}, "item"),
        ({"item": "http://[", "format": "xlsx"}, "item"),
    ],
)
def test_what_cannot_be_collected_is_refused_by_name(params: dict[str, str | list[str]], named: str, client: httpx.Client) -> None:
    """422 for a file, with the parameter; the page tells it beside the item, or as an error, and escapes it."""
    response = client.get("/basket", params=params)
    assert (response.status_code, response.json()["parameter"]) == (422, named)
    if params.get("item"):
        page = client.get("/basket", params={**params, "format": "html"})
        assert page.status_code == 422
        assert "<h1>" in page.text
