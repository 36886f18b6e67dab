"""The ontology's own files: OWL 2 RL syntax, style, base cases, completeness of the inference cases, consistency. Imports rdflib, owlrl."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path

import owlrl
import pytest
from rdflib import OWL, RDF, RDFS, SKOS, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from tests.owl_rl_syntax import find_violations

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "cases" / "infer"
SG = Namespace("https://w3id.org/stratgraph/ontology#")
ORG = Namespace("http://www.w3.org/ns/org#")
ROLE = Namespace("https://w3id.org/stratgraph/vocab/role/")
ERROR = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")  # how owlrl reports an inconsistency

EXAMPLE_HEAD = """
@base <https://w3id.org/stratgraph/id/> .
@prefix ex: <http://example.org/> .
@prefix sg: <https://w3id.org/stratgraph/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
SNIPPET_HEAD = """
@prefix : <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:A a owl:Class . :B a owl:Class . :p a owl:ObjectProperty . :d a owl:DatatypeProperty .
"""
NOT_RL = {
    "existential-superclass": (":A rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom :B ] .", "someValuesFrom as superclass"),
    "union-superclass": (":A rdfs:subClassOf [ owl:unionOf ( :A :B ) ] .", "unionOf as superclass"),
    "union-domain": (":p rdfs:domain [ owl:unionOf ( :A :B ) ] .", "unionOf as superclass"),
    "existential-range": (":p rdfs:range [ owl:onProperty :p ; owl:someValuesFrom :B ] .", "someValuesFrom as superclass"),
    "enumeration-superclass": (":A rdfs:subClassOf [ owl:oneOf ( :x ) ] .", "oneOf as superclass"),
    "universal-subclass": ("[ owl:onProperty :p ; owl:allValuesFrom :B ] rdfs:subClassOf :A .", "allValuesFrom as subclass"),
    "nested-complement": (
        "[ owl:intersectionOf ( :A [ owl:complementOf :B ] ) ] rdfs:subClassOf :B .",
        "complementOf as subclass",
    ),
    "equivalent-existential": (
        ":A owl:equivalentClass [ owl:onProperty :p ; owl:someValuesFrom :B ] .",
        "someValuesFrom as equivalent class",
    ),
    "thing-superclass": (":A rdfs:subClassOf owl:Thing .", "owl:Thing as superclass"),
    "two-at-most": (":A rdfs:subClassOf [ owl:onProperty :p ; owl:maxCardinality 2 ] .", "only 0 or 1"),
    "at-least-one": (":A rdfs:subClassOf [ owl:onProperty :p ; owl:minCardinality 1 ] .", "minCardinality is not in OWL 2 RL"),
    "disjoint-union": (":A owl:disjointUnionOf ( :A :B ) .", "disjointUnionOf is not in OWL 2 RL"),
    "self": (":A rdfs:subClassOf [ owl:onProperty :p ; owl:hasSelf true ] .", "hasSelf"),
    "reflexive": (":p a owl:ReflexiveProperty .", "reflexive"),
    "date-range": (":d rdfs:range xsd:date .", "not a datatype of OWL 2 RL"),
    "year-range": (":d rdfs:range xsd:gYear .", "not a datatype of OWL 2 RL"),
    "datatype-of-object-property": (":p rdfs:range xsd:string .", "ranges over the datatype"),
    "two-kinds": (":p a owl:DatatypeProperty .", "declared as"),
    "irreflexive-transitive": (":p a owl:TransitiveProperty , owl:IrreflexiveProperty .", "transitive"),
    "functional": (":p a owl:FunctionalProperty .", "not used here"),
    "key": (":A owl:hasKey ( :p ) .", "not used here"),
    "undeclared-step": (":p owl:propertyChainAxiom ( :p :q ) .", "not declared"),
}
IS_RL = {
    "existential-subclass": "[ owl:onProperty :p ; owl:someValuesFrom :B ] rdfs:subClassOf :A .",
    "any-filler": "[ owl:onProperty :p ; owl:someValuesFrom owl:Thing ] rdfs:subClassOf :A .",
    "union-subclass": "[ owl:unionOf ( :A :B ) ] rdfs:subClassOf :B .",
    "universal-superclass": ":A rdfs:subClassOf [ owl:onProperty :p ; owl:allValuesFrom :B ] .",
    "complement-superclass": ":A rdfs:subClassOf [ owl:complementOf :B ] .",
    "one-at-most": ":A rdfs:subClassOf [ owl:onProperty :p ; owl:maxCardinality 1 ] .",
    "value-range": ":p rdfs:range [ owl:onProperty :p ; owl:hasValue :x ] .",
    "integer-range": ":d rdfs:range xsd:integer .",
}
BASE_CASES = [
    ("hasResponse", "effectiveResponse"),
    ("statedIn", "occursIn"),
    ("isDirectPartOf", "isPartOf"),
    ("directlySucceeds", "succeeds"),
    ("leadAgency", "accountableAgency"),
    ("leadAgency", "involvesAgency"),
    ("relatedAgency", "involvesAgency"),
    ("implementingAgency", "involvesAgency"),
    ("namedAgency", "involvesAgency"),
    ("involvesAgency", "involvesOrganization"),
    ("commentsOn", "concernsSection"),
]
# Pairs that the documents need together in one thing: they must never be disjoint.
TOGETHER = [
    (SG.Instrument, SG.PolicyDocument),
    (SG.PlanItem, SG.Measure),
    (SG.Threat, SG.Theme),
    (SG.AgencyGroup, SG.GovernmentBody),
]


@functools.cache
def ontology() -> Graph:
    """Read the core and the alignments as one graph."""
    return Graph().parse(ROOT / "ontology" / "stratgraph.ttl").parse(ROOT / "ontology" / "alignments.ttl")


def terms() -> list[URIRef]:
    """Every sg: class and property of the ontology, sorted."""
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
    found = {term for kind in kinds for term in ontology().subjects(RDF.type, kind) if str(term).startswith(str(SG))}
    assert len(found) > 100, "the ontology was not read"
    return sorted(URIRef(str(term)) for term in found)


def errors_of(graph: Graph) -> list[str]:
    """List the inconsistencies that owlrl reports on the closure of a graph; the graph is closed in place."""
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(graph)
    return sorted(str(message) for message in graph.objects(None, ERROR))


def disjoint_groups() -> list[list[Node]]:
    """List the members of each disjointness axiom of the ontology."""
    axioms = ontology().subjects(RDF.type, OWL.AllDisjointClasses)
    return [list(Collection(ontology(), members)) for axiom in axioms for members in ontology().objects(axiom, OWL.members)]


# Syntax


def test_the_ontology_is_owl_2_rl() -> None:
    """No axiom of the ontology or its alignments leaves OWL 2 RL or uses what the project forbids."""
    assert find_violations(ontology()) == []


@pytest.mark.parametrize("name", NOT_RL)
def test_the_checker_finds_what_is_not_rl(name: str) -> None:
    """Each axiom outside the profile is reported with its reason."""
    axiom, reason = NOT_RL[name]
    found = find_violations(Graph().parse(data=SNIPPET_HEAD + axiom, format="turtle"))
    assert any(reason in sentence for sentence in found), found


@pytest.mark.parametrize("name", IS_RL)
def test_the_checker_accepts_what_is_rl(name: str) -> None:
    """No axiom inside the profile is reported."""
    assert find_violations(Graph().parse(data=SNIPPET_HEAD + IS_RL[name], format="turtle")) == []


# Style


@pytest.mark.parametrize("predicate", [RDFS.label, SKOS.definition])
def test_each_term_has_one_text_per_language(predicate: URIRef) -> None:
    """Every term has exactly one label and one definition in Japanese and in English, and none in another language."""
    wrong = [t for t in terms() if sorted(o.language or "" for o in _literals(t, predicate)) != ["en", "ja"]]
    assert wrong == []


def test_scope_notes_come_in_both_languages() -> None:
    """A scope note, where there is one, is given once in each language."""
    wrong = [t for t in terms() if sorted(o.language or "" for o in _literals(t, SKOS.scopeNote)) not in ([], ["en", "ja"])]
    assert wrong == []


def test_labels_name_one_term_of_a_kind() -> None:
    """No two classes, and no two properties, share a label."""
    for is_class in (True, False):
        labels = [o for t in terms() if ((t, RDF.type, OWL.Class) in ontology()) is is_class for o in _literals(t, RDFS.label)]
        assert len(labels) == len(set(labels))


def test_each_term_is_defined_by_the_ontology() -> None:
    """Every term says that the StratGraph ontology defines it."""
    home = URIRef("https://w3id.org/stratgraph/ontology")
    assert [t for t in terms() if list(ontology().objects(t, RDFS.isDefinedBy)) != [home]] == []


def test_terms_are_named_by_kind() -> None:
    """Classes are CamelCase, properties lowerCamel."""
    for term in terms():
        pattern = r"[A-Z][A-Za-z]+" if (term, RDF.type, OWL.Class) in ontology() else r"[a-z][A-Za-z0-9]+"
        assert re.fullmatch(pattern, term.removeprefix(str(SG))), term


def test_each_term_has_an_example() -> None:
    """A class shows a thing of the data or describes one in both languages; a property shows statements in Turtle that use it."""
    for term in terms():
        examples = list(ontology().objects(term, SKOS.example))
        assert examples, f"{term} has no example"
        if (term, RDF.type, OWL.Class) in ontology():
            texts = sorted(o.language or "" for o in examples if isinstance(o, Literal))
            assert texts == ([] if isinstance(examples[0], URIRef) else ["en", "ja"]), term
        else:
            shown = Graph().parse(data=EXAMPLE_HEAD + str(examples[0]), format="turtle")
            assert term in set(shown.predicates()), term


def test_prefixes_are_declared_once_and_used_alike() -> None:
    """Every prefix of the ontology's and the reference vocabularies' files, and of the rules, is one that prefixes.ttl declares."""
    sh = Namespace("http://www.w3.org/ns/shacl#")
    declared = Graph().parse(ROOT / "ontology" / "prefixes.ttl")
    nodes = list(declared.objects(URIRef("https://w3id.org/stratgraph/ontology"), sh.declare))
    known = {str(declared.value(n, sh.prefix)): str(declared.value(n, sh.namespace)) for n in nodes}
    assert len(known) == len(nodes) > 20
    assert not [s for s in declared.subjects() if isinstance(s, BNode)]
    files = [*ROOT.glob("ontology/*.ttl"), *ROOT.glob("ontology/rules/*.rq"), *ROOT.glob("data/ttl/reference/*.ttl")]
    assert len(files) >= 8
    for path in files:
        for prefix, namespace in re.findall(r"^(?:@prefix|PREFIX)\s+([\w-]*):\s*<([^>]*)>", path.read_text(encoding="utf-8"), re.M):
            assert known.get(prefix) == namespace, f"{path.name}: {prefix}"


# Axioms and their cases


@pytest.mark.parametrize(("narrow", "wide"), BASE_CASES)
def test_each_chain_has_its_base_case(narrow: str, wide: str) -> None:
    """Each property from which a chain starts is fed by a narrower, asserted one; without it the chain yields nothing."""
    assert (SG[narrow], RDFS.subPropertyOf, SG[wide]) in ontology()


@functools.cache
def cases() -> dict[str, tuple[Graph, Graph]]:
    """Read the input and the expected conclusions of each inference case, by folder name."""
    folders = sorted(path for path in CASES.iterdir() if path.is_dir())
    assert folders, "no inference cases were found"
    return {path.name: (Graph().parse(path / "in.ttl"), Graph().parse(path / "out.ttl")) for path in folders}


def test_each_case_asks_for_something_new() -> None:
    """Each case has an input and conclusions, and no conclusion is already in the input."""
    for name, (given, expected) in cases().items():
        assert len(given) and len(expected), name
        assert not [triple for triple in expected if triple in given], name


def test_each_case_keeps_to_its_own_names() -> None:
    """Each case names its things under a namespace of its own, so that all can be closed in one graph."""
    for name in cases():
        for path in (CASES / name).glob("*.ttl"):
            text = path.read_text(encoding="utf-8")
            assert re.findall(r"^@prefix ex: <([^>]*)>", text, re.M) == [f"http://example.org/{name}/"], path


def _axioms() -> Iterator[tuple[str, Node, list[Node]]]:
    graph = ontology()
    for prop, chain in graph.subject_objects(OWL.propertyChainAxiom):
        yield "chain", prop, list(Collection(graph, chain))
    for prop in graph.subjects(RDF.type, OWL.TransitiveProperty):
        yield "chain", prop, [prop, prop]
    for prop in graph.subjects(RDF.type, OWL.SymmetricProperty):
        yield "inverse", prop, [prop]
    for prop, other in graph.subject_objects(OWL.inverseOf):
        yield "inverse", prop, [other]
        yield "inverse", other, [prop]
    for narrow, wide in graph.subject_objects(RDFS.subPropertyOf):
        yield "narrower", wide, [narrow]


def _is_shown(kind: str, conclusion: Node, premises: list[Node], given: Graph, expected: Graph) -> bool:
    for start, middle in given.subject_objects(premises[0]):
        if kind == "chain":
            ends = [(start, end) for end in given.objects(middle, premises[1])]
        else:
            ends = [(middle, start)] if kind == "inverse" else [(start, middle)]
        if any((one, conclusion, other) in expected for one, other in ends):
            return True
    return False


def test_each_property_axiom_has_a_case() -> None:
    """Every chain, transitive, symmetric, inverse and narrower property is shown by a case with its premises and its conclusion."""
    axioms = list(_axioms())
    assert len(axioms) > 40
    missing = [axiom for axiom in axioms if not any(_is_shown(*axiom, *case) for case in cases().values())]
    assert missing == []


def test_each_value_range_has_a_case() -> None:
    """Every range that fixes a value is shown by a case: the property is given, the value is concluded of its object."""
    graph, shown, wanted = ontology(), set(), set()
    for prop, range_ in graph.subject_objects(RDFS.range):
        value = graph.value(range_, OWL.hasValue)
        if value is None:
            continue
        wanted.add(prop)
        concluded = graph.value(range_, OWL.onProperty)
        if any((o, concluded, value) in expected for given, expected in cases().values() for o in given.objects(None, prop)):
            shown.add(prop)
    assert len(wanted) == 4
    assert wanted == shown


def test_each_defined_class_has_a_case() -> None:
    """Every class that an anonymous expression fills, and every class that a rule fills, is concluded of something in a case."""
    filled = {sup for sub, sup in ontology().subject_objects(RDFS.subClassOf) if isinstance(sub, BNode)}
    assert len(filled) == 4
    concluded = {cls for _, expected in cases().values() for cls in expected.objects(None, RDF.type)}
    assert filled - concluded == set()


def test_each_rule_has_a_case_and_says_why() -> None:
    """Every rule opens with a comment and has a case under its name that concludes its class, with what must not follow."""
    rules = sorted((ROOT / "ontology" / "rules").glob("*.rq"))
    assert len(rules) >= 4
    for path in rules:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("# ") and "Outside OWL 2 RL" in text, path.name
        head = re.search(r"CONSTRUCT \{\s*\?\w+ a sg:(\w+)", text)
        assert head, path.name
        _, expected = cases()[f"rule-{path.stem}"]
        assert SG[head.group(1)] in set(expected.objects(None, RDF.type)), path.name
        assert (CASES / f"rule-{path.stem}" / "not.ttl").is_file(), path.name


def test_rules_negate_only_what_no_rule_derives() -> None:
    """No class that a rule concludes occurs under NOT EXISTS in any rule, so that the order of rules changes nothing."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "ontology" / "rules").glob("*.rq")]
    derived = {name for text in texts for name in re.findall(r"CONSTRUCT \{\s*\?\w+ a sg:(\w+)", text)}
    negated = {name for text in texts for part in re.findall(r"NOT EXISTS \{(.*?)\}", text, re.S) for name in re.findall(r"sg:(\w+)", part)}
    assert negated
    assert derived & negated == set()


# Consistency


def test_the_ontology_closes_consistently() -> None:
    """The ontology with the reference vocabularies has no contradiction, and no two of its terms become the same."""
    graph = Graph()
    for path in [*ROOT.glob("ontology/*.ttl"), *(ROOT / "data/ttl/reference" / f"{name}.ttl" for name in ("vocabularies", "themes"))]:
        graph.parse(path)
    assert errors_of(graph) == []
    assert [pair for pair in graph.subject_objects(OWL.sameAs) if pair[0] != pair[1]] == []


def test_disjoint_classes_are_found_and_others_are_not() -> None:
    """A thing in two disjoint classes is an error for each pair; things that are rightly two at once raise none."""
    graph = Graph()
    for term in ontology():
        graph.add(term)
    wanted: set[str] = set()
    for group in disjoint_groups():
        for i, one in enumerate(group):
            for other in group[i + 1 :]:
                both = URIRef(f"http://example.org/{len(wanted)}")
                wanted.add(str(both))
                graph.add((both, RDF.type, one))
                graph.add((both, RDF.type, other))
    for number, (first, second) in enumerate(TOGETHER):
        both = URIRef(f"http://example.org/together-{number}")
        graph.add((both, RDF.type, first))
        graph.add((both, RDF.type, second))
    assert len(wanted) == 10 + 45 + 55  # pairs of 5 policy elements, 10 links, 11 things
    found = {match for message in errors_of(graph) for match in re.findall(r"http://example\.org/[a-z0-9-]+", message)}
    assert found == wanted


def test_role_marks_are_the_printed_ones() -> None:
    """The roles bear the marks that the annex prints: ◎ lead, ○ related, 【】 implementing; a named body has none."""
    graph = Graph().parse(ROOT / "data/ttl/reference/vocabularies.ttl")
    marks = {role: graph.value(ROLE[role], SKOS.notation) for role in ("lead", "related", "implementing", "named")}
    assert marks == {"lead": Literal("◎"), "related": Literal("○"), "implementing": Literal("【】"), "named": None}


@pytest.mark.parametrize("name", ["vocabularies", "themes"])
def test_each_concept_is_labelled_and_in_one_scheme(name: str) -> None:
    """Every scheme and concept has one label and one definition per language; a concept is at the top of its one scheme, under its IRI."""
    graph = Graph().parse(ROOT / "data/ttl/reference" / f"{name}.ttl")
    assert not [node for node in graph.all_nodes() if isinstance(node, BNode)]
    for subject in set(graph.subjects()):
        for predicate in (SKOS.prefLabel, SKOS.definition):
            languages = sorted(o.language or "" for o in graph.objects(subject, predicate) if isinstance(o, Literal))
            assert languages == ["en", "ja"], subject
        if (subject, RDF.type, SKOS.Concept) in graph:
            schemes = list(graph.objects(subject, SKOS.inScheme))
            assert [str(subject).rsplit("/", 1)[0]] == [str(scheme) for scheme in schemes], subject
            top = list(graph.objects(subject, SKOS.topConceptOf))
            assert top == ([] if (subject, SKOS.broader, None) in graph else schemes), subject
            assert (schemes[0], RDF.type, SKOS.ConceptScheme) in graph, subject


def _literals(term: URIRef, predicate: URIRef) -> list[Literal]:
    return [value for value in ontology().objects(term, predicate) if isinstance(value, Literal)]
