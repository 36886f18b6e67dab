"""Tables by a mapping: cells, keys, names, dates, amounts; and the invented follow-up table from import to answer."""

from __future__ import annotations

import csv
import datetime
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner, Result
from rdflib import DCTERMS, RDF, SKOS, Graph, Literal, URIRef

from stratgraph.cli import main
from stratgraph.encode import Names, TableMapping, import_table, key_path, read_mapping, read_table, table_text
from stratgraph.errors import InputError, NotConforming
from stratgraph.evidence import check_figures, check_spans, coverage, find_source_texts, wanted_texts
from stratgraph.load import load_prefixes, load_product
from stratgraph.places import Triple
from stratgraph.settings import Layout
from stratgraph.turtle import format_graph, parse_turtle
from stratgraph.vocab import ID, SCHEMA, SG, VOCAB

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "follow-up"
HEADS = "番号\t名\t担当\t日\t額"
MAPPING = """document: 2099-cats
kind: annual-plan
title: {ja: 猫の表, en: table of cats}
summary: {ja: 猫。, en: Cats.}
note: {ja: すべて。, en: Everything.}
key: 番号
things:
  - iri: plan-item/2099-cats/{key}
    class: PlanItem
    properties: {isDirectPartOf: <document/2099-cats>}
    columns:
      番号: {property: sectionNumber}
      名: {property: "skos:prefLabel", language: ja, required: true}
      担当: {bodies: lead}
  - iri: deadline/2099-cats/{key}
    class: Deadline
    when: 日
    from: {property: dueBy, thing: "plan-item/2099-cats/{key}"}
    columns:
      日: {property: date, date: day}
  - iri: quantity/2099-cats/{key}
    class: Quantity
    when: 額
    columns:
      額: {amount: 円}
"""
BODIES = """@base <https://w3id.org/stratgraph/id/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sg: <https://w3id.org/stratgraph/ontology#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
sg:Ministry rdfs:subClassOf org:Organization .
sg:AgencyGroup rdfs:subClassOf org:Organization .
<body/cats> a sg:Ministry ; skos:prefLabel "猫庁"@ja , "Cat Agency"@en .
<body/dogs> a sg:Ministry ; skos:prefLabel "犬及び狐庁"@ja ; skos:altLabel "動物庁"@ja .
<body/birds> a sg:Ministry ; skos:prefLabel "鳥庁"@ja ; skos:altLabel "動物庁"@ja , "B/C"@en .
<group/2099-cats/others> a sg:AgencyGroup ; skos:prefLabel "その他"@ja .
<group/2098-dogs/others> a sg:AgencyGroup ; skos:prefLabel "その他"@ja .
"""


def bodies() -> Graph:
    """Three invented bodies, and two groups of one name in different documents."""
    graph = Graph()
    for triple in parse_turtle(BODIES, "bodies.ttl"):
        graph.add(triple)
    return graph


def mapping(text: str = MAPPING) -> TableMapping:
    """The mapping of the table of cats."""
    return read_mapping(text, "mapping.yaml")


def imported(*rows: str, text: str = MAPPING, heads: str = HEADS) -> Graph:
    """The graph of a table of these rows."""
    table = read_table("\n".join([heads, *rows]) + "\n")
    made = import_table(mapping(text), table, Names(bodies(), "2099-cats"), load_prefixes(Layout(ROOT)))
    graph = Graph()
    for name, content in made.files.items():
        for triple in parse_turtle(content, name):
            graph.add(triple)
    return graph


def value(graph: Graph, path: str, predicate: URIRef) -> set[str]:
    """All values of a property of a thing, as text."""
    return {str(one) for one in graph.objects(URIRef(ID[path]), predicate)}


@pytest.mark.parametrize(
    ("key", "path"),
    [("2.1(3)(ス)", "2.1-3-su"), ("２．１（３）（ガ）", "2.1-3-ga"), ("4.2.1(1)③", "4.2.1-1-3"), ("A-7", "a-7"), ("5.", "5")],
)
def test_a_key_names_a_row(key: str, path: str) -> None:
    """Printed keys become paths by the rule for IRIs."""
    assert key_path(key) == path


@pytest.mark.parametrize("key", ["猫", "", "1/2", "()"])
def test_what_cannot_name_a_row(key: str) -> None:
    """A key of other characters is refused, not made up."""
    with pytest.raises(InputError, match="cannot name a row"):
        key_path(key)


def test_a_row_becomes_things_with_their_cells() -> None:
    """Numbers, labels, assignments, a date in 和暦 and an amount in 億 and 万, each with its cells as evidence."""
    graph = imported("1(ア)\t鈴\t猫庁、犬及び狐庁\t令和3年12月24日\t約1億2,500万円")
    assert value(graph, "plan-item/2099-cats/1-a", SG.sectionNumber) == {"1(ア)"}
    leads = {
        str(one)
        for link in graph.objects(URIRef(ID["plan-item/2099-cats/1-a"]), SG.hasLeadAssignment)
        for one in graph.objects(link, SG.assignee)
    }
    assert leads == {str(ID["body/cats"]), str(ID["body/dogs"])} or leads == set()
    assert value(graph, "deadline/2099-cats/1-a", SG.date) == {"2021-12-24"}
    assert value(graph, "deadline/2099-cats/1-a", SG.printedForm) == {"令和3年12月24日"}
    assert value(graph, "deadline/2099-cats/1-a", SG.assertionStatus) == {str(VOCAB["assertion-status/normalised"])}
    assert (value(graph, "quantity/2099-cats/1-a", SCHEMA.value), value(graph, "quantity/2099-cats/1-a", SCHEMA.unitText)) == (
        {"125000000"},
        {"円"},
    )
    assert value(graph, "quantity/2099-cats/1-a", SG.assertionStatus) == {str(VOCAB["assertion-status/approximate"])}
    assert len(value(graph, "quantity/2099-cats/1-a", SG.evidence)) == 2


def test_empty_cells_say_nothing() -> None:
    """Without a date there is no deadline, without a body no assignment."""
    graph = imported("1(ア)\t鈴\t\t\t")
    assert not list(graph.subjects(RDF.type, SG.Deadline)) and not list(graph.subjects(RDF.type, SG.Assignment))
    assert not list(graph.subjects(RDF.type, SG.Quantity))


def test_a_group_is_that_of_the_document() -> None:
    """The group その他 of another document is another group."""
    graph = imported("1(ア)\t鈴\tその他\t\t")
    assert {str(one) for one in graph.objects(None, SG.assignee)} == {str(ID["group/2099-cats/others"])}


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("1(ア)\t鈴\t猫廳\t\t", "row 2, column 担当: There is no body “猫廳” (near: 猫庁"),
        ("1(ア)\t鈴\t動物庁\t\t", "row 2, column 担当: “動物庁” is the name of 2 things: <https://w3id.org/stratgraph/id/body/birds>"),
        ("1(ア)\t鈴\t\t来年\t", "row 2, column 日: “来年” must name one day"),
        ("1(ア)\t鈴\t\t2099年1月\t", "row 2, column 日: “2099年1月” must name one day"),
        ("1(ア)\t鈴\t\t\t3円と5円", "row 2, column 額: “3円と5円” must hold one number"),
        ("1(ア)\t鈴\t\t\t300ドル", "row 2, column 額: “300ドル” is in ドル, but the mapping says 円"),
        ("1(ア)\t\t\t\t", "row 2, column 名: The cell is empty, but the mapping requires it."),
        ("猫\t鈴\t\t\t", "row 2, column 番号: “猫” cannot name a row"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_is_told_with_row_and_column(row: str, fault: str) -> None:
    """No guess is made: the fault names its cell."""
    with pytest.raises(NotConforming) as caught:
        imported(row)
    assert len(caught.value.findings) == 1
    assert caught.value.findings[0].startswith(fault)


def test_all_faults_are_told_at_once() -> None:
    """Two faulty rows and a key that is there twice give three findings."""
    with pytest.raises(NotConforming) as caught:
        imported("1(ア)\t鈴\t猫廳\t\t", "1(イ)\t\t\t\t", "1(ア)\t鐘\t\t\t")
    assert len(caught.value.findings) == 3
    assert "names row 2 too" in caught.value.findings[2]


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("key: 番号", "keys: 番号", "lacks “key”"),
        ("lead}", "chief}", "bodies is one of lead"),
        ("class: Deadline", "klass: Deadline", "lacks “class”"),
        ("{amount: 円}", "{amount: 円, date: day}", "at once"),
        ("{property: sectionNumber}", "{language: ja}", "lacks “property”"),
        ("      額: {amount", "      重さ: {amount", "column “重さ”, which the table lacks"),
        ("      担当: {bodies: lead}\n", "", "says nothing of the column “担当”"),
        ("things:", "things: [", "is not YAML"),
        ('"skos:prefLabel"', '"scos:prefLabel"', "prefix that the project does not know"),
    ],
)  # fmt: skip
def test_a_faulty_mapping_is_told(old: str, new: str, part: str) -> None:
    """What lacks, is unknown or does not fit the table is named."""
    with pytest.raises((InputError, NotConforming)) as caught:
        imported("1(ア)\t鈴\t\t\t", text=MAPPING.replace(old, new))
    assert part in "\n".join([str(caught.value), *getattr(caught.value, "findings", ())])


@pytest.mark.parametrize(("text", "part"), [("", "head of each column"), ("a\ta\n", "“a” is not"), ("a\tb\n1\n", "Row 2 has 1 cells")])
def test_a_faulty_table_is_told(text: str, part: str) -> None:
    """Heads are there once each, and every row has as many cells."""
    with pytest.raises(InputError, match=part):
        read_table(text)


def test_a_sheet_and_a_csv_file_give_the_same_text(tmp_path: Path) -> None:
    """Line breaks in cells become blanks; a spreadsheet's day is written as one; rows are filled up to the width."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["番号", "日", "備考"], [1, datetime.datetime(2099, 4, 1), "一\n二"], [2.5, None, None]):
        sheet.append(row)
    book.save(tmp_path / "table.xlsx")
    (tmp_path / "table.csv").write_text('番号,日,備考\n1,2099-04-01,"一\n二"\n2.5\n', encoding="utf-8-sig")
    expected = "番号\t日\t備考\n1\t2099-04-01\t一 二\n2.5\t\t\n"
    assert table_text(tmp_path / "table.xlsx") == expected
    assert table_text(tmp_path / "table.csv") == expected
    with pytest.raises(InputError, match="no sheet “猫”; there are Sheet"):
        table_text(tmp_path / "table.xlsx", "猫")
    (tmp_path / "other.xlsx").write_text("no spreadsheet", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read as an XLSX file"):
        table_text(tmp_path / "other.xlsx")


# The invented follow-up table

QUESTION = """#+ summary: Items
#+ description: The items of the invented plan, by their numbers.
#+ tags: [sample]
#+ stratgraph:
#+   name: {ja: 項目, en: Items}
#+   description: {ja: 架空の計画の項目を番号順に示します。, en: "The items of the invented plan, by their numbers."}
#+   audience: [policy]
#+   columns:
#+     - {name: number, label: {ja: 番号, en: Number}, type: text}
#+   examples:
#+     - name: all
PREFIX sg: <https://w3id.org/stratgraph/ontology#>

SELECT ?number
WHERE {
  ?item sg:sectionNumber ?number .
  FILTER EXISTS { [] sg:reportsOn ?item . }
}
ORDER BY ?number
"""


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ontology, shapes, concepts and names of bodies of the product, with the invented table for its only document."""
    root = tmp_path_factory.mktemp("trial")
    for part in ("ontology", "shapes"):
        shutil.copytree(ROOT / part, root / part)
    (root / "ontology" / "iris.txt").unlink()  # nothing is published there
    _write(root, "ontology/stratgraph.ttl", _elsewhere)
    (root / "data/ttl/reference").mkdir(parents=True)
    for name in ("vocabularies", "themes"):
        shutil.copy(ROOT / f"data/ttl/reference/{name}.ttl", root / "data/ttl/reference")
    _write(root, "data/ttl/reference/bodies.ttl", _names_of_bodies)
    (root / "queries").mkdir()
    (root / "queries" / "items.rq").write_text(QUESTION, encoding="utf-8")
    numbers = sorted(row["項目番号"] for row in rows())
    (root / "queries" / "items.all.csv").write_text("\n".join(["number", *numbers, ""]), encoding="utf-8")
    (root / "texts").mkdir()
    result = run(
        root, "import-table", str(EXAMPLE / "mapping.yaml"), str(EXAMPLE / "follow-up.csv"), "--text", str(root / "texts" / "follow-up.txt")
    )
    assert result.exit_code == 0, result.stderr
    assert "30 rows" in result.stderr
    return root


def _write(root: Path, name: str, change: Callable[[set[Triple]], set[Triple]]) -> None:
    """A file of the product, changed, in the trial."""
    triples = change(set(parse_turtle((ROOT / name).read_text(encoding="utf-8"), name)))
    (root / name).write_text(format_graph(triples, load_prefixes(Layout(ROOT)), str(ID)), encoding="utf-8")


def _elsewhere(triples: set[Triple]) -> set[Triple]:
    """The ontology's examples that are things of documents are not there."""
    named = {one for one in triples if one[1] == SKOS.example and str(one[2]).startswith(str(ID))}
    return (triples - named) | {(term, SKOS.example, Literal("elsewhere", lang="en")) for term, _, _ in named}


def _names_of_bodies(triples: set[Triple]) -> set[Triple]:
    """What documents say of the bodies is not there either, nor are the documents' own groups."""
    kept = (RDF.type, DCTERMS.type, SKOS.prefLabel, SKOS.altLabel)
    return {one for one in triples if one[1] in kept and str(one[0]).startswith(str(ID["body/"]))}


def run(root: Path, *arguments: str) -> Result:
    """A command on that product."""
    return CliRunner().invoke(main, ["--root", str(root), *arguments], env={"STRATGRAPH_SOURCES": None})


def rows() -> list[dict[str, str]]:
    """The table as people wrote it."""
    with (EXAMPLE / "follow-up.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_invented_table_says_that_it_is_invented() -> None:
    """Every title says 架空 (invented), so do mapping and README, and no file of the corpus speaks of it."""
    assert len(rows()) == 30
    assert all("架空" in row["件名（架空）"] and "invented" in row["件名（英語）"] for row in rows())
    assert all("invented" in (EXAMPLE / name).read_text(encoding="utf-8") for name in ("mapping.yaml", "README.md"))
    assert not [path for path in (ROOT / "data").rglob("*") if "invented" in str(path)]


@pytest.mark.xdist_group("trial")
def test_the_invented_table_validates(trial: Path) -> None:
    """Shapes hold, spans fit, and every figure stands in its cell."""
    result = run(trial, "validate")
    assert (result.exit_code, "invented" in result.stdout) == (0, False), result.stdout
    sources = load_product(Layout(trial))
    union = sources.union()
    found = find_source_texts(trial / "texts", wanted_texts(union), allow_missing=True)
    assert check_spans(union, found).problems == ()
    figures = check_figures(sources.graphs, union, found)
    assert (figures.problems, figures.checked > 100) == ((), True)
    assert coverage(union, "2099-invented-plan", found["2099-invented-plan"].text).is_complete


@pytest.mark.xdist_group("trial")
def test_items_without_a_reported_result_by_lead_body(trial: Path) -> None:
    """The question that follow-up is for, answered from the graph as a reader would count in the table."""
    built = run(trial, "build")
    assert built.exit_code == 0, built.stderr
    result = run(trial, "query", "--file", str(EXAMPLE / "items-without-a-result.rq"), "--format", "csv")
    told = {row["body"]: int(row["items"]) for row in csv.DictReader(result.stdout.splitlines())}
    names = {"NISC": "内閣サイバーセキュリティセンター"}
    counted = Counter(names.get(body, body) for row in rows() if not row["結果"] for body in row["主担当"].split("、"))
    assert told == dict(counted)
    assert sum(not row["結果"] for row in rows()) == 11
    numbers = {row["body"]: row["numbers"].split() for row in csv.DictReader(result.stdout.splitlines())}
    assert numbers["警察庁"] == ["2.1(2)(イ)"]


@pytest.mark.xdist_group("trial")
def test_a_second_import_is_refused(trial: Path) -> None:
    """What is there is not overwritten."""
    result = run(
        trial,
        "import-table",
        str(EXAMPLE / "mapping.yaml"),
        str(EXAMPLE / "follow-up.csv"),
        "--text",
        str(trial / "texts" / "follow-up.txt"),
    )
    assert result.exit_code == 2
    assert "exists already" in result.stderr


@pytest.mark.xdist_group("trial")
def test_amounts_are_those_of_the_table(trial: Path) -> None:
    """Budget amounts in the graph sum up to those of the table by stage; 億 and 万 are worked out by hand here."""
    graph = Graph()
    for path in sorted((trial / "data/ttl/document/2099-invented-plan").glob("quantities.ttl")):
        for triple in parse_turtle(path.read_text(encoding="utf-8"), str(path)):
            graph.add(triple)
    amounts = {str(subject).split("/")[-2]: value for subject, value in graph.subject_objects(SCHEMA.value)}
    assert amounts["2.1-2-i"] == Literal(248000000)
    assert amounts["4.1-1-a"] == Literal(560000000)
    assert amounts["2.2-1-a"] == Literal(105000000)
    assert len(amounts) == sum(bool(row["金額"]) for row in rows())
