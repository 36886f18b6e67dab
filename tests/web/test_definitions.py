"""`/function`, `/shapes`, and what editors of others ask the endpoint for when they open it."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from markupsafe import escape
from rdflib import OWL, RDF, RDFS, SKOS, Graph, URIRef

from stratgraph.release import Release
from stratgraph.store import matching
from stratgraph.vocab import DOCUMENT_GRAPHS, PROOFS_GRAPH, SD, SG
from stratgraph.web.ontology_page import OntologyTerm
from stratgraph.web.pages import OntologyShown, Pages

from .conftest import Server

SERVICE = URIRef("https://w3id.org/stratgraph/sparql#service")


@pytest.mark.parametrize("path", ["/function", "/shapes"])
@pytest.mark.parametrize("kind", ["text/turtle", "application/ld+json", "application/rdf+xml", "text/html"])
def test_definitions_dereference(client: httpx.Client, path: str, kind: str) -> None:
    """303 to a document in the format asked for, and the document is one."""
    first = client.get(path, headers={"Accept": kind})
    assert first.status_code == 303
    document = client.get(first.headers["location"], params={"lang": "ja"} if kind == "text/html" else {})
    assert (document.status_code, document.headers["content-type"].split(";")[0]) == (200, kind)
    assert client.get(first.headers["location"], headers={"If-None-Match": document.headers["etag"]}).status_code in (200, 304)
    if kind == "text/html":
        assert ("テキスト検索" if path == "/function" else "shape:Thing") in document.text
    else:
        assert len(Graph().parse(data=document.text, format=kind)) > 50
    assert client.get(f"{path}.exe").status_code == 404


def test_every_function_is_defined_and_told(client: httpx.Client) -> None:
    """What a query may call and the text properties are terms with labels, definitions and examples, and stand in the service."""
    terms = Graph().parse(data=client.get("/function.ttl").text)
    service = Graph().parse(data=client.get("/sparql", headers={"Accept": "text/turtle"}).text)
    functions = {URIRef(matching.CONTAINS), URIRef(matching.FOLD)}
    properties = {URIRef(matching.MATCHES), URIRef(matching.NAME_MATCHES)}
    assert set(service.objects(SERVICE, SD.extensionFunction)) == functions
    assert set(service.objects(SERVICE, SD.propertyFeature)) == properties
    for term in functions | properties:
        for text in (RDFS.label, SKOS.definition, SKOS.example):
            assert {getattr(value, "language", None) for value in terms.objects(term, text)} == {"ja", "en"}, (term, text)
    assert all((term, RDF.type, OWL.DatatypeProperty) in terms for term in properties)


def test_the_examples_of_the_functions_run(client: httpx.Client) -> None:
    """Each example of a function or text property is a pattern that the endpoint answers."""
    terms = Graph().parse(data=client.get("/function.ttl").text)
    for term in (matching.CONTAINS, matching.FOLD, matching.MATCHES, matching.NAME_MATCHES):
        for example in terms.objects(URIRef(term), SKOS.example):
            query = f"PREFIX sgf: <{matching.FUNCTIONS}> SELECT * {{ {example} }} LIMIT 1"
            response = client.get("/sparql", params={"query": query})
            assert response.status_code == 200, (example, response.text)


def test_levels_are_collections_of_graphs(client: httpx.Client) -> None:
    """The service names what `entailment=` chooses among, each with the graphs that it then sees."""
    service = Graph().parse(data=client.get("/sparql", headers={"Accept": "text/turtle"}).text)
    collections = {
        str(node).rpartition("#")[2]: {str(service.value(one, SD.name)) for one in service.objects(node, SD.namedGraph)}
        for node in service.objects(SERVICE, SD.availableGraphs)
    }
    assert set(collections) == {"asserted", "curated", "full"}
    query = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
    for level, told in collections.items():
        rows = client.get("/sparql", params={"query": query, "entailment": level}).json()["results"]["bindings"]
        seen = {row["g"]["value"] for row in rows if "data.example" not in row["g"]["value"]} - {f"{DOCUMENT_GRAPHS}hostile", PROOFS_GRAPH}
        assert seen == told, level


# The questions of SIB's sparql-editor in our words: prefixes, examples, and what follows a class in a pattern.
PREFIXES = "PREFIX sh: <http://www.w3.org/ns/shacl#> SELECT ?prefix ?namespace { [] sh:namespace ?namespace ; sh:prefix ?prefix }"
EXAMPLES = """PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?example ?comment ?query {
  ?example a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask|sh:construct|sh:describe ?query
}"""
SCHEMA = """PREFIX void: <http://rdfs.org/ns/void#> PREFIX ext: <http://ldf.fi/void-ext#>
SELECT DISTINCT ?class ?property ?linked ?datatype {
  ?part void:class ?class ; void:propertyPartition ?properties .
  ?properties void:property ?property ; void:triples ?count .
  OPTIONAL { { ?properties void:classPartition/void:class ?linked } UNION { ?properties ext:datatypePartition/ext:datatype ?datatype } }
}"""


def test_editors_of_others_find_what_they_complete_by(client: httpx.Client, server: Server) -> None:
    """Prefixes, examples in both languages that run, and for a class its properties with what they lead to."""

    def rows(query: str) -> list[dict[str, str]]:
        found = client.get("/sparql", params={"query": query}, headers={"Accept": "application/sparql-results+json"}).json()
        return [{name: cell["value"] for name, cell in row.items()} for row in found["results"]["bindings"]]

    assert {"sg", "sgf", "skos"} <= {row["prefix"] for row in rows(PREFIXES)}
    examples = rows(EXAMPLES)
    assert len(examples) == 2 * len(client.get("/questions", headers={"Accept": "application/json"}).json()["questions"])
    sg = "https://w3id.org/stratgraph/ontology#"
    links = {(row["class"], row["property"], row.get("linked") or row.get("datatype")) for row in rows(SCHEMA)}
    assert (f"{sg}PublicComment", f"{sg}hasResponse", f"{sg}GovernmentResponse") in links
    assert (f"{sg}PublicComment", str(SKOS.prefLabel), "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString") in links


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_ontology_s_page_tells_all_of_a_term(client: httpx.Client, language: str) -> None:
    """Definition, example from the corpus, axioms, and the questions that use it, at the term's own fragment; version and changes."""
    page = client.get("/ontology.html", params={"lang": language}).text
    terms = dict(re.findall(r'<article class="term" id="([^"]+)">(.*?)</article>', page, re.S))
    ontology = Graph().parse(data=client.get("/ontology.nt").text, format="nt")
    ours = {str(one).rpartition("#")[2] for one in ontology.subjects(SKOS.definition, None) if str(one).startswith(str(SG))}
    assert ours <= set(terms)
    for one in ours:
        definition = next(text for text in ontology.objects(SG[one], SKOS.definition) if getattr(text, "language", "") == language)
        assert escape(str(definition)) in terms[one], one
        example = [text for text in ontology.objects(SG[one], SKOS.example) if getattr(text, "language", None) in (None, language)]
        assert not example or {"ja": "例", "en": "Example"}[language] in terms[one], one
    assert "SubPropertyChain: sg:hasLeadAssignment o sg:assignee" in terms["leadAgency"]
    assert "Characteristics: Transitive" in terms["isPartOf"]
    assert "DisjointWith: sg:Measure" in terms["Objective"]
    assert "(sg:Measure and (sg:addressesThreat some sg:Threat)) SubClassOf: sg:ThreatDrivenMeasure" in terms["ThreatDrivenMeasure"]
    assert 'href="/id/recommendation/2015/2-4' in terms["Recommendation"]
    assert 'href="/questions/' in terms["leadAgency"]
    assert "0.1.0: " in page


def test_a_retired_term_is_shown_with_what_stands_for_it() -> None:
    """A term that is left as a remainder keeps its place on the page."""
    old, new = (f"{SG}{name}" for name in ("oldName", "newName"))
    terms = [OntologyTerm(old, "Property", links={"isReplacedBy": [new]}, retired=True), OntologyTerm(new, "Property", {"en": "new name"})]
    release = Release("0" * 16, "2026-01-01", "0", {}, {}, Path())
    page = Pages(release, 1.0).ontology("en", OntologyShown(terms)).decode()
    assert re.search(r'id="oldName".*?retired.*?<a href="#newName">new name</a>', page, re.S)
