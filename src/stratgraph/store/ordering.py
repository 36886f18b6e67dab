"""Whether a query has required patterns behind an OPTIONAL or a BIND, where the engine takes them last. Imports precheck.

Told from the text's tokens: the engine does not say why a query took long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from stratgraph.store.precheck import tokens

# Longer texts are not looked through: it would keep others waiting.
_LONGEST: Final = 50_000
# What begins something else than a triple pattern within a group, and the bracket that ends it.
_ENDS: Final = {"OPTIONAL": "}", "MINUS": "}", "GRAPH": "}", "VALUES": "}", "LATERAL": "}", "UNION": "}", "SERVICE": "}", "BIND": ")"}
_LATE: Final = frozenset({"OPTIONAL", "BIND"})
_BEGINNINGS: Final = frozenset({"variable", "iri", "name"})


@dataclass(frozen=True)
class LatePattern:
    """A required pattern: its line (from 1), and the word that it stands behind, OPTIONAL or BIND."""

    line: int
    word: str


@dataclass
class _Bracket:
    """An open bracket: whether it is a group of patterns, what has been seen in it, and the clause that is under way there."""

    group: bool
    late: str = ""
    clause: str = ""
    fresh: bool = True


def find_late_pattern(query: str) -> LatePattern | None:
    """The first triple pattern that stands behind an OPTIONAL or BIND of its own group; None where there is none, or the text is long."""
    if len(query) > _LONGEST:
        return None
    open_ones = [_Bracket(group=False)]
    for kind, start, end in tokens(query):
        inner = open_ones[-1]
        text = query[start:end]
        if inner.group and inner.fresh and inner.late and kind in _BEGINNINGS:
            return LatePattern(query.count("\n", 0, start) + 1, inner.late)
        if kind == "open":
            open_ones.append(_Bracket(group=text == "{" and inner.clause != "VALUES"))
        elif kind == "close" and len(open_ones) > 1:
            open_ones.pop()
            _end(open_ones[-1], text)
        else:
            _step(inner, kind, text)
    return None


def _step(inner: _Bracket, kind: str, text: str) -> None:
    word = text.upper() if kind == "word" else ""
    if word in _ENDS or word == "FILTER":
        inner.clause, inner.fresh = word, False
    elif kind == "mark" and text == "." and not inner.clause:
        inner.fresh = True
    else:
        inner.fresh = False


def _end(outer: _Bracket, closer: str) -> None:
    """A bracket within `outer` was closed: so may its clause be."""
    if outer.clause == "FILTER" or closer == _ENDS.get(outer.clause):
        if outer.clause in _LATE:
            outer.late = outer.clause
        outer.clause, outer.fresh = "", True
    elif not outer.clause:
        outer.fresh = closer == "}"
