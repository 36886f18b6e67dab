"""Runs the service under uvicorn. Imports the embedded store and `create_app`."""

from __future__ import annotations

import asyncio
import gc
import importlib.util
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import uvicorn
from fastapi import FastAPI

from stratgraph.errors import StratgraphError
from stratgraph.questions import load_served
from stratgraph.release import Release
from stratgraph.settings import Layout, Settings
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.web.app import create_app
from stratgraph.web.at_once import AtOnceHttp
from stratgraph.web.follow import Tell, follow_builds
from stratgraph.web.responses import LOG

# Objects made before the collector of cycles looks at the young ones: a request makes some hundred that are gone with it.
_COLLECT: Final = 5_000
# Seconds between two looks at whether another release is served.
_PAUSE: Final = 1.0


def server_options(settings: Settings) -> dict[str, Any]:
    """How uvicorn is to run: no version told, no forwarded header believed, requests' heads bounded."""
    return {
        "host": settings.host,
        "port": settings.port,
        "server_header": False,
        "proxy_headers": False,
        "http": AtOnceHttp,
        "ws": "none",
        "timeout_keep_alive": 15,
        "timeout_graceful_shutdown": 5,
        "access_log": False,
        "log_level": "warning",
    }


@dataclass(frozen=True)
class Following:
    """Where new builds appear, and how to tell that one is served."""

    build_dir: Path
    tell: Tell


def run_server(settings: Settings, layout: Layout, release: Release, following: Following | None = None) -> None:
    """Serve until interrupted; with `following`, new builds as they come.

    Raises SourceError for a broken question, StoreUnavailable where the graph cannot be loaded.
    """
    run_loop(_serve(settings, layout, release, following))


def run_loop(work: Coroutine[Any, Any, None]) -> None:
    """Run on the quickest event loop there is: uvloop's, where the platform has it."""
    quickest = importlib.import_module("uvloop").new_event_loop if importlib.util.find_spec("uvloop") else None
    with asyncio.Runner(loop_factory=quickest) as runner:
        runner.run(work)


def make_server(app: FastAPI, settings: Settings) -> uvicorn.Server:
    """The server of an application, whose parts are set aside: the collector of cycles need not look through them ever again."""
    server = uvicorn.Server(uvicorn.Config(app, **server_options(settings)))
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT)
    return server


async def _serve(settings: Settings, layout: Layout, release: Release, following: Following | None) -> None:
    questions = load_served(layout.queries, settings.own_questions, LOG.warning)
    async with await EmbeddedStore.open(release.graph_file, settings) as store:
        app = create_app(settings, store, release, questions)
        server = make_server(app, settings)
        beside = [asyncio.create_task(prepare_answers(app))]
        if following is not None:
            beside.append(asyncio.create_task(follow_builds(app, layout, following.build_dir, following.tell)))
        try:
            await server.serve()
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)


async def prepare_answers(app: FastAPI) -> None:
    """Ask the saved questions of each release that is served before anyone does: one query at a time, so that one worker stays free.

    The reader's own questions are first compared with their expected rows.
    """
    prepared = None
    while True:
        site = app.state.site
        if site is not prepared:
            prepared = site
            with suppress(StratgraphError), site.held():
                await site.check_own(LOG.warning)
                await site.service.prepare()
        await asyncio.sleep(_PAUSE)
