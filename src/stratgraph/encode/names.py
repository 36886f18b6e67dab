"""Things of the graph by their printed names, and row keys as paths of IRIs. Imports errors and vocab.

A name that leads nowhere, or to two things, is an error that says what is near: never a guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from rdflib import RDF, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.term import Node

from stratgraph.errors import InputError
from stratgraph.vocab import ID, ORG

# Rows of the syllabary by their consonant (Hepburn); the vowels are a, i, u, e, o.
_ROWS: Final = {
    "": "アイウエオ", "k": "カキクケコ", "s": "サシスセソ", "t": "タチツテト", "n": "ナニヌネノ", "h": "ハヒフヘホ", "m": "マミムメモ",
    "r": "ラリルレロ", "g": "ガギグゲゴ", "z": "ザジズゼゾ", "d": "ダヂヅデド", "b": "バビブベボ", "p": "パピプペポ",
}  # fmt: skip
_IRREGULAR: Final = {
    "シ": "shi", "チ": "chi", "ツ": "tsu", "フ": "fu", "ジ": "ji", "ヂ": "ji", "ヅ": "zu", "ヤ": "ya", "ユ": "yu", "ヨ": "yo",
    "ワ": "wa", "ヲ": "wo", "ン": "n",
}  # fmt: skip
_ROMAJI: Final = {kana: row + vowel for row, letters in _ROWS.items() for kana, vowel in zip(letters, "aiueo", strict=True)} | _IRREGULAR
_COMMA: Final = re.compile("[、,，；;]")
_PATH: Final = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")


def key_path(key: str) -> str:
    """A row's printed key as the path of an IRI: "2.1(3)(ス)" is "2.1-3-su". Raises InputError where it cannot be one."""
    flat = "".join(f"-{_ROMAJI[mark]}" if mark in _ROMAJI else mark for mark in unicodedata.normalize("NFKC", _circled(key)).lower())
    path = re.sub(r"[()\s-]+", "-", flat).strip("-.")
    if not _PATH.fullmatch(path):
        raise InputError(f"“{key}” cannot name a row in an IRI. A key is made of digits, Latin letters, points, kana and brackets.")
    return path


def _circled(key: str) -> str:
    return "".join(f"-{unicodedata.digit(mark, 0) or unicodedata.normalize('NFKC', mark)}" if "①" <= mark <= "⑳" else mark for mark in key)


class Names:
    """Bodies and concepts of a graph by label. Groups count only where they are those of the document `key`."""

    def __init__(self, graph: Graph, key: str) -> None:
        self._graph = graph
        classes = {kind for kind in graph.transitive_subjects(RDFS.subClassOf, ORG.Organization) if kind is not None}
        bodies = {body for kind in classes for body in graph.subjects(RDF.type, kind)}
        groups = str(ID["group/"])
        mine = {body for body in bodies if not str(body).startswith(groups) or str(body).startswith(f"{groups}{key}/")}
        self._bodies = self._by_label(mine)
        self._schemes: dict[str, dict[str, set[Node]]] = {}

    def body(self, name: str) -> URIRef:
        """The one body of this name or abbreviation. Raises InputError where there is none, or more than one."""
        return self._one(self._bodies, name, "body", "Add it to data/ttl/reference/bodies.ttl, or correct the name.")

    def bodies(self, names: str) -> list[URIRef]:
        """The bodies of a list such as 総務省、経済産業省; a name that holds 及び is tried whole first. Raises InputError as `body`."""
        found: list[URIRef] = []
        for part in _COMMA.split(names):
            alone = "及び" not in part or _folded(part) in self._bodies
            found += [self.body(one.strip()) for one in ([part] if alone else part.split("及び")) if one.strip()]
        return found

    def concept(self, scheme: str, name: str) -> URIRef:
        """The one concept of a scheme (`budget-stage`) with this label. Raises InputError where there is none, or more than one."""
        if scheme not in self._schemes:
            members = {one for one in self._graph.subjects(SKOS.inScheme) if f"/vocab/{scheme}/" in str(one)}
            self._schemes[scheme] = self._by_label(members)
        return self._one(self._schemes[scheme], name, f"concept of {scheme}", "Give it under “concepts” in the mapping, or correct it.")

    def label(self, thing: Node, language: str) -> str:
        """The label of a thing in a language, else its IRI."""
        labels = (one for one in self._graph.objects(thing, SKOS.prefLabel) if isinstance(one, Literal) and one.language == language)
        return str(next(labels, thing))

    def _by_label(self, things: Iterable[Node]) -> dict[str, set[Node]]:
        found: dict[str, set[Node]] = {}
        for thing in things:
            for predicate in (SKOS.prefLabel, SKOS.altLabel):
                for label in self._graph.objects(thing, predicate):
                    found.setdefault(_folded(str(label)), set()).add(thing)
        return found

    @staticmethod
    def _one(known: dict[str, set[Node]], name: str, what: str, remedy: str) -> URIRef:
        found = sorted(str(one) for one in known.get(_folded(name), ()))
        if len(found) == 1:
            return URIRef(found[0])
        if found:
            raise InputError(f"“{name}” is the name of {len(found)} things: {', '.join(f'<{one}>' for one in found)}. Write a longer name.")
        near = get_close_matches(_folded(name), known, n=3, cutoff=0.5)
        told = f" (near: {', '.join(near)})" if near else ""
        raise InputError(f"There is no {what} “{name}”{told}. {remedy}")


def _folded(name: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)).casefold()
