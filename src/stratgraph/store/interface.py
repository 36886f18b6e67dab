"""What a store is: the values it takes and gives, and the protocol that every engine keeps. Imports errors only (by name, in docs).

An engine may be embedded (`store.embedded`) or remote; callers know only this module.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

TermKind = Literal["iri", "literal", "blank"]
AnswerKind = Literal["solutions", "boolean", "graph"]


@dataclass(frozen=True)
class QueryRequest:
    """One SPARQL query and how its answer is wanted.

    `solutions`, `boolean`, `graph` name the format (`formats.Format.name`) for SELECT, ASK, CONSTRUCT/DESCRIBE; None: the
    client accepts none for that kind. `default_graphs`, `named_graphs` are the protocol's dataset (SPARQL 1.1 Protocol, 2.1.4;
    None: not given); they beat FROM, and FROM beats `level` (asserted, curated or full). `timeout` is in seconds. `partial_bytes`: wait
    for the end, and where a limit is met before it (or so many bytes are there), give the part up to the last whole row.
    """

    query: str
    solutions: str | None = "json"
    boolean: str | None = "json"
    graph: str | None = "turtle"
    level: str = "full"
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    timeout: float = 30.0
    response_bytes: int = 256 * 2**20
    answer_rows: int = 1_000_000
    partial_bytes: int | None = None

    def asking(self, query: str) -> QueryRequest:
        """The same for another query; `dataclasses.replace` takes as long as a quarter of a lookup."""
        other = object.__new__(QueryRequest)
        other.__dict__.update(self.__dict__, query=query)
        return other


@dataclass(frozen=True)
class Answer:
    """A serialised answer. `body` yields chunks and raises QueryError subclasses if it cannot be finished.

    Close `body` (`aclose`) when it is not read to its end: that frees the worker at once. `volatile` says that the query
    names RAND, NOW, UUID, STRUUID or BNODE, or asks another server, so that its answer must not be kept. `complete` is False for a
    part, which only a request with `partial_bytes` gets.
    """

    kind: AnswerKind
    format: str
    body: AsyncIterator[bytes]
    volatile: bool = False
    complete: bool = True


@dataclass(frozen=True)
class WholeAnswer:
    """An answer that was short enough to come in one piece; otherwise as `Answer`."""

    kind: AnswerKind
    format: str
    body: bytes
    volatile: bool = False


@dataclass(frozen=True)
class Term:
    """An RDF term. `value` is the IRI, the lexical form or the blank node's label; `datatype` is an IRI, literals only."""

    kind: TermKind
    value: str
    language: str | None = None
    datatype: str | None = None


@dataclass(frozen=True)
class Statement:
    """One quad. `graph` is the named graph's IRI, empty for the default graph."""

    subject: Term
    predicate: str
    object: Term
    graph: str


@dataclass(frozen=True)
class Description:
    """What a level's graphs say about an IRI and its `#fragments`.

    `outgoing` follows blank nodes. `incoming` holds a bounded number per predicate, `incoming_counts` how many there are.
    `labels` maps every IRI in the statements that has a label to {"ja": …, "en": …}. `truncated`: a bound was met.
    `around` holds what a reader needs beside: the labels of the things named, and the places in the texts that are its evidence.
    """

    iri: str
    outgoing: tuple[Statement, ...]
    incoming: tuple[Statement, ...]
    labels: Mapping[str, Mapping[str, str]]
    truncated: bool = False
    incoming_counts: Mapping[str, int] = field(default_factory=dict)
    around: tuple[Statement, ...] = ()


@dataclass(frozen=True)
class Hit:
    """One thing that a search found: the text that holds what was asked for, and what kind of text (name, variant or text)."""

    iri: str
    text: str
    language: str | None
    field: str


@dataclass(frozen=True)
class Hits:
    """A page of what a search found, the best first. `kinds` counts all that was found by kind: the part of an IRI after `/id/`."""

    hits: tuple[Hit, ...]
    count: int
    kinds: Mapping[str, int]
    labels: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class SearchRequest:
    """What to search for: words that one text must all hold. `language`: texts in it only. `kind`: things of it only."""

    words: str
    level: str = "full"
    language: str | None = None
    kind: str | None = None
    names_only: bool = False
    limit: int = 20
    offset: int = 0


class Begun(Protocol):
    """A query on its way. Nobody need wait for it: short answers are there before waiting for them would have paid."""

    def listen(self, heard: Callable[[], None]) -> None:
        """Have `heard` called when there is news."""
        ...

    @property
    def waiting(self) -> bool:
        """Whether there is no news of an answer yet."""
        ...

    def whole(self) -> WholeAnswer | None:
        """The answer, if all of it is there and it ended well. It is given once."""
        ...

    async def answer(self) -> Answer:
        """Wait for the answer's beginning; its time runs from now on. Raises what Store.query raises."""
        ...

    def leave(self) -> None:
        """The answer is not wanted any more."""
        ...


class Store(Protocol):
    """An engine that answers queries over one release of the graph."""

    async def query(self, request: QueryRequest) -> Answer:
        """Start answering. Raises a QueryError subclass, NotAcceptable or StoreUnavailable."""
        ...

    def begin(self, request: QueryRequest) -> Begun:
        """Start answering without waiting. Raises StoreUnavailable where it cannot be begun now."""
        ...

    async def describe(self, iri: str, level: str = "full") -> Description:
        """Everything about one IRI. Raises ResourceNotFound, StoreUnavailable or QueryError."""
        ...

    async def search(self, request: SearchRequest) -> Hits:
        """Things whose names or texts hold the words, ranked. Raises StoreUnavailable or QueryError."""
        ...

    def graph_names(self, level: str = "full") -> tuple[str, ...]:
        """The IRIs of the level's named graphs, sorted."""
        ...

    async def close(self) -> None:
        """End all processes and connections. Safe to call twice."""
        ...
