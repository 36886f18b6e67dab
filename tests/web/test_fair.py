"""The FAIR principles, one test each, offline: what the published metrics ask of data and metadata.

Wilkinson et al., The FAIR Guiding Principles, 2016; the numbers in brackets are those of the FAIRsFAIR metrics (v0.5) where one fits.
"""

from __future__ import annotations

import hashlib
import json
import re
from xml.etree import ElementTree as ET

import httpx
import pyoxigraph as ox
import pytest
from rdflib import DCTERMS, FOAF, PROV, RDF, SKOS, Dataset, Literal, URIRef

from stratgraph import open_graph
from stratgraph.describe import CATALOG, DATASET, ENDPOINT, LICENCE
from stratgraph.ledger import read_ledger
from stratgraph.release import Release
from stratgraph.settings import Layout
from stratgraph.vocab import BASE, CURATED_GRAPHS, DCAT, DOCUMENT_GRAPHS, GRAPH, SD, SPDX, VOID

# DataCite Metadata Schema 4.6 (metadata.xsd and its lists of values) on what our records hold: element → attributes, each with the pattern
# of its values; those with a question mark may be absent. The lists are cut to the values that a data set like this may need.
KERNEL = {
    "identifier": {"identifierType": "DOI"},
    "creators": {},
    "creators/creator": {},
    "creators/creator/creatorName": {"nameType?": "Organizational|Personal", "lang?": "[a-z]{2}"},
    "titles": {},
    "titles/title": {"titleType?": "AlternativeTitle|Subtitle|TranslatedTitle|Other", "lang?": "[a-z]{2}"},
    "publisher": {"publisherIdentifier?": ".+", "publisherIdentifierScheme?": ".+", "schemeURI?": "https?://.+", "lang?": "[a-z]{2}"},
    "publicationYear": {},
    "resourceType": {"resourceTypeGeneral": "Collection|DataPaper|Dataset|Model|Other|Software"},
    "subjects": {},
    "subjects/subject": {"subjectScheme?": ".+", "schemeURI?": "https?://.+", "valueURI?": "https?://.+", "lang?": "[a-z]{2}"},
    "dates": {},
    "dates/date": {"dateType": "Available|Collected|Created|Issued|Submitted|Updated|Valid|Other", "dateInformation?": ".+"},
    "language": {},
    "alternateIdentifiers": {},
    "alternateIdentifiers/alternateIdentifier": {"alternateIdentifierType": ".+"},
    "relatedIdentifiers": {},
    "relatedIdentifiers/relatedIdentifier": {
        "relatedIdentifierType": "DOI|URL|URN",
        "relationType": "HasMetadata|IsDerivedFrom|IsDocumentedBy|IsPartOf|IsVersionOf|References",
    },
    "sizes": {},
    "sizes/size": {},
    "formats": {},
    "formats/format": {},
    "version": {},
    "rightsList": {},
    "rightsList/rights": {
        "rightsURI?": "https?://.+",
        "rightsIdentifier?": ".+",
        "rightsIdentifierScheme?": ".+",
        "schemeURI?": "https?://.+",
        "lang?": "[a-z]{2}",
    },
    "descriptions": {},
    "descriptions/description": {"descriptionType": "Abstract|Methods|Other|TechnicalInfo", "lang?": "[a-z]{2}"},
}
# What must be there, and what its text must be.
MANDATORY = {
    "identifier": ".+",
    "creators/creator/creatorName": ".+",
    "titles/title": ".+",
    "publisher": ".+",
    "publicationYear": r"\d{4}",
    "resourceType": ".+",
}

pytestmark = [pytest.mark.xdist_group("fair"), pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture(scope="module")
def metadata(release: Release) -> Dataset:
    """The metadata graph of the release."""
    return open_graph(release.folder, "metadata")


@pytest.fixture(scope="module")
def store(release: Release) -> ox.Store:
    """Everything but metadata and proofs."""
    store = ox.Store()
    store.bulk_load(path=str(release.dumps / "stratgraph-full.nq"), format=ox.RdfFormat.N_QUADS)
    return store


def count(store: ox.Store, pattern: str) -> int:
    """The number of distinct solutions of `pattern` over all graphs, each triple once."""
    found = store.query(f"SELECT (COUNT(*) AS ?n) {{ SELECT DISTINCT * {{ {pattern} }} }}", use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    return int(next(iter(found))["n"].value)


def test_f1_data_and_metadata_have_persistent_global_identifiers(metadata: Dataset, release: Release) -> None:
    """F1 [F1-01D, F1-02D]: catalogue, dataset and downloads have an IRI under one persistent base; the release's own is its content's."""
    iris = [CATALOG, DATASET, *metadata.objects(DATASET, DCAT.distribution), *metadata.objects(DATASET, VOID.subset)]
    assert len(iris) > 200
    assert [one for one in iris if not str(one).startswith("https://w3id.org/stratgraph/")] == []
    assert metadata.value(DATASET, DCTERMS.identifier) == Literal(release.id)


def test_f2_metadata_are_rich(metadata: Dataset) -> None:
    """F2 [F2-01M]: creator, title, publisher, date, version, summary, keywords and language, texts in Japanese and English."""
    for told in (DCTERMS.creator, DCTERMS.publisher, DCTERMS.issued, DCAT.version, DCAT.landingPage, DCTERMS.accessRights):
        assert metadata.value(DATASET, told) is not None, told
    for told in (DCTERMS.title, DCTERMS.description, DCAT.keyword):
        assert {one.language for one in metadata.objects(DATASET, told) if isinstance(one, Literal)} == {"ja", "en"}, told
    assert metadata.value(metadata.value(DATASET, DCTERMS.creator), FOAF.name) == Literal("The StratGraph founders", lang="en")


def test_f3_metadata_name_the_data(metadata: Dataset, release: Release) -> None:
    """F3 [F3-01M]: each download is named by its address, with size and hash, and is there."""
    for node in metadata.objects(DATASET, DCAT.distribution):
        path = release.dumps / str(metadata.value(node, DCAT.downloadURL)).removeprefix(f"{BASE}dumps/")
        assert path.stat().st_size == int(str(metadata.value(node, DCAT.byteSize)))
    table = URIRef(f"{BASE}catalog#tables/measures.csv")
    told = str(metadata.value(metadata.value(table, SPDX.checksum), SPDX.checksumValue))
    assert told == hashlib.sha256((release.dumps / "tables" / "measures.csv").read_bytes()).hexdigest()


def test_f4_metadata_are_found_where_machines_look(client: httpx.Client, release: Release) -> None:
    """F4 [F4-01M]: /.well-known/void and /catalog answer in RDF, and a record is ready for DataCite's index."""
    for path in ("/.well-known/void", "/catalog"):
        answer = client.get(path, headers={"Accept": "application/n-triples"})
        assert answer.status_code == 200
        assert f"<{DATASET}> <{RDF.type}> <{DCAT.Dataset}>" in answer.text
    record = client.get("/dumps/datacite.json").json()
    assert record["alternateIdentifiers"][0]["alternateIdentifier"] == release.id


def test_a1_examples_are_retrieved_by_their_identifiers(client: httpx.Client, metadata: Dataset) -> None:
    """A1 [A1-02M, A1-03D]: each example resource answers by HTTP at its own path, with statements on itself; a class each."""
    examples = sorted(str(one) for one in metadata.objects(DATASET, VOID.exampleResource))
    assert len(examples) > 40
    for iri in examples:
        answer = client.get(f"/{iri.removeprefix(BASE)}", headers={"Accept": "application/n-triples"}, follow_redirects=True)
        assert answer.status_code == 200, iri
        assert f"<{iri}> " in answer.text


def test_a1_1_the_protocol_is_open_and_free(client: httpx.Client) -> None:
    """A1.1: plain HTTP and SPARQL, from any page of the web (CORS), with the usual formats."""
    answer = client.get("/sparql", params={"query": "ASK {}"}, headers={"Accept": "application/sparql-results+json"})
    assert answer.json()["boolean"] is True
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a1_2_nothing_asks_who_reads(client: httpx.Client, metadata: Dataset) -> None:
    """A1.2 [A1-01M]: access is told to be public, and no answer asks for authorisation or sets a cookie."""
    assert str(metadata.value(DATASET, DCTERMS.accessRights)).endswith("/PUBLIC")
    for path in ("/catalog", "/dumps/", "/dumps/tables/datapackage.json"):
        headers = client.get(path).headers
        assert "www-authenticate" not in headers
        assert "set-cookie" not in headers


def test_a2_metadata_outlive_the_data(layout: Layout, store: ox.Store) -> None:
    """A2: an IRI that was published is still described; one that was retired says so, or what replaces it."""
    ledger = read_ledger(layout.ontology)
    published = sorted(ledger.lines)
    assert len(published) > 1000
    retired = store.query("SELECT ?x { ?x <http://www.w3.org/2002/07/owl#deprecated> true }", use_default_graph_as_union=True)
    assert isinstance(retired, ox.QuerySolutions)
    assert {row["x"].value for row in retired} <= set(published)


def test_i1_metadata_use_a_formal_language(client: httpx.Client, metadata: Dataset) -> None:
    """I1 [I1-01M]: RDF, whose JSON-LD holds as many statements as its N-Triples for a second parser."""
    as_json = client.get("/.well-known/void", headers={"Accept": "application/ld+json"}).content
    quads = {quad.triple for quad in ox.parse(as_json, ox.RdfFormat.JSON_LD)}
    assert len(quads) == len(metadata)


def test_i2_vocabularies_are_fair_themselves(metadata: Dataset, layout: Layout) -> None:
    """I2 [I2-01M]: every vocabulary that is used has an HTTP namespace; ours is documented where its IRIs lead."""
    used = [str(one) for one in metadata.objects(DATASET, VOID.vocabulary)]
    assert f"{BASE}ontology#" in used
    assert "http://www.w3.org/2004/02/skos/core#" in used
    assert [one for one in used if not one.startswith(("http://", "https://"))] == []


def test_i3_links_are_qualified_and_counted(metadata: Dataset, store: ox.Store) -> None:
    """I3 [I3-01M]: each linkset tells its property and both ends, and its number of triples is what SPARQL counts."""
    sets = list(metadata.subjects(RDF.type, VOID.Linkset))
    between = 0
    for node in sets:
        source, target, predicate = (metadata.value(node, VOID[one]) for one in ("subjectsTarget", "objectsTarget", "linkPredicate"))
        assert (target, RDF.type, VOID.Dataset) in metadata
        if str(target).startswith(DOCUMENT_GRAPHS):
            between += 1
            told = int(str(metadata.value(node, VOID.triples)))
            assert told == count(store, f"?s <{predicate}> ?o . {_home('s', str(source))} {_home('o', str(target))}"), node
    assert between > 20
    assert len(sets) > between


def _home(name: str, graph: str) -> str:
    curated = f"{CURATED_GRAPHS}{graph.removeprefix(DOCUMENT_GRAPHS)}"
    first = f"FILTER EXISTS {{ GRAPH ?g{name} {{ ?{name} a ?c{name} }} FILTER(?g{name} IN (<{graph}>, <{curated}>)) }}"
    other = f"?h{name} != <{graph}> && STRSTARTS(STR(?h{name}), '{DOCUMENT_GRAPHS}')"
    return f"{first} FILTER NOT EXISTS {{ GRAPH ?h{name} {{ ?{name} a ?d{name} }} FILTER({other}) }}"


def test_r1_counts_are_those_of_the_data(metadata: Dataset, store: ox.Store, release: Release) -> None:
    """R1 [R1-01MD]: triples, entities of each class and triples of each graph are what SPARQL counts in the data."""
    assert int(str(metadata.value(DATASET, VOID.triples))) == count(store, "?s ?p ?o") == release.triples["full"]
    for name in ("document/2017-interim-review", "curated/across", "inferred", "ontology"):
        assert int(str(metadata.value(GRAPH[name], VOID.triples))) == count(store, f"GRAPH <{GRAPH[name]}> {{ ?s ?p ?o }}")
    for part in list(metadata.objects(DATASET, VOID.classPartition))[:20]:
        kind, told = metadata.value(part, VOID["class"]), metadata.value(part, VOID.entities)
        assert int(str(told)) == count(store, f"?s a <{kind}>"), kind


def test_r1_1_every_download_has_its_licence(metadata: Dataset, release: Release) -> None:
    """R1.1 [R1.1-01M]: the licence stands on catalogue, dataset and each distribution, and in the tables' package."""
    licensed = [CATALOG, DATASET, *metadata.objects(DATASET, DCAT.distribution)]
    assert {metadata.value(one, DCTERMS.license) for one in licensed} == {LICENCE}
    package = json.loads((release.dumps / "tables" / "datapackage.json").read_text(encoding="utf-8"))
    assert [one["path"] for one in package["licenses"]] == [str(LICENCE)]


def test_r1_2_provenance_is_detailed(metadata: Dataset) -> None:
    """R1.2 [R1.2-01M]: the build, its software and every file it used, with its hash."""
    activity = metadata.value(DATASET, PROV.wasGeneratedBy)
    used = list(metadata.objects(activity, PROV.used))
    assert len([one for one in used if metadata.value(one, SPDX.checksum)]) > 300
    assert metadata.value(metadata.value(activity, PROV.wasAssociatedWith), RDF.type) == PROV.SoftwareAgent


def test_r1_3_community_standards_are_met(metadata: Dataset, client: httpx.Client) -> None:
    """R1.3 [R1.3-01M, R1.3-02D]: DCAT, VoID, service description, Frictionless and CSVW; open formats with registered media types."""
    assert {DCAT.Dataset, VOID.Dataset, SD.Dataset} <= set(metadata.objects(DATASET, RDF.type))
    assert metadata.value(None, SD.endpoint, ENDPOINT) is not None
    types = {
        str(metadata.value(one, DCAT.mediaType)).rpartition("assignments/media-types/")[2]
        for one in metadata.objects(DATASET, DCAT.distribution)
    }
    assert types >= {"text/turtle", "application/n-quads", "application/ld+json", "text/csv", "application/vnd.apache.parquet"}
    standards = {
        str(metadata.value(URIRef(f"{BASE}catalog#{name}"), DCTERMS.conformsTo)) for name in ("datacite.xml", "tables/datapackage.json")
    }
    assert standards == {"http://datacite.org/schema/kernel-4", "https://specs.frictionlessdata.io/tabular-data-package/"}
    assert client.get("/dumps/tables/csv-metadata.json").json()["@context"] == "http://www.w3.org/ns/csvw"


def test_the_datacite_record_is_ready_for_a_doi(release: Release, metadata: Dataset) -> None:
    """Every mandatory property (1 to 6 and 10) in JSON and XML, the same in both; no DOI and no person is invented."""
    record = json.loads((release.dumps / "datacite.json").read_text(encoding="utf-8"))
    root = ET.parse(release.dumps / "datacite.xml").getroot()
    names = {"": "http://datacite.org/schema/kernel-4"}
    assert root.tag == "{http://datacite.org/schema/kernel-4}resource"
    assert "doi" not in record
    assert root.findtext("identifier", namespaces=names) == "(:tba)"
    assert [one["nameType"] for one in record["creators"]] == ["Organizational"]
    assert [one.text for one in root.iterfind("creators/creator/creatorName", names)] == [one["name"] for one in record["creators"]]
    assert [one.text for one in root.iterfind("titles/title", names)] == [one["title"] for one in record["titles"]]
    assert {one["title"] for one in record["titles"]} == {str(one) for one in metadata.objects(DATASET, DCTERMS.title)}
    assert root.findtext("publisher", namespaces=names) == record["publisher"]["name"]
    assert root.findtext("publicationYear", namespaces=names) == record["publicationYear"] == release.date[:4]
    assert root.find("resourceType", names).get("resourceTypeGeneral") == record["types"]["resourceTypeGeneral"] == "Dataset"  # type: ignore[union-attr]
    assert record["sizes"] == [f"{release.triples['full']} triples"]
    derived = [one["relatedIdentifier"] for one in record["relatedIdentifiers"] if one["relationType"] == "IsDerivedFrom"]
    assert len(derived) == 5
    assert record["rightsList"][0]["rightsUri"] == str(LICENCE) == root.find("rightsList/rights", names).get("rightsURI")  # type: ignore[union-attr]


def test_the_datacite_record_keeps_its_schema(release: Release) -> None:
    """Only elements, attributes and values that kernel 4.6 has, at the top each once; the JSON has DataCite's names, the year as text."""
    root = ET.parse(release.dumps / "datacite.xml").getroot()
    found: dict[str, list[str]] = {}

    def read(element: ET.Element, path: str) -> None:
        rules = KERNEL[path]
        given = {name.rpartition("}")[2]: value for name, value in element.attrib.items()}
        assert set(given) <= {name.rstrip("?") for name in rules}, path
        for name, pattern in rules.items():
            assert name.endswith("?") or name in given, (path, name)
            assert re.fullmatch(pattern, given.get(name.rstrip("?"), "")) or name.rstrip("?") not in given, (path, given)
        found.setdefault(path, []).append(element.text or "")
        for child in element:
            read(child, f"{path}/{child.tag.rpartition('}')[2]}")

    for child in root:
        read(child, child.tag.rpartition("}")[2])
    assert [path for path, texts in found.items() if "/" not in path and len(texts) > 1] == []
    for path, pattern in MANDATORY.items():
        assert [text for text in found[path] if re.fullmatch(pattern, text)] == found[path] != [], path
    record = json.loads((release.dumps / "datacite.json").read_text(encoding="utf-8"))
    assert re.fullmatch(r"\d{4}", record["publicationYear"])
    assert set(record) - {"schemaVersion", "url", "creators", "types"} <= {path for path in KERNEL if "/" not in path}


def test_links_lead_to_described_things(metadata: Dataset, store: ox.Store) -> None:
    """Each example has a label in Japanese in the data."""
    for one in metadata.objects(DATASET, VOID.exampleResource):
        assert count(store, f"<{one}> <{SKOS.prefLabel}>|<http://purl.org/dc/terms/title> ?l FILTER(LANG(?l) = 'ja')") or "anchor" in str(
            one
        ), one
