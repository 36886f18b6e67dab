"""The JSON-LD context: the short names that JSON-LD documents use, made from the properties and classes of a release.

A name of ours is its local name; of others', the local name too where that is free and the vocabulary is one of a few, else prefix and
name. How a property's values are written (as IRIs, by language, with which datatype) is told where all its values are of that form;
texts in languages come first: what else the property holds stands under prefix and name.
Imports the store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from stratgraph.store.interface import Store, Term
from stratgraph.store.results import select
from stratgraph.vocab import ID, ONTOLOGY_GRAPH, QUESTIONS, SG, VOCAB

BASICS: Final = {"id": "@id", "type": "@type"}
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
# Vocabularies whose local names are told without a prefix, where ours has none of the name; the first that has one keeps it.
_SHORT: Final = ("skos", "dcterms", "rdfs", "owl", "oa", "org", "prov", "void", "dcat", "schema")
_FORMS: Final = """
SELECT DISTINCT ?property ?form WHERE {
  ?subject ?property ?value .
  BIND (IF(ISLITERAL(?value), IF(LANG(?value) = "", STR(DATATYPE(?value)), "@language"), "@id") AS ?form)
}
"""
_CLASSES: Final = f"""
SELECT ?class WHERE {{ GRAPH <{ONTOLOGY_GRAPH}> {{ ?class a <http://www.w3.org/2002/07/owl#Class> }} FILTER (ISIRI(?class)) }}
"""
_NAMED_WHOLE: Final = (str(VOCAB), str(ID), str(QUESTIONS))
_LOCAL: Final = re.compile(r"[A-Za-z][\w.-]*\Z", re.ASCII)


@dataclass(frozen=True)
class Context:
    """Prefix → namespace, and the short names: name → IRI and the form of its values ("@id", "@language", a datatype; None: any)."""

    prefixes: Mapping[str, str]
    terms: Mapping[str, tuple[str, str | None]]

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Short names by IRI."""
        return {iri: name for name, (iri, _) in self.terms.items()}

    def name_of(self, iri: str, value: Term | None = None) -> str:
        """How a property (with this value) or a class is written: short name, prefix and name, or IRI."""
        name = self.names.get(iri)
        if name is not None and fits(self.terms[name][1], value):
            return name
        return self.compact(iri)

    def compact(self, iri: str) -> str:
        """An IRI as prefix and name, where a prefix fits."""
        namespace = iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]
        prefix = self._by_namespace.get(namespace)
        return f"{prefix}:{iri.removeprefix(namespace)}" if prefix and _LOCAL.match(iri.removeprefix(namespace)) else iri

    @cached_property
    def _by_namespace(self) -> Mapping[str, str]:
        return {namespace: prefix for prefix, namespace in self.prefixes.items()}

    def definition(self, name: str) -> str | dict[str, str]:
        """What the context says of a short name."""
        iri, form = self.terms[name]
        if form is None:
            return self.compact(iri)
        if form == "@language":
            return {"@id": self.compact(iri), "@container": "@language"}
        return {"@id": self.compact(iri), "@type": form if form == "@id" else self.compact(form)}

    def document(self, used: Iterable[str] | None = None) -> dict[str, Any]:
        """The context as JSON-LD; with `used`, only what these short names and prefixed names need."""
        wanted = set(self.terms) | set(self.prefixes) if used is None else set(used)
        terms = {name: self.definition(name) for name in sorted(wanted & set(self.terms))}
        told = [text for one in terms.values() for text in ([one] if isinstance(one, str) else one.values())]
        prefixes = {one.partition(":")[0] for one in (*told, *wanted) if ":" in one} | (wanted if used is None else set())
        return {**BASICS, **{one: self.prefixes[one] for one in sorted(prefixes & set(self.prefixes))}, **terms}


def fits(form: str | None, value: Term | None) -> bool:
    """Whether a value has the form that a short name's values have."""
    if value is None or form is None:
        return form is None or value is None
    if value.kind != "literal":
        return form == "@id"
    return form == "@language" if value.language else form == value.datatype


def make_context(prefixes: Mapping[str, str], forms: Mapping[str, set[str]], classes: Iterable[str]) -> Context:
    """The context of a release: `forms` are those of each property's values."""
    # Things and concepts are named by their whole IRIs, so their prefixes would only take names away.
    prefixes = {prefix: namespace for prefix, namespace in prefixes.items() if not namespace.startswith(_NAMED_WHOLE)}
    namespaces = [str(SG), *(prefixes[one] for one in _SHORT if one in prefixes)]
    terms: dict[str, tuple[str, str | None]] = {}
    wanted = {**dict.fromkeys(classes), **{iri: _form(found) for iri, found in forms.items() if iri != _TYPE}}
    taken = {*BASICS, *prefixes}
    for namespace in namespaces:
        for iri in sorted(wanted):
            name = iri.removeprefix(namespace)
            if iri.startswith(namespace) and _LOCAL.match(name) and name not in taken:
                form = wanted[iri]
                terms[name] = (iri, None if form == f"{XSD}string" else form)
                taken.add(name)
    return Context(prefixes, terms)


def _form(found: set[str]) -> str | None:
    """The form that a property's short name tells: texts in languages where it has any, else the one form of all values."""
    return "@language" if "@language" in found else next(iter(found)) if len(found) == 1 else None


async def load_context(store: Store, prefixes: Mapping[str, str], timeout: float) -> Context:
    """The context of a release; `timeout` is in seconds. Raises what Store.query raises."""
    _, rows = await select(store, _FORMS, timeout=timeout)
    forms: dict[str, set[str]] = {}
    for row in rows:
        forms.setdefault(row["property"].value, set()).add(row["form"].value)
    _, rows = await select(store, _CLASSES, timeout=timeout)
    return make_context(prefixes, forms, sorted(row["class"].value for row in rows))
