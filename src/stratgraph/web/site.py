"""What every handler needs, as one value on `app.state.site`; `site_of(request)` is that of the request's start.

Imports the layers below and this package's context, pages and limits.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from fastapi import Request

from stratgraph.errors import BadParameter, SourceError
from stratgraph.explain import Proofs
from stratgraph.questions import Questions, QuestionService, check_examples
from stratgraph.questions.labels import Labels, load_labels
from stratgraph.release import Release
from stratgraph.settings import Settings
from stratgraph.store.interface import Description, Store
from stratgraph.store.results import select
from stratgraph.vocab import LEVELS
from stratgraph.web.context import Context, load_context
from stratgraph.web.document import Document
from stratgraph.web.limits import Clients
from stratgraph.web.pages import Pages

_KEPT = 512
_PREFIXES = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT ?prefix ?namespace WHERE { ?declared sh:prefix ?prefix ; sh:namespace ?namespace } ORDER BY ?prefix
"""


@dataclass
class Site:
    """Settings, store, release, questions and pages of one running server.

    `unexpected` tells, by question, which examples of the reader's own questions do not answer with their expected rows.
    """

    settings: Settings
    store: Store
    release: Release
    service: QuestionService
    pages: Pages
    clients: Clients
    proofs: Proofs | None = None
    unexpected: dict[str, tuple[SourceError, ...]] = field(default_factory=dict)
    _documents: OrderedDict[tuple[str, str], Document] = field(default_factory=OrderedDict)
    _prefixes: dict[str, str] = field(default_factory=dict)
    _context: Context | None = None
    _holders: int = 0
    _free: asyncio.Event = field(default_factory=asyncio.Event)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the site, so that its store stays open."""
        self.hold()
        try:
            yield
        finally:
            self.let_go()

    def hold(self) -> None:
        """Hold the site until `let_go`."""
        self._holders += 1
        self._free.clear()

    def let_go(self) -> None:
        """End one `hold`."""
        self._holders -= 1
        if not self._holders:
            self._free.set()

    @property
    def in_use(self) -> bool:
        """Whether some request holds the site."""
        return self._holders > 0

    async def free(self) -> None:
        """Wait until nobody holds the site."""
        if self._holders:
            await self._free.wait()

    async def prefixes(self) -> Mapping[str, str]:
        """The prefixes that the metadata declares, read once: prefix → namespace. Raises what Store.query raises."""
        if not self._prefixes:
            _, rows = await select(self.store, _PREFIXES, timeout=self.settings.query_timeout)
            self._prefixes.update({row["prefix"].value: row["namespace"].value for row in rows})
        return self._prefixes

    async def context(self) -> Context:
        """The short names of JSON-LD documents, made once. Raises what Store.query raises."""
        if self._context is None:
            self._context = await load_context(self.store, await self.prefixes(), self.settings.query_timeout)
        return self._context

    @property
    def questions(self) -> Questions:
        """The saved questions."""
        return self.service.questions

    async def describe(self, iri: str, level: str = "full") -> Description:
        """What the graph says about an IRI. Raises what Store.describe raises."""
        return (await self.document(iri, level)).description

    async def document(self, iri: str, level: str = "full") -> Document:
        """The document about an IRI; kept for the next reader. Raises what Store.describe raises."""
        key = (iri, level)
        if key not in self._documents:
            self._documents[key] = self.document_of(await self.store.describe(iri, level))
            if len(self._documents) > _KEPT:
                self._documents.popitem(last=False)
        self._documents.move_to_end(key)
        return self._documents[key]

    def document_of(self, description: Description) -> Document:
        """The document that holds a description."""
        return Document(description, self.release.id, self.prefixes, self.context)

    async def check_own(self, tell: Callable[[str], None]) -> None:
        """Compare what the reader's own questions answer with their expected rows; `tell` hears of each difference, with file and line.

        Raises StoreUnavailable.
        """
        folder = self.settings.own_questions
        own = [one for one in self.questions.values() if one.path.parent == folder]
        for question in own:
            if found := await check_examples(self.service, [question]):
                self.unexpected[question.slug] = tuple(found)
                for one in found:
                    tell(f"This question is served, but an example of it answers otherwise than expected. {one}")

    async def labels(self, iris: Sequence[str]) -> Labels:
        """Labels by IRI and language. An engine that fails here costs the labels, not the page."""
        return await load_labels(self.store, iris, self.settings.query_timeout)


def make_site(settings: Settings, store: Store, release: Release, saved: Questions, clients: Clients, endpoint: str = "/sparql") -> Site:
    """A site over a release; `clients` counts on where a release takes the place of another. `endpoint` is where it is queried."""
    service = QuestionService(store, saved, release.id, settings.query_timeout)
    return Site(settings, store, release, service, Pages(release, settings.query_timeout, endpoint), clients)


def site_of(request: Request) -> Site:
    """The site a request belongs to: that of its start."""
    site = getattr(request.state, "site", None) or request.app.state.site
    assert isinstance(site, Site)
    return site


def level_of_request(request: Request) -> str:
    """The entailment level asked for; full by default. Raises BadParameter."""
    level = request.query_params.get("entailment", "full")
    if level not in LEVELS:
        raise BadParameter("entailment", f"“{level[:40]}” is no entailment level.", LEVELS)
    return level
