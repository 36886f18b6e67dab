"""Evidence, on an invented document of our own (`cases/evidence/`): spans, anchors, checks and coverage, whole and damaged."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph
from rdflib.compare import isomorphic

from stratgraph.errors import InputError, SourceTextError
from stratgraph.evidence import (
    AnchorCues,
    SourceTextFile,
    Span,
    anchor_graph,
    anchor_turtle,
    check_spans,
    coverage,
    find_source_texts,
    line_spans,
    page_ordinal,
    quote_span,
    wanted_texts,
)
from stratgraph.turtle import format_turtle, parse_turtle

CASES = Path(__file__).parent / "cases" / "evidence"
TURTLE = (CASES / "lighthouse.ttl").read_text(encoding="utf-8")
KEY = "lighthouse"
# From sha256sum and wc -mc.
SHA256 = "fe26cd9f9eb602a0f9555ae71db8aef493067ac905dea2d5e50ce7ea529a33b1"
SIZE, LENGTH = 408, 273
# Counted with tr -d '[:space:]' | wc -m; the three cells of the repeated head have 2 + 9 + 2 of them.
CHARACTERS, HEAD_CHARACTERS = 224, 13
ANCHOR = "https://w3id.org/stratgraph/id/anchor/lighthouse/"
PREFIXES = {
    "exclusion": "https://w3id.org/stratgraph/vocab/exclusion-reason/",
    "oa": "http://www.w3.org/ns/oa#",
    "sg": "https://w3id.org/stratgraph/ontology#",
}


@pytest.fixture
def source() -> SourceTextFile:
    """The invented text, found by its hash."""
    return find_source_texts(CASES, {KEY: SHA256})[KEY]


def _graph(*edits: tuple[str, str]) -> Graph:
    """The invented document's graph, with pieces of its Turtle replaced; each piece must be there."""
    text = TURTLE
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    return parse_turtle(text, "lighthouse.ttl")


def test_the_case_file_is_formatted() -> None:
    """The case is in the project's own layout."""
    assert format_turtle(TURTLE, "lighthouse.ttl", PREFIXES) == TURTLE


# --- source texts


def test_a_source_text_is_found_by_hash_whatever_its_name(tmp_path: Path, source: SourceTextFile) -> None:
    """The same bytes under another name, among other files, are the source text."""
    (tmp_path / "a.txt").write_text("something else", encoding="utf-8")
    (tmp_path / "unlikely name.bin").write_bytes((CASES / "lighthouse.txt").read_bytes())
    (tmp_path / "zz-copy.txt").write_bytes((CASES / "lighthouse.txt").read_bytes())
    found = find_source_texts(tmp_path, {KEY: SHA256})[KEY]
    assert found == source
    assert found.path.name == "unlikely name.bin"
    assert (found.size, len(found.text)) == (SIZE, LENGTH)


def test_line_breaks_are_not_translated(tmp_path: Path) -> None:
    """A text with CR LF keeps both characters, so that offsets count the file as it is."""
    (tmp_path / "x").write_bytes(b"a\r\nb")
    # From printf 'a\r\nb' | sha256sum.
    digest = "18745f36a05e29072709042d6062ce54f1b08ff36c27ba80c39f81fb010c8ce2"
    assert find_source_texts(tmp_path, {"x": digest})["x"].text == "a\r\nb"


def test_a_missing_source_text_is_named(tmp_path: Path) -> None:
    """What is missing is told by key and hash; on request it is left out instead."""
    wanted = {KEY: SHA256, "other-document": "0" * 64}
    (tmp_path / "near.txt").write_bytes((CASES / "lighthouse.txt").read_bytes() + b"\n")
    with pytest.raises(SourceTextError, match=f"(?s){KEY} .SHA-256 {SHA256}.*other-document"):
        find_source_texts(tmp_path, wanted)
    assert find_source_texts(CASES, wanted, allow_missing=True).keys() == {KEY}


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """Missing input fails, also where missing texts are allowed."""
    with pytest.raises(SourceTextError, match="no-such-folder"):
        find_source_texts(tmp_path / "no-such-folder", {}, allow_missing=True)


def test_a_source_text_must_be_utf8(tmp_path: Path) -> None:
    """A wanted file in another encoding is refused with the place of the first bad byte."""
    (tmp_path / "x").write_bytes(b"ab\xff")
    # From printf 'ab\xff' | sha256sum.
    with pytest.raises(SourceTextError, match="byte 2"):
        find_source_texts(tmp_path, {"x": "2a40b10d4bc66af94cac46438fc1c5d9e11fda03dac8f86304ea8604a3eae1fa"})


def test_the_graph_tells_which_texts_it_wants() -> None:
    """The wanted texts are those the graph describes, with their hashes."""
    assert wanted_texts(_graph()) == {KEY: SHA256}


# --- spans


def test_a_quote_is_placed_by_code_points(source: SourceTextFile) -> None:
    """Offsets count code points: the cat before the bracket is one."""
    span = quote_span(source.text, "（架空の文書）")
    assert span == Span(8, 15)
    assert span.of(source.text) == "（架空の文書）"


def test_white_space_around_a_quote_is_dropped(source: SourceTextFile) -> None:
    """A quote pasted with its line break gives the span without it."""
    assert quote_span(source.text, "\tねこ課\n", 2) == Span(227, 230)


@pytest.mark.parametrize(
    ("quote", "occurrence", "told"),
    [
        (" \t", None, "empty"),
        ("1-1\t灯台に", None, "crosses a line break or a tab"),
        ("ある ・ない", None, "another bullet at “・ない”"),
        ("夜は静かに歩く。", None, "White space aside it is on line 6, offsets 135 to 145: '夜は 静かに 歩く。'"),
        ("犬", None, "character by character"),
        ("ねこ課", None, "2 times; choose with --occurrence: 1 = line 6, offset 168; 2 = line 9, offset 227"),
        ("ねこ課", 3, "no occurrence 3 of “ねこ課”; there are 2"),
        ("ねこ課", 0, "no occurrence 0"),
    ],
)
def test_a_quote_that_cannot_be_placed(source: SourceTextFile, quote: str, occurrence: int | None, told: str) -> None:
    """A quote that is no span, not there or ambiguous is refused with what helps to mend it."""
    with pytest.raises(InputError, match=re.escape(told)):
        quote_span(source.text, quote, occurrence)


def test_many_places_are_not_all_listed() -> None:
    """Of very many occurrences the first twelve are listed and the rest counted."""
    with pytest.raises(InputError, match="12 = line 12, offset 22; and 8 more"):
        quote_span("a\n" * 20, "a")


def test_lines_give_one_span_per_cell(source: SourceTextFile) -> None:
    """A line range gives the cells in order, without empty ones and outer white space."""
    assert [span.of(source.text) for span in line_spans(source.text, 3, 5)] == [
        "番号", "施策 Measure", "担当", "1-1", "灯台に毛布を置く。 Put blankets in the lighthouse.", "灯台局",
    ]  # fmt: skip
    assert line_spans(source.text, 10, 10) == (Span(231, 272),)


def test_lines_with_several_bullets_give_one_span_each() -> None:
    """A mark within a line begins another span, a doubled mark at its start does not; CR LF is no part of a span."""
    text = "- ・一つ ・二つ ■ 三つ\r\n　四つ・五つ \t\r\n"
    assert [span.of(text) for span in line_spans(text, 1, 2)] == ["- ・一つ", "・二つ", "■ 三つ", "四つ・五つ"]


@pytest.mark.parametrize(("first", "last"), [(0, 1), (2, 1), (1, 99)])
def test_lines_that_are_not_there(source: SourceTextFile, first: int, last: int) -> None:
    """A range outside the text is refused with the lines there are."""
    with pytest.raises(InputError, match="lines 1 to 11"):
        line_spans(source.text, first, last)


def test_blank_lines_have_no_span(source: SourceTextFile) -> None:
    """A range of blank lines is refused."""
    with pytest.raises(InputError, match="white space"):
        line_spans(source.text, 3, 3)


@settings(deadline=None)
@given(st.text(st.sampled_from("ab\t\n \r　・•-漢🐈"), max_size=60))
def test_the_spans_of_all_lines_are_sound_and_complete(text: str) -> None:
    """Whatever the text: its lines' spans pass every check, do not overlap, and hold every character but white space."""
    last = text.count("\n") + 1
    if not text.strip():
        return
    spans = line_spans(text, 1, last)
    assert sum(len("".join(span.of(text).split())) for span in spans) == len("".join(text.split()))
    assert all(one.end <= two.start for one, two in itertools.pairwise(spans))
    graph = Graph()
    for span in spans:
        for triple in anchor_graph("x", text, span):
            graph.add(triple)
    kinds = {problem.kind for problem in check_spans(graph, {"x": SourceTextFile("x", Path(), "", 0, text)}).problems}
    assert kinds == {"text-hash", "text-length", "text-size"}  # the graph describes no source text here


# --- anchors


def test_an_anchor_is_written_as_the_model_says(source: SourceTextFile) -> None:
    """The Turtle of an anchor is the one in the case file, which was made by other means."""
    text = anchor_turtle(KEY, source.text, [Span(85, 126)], PREFIXES)
    expected = [block for block in TURTLE.split("\n\n") if block.startswith("<anchor/lighthouse/85-126")]
    assert text.removesuffix("\n").split("\n\n")[1:] == expected


def test_all_anchors_together_are_the_case_file(source: SourceTextFile) -> None:
    """Lines 1 to 10 as anchors, the repeated head excluded, are isomorphic to the anchors of the case file."""
    made = Graph()
    for lines, excluded in (((1, 7), None), ((8, 8), "repeated-table-head"), ((9, 10), None)):
        for span in line_spans(source.text, *lines):
            for triple in anchor_graph(KEY, source.text, span, AnchorCues(excluded=excluded)):
                made.add(triple)
    expected = Graph()
    for subject, predicate, value in _graph():
        if str(subject).startswith(ANCHOR):
            expected.add((subject, predicate, value))
    assert isomorphic(made, expected)


def test_cues_are_told(source: SourceTextFile) -> None:
    """Heading path, locator, page and slide become the properties that the model has for them."""
    cues = AnchorCues("第1章", "2行目", "row 2", printed_page="iv", page_ordinal=3, slide_number=7)
    text = anchor_turtle(KEY, source.text, [Span(81, 84)], PREFIXES, cues)
    locator = 'sg:locator "2行目"@ja,\n    "row 2"@en'
    for statement in ('sg:headingPath "第1章"@ja', locator, 'sg:printedPage "iv"', "sg:pageOrdinal 3", "sg:slideNumber 7"):
        assert f"  {statement} ;\n" in text


def test_pages_are_counted_by_their_heads(source: SourceTextFile) -> None:
    """A repeated head begins each page; what stands before the first is page 1."""
    assert [page_ordinal(source.text, offset, "^番号") for offset in (0, 64, 172, 173, 272)] == [1, 1, 1, 2, 2]


@pytest.mark.parametrize(("pattern", "told"), [("(", "no regular expression"), ("^頁", "nowhere")])
def test_a_page_head_that_cannot_count(source: SourceTextFile, pattern: str, told: str) -> None:
    """A pattern that is none, or that matches nothing, is refused."""
    with pytest.raises(InputError, match=told):
        page_ordinal(source.text, 0, pattern)


# --- checks and coverage


def test_the_whole_case_is_in_order(source: SourceTextFile) -> None:
    """Every span of the case fits, and nothing of the text is left unaccounted for."""
    checked = check_spans(_graph(), {KEY: source})
    assert (checked.problems, checked.checked, checked.not_checked) == ((), 17, 0)
    covered = coverage(_graph(), KEY, source.text)
    assert (covered.characters, covered.anchored, covered.unaccounted) == (CHARACTERS, CHARACTERS - HEAD_CHARACTERS, 0)
    assert covered.excluded == {"repeated-table-head": HEAD_CHARACTERS}
    assert (covered.share, covered.stretches, covered.problems, covered.is_complete) == (100.0, (), (), True)


def test_without_the_text_anchors_are_counted_as_not_checked() -> None:
    """Where a text is absent, its anchors are counted, not passed over in silence; what they lack is told all the same."""
    checked = check_spans(_graph(('sg:firstCharacters "1-1"', 'sg:locator "1-1"')), {})
    assert (checked.checked, checked.not_checked) == (0, 17)
    assert [(problem.iri, problem.kind) for problem in checked.problems] == [(f"{ANCHOR}81-84", "incomplete")]


_HASH_85 = re.search(r"85-126> a .*?spanSha256 \"([0-9a-f]{64})\"", TURTLE, re.DOTALL)
assert _HASH_85
HASH_85 = _HASH_85[1]

# One edit of the Turtle each, the anchor it hurts, the problems it must give, and words of one of the messages.
DAMAGES = [
    ("start-one-late", [("oa:start 85 ", "oa:start 86 ")], "85-126",
     {"iri", "hash", "first-characters"}, "Those characters are at 85 to 126"),
    ("start-one-early", [("oa:start 85 ", "oa:start 84 ")], "85-126",
     {"iri", "hash", "first-characters", "border", "outer-space"}, "tab"),
    ("end-one-early", [("oa:end 126 ", "oa:end 125 ")], "85-126",
     {"iri", "hash", "last-characters"}, "Those characters are at 85 to 126"),
    ("end-one-late", [("oa:end 126 ", "oa:end 127 ")], "85-126",
     {"iri", "hash", "last-characters", "border", "outer-space"}, "white space"),
    ("moved", [("85-126", "86-127"), ("oa:start 85 ", "oa:start 86 "), ("oa:end 126 ", "oa:end 127 ")], "86-127",
     {"hash", "first-characters", "last-characters", "border", "outer-space"}, "Those characters are at 85 to 126"),
    ("wrong-hash", [(HASH_85, "0" * 64)], "85-126", {"hash"}, "Make it anew"),
    ("wrong-first", [('firstCharacters "1-1"', 'firstCharacters "1-7"')], "81-84",
     {"first-characters"}, "should be “1-1”, but is “1-7”"),
    ("wrong-last", [('lastCharacters "灯台局"', 'lastCharacters "灯台"')], "127-130", {"last-characters"}, "灯台局"),
    ("empty-span", [("oa:start 85 ", "oa:start 126 ")], "85-126", {"iri", "bounds"}, "273 characters"),
    ("past-the-end", [("oa:end 272 ", "oa:end 274 ")], "231-272", {"iri", "bounds"}, "273 characters"),
    ("negative", [("oa:start 1 ", "oa:start -1 ")], "1-62", {"iri", "bounds"}, "-1 to 62"),
    ("no-selector", [("  oa:hasSelector <anchor/lighthouse/81-84#position> ;\n", "")], "81-84", {"incomplete"}, "start, end"),
    ("two-ends", [("oa:end 84 ", "oa:end 84, 85 ")], "81-84", {"incomplete"}, "start, end"),
    ("word-for-a-number", [("oa:end 84 ", 'oa:end "84" ')], "81-84", {"incomplete"}, "start, end"),
    ("other-source", [("81-84#position> ;\n  oa:hasSource <source-text/lighthouse>",
                       "81-84#position> ;\n  oa:hasSource <document/lighthouse>")], "81-84", {"incomplete"}, "one source text"),
]  # fmt: skip


@pytest.mark.parametrize(("edits", "anchor", "kinds", "told"), [damage[1:] for damage in DAMAGES], ids=[damage[0] for damage in DAMAGES])
def test_a_damaged_anchor_is_caught_by_name(
    source: SourceTextFile, edits: list[tuple[str, str]], anchor: str, kinds: set[str], told: str
) -> None:
    """Each damage is told at the anchor it was done to, and nowhere else, with words that help."""
    problems = check_spans(_graph(*edits), {KEY: source}).problems
    assert {problem.iri for problem in problems} == {ANCHOR + anchor}
    assert {problem.kind for problem in problems} == kinds
    assert any(told in problem.message["en"] for problem in problems)
    assert all(problem.message["ja"].strip() and "{" not in "".join(problem.message.values()) for problem in problems)


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (SHA256, "1" * 64, "text-hash"),
        ("sg:characterCount 273", "sg:characterCount 408", "text-length"),
        ("  sg:byteSize 408 ;\n", "", "text-size"),
    ],
)
def test_a_wrongly_described_source_text_is_caught(source: SourceTextFile, old: str, new: str, kind: str) -> None:
    """A source text's hash, length and size in the graph must be those of the text."""
    (problem,) = check_spans(_graph((old, new)), {KEY: source}).problems
    assert (problem.iri, problem.kind) == ("https://w3id.org/stratgraph/id/source-text/lighthouse", kind)


def test_a_wrong_hash_without_cues_is_caught(source: SourceTextFile) -> None:
    """Without first characters there is no looking for the right place; the hash is told all the same."""
    graph = _graph((HASH_85, "0" * 64), ('  sg:firstCharacters "灯台に毛布を置く。 Pu" ;\n', ""))
    assert [problem.kind for problem in check_spans(graph, {KEY: source}).problems] == ["incomplete", "hash"]


def test_a_span_over_two_bullets_is_caught() -> None:
    """An anchor may not go on into another bullet of its line."""
    text = "・一つ ・二つ"
    graph = Graph()
    for triple in anchor_graph("x", text, Span(0, len(text))):
        graph.add(triple)
    kinds = [problem.kind for problem in check_spans(graph, {"x": SourceTextFile("x", Path(), "", 0, text)}).problems]
    assert kinds[-1] == "bullet"


def test_an_unanchored_line_is_told(source: SourceTextFile) -> None:
    """Lines without anchors are unaccounted for, each cell with its line, place and text."""
    text = source.text + "忘れた行\tForgotten line\n"
    covered = coverage(_graph(), KEY, text)
    assert [(one.line, one.start, one.end, one.text) for one in covered.stretches] == [
        (11, 273, 277, "忘れた行"),
        (11, 278, 292, "Forgotten line"),
    ]
    assert covered.unaccounted == 17
    assert covered.share == pytest.approx(100 * 224 / 241)
    assert not covered.is_complete


def test_an_anchor_that_is_no_ones_evidence_is_told(source: SourceTextFile) -> None:
    """An anchor without a statement that has it as evidence accounts for nothing."""
    covered = coverage(_graph(("<anchor/lighthouse/190-193>,", "<anchor/lighthouse/194-226>,")), KEY, source.text)
    assert [(problem.iri, problem.kind) for problem in covered.problems] == [(f"{ANCHOR}190-193", "unused-anchor")]
    assert [(one.line, one.text) for one in covered.stretches] == [(9, "1-3")]
    assert covered.anchored == CHARACTERS - HEAD_CHARACTERS - 3


def test_text_that_is_anchored_and_excluded_is_told(source: SourceTextFile) -> None:
    """An excluded span that reaches into evidence is a problem; characters that are both count once, as anchored."""
    longer = ("oa:end 175 ", "oa:end 178 ")
    used = ("sg:evidence <anchor/lighthouse/81-84>,", "sg:evidence <anchor/lighthouse/81-84>, <anchor/lighthouse/176-186>,")
    overlapping = coverage(_graph(longer, ("176-186> a sg:ExcludedSpan", "176-186> a sg:TextAnchor"), used), KEY, source.text)
    assert [(problem.iri, problem.kind) for problem in overlapping.problems] == [(f"{ANCHOR}173-175", "overlap")]
    assert overlapping.excluded == {"repeated-table-head": HEAD_CHARACTERS - 9}
    assert (overlapping.anchored, overlapping.unaccounted) == (CHARACTERS - HEAD_CHARACTERS + 9, 0)


def test_an_excluded_span_is_no_evidence(source: SourceTextFile) -> None:
    """A statement that rests on an excluded span is told; its characters stay excluded."""
    used = ("sg:evidence <anchor/lighthouse/81-84>,", "sg:evidence <anchor/lighthouse/81-84>, <anchor/lighthouse/176-186>,")
    covered = coverage(_graph(used), KEY, source.text)
    assert [(problem.iri, problem.kind) for problem in covered.problems] == [(f"{ANCHOR}176-186", "excluded-as-evidence")]
    assert covered.excluded == {"repeated-table-head": HEAD_CHARACTERS}


def test_an_excluded_span_needs_a_reason(source: SourceTextFile) -> None:
    """An excluded span without its reason is told, and counted under a dash."""
    covered = coverage(_graph(("sg:exclusionReason exclusion:repeated-table-head ;", "")), KEY, source.text)
    assert {problem.kind for problem in covered.problems} == {"no-reason"}
    assert covered.excluded == {"—": HEAD_CHARACTERS}


def test_anchors_outside_the_text_account_for_nothing(source: SourceTextFile) -> None:
    """A span past the end covers nothing, so its line is told as unaccounted for."""
    covered = coverage(_graph(("oa:end 272 ", "oa:end 274 ")), KEY, source.text)
    assert [one.line for one in covered.stretches] == [10]


def test_an_empty_text_is_covered() -> None:
    """Nothing is wholly accounted for."""
    covered = coverage(Graph(), "none", " \n")
    assert (covered.characters, covered.share, covered.is_complete) == (0, 100.0, True)
