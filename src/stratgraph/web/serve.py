"""Runs the service under uvicorn. Imports the embedded store and `create_app`."""

from __future__ import annotations

import asyncio
from typing import Any

import uvicorn

from stratgraph.questions import load_questions
from stratgraph.release import Release
from stratgraph.settings import Layout, Settings
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.web.app import create_app


def server_options(settings: Settings) -> dict[str, Any]:
    """How uvicorn is to run: no version told, no forwarded header believed, requests' heads bounded."""
    return {
        "host": settings.host,
        "port": settings.port,
        "server_header": False,
        "proxy_headers": False,
        "http": "h11",
        "h11_max_incomplete_event_size": 128 * 1024,
        "timeout_keep_alive": 15,
        "timeout_graceful_shutdown": 5,
        "access_log": False,
        "log_level": "warning",
    }


def run_server(settings: Settings, layout: Layout, release: Release) -> None:
    """Serve until interrupted. Raises SourceError for a broken question, StoreUnavailable where the graph cannot be loaded."""
    asyncio.run(_serve(settings, layout, release))


async def _serve(settings: Settings, layout: Layout, release: Release) -> None:
    questions = load_questions(layout.queries)
    async with await EmbeddedStore.open(release.graph_file, settings) as store:
        app = create_app(settings, store, release, questions)
        await uvicorn.Server(uvicorn.Config(app, **server_options(settings))).serve()
