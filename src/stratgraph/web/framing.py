"""JSON-LD that reads well: the thing as root, what it refers to inside it, what refers to it under `@reverse`. Imports context.

A graph has no root: it is told thing by thing.

The context in the document is the part of `/context.jsonld` that it uses, so that it is read without asking another server.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from stratgraph.store.interface import Statement, Term
from stratgraph.vocab import BASE, ID
from stratgraph.web.context import XSD, Context

_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
_LABELS: Final = frozenset({f"{_SKOS}prefLabel", "http://www.w3.org/2000/01/rdf-schema#label"})
_FIRST: Final = ("prefLabel", "label", "title", "altLabel", "definition", "summary")
_LANGUAGES: Final = ("ja", "en")


def frame(iri: str, statements: Iterable[Statement], context: Context) -> bytes:
    """These statements as one JSON-LD document about `iri`; graphs are not kept apart."""
    return json.dumps(Framing(iri, statements, context).document(), ensure_ascii=False, indent=1).encode("utf-8", "replace")


def frame_graph(statements: Iterable[Statement], context: Context) -> bytes:
    """These statements as one JSON-LD document, each thing once with its blank nodes and fragments inside, places in the texts last."""
    return json.dumps(Framing("", statements, context).things(), ensure_ascii=False, indent=1).encode("utf-8", "replace")


class Framing:
    """A set of triples and a root, told as a tree; each triple once, labels wherever their thing is named."""

    def __init__(self, root: str, statements: Iterable[Statement], context: Context) -> None:
        self._root, self._context = Term("iri", root), context
        self._apart: frozenset[Term] = frozenset()
        self._about: dict[Term, dict[str, list[Term]]] = {}
        self._toward: dict[str, list[Term]] = {}
        self._used: set[str] = set()
        self._told: set[Term] = set()
        named: dict[Term, int] = {}
        triples = {(one.subject, one.predicate, one.object): None for one in statements}
        for subject, predicate, value in triples:
            if value == self._root and subject != self._root:
                self._toward.setdefault(predicate, []).append(subject)
                named[subject] = named.get(subject, 0) + (subject.kind == "blank")
            else:
                self._about.setdefault(subject, {}).setdefault(predicate, []).append(value)
                named[value] = named.get(value, 0) + (value.kind == "blank")
        self._named = {term for term, count in named.items() if count}
        self._shared = {term for term, count in named.items() if count > 1}

    def document(self) -> dict[str, Any]:
        """The document as JSON."""
        root = self._node(self._root)
        if self._toward:
            root["@reverse"] = {
                self._key(one, self._root): [self._node(term) for term in self._toward[one]] for one in sorted(self._toward)
            }
        rest = [self._node(one) for one in self._about if one.kind == "iri" and one not in self._told and not self._is_label_only(one)]
        # Blank nodes that only blank nodes name, and whatever else has not been told.
        self._shared |= self._named - self._told
        rest += [self._node(one) for one in self._about if one not in self._told]
        if rest:
            root["@included"] = rest
        return {"@context": self._context.document(self._used), **root}

    def things(self) -> dict[str, Any]:
        """The document as JSON, without a root: a list of all things that are no part of another."""
        whole = {one.value for one in self._about if one.kind == "iri"}
        parts = {one for one in self._about if one.kind == "iri" and "#" in one.value and one.value.partition("#")[0] in whole}
        named = {value for about in self._about.values() for values in about.values() for value in values}
        self._apart = frozenset(one for one in self._about if one.kind == "iri") - (parts & named)
        told = [self._node(one) for one in sorted(self._apart, key=_rank)]
        self._shared |= self._named - self._told
        told += [self._node(one) for one in self._about if one not in self._told]
        return {"@context": self._context.document(self._used), "@graph": told}

    def _node(self, term: Term) -> dict[str, Any]:
        again = term in self._told
        self._told.add(term)
        made: dict[str, Any] = {}
        if term.kind == "iri" or term in self._shared or term == self._root:
            made["id"] = term.value if term.kind == "iri" else f"_:{term.value}"
        about = {} if again and not self._is_label_only(term) else self._about.get(term, {})
        if _TYPE in about:
            kinds = [self._name(one.value) if one.kind == "iri" else f"_:{one.value}" for one in about[_TYPE]]
            made["type"] = kinds[0] if len(kinds) == 1 else kinds
        fields: dict[str, list[Term]] = {}
        for predicate, values in about.items():
            if predicate != _TYPE:
                for value in values:
                    fields.setdefault(self._key(predicate, value), []).append(value)
        for key in sorted(fields, key=lambda one: (_FIRST.index(one) if one in _FIRST else len(_FIRST), ":" in one, one)):
            made[key] = self._values(key, fields[key])
        return made

    def _values(self, key: str, values: Sequence[Term]) -> Any:
        form = self._context.terms[key][1] if key in self._context.terms else None
        if form == "@language":
            told: dict[str, Any] = {}
            for value in sorted(values, key=lambda one: (one.language not in _LANGUAGES, one.language != "ja", one.language or "")):
                language = value.language or ""
                others = told.get(language)
                told[language] = value.value if others is None else [*(others if isinstance(others, list) else [others]), value.value]
            return told
        made = [self._value(value, form) for value in values]
        return made[0] if len(made) == 1 else made

    def _value(self, value: Term, form: str | None) -> Any:
        if value.kind != "literal":
            node = {"id": value.value} if value in self._apart else self._node(value)
            return node["id"] if form == "@id" and set(node) == {"id"} else node
        if value.language:
            return {"@value": value.value, "@language": value.language}
        if form is not None:
            return _native(value)
        if value.datatype in (None, f"{XSD}string"):
            return value.value
        return {"@value": value.value, "@type": self._name(value.datatype or "")}

    def _is_label_only(self, term: Term) -> bool:
        return set(self._about.get(term, ())) <= _LABELS

    def _key(self, predicate: str, value: Term) -> str:
        # A plain string fits a name without a form.
        plain = value.kind == "literal" and not value.language and value.datatype in (None, f"{XSD}string")
        name = self._context.names.get(predicate)
        if name is not None and plain and self._context.terms[name][1] is None:
            self._used.add(name)
            return name
        return self._use(self._context.name_of(predicate, value))

    def _name(self, iri: str) -> str:
        name = self._context.names.get(iri)
        return self._use(name if name is not None else self._context.compact(iri))

    def _use(self, name: str) -> str:
        self._used.add(name)
        return name


def _rank(term: Term) -> tuple[bool, bool, str]:
    """Ours before others' things, and places in the texts after what they are evidence of."""
    return not term.value.startswith(BASE), term.value.startswith(f"{ID}anchor/"), term.value


def _native(value: Term) -> Any:
    """A literal whose datatype the context tells: as a JSON number or truth value where that says the same."""
    if value.datatype == f"{XSD}integer" and value.value.lstrip("-").isdecimal() and str(int(value.value)) == value.value:
        return int(value.value)
    if value.datatype == f"{XSD}boolean" and value.value in ("true", "false"):
        return value.value == "true"
    return value.value
