"""Spreadsheets: typed cells, nothing that runs, where it comes from, the same bytes each time."""

from __future__ import annotations

import csv
import datetime
import io

import httpx
import openpyxl
import pytest

from .conftest import Server

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XSD = "http://www.w3.org/2001/XMLSchema#"
TYPED = f"""SELECT ?text ?whole ?real ?truth ?day ?iri ?none {{ VALUES (?text ?whole ?real ?truth ?day ?iri ?none) {{
  ("=1+1" 42 1.5 true "2022-04-01"^^<{XSD}date> <http://example.org/> UNDEF)
  ("攻撃\\u0001" 12345678901234567890 1e400 false "0900-01-01"^^<{XSD}date> <x:y> UNDEF)
}} }}"""


def _sheets(content: bytes) -> tuple[list[tuple[object, ...]], dict[object, object]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    table, told = book["answer"], book["about"]
    assert not [cell for sheet in book for row in sheet for cell in row if cell.data_type == "f"]
    return [tuple(cell.value for cell in row) for row in table], {row[0].value: row[1].value for row in told}


def test_cells_have_the_types_of_their_literals(client: httpx.Client, server: Server) -> None:
    """Numbers, truth values and dates as such where a spreadsheet holds them exactly; all else as text; no formula anywhere."""
    response = client.get("/sparql", params={"query": TYPED, "lang": "en"}, headers={"Accept": XLSX})
    assert response.headers["content-type"] == XLSX
    assert response.headers["content-disposition"].endswith('.xlsx"')
    rows, told = _sheets(response.content)
    assert rows[0] == ("text", "whole", "real", "truth", "day", "iri", "none")
    assert rows[1] == ("=1+1", 42, 1.5, True, datetime.datetime(2022, 4, 1), "http://example.org/", None)
    assert rows[2][:2] == ("攻撃\ufffd", "12345678901234567890")
    assert rows[2][4:6] == ("0900-01-01", "x:y")
    assert told["Release"] == server.release.id
    assert told["Query"] == TYPED
    assert server.release.id in str(told["Citation"])


def test_a_question_comes_as_a_spreadsheet(client: httpx.Client) -> None:
    """By suffix, with labelled columns in the reader's language."""
    response = client.get("/questions/comments-per-chapter.xlsx", params={"lang": "ja"})
    assert response.headers["content-type"] == XLSX
    rows, told = _sheets(response.content)
    answer = client.get("/questions/comments-per-chapter.json").json()
    assert len(rows) == answer["count"] + 1
    heads = [str(head).rpartition(" (")[0] for head in rows[0]]
    assert [head for head in heads if head] == [column["label"]["ja"] for column in answer["columns"]]
    assert (told["出典"], told["リリース"]) == (answer["question"], answer["release"])


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_spreadsheet_tells_its_scope_and_marks_summaries(client: httpx.Client, language: str) -> None:
    """What was asked, each sentence of the scope, and whose words the summaries are, in the reader's language."""
    path = "/questions/where-is-a-recommendation-reflected"
    params = {"recommendation": "2-4", "lang": language}
    rows, told = _sheets(client.get(f"{path}.xlsx", params=params).content)
    scope = client.get(f"{path}.json", params=params).json()["scope"]
    assert {text[language] for text in scope["sentences"].values()} <= set(told.values())
    mark = {"ja": "要約（政府の公式見解ではない）", "en": "summary, not the government's text"}[language]
    assert mark in told.values()
    assert any(mark in str(head) for head in rows[0])
    assert ("提言" if language == "ja" else "Recommendation") in told


@pytest.mark.parametrize("path", ["/sparql", "/questions/comments-per-chapter"])
def test_csv_for_spreadsheet_programs(client: httpx.Client, path: str) -> None:
    """`format=excel-csv` has a byte order mark and marks formulas as text; `text/csv` stays as the standard wants it."""
    query = {"query": 'SELECT ?x { VALUES ?x { "=1+1" "@a" -5 "plain" } }'} if path == "/sparql" else {}
    response = client.get(path, params={**query, "format": "excel-csv"})
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert response.headers["content-type"].startswith("text/csv")
    if query:
        rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
        assert rows == [["x"], ["'=1+1"], ["'@a"], ["-5"], ["plain"]]
        assert client.get(path, params={**query, "format": "csv"}).text.split() == ["x", "=1+1", "@a", "-5", "plain"]


def test_what_is_no_table_is_no_spreadsheet(client: httpx.Client) -> None:
    """A graph or a truth value as XLSX is 406, with what is offered."""
    for query in ("ASK {}", "CONSTRUCT WHERE { ?s ?p ?o }"):
        response = client.get("/sparql", params={"query": query}, headers={"Accept": XLSX})
        assert response.status_code == 406
        assert response.json()["offered"]


def test_too_many_rows_for_a_spreadsheet_are_refused(client: httpx.Client) -> None:
    """A workbook is made whole in memory, so it is bounded, and says so."""
    response = client.get("/sparql", params={"query": "SELECT * { ?s ?p ?o }", "format": "xlsx"})
    assert (response.status_code, response.json()["limit"]) == (400, 100_000)
