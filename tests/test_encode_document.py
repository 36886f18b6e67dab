"""A new document from its text: parts, numbers, Turtle. All texts are invented."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rdflib import RDF, SKOS, Graph, URIRef

from stratgraph.cli import main
from stratgraph.encode import NewDocument, read_parts, scaffold_document
from stratgraph.errors import InputError
from stratgraph.evidence import SourceTextFile, check_spans, coverage
from stratgraph.load import load_prefixes
from stratgraph.settings import Layout
from stratgraph.turtle import parse_turtle
from stratgraph.vocab import ID, SG

ROOT = Path(__file__).parent.parent
KEY = "2099-cats"
TEXT = """猫の戦略

目次
１．猫の家 ……… 1
4. 2 猫の水 ……… 2
- 1 -
１．猫の家
・窓を設ける。	※ 南向き
（1）窓
① 大きい窓
② 小さい窓
4. 2　猫の水
水は毎日替える。
番号\t担当
1\t飼い主
¹ 水道水とする。
2021年に始めた。
"""


def paths(text: str) -> list[tuple[str, str | None, str]]:
    """Path, number and label of each heading."""
    return [(one.heading.path, one.heading.number, one.heading.label) for one in read_parts(text) if one.heading]


def made(text: str = TEXT) -> tuple[Graph, tuple[str, ...]]:
    """The graph of a scaffold, and the kinds of what waits."""
    scaffold = scaffold_document(NewDocument(KEY, "strategy", text), load_prefixes(Layout(ROOT)))
    graph = Graph()
    for name, content in scaffold.files.items():
        for triple in parse_turtle(content, name):
            graph.add(triple)
    return graph, tuple(part.kind for part in scaffold.waiting)


def test_headings_go_on_from_the_number_above() -> None:
    """Dotted numbers stand alone; (1) and ① go on from what is above; full width and blanks make no difference to the number."""
    assert paths(TEXT)[2:] == [
        ("1", "1", "猫の家"),
        ("1-1", "1(1)", "窓"),
        ("1-1-1", "1(1)①", "大きい窓"),
        ("1-1-2", "1(1)②", "小さい窓"),
        ("4.2", "4.2", "猫の水"),
    ]


def test_each_section_is_stated_as_not_yet_encoded() -> None:
    """Else the coverage would say of each that nothing is said; the document's own statement is beside them."""
    graph, _ = made()
    sections = set(graph.subjects(RDF.type, SG.Section))
    assert set(graph.objects(None, SG.completenessOf)) == {*sections, ID[f"document/{KEY}"]}
    assert {str(level).rsplit("/", 1)[-1] for level in graph.objects(None, SG.completeness)} == {"not-yet"}
    assert len(set(graph.subjects(SG.completenessOf, None))) == len(sections) + 1


@pytest.mark.parametrize(
    "line",
    ["2021年に始めた", "1件", "3.5倍に増えた", "① 名のない番号", "(1) 名のない番号", "1. 文である。", "¹ 2 注である", "1.", "12"],
)
def test_what_is_no_heading(line: str) -> None:
    """Years, counts, decimals, sentences, notes, bare numbers, and a number within nothing numbered."""
    assert paths(f"猫\n{line}\n") == []


def test_kinds_of_parts() -> None:
    """Bullets, notes, cells, page marks and lines are told apart by their marks."""
    kinds = {one.span.of(TEXT): one.kind for one in read_parts(TEXT)}
    assert kinds["- 1 -"] == "page-mark"
    assert (kinds["・窓を設ける。"], kinds["※ 南向き"]) == ("cell", "cell")
    assert (kinds["水は毎日替える。"], kinds["¹ 水道水とする。"], kinds["番号"], kinds["飼い主"]) == ("line", "note", "cell", "cell")


def test_every_character_has_an_anchor_that_fits() -> None:
    """Whatever is no white space is in an anchor or left out for a reason, and all spans fit the text."""
    graph, waiting = made()
    content = TEXT.encode()
    found = coverage(graph, KEY, TEXT)
    anchored = {(one.start, one.end) for one in (part.span for part in read_parts(TEXT))}
    assert sum(not TEXT[start:end].isspace() and len("".join(TEXT[start:end].split())) for start, end in anchored) == found.characters
    assert found.excluded == {"page-mark": len("-1-")}
    assert {problem.kind for problem in found.problems} == {"unused-anchor"}
    assert len(found.problems) == len(waiting)
    source = next(graph.objects(URIRef(ID[f"source-text/{KEY}"]), SG.sha256))
    assert check_spans(graph, {KEY: SourceTextFile(KEY, Path("x"), str(source), len(content), TEXT)}).problems == ()


def test_a_contents_list_is_a_second_place_of_the_same_section() -> None:
    """The heading and its line in the contents are one section with two places."""
    graph, _ = made()
    section = URIRef(ID[f"section/{KEY}/4.2"])
    assert len(list(graph.objects(section, SG.evidence))) == 2
    assert [str(label) for label in graph.objects(section, SKOS.prefLabel)] == ["猫の水"]
    assert len(list(graph.subjects(RDF.type, SG.Section))) == 5


def test_a_second_heading_of_another_name_waits() -> None:
    """One number with two names is one section and a place that waits: nothing is merged by guess."""
    graph, waiting = made("猫\n1. 家\n1. 水\n")
    assert [str(label) for label in graph.objects(URIRef(ID[f"section/{KEY}/1"]), SKOS.prefLabel)] == ["家"]
    assert waiting == ("heading",)


@pytest.mark.parametrize("key", ["cats", "2099", "2099-Cats", "2099-cats/x"])
def test_a_key_is_a_year_and_a_name(key: str) -> None:
    """Any other key is refused."""
    with pytest.raises(InputError, match="key of a document"):
        scaffold_document(NewDocument(key, "strategy", TEXT), load_prefixes(Layout(ROOT)))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Ontology and concepts of the project, with nothing published and no documents; and the text."""
    for part in ("ontology", "shapes", "queries"):
        shutil.copytree(ROOT / part, tmp_path / part)
    (tmp_path / "ontology" / "iris.txt").unlink()
    (tmp_path / "data/ttl/reference").mkdir(parents=True)
    shutil.copy(ROOT / "data/ttl/reference/vocabularies.ttl", tmp_path / "data/ttl/reference")
    (tmp_path / "cats.txt").write_text(TEXT, encoding="utf-8", newline="")
    return tmp_path


def run(root: Path, *arguments: str) -> Result:
    """new-document on that product."""
    return CliRunner().invoke(main, ["--root", str(root), "new-document", KEY, str(root / "cats.txt"), *arguments])


def test_the_command_writes_and_refuses_to_overwrite(root: Path) -> None:
    """A dry run writes nothing; a run writes what it says; another is refused and changes nothing."""
    dry = run(root, "--kind", "strategy", "--dry-run")
    assert (dry.exit_code, list((root / "data/ttl").glob("document/*"))) == (0, [])
    result = run(root, "--kind", "strategy")
    assert result.exit_code == 0
    assert "not yet line" in result.stdout
    path = root / "data/ttl/document" / KEY / "sections.ttl"
    before = path.read_text(encoding="utf-8")
    assert 'sg:sectionNumber "1(1)②"' in before
    again = run(root, "--kind", "strategy")
    assert (again.exit_code, path.read_text(encoding="utf-8")) == (2, before)
    assert "exists already" in again.stderr


def test_what_validation_asks_for_is_the_work_to_do(root: Path) -> None:
    """A scaffold lacks labels in English, summaries and themes, and nothing else."""
    run(root, "--kind", "strategy")
    result = CliRunner().invoke(main, ["--root", str(root), "validate", "--sources", str(root), "--format", "json"])
    found = {one["shape"].rpartition("#")[2] for one in json.loads(result.stdout)["findings"] if KEY in one["focus"]}
    assert found == {"Thing-labelEn", "Sections-summary", "Sections-theme", "CorpusDocument-summary"}


def test_an_unknown_kind_is_told_with_the_known_ones(root: Path) -> None:
    """The kinds are the concepts that there are."""
    result = run(root, "--kind", "poem")
    assert result.exit_code == 2
    assert "annual-plan" in result.stderr
