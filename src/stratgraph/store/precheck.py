"""One linear, non-recursive pass over a query's text, before the engine sees it. Imports errors and matching.

It refuses what is known to kill or stall the engine's parser (nesting, ladders of `!`, endless chains and lists), SERVICE in
every spelling, updates, and NUL; and it finds what the engine does not tell: the FROM clauses with their IRIs resolved, and
whether the query names a function whose answer changes. It is an optimisation and a policy, not the boundary: a worker holds
even if the pass is fooled.

The engine's parser has no separate tokens: `1SERVICE<x>` and `trueSERVICE:x` are SERVICE to it, and `?a<STR(?b)` is a comparison
although `<STR(?b)…>` looks like an IRI. So the pass reads bare words by what they contain, and counts brackets in IRIs too.
Codepoint escapes (SPARQL 1.1, section 19.2) are understood by the engine in strings and IRIs only; elsewhere they are refused here,
so that no other engine can read a keyword out of them.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urljoin

from stratgraph.errors import QuerySyntaxError, QueryTooComplex, ServiceRefused, UpdateRefused
from stratgraph.store.matching import TextPattern, TextPatternReader


@dataclass(frozen=True)
class Limits:
    """What a query's text may have. `doubling` bounds the sum of `_DOUBLING` over parts nested in one another.

    `service_allow`: the IRIs that SERVICE may ask. `service`: whether any SERVICE may reach the engine (tests only).
    """

    query_bytes: int = 2**20
    nesting: int = 48
    doubling: int = 48
    operators: int = 2_000
    clauses: int = 2_000
    items: int = 20_000
    variables: int = 1_000
    service: bool = False
    service_allow: tuple[str, ...] = ()


_NO_LIMIT: Final = 2**62
UNLIMITED: Final = Limits(_NO_LIMIT, _NO_LIMIT, _NO_LIMIT, _NO_LIMIT, _NO_LIMIT, _NO_LIMIT, _NO_LIMIT, service=True)


@dataclass(frozen=True)
class Scan:
    """What the text says. The graphs are those of FROM and FROM NAMED, resolved; both None where there is neither.

    `names_graphs` is False only where the text surely has no GRAPH clause.
    """

    volatile: bool = False
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    text_patterns: tuple[TextPattern, ...] = ()
    names_graphs: bool = False


# One pass stays linear: a class repeats possessively (`++`, `*+`), and a repeated group can begin in one way only, so that
# nothing is tried twice. Groups are not possessive: Python before 3.11.5 (Debian 12 has 3.11.2) matches such ones wrongly.
_RUN = r"[^\W\d][\w\-·]*+(?:\.++[\w\-·]++)*"
_LOCAL = r"(?:[\w\-·:]++|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])"
_TOKENS: Final = re.compile(
    rf"""
    \s*+(?:\#[^\r\n]*+\s*+)*
    (?:
    (?P<iri><[^<>"{{}}|^`\\\x00-\x20]*+(?:\\(?:u[0-9A-Fa-f]{{4}}|U[0-9A-Fa-f]{{8}})[^<>"{{}}|^`\\\x00-\x20]*+)*>)
  | (?P<text>"[^"\\\r\n]*+(?:\\.[^"\\\r\n]*+)*" | '[^'\\\r\n]*+(?:\\.[^'\\\r\n]*+)*')
  | (?P<variable>[?$]\w++)
  | (?P<language>@[A-Za-z][A-Za-z0-9\-]*+)
  | (?P<number>[0-9]++(?:\.[0-9]++)?(?:[eE][+\-]?[0-9]++)?)
  | (?P<name>(?:{_RUN})?:(?:{_LOCAL}(?:\.*+{_LOCAL})*)?)
  | (?P<word>{_RUN})
  | (?P<sign>&&|\|\||!=|<=|>=|\^\^|<<|>>|[!=<>+\-*/|^&])
  | (?P<open>[({{\[])
  | (?P<close>[)}}\]])
  | (?P<mark>[.;,])
  | (?P<other>.)
  | (?P<end>\Z)
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_LONG: Final = {
    mark: re.compile(rf"{mark}[^\\{mark[0]}]*+(?:(?:\\.|{mark[0]}(?!{mark[:2]}))[^\\{mark[0]}]*+)*{mark}", re.DOTALL)
    for mark in ('"""', "'''")
}
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")

_UPDATES: Final = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"})
_VOLATILE: Final = ("RAND", "NOW", "UUID", "BNODE")
# The parser tries these twice, and so each level of nesting doubles its time: 8 negations or 12 functions take some 10 ms.
_DOUBLING: Final = {"!": 6, "REGEX": 4, "REPLACE": 4, "SUBSTR": 4, "GROUP_CONCAT": 4}
_CLAUSES: Final = frozenset({"UNION", "OPTIONAL", "MINUS", "FILTER", "BIND", "VALUES", "GRAPH", "EXISTS", "SELECT", "LATERAL"})
_SERVICE: Final = "SERVICE asks for a request to another server, which this endpoint does not make."
_SERVICE_CLAUSE: Final = re.compile(r"SERVICE(?:\s+SILENT)?(?:\s*<(?P<iri>[^<>\s]*)>)?", re.IGNORECASE)
_NOT_LISTED: Final = (
    "SERVICE may ask {listed} here, written so, and no other. The letters must not stand elsewhere in the query, not in a text either "
    "(write \\u0053ERVICE there)."
)
# Where neither stands in a text (nor an escape), no text property is named: a namespace that ends before `function#` cannot be
# completed, `#` being no part of a local name; the namespace itself, declared as a prefix, wants the name's end beside it.
_FUNCTIONS: Final = "function#"
_NAMESPACE: Final = "function#>"
_TEXT_PROPERTY: Final = "atches"
# Surely an IRI: in an expression `//` cannot stand; and with no quotation mark in it, it is not the inside of a string that ends in it.
_SURE_IRI: Final = re.compile(r"""<https?://[^<>"'{}|^`\\\x00-\x20]*>""")
_PLAIN: Final = Scan()
_DOUBLED: Final = tuple(word for word in _DOUBLING if word != "!")
_NOTABLE: Final = ("\\", "\0", "FROM", "GRAPH", *_VOLATILE, *sorted(_UPDATES))
_CLOSING: Final = {")": "(", "}": "{", "]": "["}


def scan(query: str, limits: Limits = Limits()) -> Scan:
    """Read a query's text.

    Raises QuerySyntaxError (empty, NUL, not Unicode), UpdateRefused, ServiceRefused or QueryTooComplex. Text that is wrong in other
    ways passes: the engine says what is wrong with it. Takes about a second per 2 MB.
    """
    try:
        size = len(query.encode())
    except UnicodeEncodeError as error:
        raise QuerySyntaxError("The query is not valid Unicode.", *_place(query, error.start)) from None
    if size > limits.query_bytes:
        raise QueryTooComplex(f"The query has {size} bytes; {limits.query_bytes} are allowed.")
    if _is_plain(query, limits):
        return _PLAIN
    if (nul := query.find("\0")) >= 0:
        raise QuerySyntaxError("The query contains a NUL character.", *_place(query, nul))
    asks_others = bool(limits.service_allow) and _check_services(query, limits.service_allow)
    reader = _Reader(replace(limits, service=True) if asks_others else limits)
    reader.read(query)
    if reader.first_word is None:
        raise QuerySyntaxError("The query is empty.", 1, 1)
    return replace(reader.result(), volatile=True) if asks_others else reader.result()


def _check_services(query: str, allowed: tuple[str, ...]) -> bool:
    """Whether the query says SERVICE. Raises ServiceRefused unless a listed IRI follows wherever the letters stand.

    Strings, comments and names are no exception: where a worker has a network, nothing may hang on telling them from a clause.
    """
    asked = 0
    for match in _SERVICE_CLAUSE.finditer(query):
        asked += 1
        if match["iri"] not in allowed:
            raise ServiceRefused(_NOT_LISTED.format(listed=", ".join(f"<{iri}>" for iri in allowed)))
    return asked > 0


def _is_plain(query: str, limits: Limits) -> bool:
    """Whether a short query so plainly keeps every limit, and says nothing to be found, that reading it token by token is idle.

    Counted as if all brackets were nested and all comments and strings were code: what is plain here, `_Reader` takes as `_PLAIN`.
    """
    if not query.strip() or not _is_short(query, limits):
        return False
    text = query.upper()
    if "SERVICE" in text or _may_match_texts(query):
        return False
    outside = _SURE_IRI.sub("<>", query).upper()
    if any(word in outside for word in _NOTABLE):
        return False
    doubling = text.count("!") * _DOUBLING["!"] + sum(text.count(word) * _DOUBLING[word] for word in _DOUBLED)
    nesting = text.count("(") + text.count("{") + text.count("[")
    return nesting <= limits.nesting and doubling <= limits.doubling


def _may_match_texts(query: str) -> bool:
    """Whether the text may name a text property."""
    if "\\" in query:
        return True
    return _FUNCTIONS in query and (_TEXT_PROPERTY in query or query.count(_FUNCTIONS) > query.count(_NAMESPACE))


def _is_short(query: str, limits: Limits) -> bool:
    # Each of what is limited takes a character at least, a variable two.
    return len(query) <= min(limits.operators, limits.clauses, limits.items, 2 * limits.variables)


def tokens(text: str) -> Iterator[tuple[str, int, int]]:
    """(kind, start, end) of each token, without space and comments. The kinds are the groups of `_TOKENS`."""
    position, unclosed = 0, set[str]()
    while match := _TOKENS.match(text, position):
        kind = match.lastgroup or "end"
        start, end = match.span(kind)
        if kind == "end":
            return
        # `_TOKENS` knows short strings only: of a long one it sees the first two quotes, or nothing.
        if kind in ("text", "other") and (mark := text[start : start + 3]) in _LONG and mark not in unclosed:
            if long := _LONG[mark].match(text, start):
                kind, end = "text", long.end()
            else:
                # No later one closes either: never look again, or unclosed strings would cost the square of their number.
                unclosed.add(mark)
        yield kind, start, end
        position = end


def _place(text: str, index: int) -> tuple[int, int]:
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def _resolve_escapes(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        code = int(match[1] or match[2], 16)
        if code > sys.maxunicode or unicodedata.category(chr(code)) == "Cs":
            return match[0]  # no character: leave it as written
        return chr(code)

    return _ESCAPE.sub(character, text)


class _Reader:
    """The state of one pass. Every method is constant work per token."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._brackets: list[tuple[str, int]] = []
        self._curly = 0
        self._doubling = self._doubling_outside = 0
        self._operators = self._clauses = self._items = 0
        self._variables: set[str] = set()
        self._previous = ""
        self._service_name = False
        self._base = ""
        self._prefixes: dict[str, str] = {}
        self._prefix: str | None = None
        self._from: str | None = None
        self._default: list[str] = []
        self._named: list[str] = []
        self._volatile = self._names_graphs = False
        self._texts: TextPatternReader | None = None
        self.first_word: str | None = None
        self._takers: dict[str, Callable[[str], None]] = {
            "word": self._word,
            "name": self._prefixed_name,
            "iri": self._iri,
            "variable": self._variable,
            "open": self._open,
            "close": self._close,
            "sign": self._sign,
            "mark": self._mark,
        }

    def read(self, text: str) -> None:
        """Take in the whole text."""
        # The engine finds keywords within runs of letters, so the text is searched, not the words.
        self._names_graphs = "\\" in text or "GRAPH" in _SURE_IRI.sub("<>", text).upper()
        if _may_match_texts(text):
            self._texts = TextPatternReader()
        for kind, start, end in tokens(text):
            if kind == "other":
                self._refuse(text, start)
            self._token(kind, text[start:end])

    def result(self) -> Scan:
        """What was found."""
        found = self._texts.result() if self._texts else ()
        if not self._default and not self._named:
            return Scan(self._volatile, text_patterns=found, names_graphs=self._names_graphs)
        return Scan(self._volatile, tuple(self._default), tuple(self._named), found, self._names_graphs)

    def _token(self, kind: str, text: str) -> None:
        take = self._takers.get(kind)
        if take is None:
            self._operand()
        else:
            take(text)
        if kind not in ("name", "open"):
            self._service_name = False
        if self._texts:
            self._texts.take(kind, text, self._iri_of(kind, text) if kind in ("iri", "name") else None)
        self._previous = text.upper() if kind == "word" else kind

    def _variable(self, text: str) -> None:
        self._operand()
        self._variables.add(text[1:])
        self._hold("variables", len(self._variables), self._limits.variables)

    def _refuse(self, text: str, position: int) -> None:
        # Refused at the first one: looking for the end of every unclosed string would cost the square of their number.
        if text[position] in "\"'":
            raise QuerySyntaxError("A string is not closed.", *_place(text, position))
        if text[position] == "\\":
            if "SERVICE" in _resolve_escapes(text).upper() and not self._limits.service:
                raise ServiceRefused(_SERVICE)
            raise QuerySyntaxError("A codepoint escape may stand in strings and IRIs only.", *_place(text, position))

    def _hold(self, what: str, count: int, limit: int) -> None:
        if count > limit:
            raise QueryTooComplex(f"The query has more than {limit} {what}, the limit.")

    def _operand(self) -> None:
        # Lists without commas (VALUES, collections) are made of these; so every operand counts as an item.
        self._items += 1
        self._hold("terms and values", self._items, self._limits.items)

    def _word(self, text: str) -> None:
        word = text.upper()
        if "SERVICE" in word and not self._limits.service:
            raise ServiceRefused(_SERVICE)
        if self.first_word is None and word not in ("PREFIX", "BASE", "VERSION"):
            self.first_word = word
            if word in _UPDATES:
                raise UpdateRefused("This is a SPARQL update; this endpoint only reads.")
        if word.endswith(_VOLATILE):
            self._volatile = True
        if word in _DOUBLING:
            self._double(word)
        if word in _CLAUSES:
            self._count_clause()
        if self._curly == 0 and "FROM" in word:
            if word != "FROM":
                raise QuerySyntaxError("Write FROM and NAMED as words of their own.")
            self._from = "default"
        elif word == "NAMED" and self._from:
            self._from = "named"

    def _prefixed_name(self, text: str) -> None:
        prefix = text.partition(":")[0]
        if self._previous == "PREFIX" and self.first_word is None:
            self._prefix = prefix
            return
        if "SERVICE" in prefix.upper():
            # `SERVICE:x {` is SERVICE with an empty prefix to the engine, whereas `GRAPH service:x {` is a graph's name.
            self._service_name = self._previous not in ("GRAPH", "FROM", "NAMED", "DESCRIBE")
        run_together = "FROM" in prefix.upper() or (self._from and prefix.upper() == "NAMED")
        if self._curly == 0 and run_together and prefix not in self._prefixes:
            raise QuerySyntaxError("Write FROM and NAMED as words of their own.")
        self._operand()
        if self._from and prefix in self._prefixes:
            self._add_graph(self._iri_of("name", text))

    def _iri(self, text: str) -> None:
        self._operand()
        # It may be `<` and `>` around an expression: what would be brackets and operators then, counts.
        if "(" in text or "!" in text:
            self._hold("levels of nesting", len(self._brackets) + text.count("("), self._limits.nesting)
            self._hold("units of nested negation", self._doubling + text.count("!") * _DOUBLING["!"], self._limits.doubling)
        if "&&" in text:
            self._hold("operators", self._operators + text.count("&&"), self._limits.operators)
        if self.first_word is not None and not self._from:
            return
        iri = _resolve_escapes(text[1:-1])
        if self.first_word is None and self._previous == "BASE":
            self._base = self._absolute(iri)
        elif self._prefix is not None:
            self._prefixes[self._prefix] = self._absolute(iri)
            self._prefix = None
        elif self._from:
            self._add_graph(self._absolute(iri))

    def _iri_of(self, kind: str, text: str) -> str:
        if kind == "iri":
            return self._absolute(_resolve_escapes(text[1:-1]))
        prefix, _, local = text.partition(":")
        return self._prefixes.get(prefix, "") + (re.sub(r"\\(.)", r"\1", local) if "\\" in local else local)

    def _absolute(self, iri: str) -> str:
        return iri if _SCHEME.match(iri) or not self._base else urljoin(self._base, iri)

    def _add_graph(self, iri: str) -> None:
        (self._named if self._from == "named" else self._default).append(iri)
        self._from = None

    def _open(self, text: str) -> None:
        if text == "{":
            if self._service_name and not self._limits.service:
                raise ServiceRefused("A prefix called “service” before { reads as SERVICE, which this endpoint refuses. Rename the prefix.")
            self._curly += 1
            self._count_clause()
        self._brackets.append((text, self._doubling_outside))
        self._doubling_outside = self._doubling
        self._hold("levels of nesting", len(self._brackets), self._limits.nesting)

    def _close(self, text: str) -> None:
        if self._brackets and self._brackets[-1][0] == _CLOSING[text]:
            bracket, self._doubling_outside = self._brackets.pop()
            self._doubling = self._doubling_outside
            self._curly -= bracket == "{"

    def _sign(self, text: str) -> None:
        if text == "!":
            self._double(text)
            return
        self._doubling = self._doubling_outside
        self._operators += 1
        self._hold("operators", self._operators, self._limits.operators)

    def _double(self, what: str) -> None:
        self._doubling += _DOUBLING[what]
        if self._doubling > self._limits.doubling:
            raise QueryTooComplex("The query nests more than 8 negations, or 12 of REPLACE, SUBSTR, REGEX and GROUP_CONCAT.")

    def _mark(self, text: str) -> None:
        self._doubling = self._doubling_outside
        if text != ",":
            self._count_clause()

    def _count_clause(self) -> None:
        self._clauses += 1
        self._hold("patterns and clauses", self._clauses, self._limits.clauses)
