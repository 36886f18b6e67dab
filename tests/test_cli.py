"""The command line: what it prints, and its exit codes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner, Result

from stratgraph import __version__, errors
from stratgraph.cli import main
from stratgraph.cli.session import exit_code
from stratgraph.release import Release
from stratgraph.settings import Layout

from .conftest import PRODUCT

MEASURES = "data/ttl/document/2099-sample/measures.ttl"

Run = Callable[..., Result]


@pytest.fixture
def run(product: Layout) -> Run:
    """Run a command on that copy."""

    def invoke(*arguments: str, **environment: str) -> Result:
        return CliRunner().invoke(main, ["--root", str(product.root), *arguments], env={"STRATGRAPH_SOURCES": None, **environment})

    return invoke


def test_build_tells_stages_and_counts(run: Run, product: Layout) -> None:
    """Progress and the release go to standard error; the second run says that nothing has changed."""
    first = run("build")
    assert first.exit_code == 0, first.stderr
    assert "Release" in first.stderr
    assert "infer" in first.stderr
    assert (product.root / "build" / "current" / "graph.nq").is_file()
    assert "Nothing has changed" in run("build").stderr


def test_validate_is_silent_on_good_data(run: Run) -> None:
    """No finding, exit code 0."""
    result = run("validate")
    assert (result.exit_code, result.stdout) == (0, "no findings\n")


@pytest.mark.parametrize(
    ("text", "place", "part"),
    [
        ("\n<measure/2099/2> a sg:Measure .\n", {"line": 18}, "Add skos:prefLabel"),
        ("\n<measure/2099/2> a sg:Measure\n", {"line": 18, "column": 30}, "ends within a statement"),
        ("\n<measure/2099/2> a sg:Measure ; skos:prefLabel 'x'@ja , 'x' @en .\n", {"line": 18, "column": 61}, "Mend the Turtle"),
    ],
)
def test_validate_names_file_line_and_remedy(run: Run, product: Layout, text: str, place: dict[str, int], part: str) -> None:
    """One broken statement: exit code 1, and the place an editor can open."""
    path = product.root / MEASURES
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    result = run("validate")
    assert result.exit_code == 1
    assert ":".join(map(str, (MEASURES, *place.values()))) in result.stdout
    assert part in result.stdout
    told = json.loads(run("validate", "--format", "json").stdout)
    assert told["findings"][0]["place"] == {"path": MEASURES, **place}


def test_warnings_are_shown_and_stop_nothing(run: Run, product: Layout) -> None:
    """A shape of severity sh:Warning: shown and counted, level “warning” in SARIF, exit code 0, and the build goes on and says so."""
    shapes = next((product.root / "shapes" / "asserted").glob("*.ttl"))
    text = shapes.read_text(encoding="utf-8")
    shapes.write_text(text.replace("  sh:minCount 1 ;", "  sh:minCount 1 ;\n  sh:severity sh:Warning ;"), encoding="utf-8")
    path = product.root / MEASURES
    path.write_text(path.read_text(encoding="utf-8") + "\n<measure/2099/2> a sg:Measure .\n", encoding="utf-8")
    result = run("validate")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "warning: 1")
    assert f"{MEASURES}:18: warning: " in result.stdout
    told = json.loads(run("validate", "--format", "json").stdout)
    assert (told["conforms"], told["counts"], told["findings"][0]["severity"]) == (True, {"warning": 1}, "warning")
    assert json.loads(run("validate", "--format", "sarif").stdout)["runs"][0]["results"][0]["level"] == "warning"
    built = run("build")
    assert (built.exit_code, "1 of severity warning" in built.stderr) == (0, True)


def test_findings_come_in_japanese_too(run: Run, product: Layout) -> None:
    """--lang ja gives the shape's Japanese message."""
    path = product.root / MEASURES
    path.write_text(path.read_text(encoding="utf-8") + "\n<measure/2099/2> a sg:Measure .\n", encoding="utf-8")
    assert "ラベルがありません" in run("validate", "--lang", "ja").stdout


def test_a_query_prints_table_and_formats(run: Run) -> None:
    """The same answer as a table for people and as CSV for programs."""
    sparql = "PREFIX sg: <https://w3id.org/stratgraph/ontology#> SELECT (COUNT(?m) AS ?n) { ?m a sg:Measure }"
    table = run("query", sparql)
    assert table.exit_code == 0, table.stderr
    assert "| 3 |" in table.stdout
    assert "1 row" in table.stdout
    assert run("query", "--format", "csv", sparql).stdout.split() == ["n", "3"]


def test_entailment_chooses_what_a_query_sees(run: Run) -> None:
    """The indirect part is inferred, so only the full level has it."""
    ask = (
        "ASK { <https://w3id.org/stratgraph/id/measure/2099/1-1-1> <https://w3id.org/stratgraph/ontology#isPartOf> "
        "<https://w3id.org/stratgraph/id/measure/2099/1> }"
    )
    assert run("query", ask).stdout == "yes\n"
    assert run("query", "--entailment", "asserted", ask).stdout == "no\n"


def test_a_query_comes_from_standard_input(product: Layout) -> None:
    """--file - reads it."""
    result = CliRunner().invoke(main, ["--root", str(product.root), "query", "--file", "-"], input="ASK {}")
    assert result.stdout == "yes\n"


def test_a_bad_query_is_misuse_with_its_line(run: Run) -> None:
    """A syntax error tells where, exit code 2, no traceback."""
    result = run("query", "SELECT {")
    assert result.exit_code == 2
    assert "stratgraph:" in result.stderr
    assert "Traceback" not in result.output


def test_ask_lists_and_answers(run: Run) -> None:
    """Without a name the list; with one the rows that its example file expects."""
    assert "parts-of-a-measure measure=…" in run("ask").stdout
    told = json.loads(run("ask", "parts-of-a-measure", "measure=measure/2099/1", "--format", "json").stdout)
    base = "https://w3id.org/stratgraph/id/measure/2099/"
    assert [row["part"] for row in told["rows"]] == [f"{base}1-1", f"{base}1-1-1"]
    csv = run("ask", "parts-of-a-measure", "measure=measure/2099/1", "--format", "csv")
    assert csv.stdout == (product_file("queries/parts-of-a-measure.first.csv"))
    scope = "Rows: 2\nNo document that this question needs is encoded yet."
    assert scope in csv.stderr
    assert scope in run("ask", "parts-of-a-measure", "measure=measure/2099/1").stdout
    assert "No document that this question needs" in run("ask", "parts-of-a-measure", "measure=measure/2099/1-1-1").stdout


def test_ask_writes_files_and_asks_questions_of_one_s_own(run: Run, tmp_path: Path) -> None:
    """XLSX by its suffix; a question that was begun is asked as it stands; one that is broken is told and left out."""
    asked = run("ask", "parts-of-a-measure", "measure=measure/2099/1", "--output", str(tmp_path / "answer.xlsx"))
    assert (asked.exit_code, openpyxl.load_workbook(tmp_path / "answer.xlsx").sheetnames) == (0, ["answer", "about"])
    own = ("--questions", str(tmp_path / "mine"))
    assert run("new-question", "my-measures", *own).exit_code == 0
    (tmp_path / "mine" / "broken.rq").write_text("SELECT", encoding="utf-8")
    told = run("ask", "my-measures", *own, "--format", "csv", "--lang", "ja")
    assert "https://w3id.org/stratgraph/id/measure/2099/1,見本の施策" in told.stdout
    assert "broken.rq:1" in told.stderr
    draft = (tmp_path / "mine" / "my-measures.rq").read_text(encoding="utf-8")
    assert "answers otherwise than expected" not in told.stderr
    (tmp_path / "mine" / "compared.rq").write_text(draft, encoding="utf-8")
    (tmp_path / "mine" / "compared.all.csv").write_text("title\n見本の施策\n", encoding="utf-8")
    compared = run("ask", "compared", *own, "--format", "csv", "--lang", "ja")
    assert compared.exit_code == 0
    assert "compared, example 'all', on the asserted graph: this row is not expected: “見本の施策の一部”" in compared.stderr
    assert run("new-question", "my-measures", *own).exit_code == 2
    assert run("new-question", "other", "--class", "no:Thing", *own).exit_code == 2


def test_report_collects_answers_with_progress(run: Run, tmp_path: Path) -> None:
    """Each question is told as it is answered; a file of another kind, an unknown question and an empty list are misuse."""
    path = tmp_path / "monday.docx"
    result = run("report", str(path), "parts-of-a-measure?measure=measure/2099/1", "--lang", "ja")
    assert result.exit_code == 0
    assert re.search(r"^\[1/1\] .+: 2$", result.stderr, re.MULTILINE)
    assert path.read_bytes().startswith(b"PK")
    for wrong in ((str(tmp_path / "x.pdf"), "parts-of-a-measure"), (str(path), "nothing"), (str(path), "--by", "question")):
        assert run("report", *wrong).exit_code == 2


def test_names_are_completed(layout: Layout) -> None:
    """Questions by their first letters, then their parameters, then the values of their examples."""

    def complete(*words: str) -> list[str]:
        found = ShellComplete(main, {}, "stratgraph", "_X").get_completions(["--root", str(layout.root), "ask", *words[:-1]], words[-1])
        return [one.value for one in found]

    assert complete("who-leads") == ["who-leads-a-theme"]
    assert complete("who-leads-a-theme", "th") == ["theme="]
    assert complete("who-leads-a-theme", "theme=") == ["theme=vocab/theme/cybercrime"]


def test_a_question_answers_in_the_language_asked_for(layout: Layout, release: Release) -> None:
    """Summaries come in the language of --lang, as on the pages."""
    arguments = ["--root", str(layout.root), "ask", "real-answer-to-a-comment", "comment=18", "--format", "json", "--lang"]
    summaries = {}
    for language in ("ja", "en"):
        told = json.loads(CliRunner().invoke(main, [*arguments, language]).stdout)
        summaries[language] = told["rows"][0]["unofficialSummary"]
    assert summaries["en"].isascii()
    assert not summaries["ja"].isascii()


def test_serve_falls_back_to_the_last_good_release(run: Run, product: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken data is told, and what was built before is served; without a build there is nothing to serve."""
    served: list[str] = []
    monkeypatch.setattr("stratgraph.web.serve.run_server", lambda *given: served.append(given[2].id))
    path = product.root / MEASURES
    good = path.read_text(encoding="utf-8")
    path.write_text(good + "\n<measure/2099/2> a sg:Measure .\n", encoding="utf-8")
    assert run("serve").exit_code == 1
    path.write_text(good, encoding="utf-8")
    assert run("serve").exit_code == 0
    path.write_text(good + "\n<measure/2099/2> a sg:Measure .\n", encoding="utf-8")
    broken = run("serve")
    assert broken.exit_code == 0
    assert f"{MEASURES}:18" in broken.stderr
    assert "serving the last good release" in broken.stderr
    assert len(served) == 2
    assert served[0] == served[1]


def product_file(path: str) -> str:
    """A file of the product in miniature."""
    return (PRODUCT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("ask", "parts-of-a-mesure"), "parts-of-a-measure"),
        (("ask", "parts-of-a-measure", "measure=none"), "measure"),
        (("ask", "parts-of-a-measure", "measure"), "NAME=VALUE"),
        (("query",), "one of the two"),
        (("query", "ASK {}", "--format", "pdf"), "'pdf' is not one of"),
        (("anchor", "2099-sample", "--quote", "x"), "STRATGRAPH_SOURCES"),
        (("coverage",), "STRATGRAPH_SOURCES"),
        (("fmt", "nowhere.ttl"), "does not exist"),
        (("bild",), "No such command"),
    ],
)
def test_misuse_exits_with_2_and_says_how(run: Run, arguments: tuple[str, ...], part: str) -> None:
    """The message names what is wrong or near."""
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert part in result.stderr


def test_a_missing_root_and_a_bad_setting_are_misuse(tmp_path: Path) -> None:
    """Both say what is expected."""
    missing = CliRunner().invoke(main, ["--root", str(tmp_path), "validate"])
    assert missing.exit_code == 2
    assert "lacks ontology" in missing.stderr
    bad = CliRunner().invoke(main, ["build"], env={"STRATGRAPH_PORT": "x"})
    assert bad.exit_code == 2
    assert "STRATGRAPH_PORT" in bad.stderr


def test_fmt_mends_and_checks(run: Run, product: Layout) -> None:
    """--check names the file and changes nothing; fmt mends it; then --check is content."""
    path = product.root / MEASURES
    assert run("fmt").exit_code == 0
    tidy = path.read_text(encoding="utf-8")
    path.write_text(tidy.replace("  sg:isPartOf", "      sg:isPartOf"), encoding="utf-8")
    checked = run("fmt", "--check")
    assert checked.exit_code == 1
    assert "would change" in checked.stdout
    assert path.read_text(encoding="utf-8") != tidy
    assert "changed" in run("fmt", str(path)).stdout
    assert path.read_text(encoding="utf-8") == tidy
    assert run("fmt", "--check").exit_code == 0


def test_help_needs_no_product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--help and --version work anywhere."""
    monkeypatch.chdir(tmp_path)
    for name in ("", *main.commands):
        result = CliRunner().invoke(main, [*name.split(), "--help"])
        assert result.exit_code == 0
        assert "Usage:" in result.stdout
        assert "\\b" not in result.stdout, name  # click's mark of a paragraph that stays as it is, not read as one
    assert __version__ in CliRunner().invoke(main, ["--version"]).stdout


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.SourceError("x", "a.ttl", 1), 1),
        (errors.NotConforming("x", ()), 1),
        (errors.QueryTimeout(1), 1),
        (errors.QuerySyntaxError("x"), 2),
        (errors.UnknownQuestion("x"), 2),
        (errors.LayoutError("x"), 2),
    ],
)
def test_exit_codes_tell_findings_from_misuse(error: errors.StratgraphError, code: int) -> None:
    """1 is about the data or a query, 2 about the call."""
    assert exit_code(error) == code


def test_releases_are_kept_and_compared(run: Run, product: Layout, tmp_path: Path) -> None:
    """Two releases with a corrected label between them: kept with their patch, told in either language, as JSON and as a patch."""
    archive = {"STRATGRAPH_RELEASES": str(tmp_path / "kept")}
    assert run("release", str(tmp_path / "kept")).exit_code == 0
    path = product.data / "document" / "2099-sample" / "measures.ttl"
    path.write_text(path.read_text(encoding="utf-8").replace("見本の施策の細目", "見本の施策の明細"), encoding="utf-8")
    assert run("release", **archive).exit_code == 0
    assert "newest" in run("release", **archive).stderr
    old, new = (one["id"] for one in json.loads((tmp_path / "kept" / "releases.json").read_text(encoding="utf-8")))
    told = run("diff", old, "current", "--lang", "ja", **archive).stdout
    assert "見本の施策の細目 → 見本の施策の明細" in told
    assert "changed" in run("diff", str(tmp_path / "kept" / old), new, **archive).stdout
    assert json.loads(run("diff", old, new, "--format", "json", **archive).stdout)["told"][0]["how"] == "changed"
    patch = run("diff", old, new, "--format", "patch", **archive).stdout_bytes
    assert patch == (tmp_path / "kept" / "patches" / f"{old}-{new}.rdfp").read_bytes()
    assert run("diff", "nothing", "current").exit_code == 2
    assert run("release").exit_code == 2
