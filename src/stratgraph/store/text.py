"""An index over the graph's names and texts, for search that knows Japanese. Imports pyoxigraph only.

Texts are compared folded (`fold`): half and full width, katakana and hiragana, capital and small letters are one. Japanese has no
spaces between words, so the index is one of pairs of characters: those of what is looked for narrow the texts down, and each that is
left is then read. No stemming and no dictionary: what is found holds what was asked for, always.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Store

_SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
_SG: Final = "https://w3id.org/stratgraph/ontology#"
NAME, VARIANT, TEXT = range(3)
# What is searched, and as what: a name, another form of a name, or a text about the thing.
FIELDS: Final[Mapping[str, int]] = {
    f"{_SKOS}prefLabel": NAME,
    "http://www.w3.org/2000/01/rdf-schema#label": NAME,
    "http://purl.org/dc/terms/title": NAME,
    f"{_SKOS}altLabel": VARIANT,
    f"{_SG}printedForm": VARIANT,
    f"{_SKOS}definition": TEXT,
    f"{_SG}summary": TEXT,
}
# Hiragana stand in the same order 0x60 below katakana.
_TO_HIRAGANA: Final = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


def fold(text: str) -> str:
    """The form in which texts are compared: NFKC, case and kana folded, every run of white space one blank."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(_TO_HIRAGANA).split())


@dataclass(frozen=True)
class Match:
    """One text that holds what was asked for. `field` is NAME, VARIANT or TEXT; `rank` sorts, the best first."""

    subject: NamedNode
    text: Literal
    field: int
    rank: tuple[int, int, int, str]


class TextIndex:
    """The texts of a store's graphs. Built once, before workers are forked; reading it changes nothing."""

    def __init__(self, store: Store, graphs: Iterable[NamedNode]) -> None:
        self._subjects: list[NamedNode] = []
        self._texts: list[Literal] = []
        self._folded: list[str] = []
        self._fields = array("B")
        self._graphs = array("H")
        self._numbers = {graph.value: number for number, graph in enumerate(graphs)}
        self._pairs: dict[str, array[int]] = {}
        for iri, number in self._numbers.items():
            self._add_graph(store, NamedNode(iri), number)

    def _add_graph(self, store: Store, graph: NamedNode, number: int) -> None:
        for predicate, field in FIELDS.items():
            for quad in store.quads_for_pattern(None, NamedNode(predicate), None, graph):
                if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
                    self._add(quad.subject, quad.object, field, number)

    def _add(self, subject: NamedNode, text: Literal, field: int, graph: int) -> None:
        folded = fold(text.value)
        position = len(self._folded)
        self._subjects.append(subject)
        self._texts.append(text)
        self._folded.append(folded)
        self._fields.append(field)
        self._graphs.append(graph)
        for pair in {folded[at : at + 2] for at in range(max(1, len(folded) - 1))}:
            self._pairs.setdefault(pair, array("I")).append(position)

    def find(self, wanted: str, graphs: Iterable[str], language: str | None = None, last_field: int = TEXT) -> Iterator[Match]:
        """The texts that hold every word of `wanted`, in these graphs, in this language if one is given, in fields up to `last_field`.

        Nothing is found for no word.
        """
        words = fold(wanted).split()
        for position in self._holding(words, graphs, language, last_field):
            yield Match(self._subjects[position], self._texts[position], self._fields[position], self._rank(position, words))

    def find_subjects(self, wanted: str, graphs: Iterable[str], language: str | None = None, last_field: int = TEXT) -> set[NamedNode]:
        """The subjects of the texts that `find` finds, without order: quicker."""
        return {self._subjects[position] for position in self._holding(fold(wanted).split(), graphs, language, last_field)}

    def _holding(self, words: list[str], graphs: Iterable[str], language: str | None, last_field: int) -> Iterator[int]:
        if not words:
            return
        allowed = {self._numbers[graph] for graph in graphs if graph in self._numbers}
        for position in self._candidates(max(words, key=len)):
            if self._fields[position] > last_field or self._graphs[position] not in allowed:
                continue
            folded = self._folded[position]
            if all(word in folded for word in words) and (language is None or self._texts[position].language == language):
                yield position

    def _candidates(self, word: str) -> Iterable[int]:
        if len(word) == 1:
            return range(len(self._folded))
        lists = sorted((self._pairs.get(word[at : at + 2], array("I")) for at in range(len(word) - 1)), key=len)
        # A pair that few texts have narrows most; beyond the second, reading what is left is quicker.
        return sorted(set(lists[0]).intersection(lists[1])) if len(lists) > 1 and len(lists[1]) < 8 * len(lists[0]) else lists[0]

    def _rank(self, position: int, words: list[str]) -> tuple[int, int, int, str]:
        folded, field = self._folded[position], self._fields[position]
        whole = " ".join(words)
        fit = 0 if folded == whole else 1 if folded.startswith(whole) else 2
        # An exact variant (an abbreviation, say) is worth more than a name that merely contains it.
        return (0 if fit == 0 else field + 1, fit, len(folded), self._subjects[position].value)


def contains(text: object, wanted: object) -> Literal | None:
    """Whether a text holds another, both folded; None (an error in SPARQL) for what is no literal."""
    if isinstance(text, Literal) and isinstance(wanted, Literal):
        return Literal(fold(wanted.value) in fold(text.value))
    return None


def folded(text: object) -> Literal | None:
    """A text in the form in which texts are compared; None (an error in SPARQL) for what is no literal."""
    return Literal(fold(text.value)) if isinstance(text, Literal) else None
