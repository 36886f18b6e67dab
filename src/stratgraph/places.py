"""Where a statement stands in the files. Imports rdflib's term type only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rdflib.term import Node

Triple = tuple[Node, Node, Node]


@dataclass(frozen=True, order=True)
class Place:
    """A line of a file; `path` is relative to the product's root where it lies inside, `line` counts from 1.

    `column` counts from 1, None where none is known: of Turtle that cannot be read it often is, of triples never.
    """

    path: str
    line: int
    column: int | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)


Places = Mapping[Triple, Place]
