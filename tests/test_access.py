"""From code: a release's graph as an rdflib Dataset, questions as data frames, and the notebooks that show it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import nbclient
import nbformat
import pandas as pd
import pytest
from rdflib import Graph

import stratgraph
from stratgraph import OpenQuestions, open_graph, open_questions
from stratgraph.build import build
from stratgraph.errors import BadParameter, InputError, QuerySyntaxError, UnknownQuestion
from stratgraph.release import Release
from stratgraph.settings import Layout

from .conftest import PRODUCT, ROOT

NOTEBOOKS = sorted((ROOT / "examples" / "notebooks").glob("*.ipynb"))
pytestmark = pytest.mark.xdist_group("access")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of the product in miniature."""
    lines: list[str] = []
    return build(Layout(PRODUCT), tmp_path_factory.mktemp("build"), lines.append).release


@pytest.fixture(scope="module")
def questions(sample: Release) -> Iterator[OpenQuestions]:
    """Its questions."""
    with open_questions(sample.folder, PRODUCT) as found:
        yield found


@pytest.mark.parametrize("level", ["asserted", "curated", "full", "inferred", "metadata"])
def test_a_level_has_the_triples_of_its_release(level: str, sample: Release) -> None:
    """As many as release.json tells, in a release folder and in a folder of builds."""
    for source in (sample.folder, str(sample.folder.parent.parent)):
        assert len(open_graph(source, level)) == sample.triples[level]


@pytest.mark.parametrize("suffix", [".nq", ".ttl", ".nt", ".jsonld", ".rdf", ".trig", ".nq.gz", ".ttl.zst"])
def test_a_dump_opens_in_every_format(suffix: str, sample: Release) -> None:
    """All hold the same triples; a query sees them all, whatever their graphs."""
    graph = open_graph(sample.dumps / f"stratgraph-full{suffix}")
    assert len(graph) == sample.triples["full"]
    asked = graph.query("PREFIX sg: <https://w3id.org/stratgraph/ontology#> SELECT ?m { ?m a sg:Measure }")
    assert len(list(asked)) == 3


def test_terms_are_those_of_rdflibs_own_parser(sample: Release) -> None:
    """Literals with and without datatype and language: the same set of triples as rdflib reads from the Turtle."""
    parsed = Graph().parse(sample.dumps / "stratgraph-metadata.ttl", format="turtle")
    assert set(open_graph(sample.dumps / "stratgraph-metadata.ttl").triples((None, None, None))) == set(parsed)


def test_what_cannot_be_opened_is_told(sample: Release, tmp_path: Path) -> None:
    """An unknown level, a folder without a release, a file that is missing, is no dump or is damaged."""
    with pytest.raises(InputError, match=r"There is no level “all”\. There are: asserted, curated, full"):
        open_graph(sample.folder, "all")
    with pytest.raises(InputError, match=r"holds no release.*stratgraph build"):
        open_graph(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        open_graph(tmp_path / "missing.nq")
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(InputError, match=r"is no dump: its name ends in none of .*\.nq"):
        open_graph(tmp_path / "notes.txt")
    (tmp_path / "broken.nq").write_text("<a> <b>")
    with pytest.raises(InputError, match="N-Quads:1"):
        open_graph(tmp_path / "broken.nq")
    for suffix in ("gz", "zst"):
        (tmp_path / f"broken.nq.{suffix}").write_bytes(b"x")
        with pytest.raises(InputError, match="cannot be read"):
            open_graph(tmp_path / f"broken.nq.{suffix}")


def test_an_answer_is_a_data_frame(questions: OpenQuestions, sample: Release) -> None:
    """Columns as the question names them, with labels, scope and release; the language may be Japanese."""
    assert list(questions.list().index) == ["parts-of-a-measure"]
    frame = questions.ask("parts-of-a-measure", measure="measure/2099/1", language="ja")
    assert list(frame.columns) == ["part"]
    assert len(frame) == 2
    assert frame.attrs["release"] == sample.id
    assert frame.attrs["complete"] is True
    assert set(frame.attrs["labels"]["part"]) == {"ja", "en"}
    assert len(questions.ask("parts-of-a-measure", measure=["measure/2099/1"], entailment="asserted")) == 1


def test_sparql_is_a_data_frame(questions: OpenQuestions) -> None:
    """Values as text, nothing where a variable is unbound."""
    frame = questions.query("SELECT (1 AS ?a) ?b {}")
    assert isinstance(frame, pd.DataFrame)
    assert frame.a.tolist() == ["1"]
    assert frame.b.tolist() == [None]
    with pytest.raises(QuerySyntaxError):
        questions.query("SELECT")


def test_faults_of_a_question_are_told(questions: OpenQuestions, tmp_path: Path) -> None:
    """An unknown name or parameter; a release that is not there."""
    with pytest.raises(UnknownQuestion, match="parts-of-a-measure"):
        questions.ask("part-of-a-measure")
    with pytest.raises(BadParameter):
        questions.ask("parts-of-a-measure", colour="red")
    with pytest.raises(InputError, match="holds no release"):
        open_questions(tmp_path)


def test_closing_twice_is_safe(sample: Release) -> None:
    """A notebook may run its last cell again."""
    found = open_questions(sample.folder, PRODUCT)
    found.close()
    found.close()


def test_the_package_has_no_other_names() -> None:
    """What is not there is an AttributeError, as in any module."""
    assert not hasattr(stratgraph, "open_everything")


@pytest.fixture(scope="module")
def light(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release without its proofs, which the notebooks do not ask for and which take longest to load."""
    folder = tmp_path_factory.mktemp("light")
    (folder / "release.json").symlink_to(release.folder / "release.json")
    (folder / "dumps").symlink_to(release.dumps)
    (folder / "graph.nq").symlink_to(release.dumps / "stratgraph-full.nq")
    return folder


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_notebooks_run(path: Path, light: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each runs from its folder over the release, to its end."""
    for name, value in (("STRATGRAPH_BUILD_DIR", str(light)), ("JUPYTER_PLATFORM_DIRS", "1"), ("PYTHONPATH", str(ROOT / "src"))):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("STRATGRAPH_ROOT", str(ROOT))
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()


def test_notebooks_are_there_for_each_kind_of_user_without_output() -> None:
    """Three of them; what is committed holds no output and no count of runs."""
    assert [path.stem for path in NOTEBOOKS] == ["linked-data", "policy-analyst", "researcher"]
    for path in NOTEBOOKS:
        cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
        assert [cell for cell in cells if cell["outputs"] or cell["execution_count"]] == []
