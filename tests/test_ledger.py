"""The ledger of published IRIs: complete for this checkout, only growing, and a build that loses one fails."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from stratgraph.build import check, check_ledger
from stratgraph.cli import main
from stratgraph.errors import SourceError
from stratgraph.ledger import described_iris, read_ledger, update_ledger
from stratgraph.load import load_product
from stratgraph.settings import Layout
from stratgraph.vocab import BASE, ID, SG

PRODUCT = Path(__file__).parent / "cases" / "product"
MEASURES = "data/ttl/document/2099-sample/measures.ttl"
OLD = str(ID["measure/2099/9"])
TOMBS = """@base <https://w3id.org/stratgraph/id/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
"""


@pytest.fixture
def product(tmp_path: Path) -> Layout:
    """A copy of the product in miniature, with all its IRIs published and one more that nothing describes."""
    shutil.copytree(PRODUCT, tmp_path / "product")
    layout = Layout(tmp_path / "product")
    update_ledger(layout.ontology, {*described_iris(load_product(layout).graphs), OLD})
    return layout


def told(layout: Layout) -> list[tuple[str, str]]:
    """Shape and IRI of what the ledger finds."""
    return [(one.shape, one.focus) for one in check_ledger(layout, load_product(layout))]


def test_this_checkout_has_lost_and_forgotten_nothing(layout: Layout) -> None:
    """Every IRI described is in the committed ledger, and every one of the ledger is described."""
    described, ledger = described_iris(load_product(layout).graphs), read_ledger(layout.ontology)
    assert ledger.new(described) == (), "run `stratgraph ledger --update`"
    assert ledger.vanished(described) == ()
    assert len(ledger.lines) > 900  # its lines when it was begun


def test_the_ledger_holds_things_concepts_and_terms_but_no_anchors(layout: Layout) -> None:
    """One of each is there; anchors and their positions are not."""
    lines = read_ledger(layout.ontology).lines
    for iri in ("id/comment/2022/18", "vocab/role/lead", "ontology#Recommendation", "id/document/2021-strategy"):
        assert f"{BASE}{iri}" in lines
    assert not [iri for iri in lines if "/anchor/" in iri]


def test_a_vanished_iri_fails_and_says_what_to_do(product: Layout, lines: list[str]) -> None:
    """The finding names the IRI, stands at its line of the ledger, and tells the ways out in both languages."""
    report = check(product, None, lines.append)
    found = [one for one in report.findings if one.shape == "ledger-vanished"]
    assert not report.conforms
    assert [(one.focus, one.severity) for one in found] == [(OLD, "violation")]
    assert found[0].place is not None
    assert found[0].place.path == "ontology/iris.txt"
    text = (product.ontology / "iris.txt").read_text(encoding="utf-8").splitlines()
    assert text[found[0].place.line - 1] == OLD
    for language in ("ja", "en"):
        for part in (OLD, "dcterms:isReplacedBy", "owl:deprecated", "retired.ttl"):
            assert part in found[0].message[language]


@pytest.mark.parametrize("statement", ["dcterms:isReplacedBy <measure/2099/1>", "owl:deprecated true"])
def test_what_is_replaced_or_deprecated_has_not_vanished(product: Layout, statement: str) -> None:
    """Either statement is enough."""
    (product.data / "reference" / "retired.ttl").write_text(f"{TOMBS}<measure/2099/9> {statement} .\n", encoding="utf-8")
    assert told(product) == []


def test_order_plays_no_part(product: Layout) -> None:
    """Statements turned round within their file, and a file under another name, change nothing."""
    update_ledger(product.ontology, ())
    path = product.root / MEASURES
    head, *blocks = path.read_text(encoding="utf-8").split("\n<")
    path.unlink()
    path.with_name("other.ttl").write_text("\n<".join([head, *reversed(blocks)]) + "\n", encoding="utf-8")
    assert told(product) == [("ledger-vanished", OLD)]
    assert read_ledger(product.ontology).new(described_iris(load_product(product).graphs)) == ()


def test_an_update_adds_and_never_takes_out(product: Layout) -> None:
    """What is gone stays, what is new is added, and a second update changes no byte."""
    new = str(SG.Cat)
    assert update_ledger(product.ontology, {new}) == (new,)
    first = (product.ontology / "iris.txt").read_bytes()
    assert {OLD, new} <= set(read_ledger(product.ontology).lines)
    assert update_ledger(product.ontology, {new}) == ()
    assert (product.ontology / "iris.txt").read_bytes() == first


@pytest.mark.parametrize("line", ["https://example.org/cat", f"{ID}a/1", f"{BASE}zzz"])
def test_what_is_no_ledger_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    """Another's IRI, a line out of order, and what is no thing, concept or term."""
    (tmp_path / "iris.txt").write_text(f"# Head\n{ID}b/1\n{line}\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"iris\.txt:3"):
        read_ledger(tmp_path)


def test_the_command_compares_and_updates(product: Layout) -> None:
    """It exits with 1 and names what has vanished and what is new; --update records the new ones only."""
    (product.data / "reference" / "more.ttl").write_text(f"{TOMBS}<measure/2099/8> owl:deprecated true .\n", encoding="utf-8")
    root = ["--root", str(product.root), "ledger"]
    first = CliRunner().invoke(main, root)
    assert first.exit_code == 1
    assert f"vanished {OLD}" in first.output
    assert f"new {ID}measure/2099/8" in first.output
    second = CliRunner().invoke(main, [*root, "--update"])
    assert second.exit_code == 1
    assert "1 IRIs added." in second.output
    assert f"new {ID}" not in second.output
