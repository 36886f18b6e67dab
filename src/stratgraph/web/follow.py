"""A running server takes over the builds that appear beside the one it serves. Imports the embedded store, release, questions, site.

The build folder's `current` is looked at each second. A new build is loaded while the old one serves; then store and site
change in one step of the event loop, and what the old one has begun it finishes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from stratgraph.errors import StratgraphError
from stratgraph.questions import load_questions
from stratgraph.release import Release, current_release
from stratgraph.settings import Layout
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.web.site import Site, make_site

_PAUSE: Final = 1.0
Tell = Callable[[str], None]


async def follow_builds(app: FastAPI, store: EmbeddedStore, layout: Layout, build_dir: Path, tell: Tell) -> None:
    """Serve each new build of `build_dir`, until cancelled. One that cannot be served is told once; the last good one stays."""
    last_told = ""
    while True:
        await asyncio.sleep(_PAUSE)
        try:
            release = await asyncio.to_thread(current_release, build_dir)
            if release is None or release.id == app.state.site.release.id:
                continue
            await _take(app, store, layout, release)
            told = f"Serving release {release.id} now."
        except (StratgraphError, OSError) as error:
            told = f"The new build is not served: {error}"
        if told != last_told:
            tell(told)
        last_told = told


async def _take(app: FastAPI, store: EmbeddedStore, layout: Layout, release: Release) -> None:
    saved = await asyncio.to_thread(load_questions, layout.queries)
    old = app.state.site
    assert isinstance(old, Site)
    fresh = make_site(old.settings, store, release, saved, old.clients)
    # `swap` returns in the step in which the new graph is in place, so no request sees one of the two without the other.
    await store.swap(release.graph_file)
    app.state.site = fresh
