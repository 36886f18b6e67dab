"""The pipeline, on the product in miniature and on this checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from stratgraph.build import Engines, build
from stratgraph.errors import InferenceError, NotConforming, SourceError
from stratgraph.release import Release, current_release
from stratgraph.settings import Layout
from stratgraph.vocab import GRAPH

MEASURES = "data/ttl/document/2099-sample/measures.ttl"


def append(layout: Layout, text: str) -> None:
    """Add statements to the sample document."""
    path = layout.root / MEASURES
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_a_build_publishes_what_follows(product: Layout, tmp_path: Path, lines: list[str]) -> None:
    """The transitive part is inferred, into its own graph, and nothing else of the sample is."""
    result = build(product, tmp_path / "build", lines.append)
    inferred = [line for line in result.release.graph_file.read_text(encoding="utf-8").splitlines() if str(GRAPH.inferred) in line]
    of_things = [line for line in inferred if line.startswith("<https://w3id.org/stratgraph/id/")]
    part = "<https://w3id.org/stratgraph/id/measure/2099/1-1-1> <https://w3id.org/stratgraph/ontology#isPartOf> <https://w3id.org/stratgraph/id/measure/2099/1>"
    assert of_things == [f"{part} <{GRAPH.inferred}> ."]
    assert list(result.seconds) == ["load", "validate", "infer", "validate inferred", "publish"]
    assert any("infer" in line for line in lines)


def test_an_unchanged_product_is_not_built_again(product: Layout, tmp_path: Path, lines: list[str]) -> None:
    """The second run does nothing; --force does; both give the same release, to the byte."""
    first = build(product, tmp_path / "build", lines.append)
    again = build(product, tmp_path / "build", lines.append)
    assert again.unchanged
    assert again.release == first.release
    before = first.release.graph_file.read_bytes()
    forced = build(product, tmp_path / "build", lines.append, force=True)
    assert not forced.unchanged
    assert forced.release.graph_file.read_bytes() == before


def test_a_build_checked_against_the_texts_serves_without_them(product: Layout, tmp_path: Path, lines: list[str]) -> None:
    """With the texts at hand an unchecked build is made again; without them a checked one is not."""
    assert not build(product, tmp_path / "build", lines.append).unchanged
    assert not build(product, tmp_path / "build", lines.append, texts=tmp_path).unchanged
    assert build(product, tmp_path / "build", lines.append).unchanged
    assert build(product, tmp_path / "build", lines.append, texts=tmp_path).unchanged


def test_two_folders_give_the_same_bytes(product: Layout, tmp_path: Path, lines: list[str]) -> None:
    """Every file of a release depends on the sources alone."""
    one = build(product, tmp_path / "one", lines.append).release
    two = build(product, tmp_path / "two", lines.append).release
    files = sorted(path.relative_to(one.folder) for path in one.folder.rglob("*") if path.is_file())
    assert len(files) > 60
    assert [(one.folder / path).read_bytes() == (two.folder / path).read_bytes() for path in files] == [True] * len(files)


def test_a_changed_statement_gives_a_new_release(product: Layout, tmp_path: Path, lines: list[str]) -> None:
    """The identifier follows the content."""
    first = build(product, tmp_path / "build", lines.append).release
    append(product, '\n<measure/2099/2> a sg:Measure ;\n  skos:prefLabel "二"@ja , "Two"@en .\n')
    assert build(product, tmp_path / "build", lines.append).release.id != first.id


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("\n<measure/2099/2> a sg:Measure .\n", NotConforming, "measures.ttl:18"),
        ("\n<measure/2099/2> a sg:Measure\n", SourceError, "not Turtle"),
        (
            '\n<measure/2099/2> a sg:Measure , sg:Objective ;\n  skos:prefLabel "x"@ja , "x"@en .\n',
            InferenceError,
            "sample/measures.ttl:18]",
        ),
    ],
)
def test_broken_data_stops_the_build_and_keeps_the_last(
    product: Layout, tmp_path: Path, lines: list[str], text: str, kind: type[Exception], part: str
) -> None:
    """A missing label, a syntax error, a contradiction: each is told, and the last good release is still the current one."""
    good = build(product, tmp_path / "build", lines.append).release
    append(product, text)
    with pytest.raises(kind) as caught:
        build(product, tmp_path / "build", lines.append)
    assert part in "\n".join([str(caught.value), *getattr(caught.value, "findings", ())])
    assert current_release(tmp_path / "build") == good


QUESTION = "queries/parts-of-a-measure.rq"
ROWS = "queries/parts-of-a-measure.first.csv"
DIRECT, INDIRECT = (f"https://w3id.org/stratgraph/id/measure/2099/{number}" for number in ("1-1", "1-1-1"))
CLAIM = "#+   entailment: full\n"
# Which file is damaged, how, and the finding: its place and what it says.
UNEXPECTED = {
    "a row that is not there": (ROWS, INDIRECT, f"{INDIRECT}-2", "first.csv:3: ", "on the full graph: the expected row is missing: “http"),
    "a row too many": (ROWS, f"{INDIRECT}\n", "", "measure.rq:19: ", f"on the full graph: this row is not expected: “{INDIRECT}”"),
    "another order": (ROWS, f"{DIRECT}\n{INDIRECT}", f"{INDIRECT}\n{DIRECT}", "first.csv:2: ", "the rows come in another order"),
    "a difference not declared": (QUESTION, CLAIM, "", "first.csv:3: ", "on the asserted graph: the expected row is missing"),
    "less than is needed": (QUESTION, CLAIM, CLAIM.replace("full", "curated"), "first.csv:3: ", "on the curated graph: the expected"),
    "a claim that does not show": (ROWS, f"{INDIRECT}\n", "", "measure.rq:19: ", "on the asserted graph: all expected rows are there, but"),
    "a column of no question": (
        ROWS,
        "part",
        "piece",
        "first.csv:1: ",
        "The first line must name columns of the question, each once: part",
    ),
    "a row of two values": (ROWS, DIRECT, f"{DIRECT},x", "first.csv:2: ", "The row must have 1 values"),
    "no row": (ROWS, f"{DIRECT}\n{INDIRECT}\n", "", "first.csv:1: ", "An expectation without a row proves nothing"),
    "a thing that is not there": (QUESTION, "measure/2099/1", "measure/2099/9", "measure.rq:19: ", "Example 'first' cannot be answered"),
}


@pytest.mark.parametrize("case", UNEXPECTED)
def test_examples_are_compared_on_every_level(product: Layout, tmp_path: Path, lines: list[str], case: str) -> None:
    """A difference that is not declared, and a claim that does not show, are told with their place; nothing is published."""
    name, old, new, place, said = UNEXPECTED[case]
    path = product.root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(NotConforming) as caught:
        build(product, tmp_path / "build", lines.append)
    assert [one for one in caught.value.findings if place in one and said in one], caught.value.findings
    assert current_release(tmp_path / "build") is None


def test_the_build_says_that_examples_hold(product: Layout, tmp_path: Path, lines: list[str]) -> None:
    """What was compared is told; the engine that keeps no proofs compares none, and says so."""
    build(product, tmp_path / "build", lines.append)
    assert "1 examples of 1 questions compared with their expected rows, on the asserted, curated, full graph" in lines
    build(product, tmp_path / "build", lines.append, engines=Engines("owlrl"))
    assert "examples of questions are not compared: this engine keeps no proofs" in lines


def test_this_checkout_builds(release: Release) -> None:
    """Every level holds more than the one below, and the documents have their graphs."""
    counts = release.triples
    assert 0 < counts["asserted"] < counts["curated"] < counts["full"] <= counts["curated"] + counts["inferred"]
    for key in ("2015-recommendation-response", "2017-interim-review", "2022-public-comments"):
        assert release.graphs[str(GRAPH[f"document/{key}"])] > 0
        assert release.graphs[str(GRAPH[f"curated/{key}"])] > 0
