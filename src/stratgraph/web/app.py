"""`create_app`: one running service over one release. Imports every module of this package but `serve`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from stratgraph import __version__
from stratgraph.questions import Questions
from stratgraph.release import Release
from stratgraph.settings import Settings
from stratgraph.store.interface import Store
from stratgraph.web import (
    basket,
    catalog,
    choices,
    corrections,
    definitions,
    dumps,
    home,
    questions,
    releases,
    resources,
    search,
    sparql,
    why,
)
from stratgraph.web.compress import Compress
from stratgraph.web.errors import install_error_handlers
from stratgraph.web.kept import Kept, KeptAnswer, KeptAnswers
from stratgraph.web.limits import Clients
from stratgraph.web.old import OldReleases
from stratgraph.web.openapi import PROBLEM_SCHEMA
from stratgraph.web.operations import question_paths
from stratgraph.web.quick import Peer, Quick, Tell, Waiting
from stratgraph.web.shell import Shell
from stratgraph.web.site import make_site
from stratgraph.web.snapshot import OneRelease


def create_app(settings: Settings, store: Store, release: Release, saved: Questions) -> FastAPI:
    """The application that serves `release` from `store`. It does not close the store."""
    app = _Application(
        title="StratGraph",
        version=__version__,
        description="Government strategy documents as a knowledge graph: SPARQL, saved questions, linked data, downloads.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=_closing_old_releases,
    )
    app.state.old_releases = OldReleases(Path(settings.releases) if settings.releases else None, settings.old_releases)
    app.state.site = make_site(settings, store, release, saved, Clients(settings.client_queries, settings.trusted_proxies))
    install_error_handlers(app)
    routers = [
        module.router
        for module in (home, sparql, choices, questions, basket, corrections, search, resources, definitions, why, dumps, catalog, releases)
    ]
    for router in routers:
        app.include_router(router)
    app.state.routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    app.front = Kept(Compress(app.handle), KeptAnswers(settings.kept_bytes), lambda: app.state.site.release.id)
    app.quick = Quick(app, app.front, lambda: app.state.site)
    app.add_middleware(Shell, direct={"/sparql": sparql.answer_directly(app)})
    app.add_middleware(OneRelease)
    return app


@asynccontextmanager
async def _closing_old_releases(app: FastAPI) -> AsyncIterator[None]:
    yield
    await app.state.old_releases.close()


class _Application(FastAPI):
    """FastAPI behind what is kept, whose OpenAPI document also has the shape of our errors and an operation for each question."""

    front: Kept | None = None
    described: Questions | None = None
    quick: Quick | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Called by the server."""
        await (self.front or self.handle)(scope, receive, send)

    def ready(self, scope: Scope) -> tuple[int, KeptAnswer] | None:
        """Status and answer to a request, if they are kept."""
        return self.front.ready(scope) if self.front is not None else None

    def begin(self, head: bytes, client: Peer, tell: Tell) -> tuple[KeptAnswer | None, Waiting | None]:
        """Begin to answer a request without parser and task, if it is of a kind that can be answered so (`Quick.begin`)."""
        return self.quick.begin(head, client, tell) if self.quick is not None else (None, None)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The framework's own way."""
        await super().__call__(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI 3.1 document."""
        questions = self.state.site.questions
        if not self.openapi_schema or self.described is not questions:
            self.openapi_schema = None
            schema = super().openapi()
            schema.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
            schema["paths"] |= question_paths(questions)
            self.openapi_schema, self.described = schema, questions
        return self.openapi_schema
