"""Where a statement stands in the files. Imports rdflib's term type only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rdflib.term import Node

Triple = tuple[Node, Node, Node]


@dataclass(frozen=True, order=True)
class Place:
    """A line of a file; `path` is relative to the product's root where it lies inside, `line` counts from 1."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


Places = Mapping[Triple, Place]
