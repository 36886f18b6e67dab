"""Review and candidates: what a person is shown, and what is recorded of the verdict. All documents are invented."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rdflib import Graph

from stratgraph.cli import main
from stratgraph.encode import (
    RECORD_COLUMNS,
    NewDocument,
    Verdict,
    find_candidates,
    link_to,
    read_record,
    scaffold_document,
    shares,
    statements,
)
from stratgraph.errors import InputError
from stratgraph.load import load_prefixes, load_product
from stratgraph.settings import Layout
from stratgraph.turtle import parse_turtle
from stratgraph.vocab import ID, SG

ROOT = Path(__file__).parent.parent
KEY = "2099-cats"
TEXT = "猫の戦略\n1. 猫の家\n2. 猫の水\n"
HEAD = """@base <https://w3id.org/stratgraph/id/> .
@prefix sg: <https://w3id.org/stratgraph/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix theme: <https://w3id.org/stratgraph/vocab/theme/> .
"""
MEASURES = """
<measure/2018-dogs/1/patrol> a sg:Measure ; skos:prefLabel "犬の巡回"@ja , "dog patrol"@en ;
  sg:usesInstrument <instrument/bell> ; sg:mentionsThreat <threat/fox> ; sg:evidence <anchor/2018-dogs/0-1> .
<measure/2018-dogs/1/food> a sg:Measure ; skos:prefLabel "犬の食事"@ja , "dog food"@en ; sg:theme theme:iot .
<measure/2018-dogs/1/shed> a sg:Measure ; skos:prefLabel "鶏小屋"@ja , "shed"@en .
<measure/2021-cats/1/patrol> a sg:Measure ; skos:prefLabel "猫の巡回"@ja , "cat patrol"@en ;
  sg:usesInstrument <instrument/bell> ; sg:mentionsThreat <threat/fox> ; sg:theme theme:iot ; sg:evidence <anchor/2021-cats/0-1> .
<measure/2021-cats/1/patrol-too> a sg:Measure ; skos:prefLabel "猫の巡回"@ja , "cat patrol too"@en ; sg:usesInstrument <instrument/bell> .
<measure/2024-owls/1/patrol> a sg:Measure ; skos:prefLabel "梟の巡回"@ja , "owl patrol"@en ; sg:usesInstrument <instrument/bell> .
<section/2018-dogs/1> a sg:Section ; skos:prefLabel "犬の巡回"@ja , "dogs"@en .
<instrument/bell> skos:prefLabel "鈴"@ja . <threat/fox> skos:prefLabel "狐"@ja . theme:iot skos:prefLabel "IoT"@ja .
"""  # fmt: skip


def graph_of(text: str) -> Graph:
    """The graph of some Turtle."""
    graph = Graph()
    for triple in parse_turtle(HEAD + text, "invented.ttl"):
        graph.add(triple)
    return graph


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A product whose one document is the scaffold of an invented text, and the text."""
    for part in ("ontology", "shapes", "queries"):
        shutil.copytree(ROOT / part, tmp_path / part)
    for name, content in scaffold_document(NewDocument(KEY, "strategy", TEXT), load_prefixes(Layout(ROOT))).files.items():
        path = tmp_path / "data/ttl" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "cats.txt").write_text(TEXT, encoding="utf-8", newline="")
    return tmp_path


def review(root: Path, keys: str, *arguments: str) -> Result:
    """The command, with what is typed."""
    return CliRunner().invoke(main, ["--root", str(root), "review", KEY, "--sources", str(root / "texts"), *arguments], input=keys)


def record(root: Path) -> list[list[str]]:
    """The lines of the record without hash and date."""
    lines = (root / "data/ttl/review" / f"{KEY}.csv").read_text(encoding="utf-8").splitlines()
    return [[one.split(",")[0], one.split(",")[2], one.split(",")[4]] for one in lines[1:]]


def test_statements_stand_in_the_order_of_the_text(root: Path) -> None:
    """Everything that rests on the text, by its first place."""
    found = statements(load_product(Layout(root)).union(), KEY)
    assert [one.path for one in found] == [f"document/{KEY}", f"section/{KEY}/1", f"section/{KEY}/2"]
    assert [place.span.of(TEXT) for place in found[1].places] == ["1. 猫の家"]


def test_a_verdict_is_recorded_as_it_is_given(root: Path) -> None:
    """Confirm, reject with a reason, quit: both verdicts are there, the rest is asked next time, in the same order."""
    result = review(root, "c\nr\nno such house\nq\n")
    assert result.exit_code == 0
    assert "「1. 猫の家」" in result.stdout
    assert record(root) == [[f"document/{KEY}", "confirmed", ""], [f"section/{KEY}/1", "rejected", "no such house"]]
    again = review(root, "c\n")
    assert "猫の家" not in again.stdout and "「2. 猫の水」" in again.stdout
    assert "3 of 3 statements reviewed (100.0 %)" in again.stdout


def test_nothing_is_lost_when_it_is_stopped(root: Path) -> None:
    """The end of input (as Ctrl-C or Ctrl-D give) keeps what was recorded."""
    result = review(root, "c\n")
    assert (result.exit_code, record(root)) == (0, [[f"document/{KEY}", "confirmed", ""]])
    assert "1 verdicts recorded" in result.stderr


def test_a_skipped_statement_is_asked_again(root: Path) -> None:
    """Skip records nothing."""
    review(root, "s\nc\nq\n")
    assert record(root) == [[f"section/{KEY}/1", "confirmed", ""]]
    assert "document/2099-cats" in review(root, "q\n").stdout


def test_a_statement_that_changed_is_asked_again(root: Path) -> None:
    """A verdict counts for what was said then."""
    review(root, "c\nc\nc\n")
    path = root / "data/ttl/document" / KEY / "sections.ttl"
    path.write_text(path.read_text(encoding="utf-8").replace("猫の水", "猫の湯"), encoding="utf-8")
    report = review(root, "", "--report")
    assert "2 of 3 statements reviewed (66.7 %): confirmed 2, rejected 0, changed 1, open 0" in report.stdout
    assert "猫の湯" in review(root, "c\n").stdout


def test_only_one_kind_can_be_reviewed(root: Path) -> None:
    """--kind Section leaves out the document."""
    assert "0 of 2 statements" in review(root, "", "--report", "--kind", "Section").stdout


def test_a_report_needs_no_text_and_an_unknown_document_is_told(root: Path) -> None:
    """--report reads no text; a key without statements is misuse."""
    result = CliRunner().invoke(main, ["--root", str(root), "review", "2098-dogs", "--report"], env={"STRATGRAPH_SOURCES": None})
    assert result.exit_code == 2
    assert "Nothing rests on" in result.stderr


@pytest.mark.parametrize(("line", "place"), [("", 1), ("a,b,perhaps,2099-01-01,", 2), ("a", 2)])
def test_a_damaged_record_is_told_with_its_line(line: str, place: int) -> None:
    """A record is not read halfway."""
    text = f"{','.join(RECORD_COLUMNS)}\n{line}\n" if line else "thing,verdict\n"
    with pytest.raises(InputError, match=rf"x\.csv:{place}: "):
        read_record(text, "x.csv")


def test_the_last_verdict_counts(root: Path) -> None:
    """A second look replaces the first; notes may hold commas and quotes."""
    found = statements(load_product(Layout(root)).union(), KEY)
    lines = [
        Verdict(found[0].path, found[0].digest, "rejected", "2099-01-01", 'no, "never"'),
        Verdict(found[0].path, found[0].digest, "confirmed", "2099-01-02"),
    ]
    text = ",".join(RECORD_COLUMNS) + "\n" + "".join(one.line() for one in lines)
    assert read_record(text, "x.csv")[found[0].path].verdict == "confirmed"
    assert read_record(text.rsplit("\n", 2)[0] + "\n", "x.csv")[found[0].path].note == 'no, "never"'
    assert shares(found, read_record(text, "x.csv")) == {"confirmed": 1, "open": 2}


def test_candidates_are_ranked_with_reasons() -> None:
    """A shared instrument and threat weigh more than a theme; what shares nothing, is later, or of the same document is left out."""
    found = find_candidates(graph_of(MEASURES), str(ID["measure/2021-cats/1/patrol"]))
    assert [one.iri.rpartition("/")[2] for one in found] == ["patrol", "food"]
    assert all("2018-dogs" in one.iri for one in found)
    assert found[0].reasons("ja").startswith("政策手段（鈴）、脅威（狐）、名称等の類似 0.")
    assert found[1].reasons("en").startswith("themes (IoT)")


def test_a_section_is_compared_with_sections() -> None:
    """No section is a candidate for a measure, and what is neither is refused."""
    graph = graph_of(MEASURES + '<section/2021-cats/1> a sg:Section ; skos:prefLabel "猫の巡回"@ja .')
    assert [one.iri for one in find_candidates(graph, str(ID["section/2021-cats/1"]))] == [str(ID["section/2018-dogs/1"])]
    with pytest.raises(InputError, match="no measure or section"):
        find_candidates(graph, str(ID["instrument/bell"]))


def test_an_accepted_candidate_becomes_an_interpreted_link() -> None:
    """The link has both places as evidence, status interpreted, and a note in both languages that says what is shared."""
    graph = graph_of(MEASURES)
    thing = str(ID["measure/2021-cats/1/patrol"])
    link = link_to(graph, thing, find_candidates(graph, thing)[0], {"ja": None, "en": "Both ring the bell."})
    assert link.iri == str(ID["continuation/2021-cats/1/patrol/2018-dogs/1/patrol"])
    notes = {str(value) for _, predicate, value in link.triples if predicate == SG.editorialNote}
    assert "Both ring the bell." in notes
    assert any("政策手段（鈴）" in note for note in notes)
    assert len([1 for _, predicate, _ in link.triples if predicate == SG.evidence]) == 2
    for triple in link.triples:
        graph.add(triple)
    with pytest.raises(InputError, match="there already"):
        link_to(graph, thing, find_candidates(graph, thing)[0], {})


def test_the_command_ranks_and_writes(root: Path) -> None:
    """Ranked on standard output; --accept adds to the file and keeps what is there; another class is refused."""
    path = root / "data/ttl/document" / "2018-dogs" / "measures.ttl"
    path.parent.mkdir()
    path.write_text(HEAD + MEASURES, encoding="utf-8")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["--root", str(root), "candidates", *arguments])

    ranked = run("measure/2021-cats/1/patrol", "--lang", "ja")
    assert (ranked.exit_code, "measure/2018-dogs/1/patrol" in ranked.stdout.splitlines()[0]) == (0, True)
    assert run("measure/2021-cats/1/patrol", "--accept", "measure/2018-dogs/1/patrol").exit_code == 0
    assert run("measure/2021-cats/1/patrol", "--accept", "measure/2018-dogs/1/food").exit_code == 0
    written = (root / "data/ttl/curated/across/continuations.ttl").read_text(encoding="utf-8")
    assert written.count("a sg:MeasureContinuation") == 2
    refused = run("measure/2021-cats/1/patrol", "--accept", "section/2018-dogs/1")
    assert (refused.exit_code, "is no candidate" in refused.stderr) == (2, True)
