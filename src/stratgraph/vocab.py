"""Namespaces, graph IRIs and the canonical base. Imports rdflib's Namespace only.

Source: the table of names in docs/architecture.md; committed data knows one base, which the server maps to its own paths.
"""

from __future__ import annotations

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
