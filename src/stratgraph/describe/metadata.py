"""The metadata graph: what this dataset is, what it holds, how it was made, how it is served.

DCAT 3, VoID, PROV-O, the SPARQL service description and the project's prefixes, as triples over a built graph.
May import rdflib and the layers below. No clock time enters: the same sources must give the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from rdflib import DCTERMS, FOAF, PROV, RDF, RDFS, SH, SKOS, XSD, Literal, URIRef
from rdflib.term import Node

from stratgraph import RELEASE_DATE, __version__
from stratgraph.describe.links import examples, linksets
from stratgraph.dumps import DumpFile
from stratgraph.formats import FORMATS
from stratgraph.places import Triple
from stratgraph.release import level_graphs
from stratgraph.vocab import (
    BASE,
    CURATED_GRAPHS,
    DCAT,
    DOCUMENT_GRAPHS,
    INFERRED_GRAPH,
    METADATA_GRAPH,
    ONTOLOGY_GRAPH,
    PROOFS_GRAPH,
    REFERENCE_GRAPH,
    SD,
    SG,
    SGF,
    SPDX,
    VOID,
    VOID_EXT,
)

DATASET: Final = URIRef(f"{BASE}dataset")
CATALOG: Final = URIRef(f"{BASE}catalog")
ENDPOINT: Final = URIRef(f"{BASE}sparql")
FOUNDERS: Final = URIRef(f"{DATASET}#founders")
LICENCE: Final = URIRef("https://creativecommons.org/licenses/by/4.0/")
RL_REGIME: Final = URIRef("http://www.w3.org/ns/entailment/OWL-RL")
SIMPLE_REGIME: Final = URIRef("http://www.w3.org/ns/entailment/Simple")
_PUBLIC: Final = URIRef("http://publications.europa.eu/resource/authority/access-right/PUBLIC")
_KEYWORDS: Final = {
    "ja": ("サイバーセキュリティ戦略", "政策", "リンクトデータ"),
    "en": ("cybersecurity strategy", "policy", "linked data", "Japan"),
}
_MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"
_SD_FORMATS: Final = "http://www.w3.org/ns/formats/"

TITLES: Final = {
    "ja": "StratGraph 政府戦略知識グラフ",
    "en": "StratGraph: government strategy knowledge graph",
}
DESCRIPTIONS: Final = {
    "ja": "日本のサイバーセキュリティ戦略文書を、出典の位置・推論・解釈の区別とともに記述した知識グラフ。",
    "en": "Japanese cybersecurity strategy documents as a knowledge graph that keeps evidence, inference and interpretation apart.",
}
_LEVEL_NAMES: Final = {
    "asserted": {"ja": "文書・参照データ・オントロジーが述べること", "en": "what documents, reference data and ontology state"},
    "curated": {"ja": "asserted に私たちの解釈を加えたもの", "en": "asserted, and our interpretation"},
    "full": {"ja": "curated に推論された文を加えたもの（既定）", "en": "curated, and what follows by inference (the default)"},
}

_FINGERPRINT: Final = {
    "ja": "RDFC-1.0 で正規化した N-Quads（この説明と証明を除くすべて）の SHA-256。"
    "`LC_ALL=C sort stratgraph-full.nq | sha256sum` と等しい。",
    "en": "SHA-256 of the canonical N-Quads (RDFC-1.0) of all but this description and the proofs. Equal to "
    "`LC_ALL=C sort stratgraph-full.nq | sha256sum`.",
}


@dataclass(frozen=True)
class DescribedQuestion:
    """What the metadata tells of a saved question: slug, texts by language, and the SPARQL text."""

    slug: str
    names: Mapping[str, str]
    descriptions: Mapping[str, str]
    sparql: str


@dataclass(frozen=True)
class Described:
    """The release that is described: identifier, fingerprint of its content, and the files it was built from, with their SHA-256 (hex)."""

    id: str
    fingerprint: str
    inputs: Mapping[str, str]


def describe_release(
    release: Described,
    graphs: Mapping[str, frozenset[Triple]],
    dumps: Sequence[DumpFile],
    questions: Sequence[DescribedQuestion],
    prefixes: Mapping[str, str],
    aside: Mapping[str, int] | None = None,
) -> frozenset[Triple]:
    """The metadata graph of a release. `graphs` are the named graphs of its levels.

    `aside` names those that belong to none and can be asked by name, with their numbers of triples.
    """
    full: frozenset[Triple] = frozenset().union(*graphs.values())
    parts: tuple[Iterable[Triple], ...] = (
        _catalog(release.id),
        _fingerprint(release.fingerprint),
        _distributions(dumps),
        _statistics(full),
        _partitions(full),
        linksets(DATASET, graphs),
        examples(DATASET, graphs),
        _schema(graphs),
        _service({**{iri: len(triples) for iri, triples in graphs.items()}, **(aside or {}), METADATA_GRAPH: None}),
        _extensions(graphs.get(ONTOLOGY_GRAPH, frozenset())),
        _levels(graphs),
        _provenance(graphs),
        _inputs(release.inputs),
        _prefixes(prefixes),
        _questions(questions),
    )
    return frozenset(triple for part in parts for triple in part)


def _texts(subject: URIRef, predicate: URIRef, texts: Mapping[str, str]) -> Iterator[Triple]:
    for language, text in texts.items():
        yield subject, predicate, Literal(text, lang=language)


def _number(value: int) -> Literal:
    return Literal(value, datatype=XSD.integer)


def _catalog(release_id: str) -> Iterator[Triple]:
    yield CATALOG, RDF.type, DCAT.Catalog
    yield CATALOG, DCAT.dataset, DATASET
    yield CATALOG, DCTERMS.license, LICENCE
    for kind in (DCAT.Dataset, VOID.Dataset, SD.Dataset):
        yield DATASET, RDF.type, kind
    for subject in (CATALOG, DATASET):
        yield from _texts(subject, DCTERMS.title, TITLES)
        yield from _texts(subject, DCTERMS.description, DESCRIPTIONS)
    yield DATASET, DCTERMS.license, LICENCE
    yield DATASET, DCTERMS.identifier, Literal(release_id)
    yield DATASET, DCAT.version, Literal(__version__)
    yield DATASET, DCTERMS.issued, Literal(RELEASE_DATE, datatype=XSD.date)
    for subject in (CATALOG, DATASET):
        yield subject, DCTERMS.publisher, FOUNDERS
    yield DATASET, DCTERMS.creator, FOUNDERS
    yield FOUNDERS, RDF.type, FOAF.Agent
    yield FOUNDERS, FOAF.name, Literal("The StratGraph founders", lang="en")
    yield DATASET, DCAT.landingPage, CATALOG
    yield DATASET, DCTERMS.conformsTo, URIRef(f"{BASE}ontology")
    yield DATASET, DCTERMS.accessRights, _PUBLIC
    for language, words in _KEYWORDS.items():
        for word in words:
            yield DATASET, DCAT.keyword, Literal(word, lang=language)
    for language in ("ja", "en"):
        yield DATASET, DCTERMS.language, URIRef(f"http://id.loc.gov/vocabulary/iso639-1/{language}")


def _fingerprint(sha256: str) -> Iterator[Triple]:
    node = URIRef(f"{DATASET}#fingerprint")
    yield DATASET, SPDX.checksum, node
    yield node, RDF.type, SPDX.Checksum
    yield node, SPDX.algorithm, SPDX.checksumAlgorithm_sha256
    yield node, SPDX.checksumValue, Literal(sha256, datatype=XSD.hexBinary)
    yield from _texts(node, RDFS.comment, _FINGERPRINT)


def _distributions(dumps: Sequence[DumpFile]) -> Iterator[Triple]:
    for dump in dumps:
        file = URIRef(f"{BASE}dumps/{dump.name}")
        node = URIRef(f"{BASE}catalog#{dump.name}")
        checksum = URIRef(f"{BASE}catalog#{dump.name}-sha256")
        yield DATASET, DCAT.distribution, node
        yield node, RDF.type, DCAT.Distribution
        yield node, DCTERMS.title, Literal(dump.name)
        yield from _texts(node, DCTERMS.description, dump.titles)
        yield node, DCAT.downloadURL, file
        yield node, DCAT.mediaType, URIRef(_MEDIA_TYPES + dump.media_type)
        if dump.compression:
            yield node, DCAT.compressFormat, URIRef(_MEDIA_TYPES + dump.compression)
        yield node, DCAT.byteSize, _number(dump.size)
        yield node, DCTERMS.license, LICENCE
        if dump.conforms_to:
            yield node, DCTERMS.conformsTo, URIRef(dump.conforms_to)
        yield node, SPDX.checksum, checksum
        yield checksum, RDF.type, SPDX.Checksum
        yield checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256
        yield checksum, SPDX.checksumValue, Literal(dump.sha256, datatype=XSD.hexBinary)
        if not dump.compression and dump.name.startswith("stratgraph-full."):
            yield DATASET, VOID.dataDump, file


def _statistics(full: frozenset[Triple]) -> Iterator[Triple]:
    yield DATASET, VOID.triples, _number(len(full))
    yield DATASET, VOID.distinctSubjects, _number(len({subject for subject, _, _ in full}))
    yield DATASET, VOID.distinctObjects, _number(len({value for _, _, value in full}))
    yield DATASET, VOID.properties, _number(len({predicate for _, predicate, _ in full}))
    yield DATASET, VOID.sparqlEndpoint, ENDPOINT
    yield DATASET, VOID.uriSpace, Literal(BASE)
    namespaces = {_namespace(predicate) for _, predicate, _ in full}
    for namespace in namespaces:
        yield DATASET, VOID.vocabulary, URIRef(namespace)


def _namespace(term: Node) -> str:
    text = str(term)
    return text[: max(text.rfind("#"), text.rfind("/")) + 1]


def _partitions(full: frozenset[Triple]) -> Iterator[Triple]:
    classes = Counter(value for _, predicate, value in full if predicate == RDF.type and isinstance(value, URIRef))
    properties = Counter(predicate for _, predicate, _ in full)
    for kind, count in classes.items():
        node = _part("class", kind)
        yield DATASET, VOID.classPartition, node
        yield node, VOID["class"], kind
        yield node, VOID.entities, _number(count)
    for predicate, count in properties.items():
        node = _part("property", predicate)
        yield DATASET, VOID.propertyPartition, node
        yield node, VOID.property, predicate
        yield node, VOID.triples, _number(count)


def _schema(graphs: Mapping[str, frozenset[Triple]]) -> Iterator[Triple]:
    """Which properties the things of a class have, and what those lead to: what an editor completes a query by.

    The classes are those that data states; what inference adds to them (superclasses) would say the same over again. Linked
    classes and datatypes are told as SIB's editor and others ask for them (http://ldf.fi/void-ext).
    """
    data = [triples for iri, triples in graphs.items() if iri not in (ONTOLOGY_GRAPH, INFERRED_GRAPH)]
    kinds: dict[Node, set[Node]] = {}
    for subject, predicate, value in frozenset[Triple]().union(*data):
        if predicate == RDF.type and isinstance(value, URIRef):
            kinds.setdefault(subject, set()).add(value)
    counts: dict[tuple[Node, Node], Counter[tuple[str, Node]]] = {}
    for subject, predicate, value in frozenset[Triple]().union(*graphs.values()):
        ends = [("datatype", _datatype(value))] if isinstance(value, Literal) else [("class", one) for one in kinds.get(value, ())]
        for kind in kinds.get(subject, ()):
            counts.setdefault((kind, predicate), Counter()).update([("all", predicate), *ends])
    for (kind, predicate), ends_of in counts.items():
        yield from _linked(kind, predicate, ends_of)


def _linked(kind: Node, predicate: Node, ends: Mapping[tuple[str, Node], int]) -> Iterator[Triple]:
    node = URIRef(f"{_part('class', kind)}-{_part('property', predicate).partition('#')[2]}")
    yield _part("class", kind), VOID.propertyPartition, node
    yield node, VOID.property, predicate
    for (what, end), count in ends.items():
        if what == "all":
            yield node, VOID.triples, _number(count)
            continue
        linked = URIRef(f"{node}-{_part(what, end).partition('#')[2]}")
        yield node, VOID.classPartition if what == "class" else VOID_EXT.datatypePartition, linked
        yield linked, VOID["class"] if what == "class" else VOID_EXT.datatype, end
        yield linked, VOID.triples, _number(count)


def _datatype(value: Literal) -> URIRef:
    return RDF.langString if value.language else value.datatype or XSD.string


def _part(kind: str, term: Node) -> URIRef:
    name = str(term).removeprefix("http://").removeprefix("https://").replace("#", "/").strip("/")
    return URIRef(f"{BASE}.well-known/void#{kind}-{name}")


def _service(graphs: Mapping[str, int | None]) -> Iterator[Triple]:
    service, default = URIRef(f"{ENDPOINT}#service"), URIRef(f"{ENDPOINT}#default-graph")
    yield service, RDF.type, SD.Service
    yield service, SD.endpoint, ENDPOINT
    yield service, SD.supportedLanguage, SD.SPARQL11Query
    yield service, SD.feature, SD.UnionDefaultGraph
    yield service, SD.defaultEntailmentRegime, RL_REGIME
    yield service, SD.defaultDataset, DATASET
    yield DATASET, SD.defaultGraph, default
    yield default, RDF.type, SD.Graph
    for one in FORMATS:
        if one.families & {"solutions", "boolean", "graph"}:
            yield service, SD.resultFormat, URIRef(_MEDIA_TYPES + one.media_type)
    for iri, size in graphs.items():
        named, graph = _named(iri), URIRef(iri)
        yield DATASET, SD.namedGraph, named
        yield named, RDF.type, SD.NamedGraph
        yield named, SD.name, graph
        yield named, SD.graph, graph
        yield graph, RDF.type, SD.Graph
        if size is not None:  # the metadata cannot count itself
            yield graph, VOID.triples, _number(size)
        yield from _texts(graph, SKOS.prefLabel, _graph_label(iri))
        yield named, SD.entailmentRegime, RL_REGIME if iri == INFERRED_GRAPH else SIMPLE_REGIME
        if iri == INFERRED_GRAPH:
            yield graph, SD.entailmentRegime, RL_REGIME


def _named(iri: str) -> URIRef:
    return URIRef(f"{iri}#named")


def _extensions(ontology: frozenset[Triple]) -> Iterator[Triple]:
    """The functions and properties that the ontology's files define for queries."""
    service = URIRef(f"{ENDPOINT}#service")
    features = {SD.Function: SD.extensionFunction, SD.Feature: SD.propertyFeature}
    for subject, predicate, value in ontology:
        if predicate == RDF.type and value in features and str(subject).startswith(str(SGF)):
            yield service, features[URIRef(str(value))], subject


def _levels(graphs: Mapping[str, frozenset[Triple]]) -> Iterator[Triple]:
    """What `entailment=` chooses among, each a collection of named graphs."""
    service = URIRef(f"{ENDPOINT}#service")
    for level, names in _LEVEL_NAMES.items():
        node = URIRef(f"{ENDPOINT}#{level}")
        yield service, SD.availableGraphs, node
        yield node, RDF.type, SD.GraphCollection
        yield node, DCTERMS.identifier, Literal(level)
        yield from _texts(node, SKOS.prefLabel, names)
        for iri in (*level_graphs(list(graphs))[level], METADATA_GRAPH):
            yield node, SD.namedGraph, _named(iri)


def _graph_label(iri: str) -> dict[str, str]:
    for start, japanese, english in (
        (DOCUMENT_GRAPHS, "文書が述べること", "What the document states"),
        (CURATED_GRAPHS, "私たちの解釈・要約・英訳", "Our interpretation, summaries and English"),
    ):
        if iri.startswith(start):
            key = iri.removeprefix(start)
            return {"ja": f"{japanese}（{key}）", "en": f"{english} ({key})"}
    return {
        ONTOLOGY_GRAPH: {"ja": "オントロジー", "en": "Ontology"},
        REFERENCE_GRAPH: {"ja": "参照データ（機関・概念）", "en": "Reference data (bodies, concepts)"},
        INFERRED_GRAPH: {"ja": "推論された文", "en": "Inferred statements"},
        METADATA_GRAPH: {
            "ja": "メタデータ（カタログ・統計・サービス・質問）",
            "en": "Metadata (catalogue, statistics, service, questions)",
        },
        PROOFS_GRAPH: {"ja": "推論の証明（名前を挙げて問う）", "en": "Proofs of what is inferred (ask for it by name)"},
    }.get(iri, {"ja": iri, "en": iri})


def _provenance(graphs: Mapping[str, frozenset[Triple]]) -> Iterator[Triple]:
    build, software = URIRef(f"{DATASET}#build"), URIRef(f"{DATASET}#software")
    yield DATASET, PROV.wasGeneratedBy, build
    yield build, RDF.type, PROV.Activity
    yield build, RDFS.label, Literal("load, validate, infer, validate, publish", lang="en")
    yield build, RDFS.label, Literal("読み込み・検証・推論・検証・公開", lang="ja")
    yield build, PROV.wasAssociatedWith, software
    yield software, RDF.type, PROV.SoftwareAgent
    yield software, RDFS.label, Literal(f"StratGraph {__version__}", lang="en")
    if INFERRED_GRAPH in graphs:
        yield URIRef(INFERRED_GRAPH), PROV.wasGeneratedBy, build
    for triples in graphs.values():
        for subject, predicate, value in triples:
            if predicate == RDF.type and value == SG.SourceText:
                yield build, PROV.used, subject


def _inputs(inputs: Mapping[str, str]) -> Iterator[Triple]:
    for path, sha256 in inputs.items():
        node, checksum = (URIRef(f"{DATASET}#{kind}-{quote(path)}") for kind in ("input", "sha256"))
        yield URIRef(f"{DATASET}#build"), PROV.used, node
        yield node, RDF.type, PROV.Entity
        yield node, DCTERMS.title, Literal(path)
        yield node, SPDX.checksum, checksum
        yield checksum, RDF.type, SPDX.Checksum
        yield checksum, SPDX.algorithm, SPDX.checksumAlgorithm_sha256
        yield checksum, SPDX.checksumValue, Literal(sha256, datatype=XSD.hexBinary)


def _prefixes(prefixes: Mapping[str, str]) -> Iterator[Triple]:
    for prefix, namespace in prefixes.items():
        node = URIRef(f"{DATASET}#prefix-{prefix}")
        yield DATASET, SH.declare, node
        yield node, RDF.type, SH.PrefixDeclaration
        yield node, SH.prefix, Literal(prefix)
        yield node, SH.namespace, Literal(namespace, datatype=XSD.anyURI)


def _questions(questions: Sequence[DescribedQuestion]) -> Iterator[Triple]:
    target = URIRef("https://schema.org/target")
    for question in questions:
        node = URIRef(f"{BASE}questions/{question.slug}")
        form = SH.SPARQLSelectExecutable if _is_select(question.sparql) else SH.SPARQLConstructExecutable
        yield node, RDF.type, SH.SPARQLExecutable
        yield node, RDF.type, form
        yield from _texts(node, SKOS.prefLabel, question.names)
        yield from _texts(node, RDFS.label, question.names)
        yield from _texts(node, RDFS.comment, question.descriptions)
        yield node, SH.select if _is_select(question.sparql) else SH.construct, Literal(question.sparql)
        yield node, SH.prefixes, DATASET
        yield node, target, ENDPOINT


def _is_select(sparql: str) -> bool:
    lines = (line.strip().upper() for line in sparql.splitlines())
    return any(line.startswith("SELECT") for line in lines)
