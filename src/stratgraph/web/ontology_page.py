"""The terms of the ontology and of the endpoint's functions, for their pages. Imports the store through questions."""

from __future__ import annotations

from dataclasses import dataclass, field

from stratgraph.questions.bind import iri_term
from stratgraph.store.interface import Store
from stratgraph.store.results import select

_TERMS = """
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?term ?property ?value WHERE {{
  GRAPH {graph} {{
    {{
      VALUES ?property {{
        rdfs:label skos:prefLabel skos:definition skos:scopeNote rdfs:subClassOf rdfs:subPropertyOf rdfs:domain rdfs:range
        skos:example owl:inverseOf
      }}
      ?term ?property ?value .
      FILTER (!ISBLANK(?value))
    }} UNION {{
      VALUES ?value {{ owl:Class owl:ObjectProperty owl:DatatypeProperty owl:AnnotationProperty sd:Function }}
      ?term a ?value .
      BIND ("kind" AS ?property)
    }}
  }}
}} ORDER BY ?term ?property ?value
"""


@dataclass
class OntologyTerm:
    """A class or property: labels and definitions by language, and its IRIs by property (local name)."""

    iri: str
    kind: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its local name."""
        return self.iri.replace("#", "/").rsplit("/", 1)[-1]


async def load_terms(store: Store, graph: str, timeout: float) -> tuple[OntologyTerm, ...]:
    """The ontology's own terms, by name. Raises what Store.query raises."""
    _, rows = await select(store, _TERMS.format(graph=iri_term(graph).sparql), timeout=timeout)
    terms: dict[str, OntologyTerm] = {}
    for row in rows:
        if row["term"].kind != "iri":
            continue
        term = terms.setdefault(row["term"].value, OntologyTerm(row["term"].value))
        name, value = row["property"].value.replace("#", "/").rsplit("/", 1)[-1], row["value"]
        if name == "kind":
            term.kind = {"Class": "Class", "Function": "Function"}.get(value.value.rpartition("#")[2], "Property")
        elif value.kind == "iri":
            term.links.setdefault(name, []).append(value.value)
        else:
            texts = {"prefLabel": "labels", "scopeNote": "notes"}.get(name, f"{name}s")
            if texts in ("labels", "definitions", "notes", "examples"):
                getattr(term, texts).setdefault(value.language or "", value.value)
    declared = (one for one in terms.values() if one.kind)
    return tuple(sorted(declared, key=lambda one: one.name.casefold()))
