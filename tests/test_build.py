"""The pipeline, on the product in miniature and on this checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from stratgraph.build import build
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


def test_this_checkout_builds(release: Release) -> None:
    """Every level holds more than the one below, and the documents have their graphs."""
    counts = release.triples
    assert 0 < counts["asserted"] < counts["curated"] < counts["full"] <= counts["curated"] + counts["inferred"]
    for key in ("2015-recommendation-response", "2017-interim-review", "2022-public-comments"):
        assert release.graphs[str(GRAPH[f"document/{key}"])] > 0
        assert release.graphs[str(GRAPH[f"curated/{key}"])] > 0
