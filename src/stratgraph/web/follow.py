"""A running server takes over the builds that appear beside the one it serves. Imports the embedded store, release, questions, site.

The build folder's `current` is looked at each second. A new build is loaded while the old one serves, in a store of its own; requests
that begin from then on find the new site. Those that began before keep the old one, which goes when the last of them has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fastapi import FastAPI

from stratgraph.errors import StratgraphError
from stratgraph.questions import load_served
from stratgraph.release import Release, current_release
from stratgraph.settings import Layout
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.web.responses import LOG
from stratgraph.web.site import Site, make_site
from stratgraph.web.snapshot import retire

_PAUSE: Final = 1.0
# A request asks the store a few times; a client that reads slowly must not hold an old release for ever. In query timeouts.
_PATIENCE: Final = 4
Tell = Callable[[str], None]


async def follow_builds(app: FastAPI, layout: Layout, build_dir: Path, tell: Tell) -> None:
    """Serve each new build of `build_dir`, until cancelled. One that cannot be served is told once; the last good one stays.

    When it is cancelled, every store that it opened or that it was to close is closed, that of the site served last too.
    """
    last_told = ""
    leaving: dict[asyncio.Task[None], Site] = {}
    try:
        while True:
            await asyncio.sleep(_PAUSE)
            try:
                release = await asyncio.to_thread(current_release, build_dir)
                if release is None or release.id == app.state.site.release.id:
                    continue
                left = await take_over(app, layout, release)
                task = asyncio.create_task(retire(left, _PATIENCE * left.settings.query_timeout))
                leaving[task] = left
                task.add_done_callback(leaving.pop)
                told = f"Serving release {release.id} now."
            except (StratgraphError, OSError) as error:
                told = f"The new build is not served: {error}"
            if told != last_told:
                tell(told)
            last_told = told
    finally:
        sites = [*leaving.values(), app.state.site]
        for task in leaving:
            task.cancel()
        await asyncio.gather(*(site.store.close() for site in sites))


async def take_over(app: FastAPI, layout: Layout, release: Release) -> Site:
    """Load a release and serve it to all requests that begin from now on; gives the site that was served before.

    Raises SourceError (a broken question or graph), StoreUnavailable or OSError; then nothing has changed.
    """
    old = app.state.site
    assert isinstance(old, Site)
    saved = await asyncio.to_thread(load_served, layout.queries, old.settings.own_questions, LOG.warning)
    store = await EmbeddedStore.open(release.graph_file, old.settings)
    app.state.site = make_site(old.settings, store, release, saved, old.clients)
    return old
