"""Every failure StratGraph raises on purpose. Imports nothing.

The tree (each class tells what a caller can do about it):

    StratgraphError
    ├── InputError                 something handed to a command or read from disk is wrong
    │   ├── SourceError            a Turtle or query file: path, line, column
    │   ├── SourceTextError        a source document is missing or is not the one the data was made from
    │   ├── SettingError           an environment variable or option
    │   └── LayoutError            a folder of the product is missing
    ├── NotConforming              the graph breaks shapes: carries the report
    ├── InferenceError             the closure found a contradiction, or a rule failed
    ├── QueryError                 a query that cannot be answered
    │   ├── QuerySyntaxError       not SPARQL: line, column
    │   ├── QueryTooComplex        refused, or ended by stack or memory
    │   ├── QueryTimeout           ran past its time limit
    │   ├── UpdateRefused          an update, which this endpoint does not offer
    │   ├── ServiceRefused         asks for a request to another server
    │   └── AnswerTooLarge         past the response limit
    ├── StoreUnavailable           no worker could take the query
    ├── UnknownQuestion            no saved question of that name; carries near names
    ├── BadParameter               a parameter's value is not allowed; carries what is
    ├── ResourceNotFound           nothing in the graph has that IRI
    ├── ResourceGone               that IRI named something once; carries what stands for it now
    └── NotAcceptable              none of the offered representations suits
"""

from __future__ import annotations

from collections.abc import Sequence


class StratgraphError(Exception):
    """Base of all deliberate failures; its text is fit to be shown to a user."""


class InputError(StratgraphError):
    """Something given to us cannot be used."""


class SourceError(InputError):
    """A file cannot be read as what it should be.

    `line` and `column` count from 1; `column` is None where the parser tells none.
    """

    def __init__(self, message: str, path: str, line: int | None = None, column: int | None = None) -> None:
        self.message, self.path, self.line, self.column = message, path, line, column
        place = ":".join(str(part) for part in (path, line, column) if part is not None)
        super().__init__(f"{place}: {message}")


class SourceTextError(InputError):
    """A source document's text is missing or differs from the one the data was made from."""


class SettingError(InputError):
    """A setting has a value that cannot be used; the message names it and what is allowed."""


class LayoutError(InputError):
    """The root folder lacks a part of the product (ontology, shapes, data, queries)."""


class NotConforming(StratgraphError):
    """The graph breaks its shapes. `findings` holds one line of text per finding."""

    def __init__(self, message: str, findings: Sequence[str]) -> None:
        self.findings = tuple(findings)
        super().__init__(message)


class InferenceError(StratgraphError):
    """The closure contradicts itself, or a rule cannot be run.

    `contradictions` (of stratgraph.infer) say what cannot be, with proofs; the reference engine gives none.
    """

    def __init__(self, message: str, contradictions: Sequence[object] = ()) -> None:
        self.contradictions = tuple(contradictions)
        super().__init__(message)


class QueryError(StratgraphError):
    """A query that cannot be answered as it stands."""


class QuerySyntaxError(QueryError):
    """The text is not a SPARQL query. `line` and `column` count from 1, None where not known."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        self.line, self.column = line, column
        super().__init__(message)


class QueryTooComplex(QueryError):
    """The query was refused for its shape, or needed more stack or memory than a query may have."""


class QueryTimeout(QueryError):
    """The query was stopped at its time limit; `seconds` is that limit.

    `behind` is OPTIONAL or BIND where a required pattern, in `line`, stands behind such a clause.
    """

    def __init__(self, seconds: float, line: int | None = None, behind: str | None = None) -> None:
        self.seconds, self.line, self.column, self.behind = seconds, line, None, behind
        message = f"The query was stopped after {seconds:g} s, the time limit. Make it more selective."
        if behind:
            message += f" The pattern in line {line} stands behind {behind}, so the engine takes it last. Unless it needs what that gives, "
            message += "put it before."
        super().__init__(message)


class UpdateRefused(QueryError):
    """The text is an update; the endpoint only reads."""


class ServiceRefused(QueryError):
    """The query asks for a request to another server (SERVICE), which is off."""


class AnswerTooLarge(QueryError):
    """The answer passes the response limit; `limit` is that limit in `unit` (bytes or rows)."""

    def __init__(self, limit: int, unit: str = "bytes") -> None:
        self.limit, self.unit = limit, unit
        super().__init__(f"The answer has more than {limit} {unit}, the limit. Add LIMIT or select less.")


class StoreUnavailable(StratgraphError):
    """No worker could take the query; `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: int = 5) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class UnknownQuestion(StratgraphError):
    """There is no saved question called `name`; `near` holds similar names, best first."""

    def __init__(self, name: str, near: Sequence[str] = ()) -> None:
        self.name, self.near = name, tuple(near)
        hint = f" Did you mean {', '.join(self.near)}?" if self.near else ""
        super().__init__(f"There is no saved question called “{name}”.{hint}")


class BadParameter(StratgraphError):
    """A parameter has a value it may not have; `allowed` says what it may be, `reasons` by language why not."""

    def __init__(self, parameter: str, message: str, allowed: Sequence[str] = (), ja: str = "") -> None:
        self.parameter, self.allowed = parameter, tuple(allowed)
        self.reasons = {"en": message[:1].upper() + message[1:], "ja": ja} if ja else {"en": message[:1].upper() + message[1:]}
        super().__init__(f"Parameter “{parameter}”: {message}")


class ResourceNotFound(StratgraphError):
    """Nothing in the graph has this IRI."""

    def __init__(self, iri: str) -> None:
        self.iri = iri
        super().__init__(f"Nothing here has the IRI <{iri}>.")


class ResourceGone(StratgraphError):
    """The IRI was published and names nothing any more. `near` holds the IRIs that stand for it now."""

    def __init__(self, iri: str, near: Sequence[str] = ()) -> None:
        self.iri, self.near = iri, tuple(near)
        told = f" Instead: {', '.join(f'<{one}>' for one in near)}." if near else ""
        super().__init__(f"<{iri}> was published once and names nothing any more.{told}")


class NotAcceptable(StratgraphError):
    """The client accepts none of the offered media types."""

    def __init__(self, offered: Sequence[str]) -> None:
        self.offered = tuple(offered)
        super().__init__(f"None of the accepted media types is offered here. Offered: {', '.join(self.offered)}.")
