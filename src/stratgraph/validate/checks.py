"""What SHACL cannot say, or says slowly: checks over whole graphs, each declared as a `Check` among the shapes.

A check's declaration gives its severity and messages; the function here of the same name finds the breaches. They are here
because they need the ontology as a whole (closed world, domains, ranges), the named graphs, near names for a typo, or terms
that SHACL has no view of. Imports rdflib, formats and the layers below.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from itertools import combinations
from typing import Final

from rdflib import DCTERMS, OWL, RDF, RDFS, SH, XSD, BNode, Literal, URIRef
from rdflib.term import Node

from stratgraph.formats import FORMATS
from stratgraph.indexed import IndexedGraph
from stratgraph.places import Triple
from stratgraph.validate.context import Hit
from stratgraph.validate.report import shorten
from stratgraph.vocab import BASE, CURATED_GRAPHS, DOCUMENT_GRAPHS, ID, INFERRED_GRAPH, ONTOLOGY_GRAPH, SG, SHAPES, VOCAB

# The languages that RDF, RDFS, OWL and SHACL themselves are: nobody declares them.
_LOGICAL: Final = (str(RDF), str(RDFS), str(OWL), str(SH))
_PROPERTY_KINDS: Final = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, OWL.OntologyProperty, RDF.Property)
_UNIVERSAL: Final = frozenset({OWL.Thing, RDFS.Resource})
_LANGUAGE_TAGS: Final = frozenset({"ja", "en", "ja-hira"})
_ID_PATH: Final = re.compile(r"[a-z-]+(/[a-z0-9-]+(\.[a-z0-9-]+)*)+(#[a-z]+)?")
_VOCAB_PATH: Final = re.compile(r"[a-z-]+(/[a-z0-9-]+)?")
_NOT_OURS: Final = re.compile(r"^(https?:)?/*([a-z.]*)w3id\.org/+stratgraph", re.IGNORECASE)
_SUFFIXES: Final = (*(one.suffix for one in FORMATS), ".json", ".xlsx", ".docx")
_CANONICAL: Final[Mapping[Node | None, re.Pattern[str]]] = {
    XSD.integer: re.compile("0|-?[1-9][0-9]*"),
    XSD.boolean: re.compile("true|false"),
}
_JAPANESE: Final = re.compile("[ぁ-ヿ㐀-鿿]")
_LATIN: Final = re.compile("[A-Za-zÀ-ɏḀ-ỿ]")
_HIRAGANA: Final = re.compile("[ぁ-ゖー・ ]+")
_BLANKS: Final = 3
_OURS: Final = (str(ID), str(VOCAB), str(SG))
_ERROR: Final = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")
_OURS_TO_JUDGE: Final = (VOCAB["assertion-status/interpreted"], VOCAB["assertion-status/suspected-source-error"])
_PLACED: Final = (SG.assertionStatus, SG.summary, SG.evidence, SG.statedIn)


@dataclass(frozen=True)
class Encoded:
    """Named graphs as sets of triples, and their union; what the ontology declares is worked out once.

    Checks may find breaches in any order: the report is put in order at the end.
    """

    graphs: Mapping[str, frozenset[Triple]]
    union: IndexedGraph

    @cached_property
    def data(self) -> IndexedGraph:
        """All triples outside the ontology's graph."""
        return IndexedGraph(frozenset[Triple]().union(*(triples for iri, triples in self.graphs.items() if iri != ONTOLOGY_GRAPH)))

    @cached_property
    def placed(self) -> Mapping[str, Mapping[Node, list[Triple]]]:
        """Graph → property → triples, of the properties whose graph matters."""
        found: dict[str, dict[Node, list[Triple]]] = {iri: {predicate: [] for predicate in _PLACED} for iri in self.graphs}
        for iri, triples in self.graphs.items():
            kept = found[iri]
            for triple in triples:
                if triple[1] in kept:
                    kept[triple[1]].append(triple)
        return found

    @cached_property
    def properties(self) -> frozenset[Node]:
        """Everything declared as a property."""
        return frozenset(one for kind in _PROPERTY_KINDS for one in self.union.subjects(RDF.type, kind))

    @cached_property
    def classes(self) -> frozenset[Node]:
        """Everything declared as a class."""
        return frozenset(one for kind in (OWL.Class, RDFS.Class) for one in self.union.subjects(RDF.type, kind))

    @cached_property
    def types(self) -> dict[Node, frozenset[Node]]:
        """Asserted classes of each thing, with the classes above them."""
        above = {kind: self.union.above(kind, RDFS.subClassOf) for kind in self.classes}
        return {
            subject: frozenset[Node]().union(*(above.get(kind, (kind,)) for kind in kinds))
            for subject, kinds in self.union.objects_of(RDF.type).items()
        }

    def asserted_types(self, subject: Node) -> list[Node]:
        """The classes that files say a thing is of."""
        kinds = self.union.objects(subject, RDF.type)
        return [
            one for one in kinds if any((subject, RDF.type, one) in graph for iri, graph in self.graphs.items() if iri != INFERRED_GRAPH)
        ]

    def expected(self, predicate: Node, side: URIRef) -> frozenset[Node]:
        """The named classes or datatypes that domain or range (`side`) of a property and those above it ask for."""
        above = self.union.above(predicate, RDFS.subPropertyOf)
        asked = {kind for one in above for kind in self.union.objects(one, side)}
        return frozenset(kind for kind in asked if isinstance(kind, URIRef) and kind not in _UNIVERSAL)


def known_predicate(encoded: Encoded) -> Iterator[Hit]:
    """Every predicate is declared in the ontology."""
    for predicate, values in encoded.union.by_predicate.items():
        if predicate not in encoded.properties and not str(predicate).startswith(_LOGICAL):
            near = _near(predicate, encoded.properties)
            yield from (Hit(subject, predicate, None, {"near": near}) for subject in values)


def known_class(encoded: Encoded) -> Iterator[Hit]:
    """Every class that something is said to be is declared in the ontology."""
    for kind, subjects in encoded.union.subjects_of(RDF.type).items():
        if kind not in encoded.classes and not str(kind).startswith(_LOGICAL):
            near = _near(kind, encoded.classes)
            yield from (Hit(subject, RDF.type, kind, {"near": near}) for subject in subjects)


def known_thing(encoded: Encoded) -> Iterator[Hit]:
    """Every thing, concept or term of ours that is referred to is described somewhere."""
    described = encoded.union.described
    for predicate in encoded.union.by_predicate:
        if predicate == RDF.type:  # known_class tells these
            continue
        for subject, value in encoded.union.subject_objects(predicate):
            if value not in described and isinstance(value, URIRef) and str(value).startswith(_OURS):
                yield Hit(subject, predicate, value, {"near": _near(value, described)})


def typed_thing(encoded: Encoded) -> Iterator[Hit]:
    """Everything that is described says what it is; what is retired only says so."""
    deprecated = encoded.union.subjects(OWL.deprecated, Literal("true", datatype=XSD.boolean))
    retired = {*deprecated, *encoded.union.subjects(DCTERMS.isReplacedBy)}
    yield from (Hit(subject) for subject in encoded.data.described - encoded.types.keys() - retired)


def declared_domain(encoded: Encoded) -> Iterator[Hit]:
    """A property is used on the classes it is declared for."""
    misused: dict[tuple[Node, Node], list[Node]] = {}
    for predicate, values in encoded.data.by_predicate.items():
        asked = encoded.expected(predicate, RDFS.domain)
        for subject in values if asked else ():
            kinds = encoded.types.get(subject, frozenset())
            if not kinds or kinds - encoded.classes - _UNIVERSAL:  # typed_thing and known_class tell these
                continue
            for wanted in asked - kinds:
                misused.setdefault((subject, wanted), []).append(predicate)
    for (subject, wanted), predicates in misused.items():
        words = {"class": shorten(str(wanted)), "path": ", ".join(sorted(shorten(str(one)) for one in predicates))}
        if len(predicates) > 1:  # several properties of the one class: it is the thing's own class that is wrong
            yield Hit(subject, RDF.type, None, words)
        else:
            yield from (Hit(subject, predicates[0], value, words) for value in encoded.data.objects(subject, predicates[0]))


def declared_range(encoded: Encoded) -> Iterator[Hit]:
    """A property's value is of the class or datatype it is declared for."""
    for predicate in encoded.data.by_predicate:
        for wanted in _sorted(encoded.expected(predicate, RDFS.range)):
            for subject, value in encoded.data.subject_objects(predicate):
                if not _suits(encoded, value, wanted):
                    yield Hit(subject, predicate, value, {"class": shorten(str(wanted))})


def _suits(encoded: Encoded, value: Node, wanted: Node) -> bool:
    if isinstance(value, Literal):
        if wanted in (RDFS.Literal, RDF.langString):
            return wanted == RDFS.Literal or value.language is not None
        return wanted == (RDF.langString if value.language else value.datatype or XSD.string)
    if wanted in encoded.classes:
        # A thing that nothing describes is told by known_thing; what lies elsewhere cannot be judged here.
        return value not in encoded.types or wanted in encoded.types[value]
    return False


def canonical_iri(encoded: Encoded) -> Iterator[Hit]:
    """Our IRIs have the one base, the path alphabet, and no suffix that asks for a format."""
    data = encoded.data
    values = {value for each in data.by_predicate.values() for one in each.values() for value in one if isinstance(value, URIRef)}
    for iri in {*data.by_predicate, *data.described, *values}:
        if isinstance(iri, URIRef) and not _is_canonical(str(iri)):
            yield from (Hit(subject, predicate, iri) for subject, predicate in _uses(encoded, iri))


def _is_canonical(iri: str) -> bool:
    for namespace, pattern in ((_OURS[0], _ID_PATH), (_OURS[1], _VOCAB_PATH)):
        if iri.startswith(namespace):
            path = iri.removeprefix(namespace)
            return bool(pattern.fullmatch(path)) and not path.endswith(_SUFFIXES)
    return iri.startswith(BASE) or not _NOT_OURS.match(iri)


def _uses(encoded: Encoded, iri: Node) -> Iterable[tuple[Node, Node | None]]:
    return [(iri, None)] if iri in encoded.union.described else encoded.union.subject_predicates(iri)


def our_subject(encoded: Encoded) -> Iterator[Hit]:
    """The data describe only things and concepts of ours, each under an IRI: no blank nodes, nobody else's terms."""
    for subject in encoded.data.described:
        if isinstance(subject, BNode) or not str(subject).startswith(_OURS[:2]):
            yield Hit(subject)


def language_tag(encoded: Encoded) -> Iterator[Hit]:
    """Only the three language tags of the project are used."""
    for subject, predicate, value in encoded.union:
        if isinstance(value, Literal) and value.language and value.language not in _LANGUAGE_TAGS:
            yield Hit(subject, predicate, value)


def well_formed_literal(encoded: Encoded) -> Iterator[Hit]:
    """A typed literal is one of its datatype in canonical form; text is neither empty nor padded nor broken over lines."""
    for subject, predicate, value in encoded.data:
        if isinstance(value, Literal) and not _is_well_formed(value):
            yield Hit(subject, predicate, value)


def _is_well_formed(literal: Literal) -> bool:
    if literal.language:
        return _is_tidy(str(literal))
    canonical = _CANONICAL.get(literal.datatype)
    return not literal.ill_typed and (canonical is None or bool(canonical.fullmatch(literal)))


def _is_tidy(text: str) -> bool:
    return bool(text) and text == text.strip() and not any(mark in text for mark in "\n\r\t")


def interpretation_is_curated(encoded: Encoded) -> Iterator[Hit]:
    """What we interpret or suspect lives in a curated graph."""
    for iri, placed in encoded.placed.items():
        for subject, predicate, value in placed[SG.assertionStatus]:
            if value in _OURS_TO_JUDGE and not iri.startswith(CURATED_GRAPHS):
                yield Hit(subject, predicate, value, {"graph": iri})


def summary_is_curated(encoded: Encoded) -> Iterator[Hit]:
    """A summary is ours, so it does not stand among what a document states."""
    for iri, placed in encoded.placed.items():
        if iri.startswith(DOCUMENT_GRAPHS):
            yield from (Hit(*one, {"graph": iri}) for one in placed[SG.summary])


def evidence_of_document(encoded: Encoded) -> Iterator[Hit]:
    """What a document's graphs give as evidence lies in that document's text."""
    for key, iri in _of_documents(encoded):
        mine = str(ID[f"anchor/{key}/"])
        for subject, predicate, value in encoded.placed[iri][SG.evidence]:
            if not str(value).startswith(mine):
                yield Hit(subject, predicate, value, {"graph": iri})


def stated_in_document(encoded: Encoded) -> Iterator[Hit]:
    """What a document's graph says is stated somewhere is stated in it, or in a document that it presents or responds to."""
    for key, iri in _of_documents(encoded):
        document = ID[f"document/{key}"]
        told = (SG.presents, SG.respondsToDocument)
        within = {document, *(one for predicate in told for one in encoded.union.objects(document, predicate))}
        for subject, predicate, value in encoded.placed[iri][SG.statedIn]:
            if value in encoded.types and not within & encoded.union.above(value, SG.isDirectPartOf):
                yield Hit(subject, predicate, value, {"graph": iri})


def _of_documents(encoded: Encoded) -> Iterator[tuple[str, str]]:
    """Key and IRI of each graph of one document; `across` holds what links several."""
    for iri in encoded.graphs:
        for prefix in (DOCUMENT_GRAPHS, CURATED_GRAPHS):
            if iri.startswith(prefix) and iri != f"{CURATED_GRAPHS}across":
                yield iri.removeprefix(prefix), iri


def language_fits(encoded: Encoded) -> Iterator[Hit]:
    """English is not tagged as Japanese nor Japanese as English, and a reading is written in hiragana."""
    for subject, predicate, value in encoded.data:
        if isinstance(value, Literal) and value.language and not _is_in(value.language, str(value)):
            yield Hit(subject, predicate, value)


def _is_in(language: str, text: str) -> bool:
    if (language == "en" and text.isascii()) or (language == "ja" and _JAPANESE.search(text)):  # nearly all, and quickly seen
        return True
    text = unicodedata.normalize("NFKC", text)
    japanese, latin = len(_JAPANESE.findall(text)), len(_LATIN.findall(text))
    if language == "ja-hira":
        return _HIRAGANA.fullmatch(text) is not None
    # English may quote, and Japanese may hold English names; neither is a whole sentence of the other.
    return japanese <= 2 * latin if language == "en" else japanese > 0 or not (text.endswith(".") and text.count(" ") >= _BLANKS)


def disjoint_classes(encoded: Encoded) -> Iterator[Hit]:
    """Nothing is of two classes that exclude each other."""
    pairs = {frozenset(pair) for pair in encoded.union.subject_objects(OWL.disjointWith)}
    for group in encoded.union.objects(None, OWL.members):
        pairs |= {frozenset(pair) for pair in combinations(encoded.union.items(group), 2)}
    for subject, kinds in encoded.types.items():
        for pair in sorted(sorted(pair, key=str) for pair in pairs if len(pair) == 2 and pair <= kinds):
            words = {"first": shorten(str(pair[0])), "second": shorten(str(pair[1]))}
            # Any of the lines that make it so may be the wrong one; where it is properties that do, the thing is told.
            told = [kind for kind in encoded.asserted_types(subject) if encoded.union.above(kind, RDFS.subClassOf) & set(pair)]
            yield from [Hit(subject, RDF.type, kind, words) for kind in told] or [Hit(subject, RDF.type, None, words)]


def no_error_triple(encoded: Encoded) -> Iterator[Hit]:
    """The reasoner recorded no contradiction."""
    yield from (Hit(subject, _ERROR, value) for subject, value in encoded.union.subject_objects(_ERROR))


def no_same_as(encoded: Encoded) -> Iterator[Hit]:
    """Nothing is inferred to be the same as something else."""
    for subject, value in encoded.union.subject_objects(OWL.sameAs):
        if subject != value:
            yield Hit(subject, OWL.sameAs, value)


def no_literal_subject(encoded: Encoded) -> Iterator[Hit]:
    """A literal is never a subject."""
    yield from (Hit(subject, predicate, value) for subject, predicate, value in encoded.union if isinstance(subject, Literal))


def _sorted(nodes: Iterable[Node]) -> list[Node]:
    return sorted(nodes, key=lambda node: (type(node).__name__, str(node)))


def _near(term: Node, known: frozenset[Node] | set[Node]) -> str:
    """The known term whose IRI is nearest, as text; a dash where none is near."""
    place = str(term).rpartition("#")[0] or str(term).rpartition("/")[0]
    rivals = sorted(str(one) for one in known if isinstance(one, URIRef))
    same_place = [one for one in rivals if one.startswith(place)]
    found = get_close_matches(str(term), same_place, n=1, cutoff=0.8) or _by_name(str(term), rivals)
    return shorten(found[0]) if found else "–"


def _by_name(iri: str, rivals: list[str]) -> list[str]:
    names = {re.split(r"[#/]", one)[-1].lower(): one for one in reversed(rivals)}
    found = get_close_matches(re.split(r"[#/]", iri)[-1].lower(), names, n=1, cutoff=0.8)
    return [names[one] for one in found]


Check = Callable[[Encoded], Iterator[Hit]]
CHECKS: Final[Mapping[Node, Check]] = {
    SHAPES[name]: function
    for name, function in {
        "KnownPredicate": known_predicate,
        "KnownClass": known_class,
        "KnownThing": known_thing,
        "TypedThing": typed_thing,
        "DeclaredDomain": declared_domain,
        "DeclaredRange": declared_range,
        "CanonicalIri": canonical_iri,
        "OurSubject": our_subject,
        "LanguageTag": language_tag,
        "WellFormedLiteral": well_formed_literal,
        "InterpretationIsCurated": interpretation_is_curated,
        "SummaryIsCurated": summary_is_curated,
        "EvidenceOfDocument": evidence_of_document,
        "StatedInDocument": stated_in_document,
        "LanguageFits": language_fits,
        "DisjointClasses": disjoint_classes,
        "NoErrorTriple": no_error_triple,
        "NoSameAs": no_same_as,
        "NoLiteralSubject": no_literal_subject,
    }.items()
}
