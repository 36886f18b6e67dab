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

from rdflib import DCTERMS, OWL, RDF, RDFS, SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from stratgraph.formats import FORMATS
from stratgraph.places import Triple
from stratgraph.validate.context import Hit
from stratgraph.validate.report import shorten
from stratgraph.vocab import BASE, CURATED_GRAPHS, DOCUMENT_GRAPHS, ID, ONTOLOGY_GRAPH, SG, SHAPES, VOCAB

# The languages that RDF, RDFS, OWL and SHACL themselves are: nobody declares them.
_LOGICAL: Final = (str(RDF), str(RDFS), str(OWL), str(SH))
_PROPERTY_KINDS: Final = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, OWL.OntologyProperty, RDF.Property)
_UNIVERSAL: Final = frozenset({OWL.Thing, RDFS.Resource})
_LANGUAGE_TAGS: Final = frozenset({"ja", "en", "ja-hira"})
_ID_PATH: Final = re.compile(r"[a-z-]+(/[a-z0-9-]+(\.[a-z0-9-]+)*)+(#[a-z]+)?")
_VOCAB_PATH: Final = re.compile(r"[a-z-]+(/[a-z0-9-]+)?")
_NOT_OURS: Final = re.compile(r"^(https?:)?/*([a-z.]*)w3id\.org/+stratgraph", re.IGNORECASE)
_SUFFIXES: Final = (*(one.suffix for one in FORMATS), ".json", ".xlsx")
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


@dataclass(frozen=True)
class Encoded:
    """Named graphs as sets of triples, and their union; what the ontology declares is worked out once."""

    graphs: Mapping[str, frozenset[Triple]]
    union: Graph

    @cached_property
    def data(self) -> tuple[Triple, ...]:
        """All triples outside the ontology's graph, in order."""
        return tuple(sorted({triple for iri, triples in self.graphs.items() if iri != ONTOLOGY_GRAPH for triple in triples}))

    @cached_property
    def properties(self) -> frozenset[Node]:
        """Everything declared as a property."""
        return frozenset(one for kind in _PROPERTY_KINDS for one in self.union.subjects(RDF.type, kind))

    @cached_property
    def classes(self) -> frozenset[Node]:
        """Everything declared as a class."""
        return frozenset(one for kind in (OWL.Class, RDFS.Class) for one in self.union.subjects(RDF.type, kind))

    def above(self, node: Node, predicate: URIRef) -> frozenset[Node]:
        """The term and all that it is narrower than by `predicate`."""
        return frozenset(one for one in self.union.transitive_objects(node, predicate) if one is not None)

    @cached_property
    def types(self) -> dict[Node, frozenset[Node]]:
        """Asserted classes of each thing, with the classes above them."""
        found: dict[Node, set[Node]] = {}
        for subject, kind in self.union.subject_objects(RDF.type):
            found.setdefault(subject, set()).update(self._superclasses.get(kind, {kind}))
        return {subject: frozenset(kinds) for subject, kinds in found.items()}

    @cached_property
    def _superclasses(self) -> dict[Node, frozenset[Node]]:
        return {kind: self.above(kind, RDFS.subClassOf) for kind in self.classes}

    @cached_property
    def ordered(self) -> tuple[Triple, ...]:
        """All triples, in order."""
        return tuple(sorted(self.union))

    def expected(self, predicate: Node, side: URIRef) -> frozenset[Node]:
        """The named classes or datatypes that domain or range (`side`) of a property and those above it ask for."""
        if (predicate, side) not in self._expected:
            self._expected[predicate, side] = self._find_expected(predicate, side)
        return self._expected[predicate, side]

    @cached_property
    def _expected(self) -> dict[tuple[Node, URIRef], frozenset[Node]]:
        return {}

    def _find_expected(self, predicate: Node, side: URIRef) -> frozenset[Node]:
        asked = {kind for one in self.above(predicate, RDFS.subPropertyOf) for kind in self.union.objects(one, side)}
        return frozenset(kind for kind in asked if isinstance(kind, URIRef) and kind not in _UNIVERSAL)


def known_predicate(encoded: Encoded) -> Iterator[Hit]:
    """Every predicate is declared in the ontology."""
    for subject, predicate, _ in encoded.ordered:
        if predicate not in encoded.properties and not str(predicate).startswith(_LOGICAL):
            yield Hit(subject, predicate, None, {"near": _near(predicate, encoded.properties)})


def known_class(encoded: Encoded) -> Iterator[Hit]:
    """Every class that something is said to be is declared in the ontology."""
    for subject, kind in sorted(encoded.union.subject_objects(RDF.type)):
        if kind not in encoded.classes and not str(kind).startswith(_LOGICAL):
            yield Hit(subject, RDF.type, kind, {"near": _near(kind, encoded.classes)})


def known_thing(encoded: Encoded) -> Iterator[Hit]:
    """Every thing, concept or term of ours that is referred to is described somewhere."""
    described = set(encoded.union.subjects())
    for subject, predicate, value in encoded.ordered:
        if predicate == RDF.type:  # known_class tells these
            continue
        if isinstance(value, URIRef) and str(value).startswith(_OURS) and value not in described:
            yield Hit(subject, predicate, value, {"near": _near(value, described)})


def typed_thing(encoded: Encoded) -> Iterator[Hit]:
    """Everything that is described says what it is; what is retired only says so."""
    retired = {
        *encoded.union.subjects(OWL.deprecated, Literal("true", datatype=XSD.boolean)),
        *encoded.union.subjects(DCTERMS.isReplacedBy),
    }
    for subject in _sorted({subject for subject, _, _ in encoded.data} - retired):
        if subject not in encoded.types:
            yield Hit(subject)


def declared_domain(encoded: Encoded) -> Iterator[Hit]:
    """A property is used on the classes it is declared for."""
    for subject, predicate, value in encoded.data:
        kinds = encoded.types.get(subject, frozenset())
        if not kinds or kinds - encoded.classes - _UNIVERSAL:  # typed_thing and known_class tell these
            continue
        for wanted in _sorted(encoded.expected(predicate, RDFS.domain)):
            if wanted not in kinds:
                yield Hit(subject, predicate, value, {"class": shorten(str(wanted))})


def declared_range(encoded: Encoded) -> Iterator[Hit]:
    """A property's value is of the class or datatype it is declared for."""
    for subject, predicate, value in encoded.data:
        for wanted in _sorted(encoded.expected(predicate, RDFS.range)):
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
    named = {term for triple in encoded.data for term in triple if isinstance(term, URIRef)}
    for iri in sorted(named):
        if not _is_canonical(str(iri)):
            yield from (Hit(subject, predicate, iri) for subject, predicate in _uses(encoded, iri))


def _is_canonical(iri: str) -> bool:
    for namespace, pattern in ((ID, _ID_PATH), (VOCAB, _VOCAB_PATH)):
        if iri.startswith(str(namespace)):
            path = iri.removeprefix(str(namespace))
            return bool(pattern.fullmatch(path)) and not path.endswith(_SUFFIXES)
    return iri.startswith(BASE) or not _NOT_OURS.match(iri)


def _uses(encoded: Encoded, iri: Node) -> Iterator[tuple[Node, Node | None]]:
    if (iri, None, None) in encoded.union:
        yield iri, None
    else:
        yield from sorted((subject, predicate) for subject, predicate in encoded.union.subject_predicates(iri))


def our_subject(encoded: Encoded) -> Iterator[Hit]:
    """The data describe only things and concepts of ours, each under an IRI: no blank nodes, nobody else's terms."""
    for subject in _sorted({subject for subject, _, _ in encoded.data}):
        if isinstance(subject, BNode) or not str(subject).startswith(_OURS[:2]):
            yield Hit(subject)


def language_tag(encoded: Encoded) -> Iterator[Hit]:
    """Only the three language tags of the project are used."""
    for subject, predicate, value in encoded.ordered:
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
    for iri, triples in sorted(encoded.graphs.items()):
        for subject, predicate, value in sorted(triples):
            if predicate == SG.assertionStatus and value in _OURS_TO_JUDGE and not iri.startswith(CURATED_GRAPHS):
                yield Hit(subject, predicate, value, {"graph": iri})


def summary_is_curated(encoded: Encoded) -> Iterator[Hit]:
    """A summary is ours, so it does not stand among what a document states."""
    for iri, triples in sorted(encoded.graphs.items()):
        if iri.startswith(DOCUMENT_GRAPHS):
            yield from (Hit(one[0], one[1], one[2], {"graph": iri}) for one in sorted(triples) if one[1] == SG.summary)


def evidence_of_document(encoded: Encoded) -> Iterator[Hit]:
    """What a document's graphs give as evidence lies in that document's text."""
    for key, iri, triples in _of_documents(encoded):
        mine = str(ID[f"anchor/{key}/"])
        for subject, predicate, value in triples:
            if predicate == SG.evidence and not str(value).startswith(mine):
                yield Hit(subject, predicate, value, {"graph": iri})


def stated_in_document(encoded: Encoded) -> Iterator[Hit]:
    """What a document's graph says is stated somewhere is stated in it, or in a document that it presents or responds to."""
    for key, iri, triples in _of_documents(encoded):
        document = ID[f"document/{key}"]
        told = (SG.presents, SG.respondsToDocument)
        within = {document, *(one for predicate in told for one in encoded.union.objects(document, predicate))}
        for subject, predicate, value in triples:
            if predicate == SG.statedIn and value in encoded.types and not within & encoded.above(value, SG.isDirectPartOf):
                yield Hit(subject, predicate, value, {"graph": iri})


def _of_documents(encoded: Encoded) -> Iterator[tuple[str, str, list[Triple]]]:
    """Key, IRI and triples of each graph of one document; `across` holds what links several."""
    for iri, triples in sorted(encoded.graphs.items()):
        for prefix in (DOCUMENT_GRAPHS, CURATED_GRAPHS):
            if iri.startswith(prefix) and iri != f"{CURATED_GRAPHS}across":
                yield iri.removeprefix(prefix), iri, sorted(triples)


def language_fits(encoded: Encoded) -> Iterator[Hit]:
    """English is not tagged as Japanese nor Japanese as English, and a reading is written in hiragana."""
    for subject, predicate, value in encoded.data:
        if isinstance(value, Literal) and value.language and not _is_in(value.language, unicodedata.normalize("NFKC", value)):
            yield Hit(subject, predicate, value)


def _is_in(language: str, text: str) -> bool:
    japanese, latin = len(_JAPANESE.findall(text)), len(_LATIN.findall(text))
    if language == "ja-hira":
        return _HIRAGANA.fullmatch(text) is not None
    # English may quote, and Japanese may hold English names; neither is a whole sentence of the other.
    return japanese <= 2 * latin if language == "en" else japanese > 0 or not (text.endswith(".") and text.count(" ") >= _BLANKS)


def disjoint_classes(encoded: Encoded) -> Iterator[Hit]:
    """Nothing is of two classes that exclude each other."""
    pairs = {frozenset(pair) for pair in encoded.union.subject_objects(OWL.disjointWith)}
    for group in encoded.union.objects(None, OWL.members):
        pairs |= {frozenset(pair) for pair in combinations(Collection(encoded.union, group), 2)}
    for subject, kinds in sorted(encoded.types.items()):
        for pair in sorted(sorted(str(one) for one in pair) for pair in pairs if len(pair) == 2 and pair <= kinds):
            yield Hit(subject, RDF.type, None, {"first": shorten(pair[0]), "second": shorten(pair[1])})


def no_error_triple(encoded: Encoded) -> Iterator[Hit]:
    """The reasoner recorded no contradiction."""
    yield from (Hit(subject, _ERROR, value) for subject, value in sorted(encoded.union.subject_objects(_ERROR)))


def no_same_as(encoded: Encoded) -> Iterator[Hit]:
    """Nothing is inferred to be the same as something else."""
    for subject, value in sorted(encoded.union.subject_objects(OWL.sameAs)):
        if subject != value:
            yield Hit(subject, OWL.sameAs, value)


def no_literal_subject(encoded: Encoded) -> Iterator[Hit]:
    """A literal is never a subject."""
    yield from (Hit(subject, predicate, value) for subject, predicate, value in encoded.ordered if isinstance(subject, Literal))


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


CHECKS: Final[Mapping[Node, Callable[[Encoded], Iterator[Hit]]]] = {
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
