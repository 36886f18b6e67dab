"""Namespaces, graph IRIs and the canonical base. Imports rdflib's Namespace only.

Source: the table of names in docs/architecture.md; committed data knows one base, which the server maps to its own paths.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rdflib import Namespace

BASE: Final = "https://w3id.org/stratgraph/"

SG = Namespace(f"{BASE}ontology#")
ID = Namespace(f"{BASE}id/")
VOCAB = Namespace(f"{BASE}vocab/")
GRAPH = Namespace(f"{BASE}graph/")
PROOF = Namespace(f"{BASE}id/proof/")
RULE = Namespace(f"{BASE}vocab/rule/")
QUESTIONS = Namespace(f"{BASE}questions/")
SGF = Namespace(f"{BASE}function#")
SHAPES = Namespace(f"{BASE}shapes#")

OA = Namespace("http://www.w3.org/ns/oa#")
ORG = Namespace("http://www.w3.org/ns/org#")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
VOID = Namespace("http://rdfs.org/ns/void#")
VOID_EXT = Namespace("http://ldf.fi/void-ext#")
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
SCHEMA = Namespace("https://schema.org/")

ONTOLOGY_GRAPH: Final = str(GRAPH.ontology)
REFERENCE_GRAPH: Final = str(GRAPH.reference)
INFERRED_GRAPH: Final = str(GRAPH.inferred)
METADATA_GRAPH: Final = str(GRAPH.metadata)
SHAPES_GRAPH: Final = str(GRAPH.shapes)
PROOFS_GRAPH: Final = str(GRAPH.proofs)
DOCUMENT_GRAPHS: Final = f"{GRAPH}document/"
CURATED_GRAPHS: Final = f"{GRAPH}curated/"

LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"
LEVELS: Final = ("asserted", "curated", "full")

# Names for the properties of others that data use; ours have labels in the ontology.
EXTERNAL_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "http://www.w3.org/2004/02/skos/core#altLabel": {"ja": "別名・略称", "en": "also called"},
    "http://www.w3.org/2004/02/skos/core#definition": {"ja": "定義", "en": "definition"},
    "http://www.w3.org/2004/02/skos/core#inScheme": {"ja": "語彙体系", "en": "in scheme"},
    "http://www.w3.org/2004/02/skos/core#topConceptOf": {"ja": "最上位概念である体系", "en": "top concept of"},
    "http://www.w3.org/2004/02/skos/core#broader": {"ja": "上位概念", "en": "broader"},
    "http://www.w3.org/2004/02/skos/core#related": {"ja": "関連する概念", "en": "related"},
    "http://purl.org/dc/terms/type": {"ja": "種別", "en": "kind"},
    "http://purl.org/dc/terms/issued": {"ja": "公表日", "en": "issued"},
    "http://purl.org/dc/terms/date": {"ja": "日付", "en": "date"},
    "http://purl.org/dc/terms/publisher": {"ja": "公表者", "en": "publisher"},
    "http://www.w3.org/ns/oa#hasSource": {"ja": "原文テキスト", "en": "source text"},
    "http://www.w3.org/ns/oa#hasSelector": {"ja": "位置指定", "en": "selector"},
    "http://www.w3.org/ns/oa#start": {"ja": "開始文字位置", "en": "start"},
    "http://www.w3.org/ns/oa#end": {"ja": "終了文字位置", "en": "end"},
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#type": {"ja": "種類", "en": "type"},
    "http://www.w3.org/2000/01/rdf-schema#subClassOf": {"ja": "より広い種類", "en": "is a narrower kind than"},
    "http://www.w3.org/2000/01/rdf-schema#subPropertyOf": {"ja": "より広い関係", "en": "is a narrower relation than"},
    "http://www.w3.org/2000/01/rdf-schema#domain": {"ja": "主語の種類", "en": "holds of the kind"},
    "http://www.w3.org/2000/01/rdf-schema#range": {"ja": "相手の種類", "en": "points to the kind"},
    "http://www.w3.org/2002/07/owl#inverseOf": {"ja": "逆向きの関係", "en": "is the inverse of"},
    "http://www.w3.org/2002/07/owl#propertyChainAxiom": {"ja": "を作る関係の順", "en": "is made up of the relations"},
    "http://www.w3.org/2002/07/owl#TransitiveProperty": {"ja": "つながりをたどれる関係", "en": "a relation that carries over"},
    "http://www.w3.org/2002/07/owl#SymmetricProperty": {"ja": "双方向の関係", "en": "a relation that goes both ways"},
    "http://www.w3.org/2004/02/skos/core#prefLabel": {"ja": "名称", "en": "label"},
    "http://www.w3.org/2000/01/rdf-schema#label": {"ja": "名称", "en": "label"},
    "http://www.w3.org/2004/02/skos/core#notation": {"ja": "記号", "en": "notation"},
    "http://www.w3.org/2004/02/skos/core#scopeNote": {"ja": "用い方の注記", "en": "scope note"},
    "http://www.w3.org/2004/02/skos/core#example": {"ja": "例", "en": "example"},
    "http://www.w3.org/2004/02/skos/core#hasTopConcept": {"ja": "最上位概念", "en": "top concept"},
    "http://www.w3.org/2004/02/skos/core#narrower": {"ja": "下位概念", "en": "narrower"},
    "http://www.w3.org/2004/02/skos/core#changeNote": {"ja": "変更の注記", "en": "change note"},
    "http://purl.org/dc/terms/title": {"ja": "題名", "en": "title"},
    "http://purl.org/dc/terms/description": {"ja": "説明", "en": "description"},
    "http://purl.org/dc/terms/identifier": {"ja": "識別子", "en": "identifier"},
    "http://purl.org/dc/terms/license": {"ja": "ライセンス", "en": "licence"},
    "http://purl.org/dc/terms/isReplacedBy": {"ja": "後継", "en": "is replaced by"},
    "http://www.w3.org/2002/07/owl#deprecated": {"ja": "廃止", "en": "retired"},
    "http://www.w3.org/2000/01/rdf-schema#comment": {"ja": "説明", "en": "comment"},
    "http://www.w3.org/2000/01/rdf-schema#seeAlso": {"ja": "関連する資料", "en": "see also"},
    "http://www.w3.org/2000/01/rdf-schema#isDefinedBy": {"ja": "定義の所在", "en": "is defined by"},
    "http://www.w3.org/ns/org#unitOf": {"ja": "所属する組織", "en": "is a unit of"},
    "http://www.w3.org/ns/org#hasUnit": {"ja": "内部の組織", "en": "has the unit"},
    "http://www.w3.org/ns/org#hasMember": {"ja": "構成員", "en": "has the member"},
    "http://www.w3.org/ns/org#memberOf": {"ja": "属する組織の集まり", "en": "is a member of"},
    "http://www.w3.org/ns/org#organization": {"ja": "組織", "en": "organization"},
    "http://www.w3.org/ns/org#postIn": {"ja": "職を置く組織", "en": "is a post in"},
    "http://www.w3.org/ns/org#role": {"ja": "役割", "en": "role"},
    "https://schema.org/value": {"ja": "値", "en": "value"},
    "https://schema.org/unitText": {"ja": "単位", "en": "unit"},
    "https://schema.org/publisher": {"ja": "公表者", "en": "publisher"},
}
