"""What the service says of one thing, each part made once: statements, RDF, JSON-LD, places. Imports framing and places.

The formats and languages of one thing are asked for together: by a crawler, by an export, by a reader who switches the language.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from typing import Final, TypeVar

from fastapi.concurrency import run_in_threadpool

from stratgraph.store.interface import Description, Statement, Store, Term
from stratgraph.store.rdf import Written
from stratgraph.vocab import BASE, LICENCE, METADATA_GRAPH, VOID
from stratgraph.web.context import Context
from stratgraph.web.framing import frame
from stratgraph.web.places import Place, load_places

_DATASET: Final = f"{BASE}dataset"
_DCTERMS: Final = "http://purl.org/dc/terms/"
_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"
# A document of so many statements is written in about a millisecond: less than a thread costs while another has work.
_FEW: Final = 150
Made = TypeVar("Made")


class Document:
    """The document about the thing that `description` describes, in a release, whose `prefixes` and `context` are asked for when needed."""

    def __init__(
        self,
        description: Description,
        release: str,
        prefixes: Callable[[], Awaitable[Mapping[str, str]]],
        context: Callable[[], Awaitable[Context]],
    ) -> None:
        self.description = description
        self._release, self._prefixes, self._context = release, prefixes, context
        self._written: Written | None = None
        self._framed: bytes | None = None
        self._places: tuple[Place, ...] | None = None

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """All that it says: the description, and to which dataset, release and licence it belongs."""
        root, whole = Term("iri", self.description.iri), Term("iri", _DATASET)
        told = [Statement(whole, f"{_DCTERMS}license", Term("iri", LICENCE), METADATA_GRAPH)]
        told += [Statement(whole, f"{_DCTERMS}identifier", Term("literal", self._release, None, _STRING), METADATA_GRAPH)]
        if root != whole:
            told += [Statement(root, str(VOID.inDataset), whole, METADATA_GRAPH)]
        return (*self.description.outgoing, *self.description.incoming, *self.description.around, *told)

    async def in_format(self, name: str) -> bytes:
        """It in one of the RDF formats (`formats.Format.name`). Raises what Store.query raises."""
        if name == "jsonld":
            if self._framed is None:
                context = await self._context()
                self._framed = await self._make(lambda: frame(self.description.iri, self.statements, context))
            return self._framed
        if self._written is None:
            prefixes = await self._prefixes()
            self._written = await self._make(lambda: Written(self.statements, prefixes))
        written = self._written
        return await self._make(lambda: written.in_format(name))

    async def places(self, store: Store, timeout: float) -> tuple[Place, ...]:
        """The places in the texts that support it; `timeout` is in seconds. Raises what Store.query raises."""
        if self._places is None:
            self._places = await load_places(store, self.description.iri, timeout)
        return self._places

    async def _make(self, work: Callable[[], Made]) -> Made:
        """What `work` gives: a long document is written in a thread, so that others are answered meanwhile."""
        return work() if len(self.statements) <= _FEW else await run_in_threadpool(work)
