"""The tables: what pandas counts in them is what SPARQL counts in the graph, and every column is explained."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import frictionless
import pandas as pd
import pyarrow.parquet as pq
import pyoxigraph as ox
import pytest
from rdflib import RDF, SKOS, Literal, URIRef

from stratgraph.errors import InputError, SourceError
from stratgraph.load import load_prefixes
from stratgraph.release import Release
from stratgraph.settings import Layout
from stratgraph.tables import Column, Table, collect_tables, read_agreement
from stratgraph.tables.kinds import ELSEWHERE, KINDS
from stratgraph.tables.write import to_csv
from stratgraph.vocab import CURATED_GRAPHS, GRAPH, INFERRED_GRAPH, SG, VOCAB

pytestmark = pytest.mark.xdist_group("tables")
_COUNTS: dict[str, tuple[str, Callable[[dict[str, pd.DataFrame]], pd.DataFrame], list[str]]] = {
    # What a researcher counts first: the same number in pandas and in SPARQL.
    "bodies by role": (
        "SELECT ?a ?r (COUNT(*) AS ?n) { ?x a sg:Assignment ; sg:assignee ?a ; sg:assignmentRole ?r } GROUP BY ?a ?r",
        lambda t: t["assignments"].assign(
            a=_either(t["assignments"], "assignee"), r=_code("role", t["assignments"].assignment_role_inferred)
        ),
        ["a", "r"],
    ),
    "measures by theme, as interpreted": (
        "SELECT ?a (COUNT(DISTINCT ?m) AS ?n) { ?m a sg:Measure ; sg:hasThemeLink/sg:linkedTheme ?a } GROUP BY ?a",
        lambda t: t["measures"].assign(a=t["measures"].theme_inferred.str.split()).explode("a"),
        ["a"],
    ),
    "measures by strength, as stated": (
        "SELECT ?s (COUNT(*) AS ?n) { GRAPH ?g { ?m sg:strength ?s } FILTER(CONTAINS(STR(?g), '/document/')) ?m a sg:Measure } GROUP BY ?s",
        lambda t: t["measures"].assign(s=_code("strength", t["measures"].strength)),
        ["s"],
    ),
    "lead bodies, printed and inherited": (
        "SELECT ?a (COUNT(*) AS ?n) { GRAPH <https://w3id.org/stratgraph/graph/inferred> { ?m sg:accountableAgency ?a } } GROUP BY ?a",
        lambda t: t["measures"].assign(a=t["measures"].accountable_agency_inferred.str.split()).explode("a"),
        ["a"],
    ),
    "comments by disposition": (
        "SELECT ?d (COUNT(*) AS ?n) { GRAPH ?g { ?r sg:disposition ?d } FILTER(CONTAINS(STR(?g), '/document/')) } GROUP BY ?d",
        lambda t: (
            t["responses"].assign(d=t["responses"].disposition.str.split()).explode("d").assign(d=lambda f: _code("disposition", f.d))
        ),
        ["d"],
    ),
    "links by property and layer": (
        "SELECT ?l (COUNT(*) AS ?n) { GRAPH ?g { ?x sg:mentionsThreat ?y } "
        "BIND(IF(CONTAINS(STR(?g), '/curated/'), 'curated', 'stated') AS ?l) } GROUP BY ?l",
        lambda t: t["links"][t["links"].property == "sg:mentionsThreat"].assign(l=lambda f: f.layer),
        ["l"],
    ),
}


def _either(table: pd.DataFrame, name: str) -> pd.Series[str]:
    return table[name].fillna(table[f"{name}_curated"])


def _code(scheme: str, codes: pd.Series[str]) -> pd.Series[str]:
    return f"{VOCAB}{scheme}/" + codes


@pytest.fixture(scope="module")
def folder(release: Release) -> Path:
    """The tables of the release."""
    return release.dumps / "tables"


@pytest.fixture(scope="module")
def tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Each CSV as a data frame, as pandas reads it with no help."""
    return {path.stem: pd.read_csv(path, low_memory=False) for path in sorted(folder.glob("*.csv"))}


@pytest.fixture(scope="module")
def store(release: Release) -> ox.Store:
    """Everything but metadata and proofs."""
    store = ox.Store()
    store.bulk_load(path=str(release.dumps / "stratgraph-full.nq"), format=ox.RdfFormat.N_QUADS)
    return store


def ask(store: ox.Store, query: str) -> Iterator[tuple[str, ...]]:
    """The rows of a SELECT over all graphs, as texts."""
    found = store.query(f"PREFIX sg: <{SG}> {query}", use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    return (tuple(term.value for term in row) for row in found)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_table_holds_each_thing_of_its_kind(kind: object, tables: dict[str, pd.DataFrame], store: ox.Store) -> None:
    """As many rows as SPARQL counts things of the class; no table where there are none."""
    but = "".join(f" FILTER NOT EXISTS {{ ?x a <{other}> }}" for other in kind.but)  # type: ignore[attr-defined]
    ((count,),) = ask(store, f"SELECT (COUNT(DISTINCT ?x) AS ?n) {{ ?x a <{kind.kind}> {but} }}")  # type: ignore[attr-defined]
    table = tables.get(kind.name)  # type: ignore[attr-defined]
    assert (0 if table is None else len(table)) == int(count)


@pytest.mark.parametrize("name", _COUNTS)
def test_pandas_and_sparql_count_the_same(name: str, tables: dict[str, pd.DataFrame], store: ox.Store) -> None:
    """A group-by of the CSV is the GROUP BY of the graph."""
    query, frame, by = _COUNTS[name]
    counted = frame(tables).groupby(by).size()
    found = {key if isinstance(key, tuple) else (key,): int(count) for key, count in counted.items()}
    expected = {row[:-1]: int(row[-1]) for row in ask(store, query)}
    assert expected
    assert found == expected


def test_each_thing_is_in_one_table(tables: dict[str, pd.DataFrame], store: ox.Store) -> None:
    """Whatever documents or reference data say the class of has a row, once, and its labels; but for what is told elsewhere."""
    things = tables["things"]
    assert things.iri.is_unique
    elsewhere = " ".join(f"<{kind}>" for kind in ELSEWHERE)
    described = ask(
        store,
        f"SELECT DISTINCT ?x {{ GRAPH ?g {{ ?x a ?c }} FILTER(?g NOT IN (<{GRAPH.ontology}>, <{INFERRED_GRAPH}>)) "
        f"FILTER NOT EXISTS {{ ?x a ?e VALUES ?e {{ {elsewhere} }} }} }}",
    )
    assert {row[0] for row in described} <= set(things.iri)
    rows = pd.concat([table.iri for name, table in tables.items() if name not in ("things", "values") and "iri" in table])
    assert sorted(rows) == sorted(things.iri)


def test_every_column_is_explained_in_both_languages(tables: dict[str, pd.DataFrame]) -> None:
    """The codebook has a row for each column, with title, definition and how it was coded, and how many rows have a value."""
    book = tables["codebook"].set_index(["table", "variable"])
    assert book.index.is_unique
    columns = {(name, column) for name, table in tables.items() if name not in ("codebook", "values", "agreement") for column in table}
    assert columns == set(book.index)
    texts = ["title_ja", "title_en", "definition_ja", "definition_en", "how_coded_ja", "how_coded_en"]
    assert book[book[texts].isna().any(axis=1)].index.tolist() == []
    filled = {(name, column): int(table[column].notna().sum()) for name, table in tables.items() for column in table}
    assert {key: filled[key] for key in book.index} == book.filled.to_dict()
    for name in ("our_summary_ja", "our_summary_en"):
        assert "要約（政府の公式見解ではない）" in book.loc[("measures", name), "definition_ja"]


def test_every_code_is_explained(tables: dict[str, pd.DataFrame]) -> None:
    """Each short name in a column of codes has a row in values, with label and definition."""
    book, values = tables["codebook"], tables["values"]
    known = set(zip(values.scheme, values.code, strict=True))
    coded = book[book.type == "code"]
    assert len(coded) > 50
    for row in coded.itertuples():
        codes = tables[row.table][row.variable].dropna().astype(str).str.split().explode()
        assert {(row.scheme, code) for code in codes} <= known, (row.table, row.variable)
    assert values.notna().all(axis=None)


def test_agreement_is_that_of_the_double_entry(tables: dict[str, pd.DataFrame], layout: Layout) -> None:
    """The codebook tells of a coded variable what docs/double-entry.md tells: strength, 301 claims, kappa 0.64."""
    row = tables["codebook"].set_index(["table", "variable"]).loc[("measures", "strength")]
    assert (int(row.claims), round(row.share, 2), row.measure, round(row.value, 2)) == (301, 0.76, "kappa", 0.64)
    assert len(tables["agreement"]) == len(read_agreement(layout.agreement))


def test_agreement_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """Other columns and counts that are none are faults of a line; a product may have no such file."""
    path = tmp_path / "agreement.csv"
    assert read_agreement(path) == ()
    path.write_text("kind,claims\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"agreement.csv:1: the columns must be"):
        read_agreement(path)
    path.write_text("kind,document,claims,alike,measure,value\nrole,,many,1,,\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"agreement.csv:2: claims"):
        read_agreement(path)


def test_parquet_holds_what_csv_holds(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    """Row by row and column by column, lists where a cell has several values, numbers as numbers."""
    for name in ("measures", "figures", "comments", "anchors", "codebook"):
        found = pq.read_table(folder / f"{name}.parquet")
        assert found.column_names == list(tables[name])
        for column in found.column_names:
            listed = [" ".join(map(str, one)) if isinstance(one, list) else one for one in found[column].to_pylist()]
            told = tables[name][column]
            assert [one is None for one in listed] == told.isna().tolist(), (name, column)
    measures = pq.read_table(folder / "measures.parquet")
    assert str(measures.schema.field("theme_inferred").type).startswith("list<")
    assert str(measures.schema.field("ordinal").type) == "int64"


def test_the_data_package_tells_its_files(folder: Path) -> None:
    """Each CSV is a resource with its size, hash and fields; the key is unique; the archive holds the same bytes."""
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert package["licenses"][0]["name"] == "CC-BY-4.0"
    assert sorted(one["path"] for one in package["resources"]) == sorted(path.name for path in folder.glob("*.csv"))
    for one in package["resources"]:
        content = (folder / one["path"]).read_bytes()
        assert (one["bytes"], one["hash"]) == (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}")
        rows = list(csv.DictReader(io.StringIO(content.decode())))
        assert list(rows[0]) == [field["name"] for field in one["schema"]["fields"]]
        assert len({tuple(row[name] for name in one["schema"]["primaryKey"]) for row in rows}) == len(rows), one["name"]
    with zipfile.ZipFile(folder / "stratgraph-tables.zip") as archive:
        names = {Path(name).name: name for name in archive.namelist()}
        assert set(names) == {path.name for path in folder.iterdir() if path.suffix in (".csv", ".json")}
        assert all(archive.read(name) == (folder / short).read_bytes() for short, name in names.items())


def test_frictionless_finds_a_small_part_valid(folder: Path, tmp_path: Path) -> None:
    """The package is a Frictionless one, and its rows fit its schemas: here ten rows of some tables, in `make check-long` all of all."""
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert frictionless.Package.validate_descriptor(package).valid
    some = ("documents", "measures", "assignments", "figures", "incidents", "comments", "anchors", "links", "codebook", "agreement")
    package["resources"] = [one for one in package["resources"] if one["name"] in some]
    for one in package["resources"]:
        rows = list(csv.reader(io.StringIO((folder / one["path"]).read_text(encoding="utf-8"))))
        with (tmp_path / one["path"]).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows[:11])
        del one["bytes"], one["hash"]
    (tmp_path / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["fieldName", "type", "note"])[:5]


@pytest.mark.long
def test_frictionless_finds_the_package_valid(folder: Path) -> None:
    """All rows, sizes and hashes."""
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["fieldName", "type", "note"])[:5]


@pytest.mark.long
@pytest.mark.skipif(shutil.which("Rscript") is None, reason="left out: counts in R (install r-base-core)")
def test_r_counts_the_same(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    """Base R, with no package, reads the CSVs and groups as pandas does."""
    script = """
    a <- read.csv("assignments.csv", encoding = "UTF-8", na.strings = "")
    cat(paste(names(table(a$assignment_role_inferred)), table(a$assignment_role_inferred)), sep = "\\n")
    m <- read.csv("measures.csv", encoding = "UTF-8", na.strings = "")
    t <- table(unlist(strsplit(m$theme_inferred, " ")))
    cat(paste(names(t), t), sep = "\\n")
    """
    told = subprocess.run(["Rscript", "--vanilla", "-e", script], cwd=folder, capture_output=True, text=True, check=True).stdout
    found = {name: int(count) for name, count in (line.split() for line in told.splitlines())}
    themes = tables["measures"].theme_inferred.str.split().explode().value_counts().to_dict()
    assert found == tables["assignments"].assignment_role_inferred.value_counts().to_dict() | themes


def test_layers_are_told_apart() -> None:
    """What a document states, what is ours and what is inferred stand in columns of their own; what is in two is told in the first."""
    measure, theme = URIRef("https://w3id.org/stratgraph/id/measure/1"), URIRef("https://w3id.org/stratgraph/id/x")
    document, curated = str(GRAPH["document/2099-sample"]), f"{CURATED_GRAPHS}2099-sample"
    label = Literal("見本", lang="ja")
    tables = collect_tables(
        {
            document: frozenset({(measure, RDF.type, SG.Measure), (measure, SG.theme, theme), (measure, SG.ordinal, Literal(2))}),
            curated: frozenset({(measure, SG.ordinal, Literal(2)), (measure, SG.ordinal, Literal(10)), (measure, SKOS.prefLabel, label)}),
            INFERRED_GRAPH: frozenset({(measure, SG.isPartOf, theme), (measure, RDF.type, SG.PolicyElement)}),
        },
        {"sg": str(SG)},
    )
    (row,) = tables[0].rows
    assert {name: row[name] for name in row if name not in ("iri", "source")} == {
        "class": ("Measure",),
        "class_inferred": ("PolicyElement",),
        "label_ja": ("見本",),
        "label_ja_from": ("curated",),
        "is_part_of_inferred": (str(theme),),
        "ordinal": ("2",),
        "ordinal_curated": ("10",),
        "theme": (str(theme),),
    }
    assert row["source"] == ("2099-sample",)


def test_a_value_that_holds_the_separator_is_refused() -> None:
    """It would be read as two; the message says what to mend. Where a column has one value a cell, it may hold anything."""
    one, two = {"iri": ("urn:a",), "note": ("a | b",)}, {"iri": ("urn:b",), "note": ("c", "d")}
    columns = (Column("iri", "iri", False, "made"), Column("note", "string", True, "curated", "urn:note"))
    with pytest.raises(InputError, match=r"urn:note of urn:a holds “ \| ”"):
        to_csv(Table("x", None, columns, (one, two)))
    single = Column("note", "string", False, "curated", "urn:note")
    assert to_csv(Table("x", None, (columns[0], single), (one,))) == b"iri,note\nurn:a,a | b\n"


def test_prefixes_shorten_properties(layout: Layout, tables: dict[str, pd.DataFrame]) -> None:
    """Every property of links is a name that the project's prefixes make whole."""
    prefixes = load_prefixes(layout)
    assert {name.partition(":")[0] for name in tables["links"].property} <= set(prefixes)
