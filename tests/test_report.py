"""Files for a meeting: tables as XLSX and DOCX, and how collected answers are named."""

from __future__ import annotations

import datetime
import io
import re
import xml.dom.minidom
import zipfile

import openpyxl
import pytest

from stratgraph.errors import BadParameter
from stratgraph.report import Cell, Head, Report, Table, document, parse_item, workbook
from stratgraph.report.workbook import sheet_titles

HEADS = [Head("番号", "number"), Head("項目", "label"), Head("回答", "blank"), Head("項目のIRI", "iri")]
ROWS: list[list[Cell]] = [
    [1, "=HYPERLINK(1)", None, "https://w3id.org/stratgraph/id/x"],
    [2, "重要インフラ\u0001の防護", None, "https://example.org/y"],
]
FORM = Table("総務省", HEADS, ROWS, ("照会票: 総務省", "ご記入ください。"), (("調べた文書", "五つ"),))


def report(*tables: Table) -> Report:
    """A report of these tables in Japanese."""
    return Report("府省庁別照会票", "ja", tables, [("リリース", "r")], "2026-11-21")


def test_a_workbook_has_a_sheet_for_each_table_and_one_of_what_they_rest_on() -> None:
    """Titles above, heads in a row that every printed page repeats, blank cells to be written in, no formula."""
    book = openpyxl.load_workbook(io.BytesIO(workbook(report(FORM, FORM))))
    assert book.sheetnames == ["総務省", "総務省 2", "出典と範囲"]
    sheet = book["総務省"]
    assert [row[0].value for row in sheet["A1:A6"]] == ["照会票: 総務省", "ご記入ください。", None, "番号", 1, 2]
    assert (sheet.print_title_rows, sheet.freeze_panes, sheet["C5"].value) == ("$4:$4", "A5", None)
    assert sheet["C5"].border.left.style == "thin"
    assert (sheet["B5"].value, sheet["B5"].data_type, sheet["B6"].value) == ("=HYPERLINK(1)", "s", "重要インフラ\ufffdの防護")
    assert {row[0].value: row[1].value for row in book["出典と範囲"]}["リリース"] == "r"


def test_a_workbook_can_be_read_as_it_opens() -> None:
    """Rows are as high as their text, and grow with what is written into them; IRIs are folded away, and the sheets say so."""
    long = "重要インフラ" * 20
    table = Table("総務省", HEADS, [[1, long, None, "https://w3id.org/stratgraph/id/x"]], ("照会票: 総務省",))
    content = workbook(report(table, FORM))
    sheets = openpyxl.load_workbook(io.BytesIO(content))
    sheet, about = sheets["総務省"], sheets["出典と範囲"]
    needed = 2 * len(long) / sheet.column_dimensions["B"].width
    assert sheet.row_dimensions[4].height >= 15 * needed
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert b"customHeight" not in package.read("xl/worksheets/sheet1.xml")
    assert [sheet.column_dimensions[letter].hidden for letter in "ABCD"] == [False, False, False, True]
    assert any(row[0].value == "畳んだ列" for row in about["A1:A30"])
    assert all(one.sheet_properties.pageSetUpPr.fitToPage for one in sheets)
    assert {cell.font.name for row in sheet.iter_rows() for cell in row if cell.value} == {"Yu Gothic"}


def test_a_document_is_whole_and_leaves_out_iris() -> None:
    """Every part is XML; heading, table and what it rests on are there; the label stands for the IRI."""
    with zipfile.ZipFile(io.BytesIO(document(report(FORM)))) as package:
        for name in package.namelist():
            xml.dom.minidom.parseString(package.read(name))
        text = package.read("word/document.xml").decode()
    shown = re.findall(r"<w:t[^>]*>([^<]+)", text)
    assert {"府省庁別照会票", "総務省", "回答", "=HYPERLINK(1)", "調べた文書: 五つ", "リリース: r"} <= set(shown)
    assert "https://w3id.org/stratgraph/id/x" not in text
    assert "重要インフラ\ufffdの防護" in shown


@pytest.mark.parametrize("write", [workbook, document])
def test_no_clock_time_enters_a_file(write: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same report is the same bytes; every entry has the release's date."""
    content = write(report(FORM))  # type: ignore[operator]
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert {datetime.date(*entry.date_time[:3]) for entry in package.infolist()} == {datetime.date(2026, 11, 21)}
        assert b"2026-11-21T00:00:00Z" in package.read("docProps/core.xml")
    assert write(report(FORM)) == content  # type: ignore[operator]


def test_titles_are_such_as_sheets_may_have() -> None:
    """At most 31 characters, none that is forbidden, each its own whatever its case."""
    titles = sheet_titles(["a/b:c", "A B C", "x" * 40, "x" * 50, "", "about"], "about")
    assert titles == ["a b c", "A B C 2", "x" * 31, f"{'x' * 29} 2", "–", "about 2"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("who-leads-a-theme?theme=cybercrime&lang=ja&format=csv&limit=3", "who-leads-a-theme?theme=cybercrime"),
        ("https://w3id.org/stratgraph/questions/comments-per-chapter.json", "comments-per-chapter"),
        (" /questions/a?x=1&x=%E6%94%BB ", "a?x=1&x=%E6%94%BB"),
    ],
)
def test_an_item_is_an_address_without_what_belongs_to_its_reader(text: str, told: str) -> None:
    """The question's name and its values; an item's own text is an item again."""
    assert parse_item(text).text == told
    assert parse_item(told).text == told


@pytest.mark.parametrize("text", ["http://[", "a?" + "x=1&" * 300])
def test_what_is_no_address_is_refused(text: str) -> None:
    """In both languages."""
    with pytest.raises(BadParameter) as caught:
        parse_item(text)
    assert set(caught.value.reasons) == {"ja", "en"}
