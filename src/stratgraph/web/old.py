"""Kept releases that are open for queries: opened when asked for, few at a time, closed when nobody asks. Imports archive, store, site.

Each has a store of its own with one worker, so its memory is that of the graph and one query (`worker_memory`).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import Final

from fastapi import Request

from stratgraph.archive import Published, find_release, read_archive
from stratgraph.errors import InputError, ResourceNotFound, StoreUnavailable
from stratgraph.release import Release
from stratgraph.settings import Settings
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.vocab import BASE
from stratgraph.web.site import Site, make_site

IDLE_SECONDS: Final = 300.0
_RETRY: Final = 10


class OldReleases:
    """The releases of an archive (None: there is none), at most `most` of them open; one closes after `idle` seconds without a request."""

    def __init__(self, folder: Path | None, most: int, idle: float = IDLE_SECONDS) -> None:
        self._folder, self._most, self._idle = folder, most, idle
        self._open: OrderedDict[str, Site] = OrderedDict()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._changing = asyncio.Lock()

    @property
    def folder(self) -> Path | None:
        """The archive's folder."""
        return self._folder

    @property
    def opened(self) -> tuple[str, ...]:
        """The identifiers of those that are open, the least lately used first."""
        return tuple(self._open)

    def listed(self) -> tuple[Published, ...]:
        """The kept releases, oldest first. Raises InputError where the archive is broken."""
        return read_archive(self._folder) if self._folder else ()

    def find(self, identifier: str, current: Release) -> Release:
        """A release by its identifier: the one that is served, or a kept one. Raises ResourceNotFound."""
        if identifier == current.id:
            return current
        try:
            found = find_release(self._folder, identifier) if self._folder else None
        except InputError:
            found = None
        if found is None:
            raise ResourceNotFound(f"{BASE}releases/{identifier}")
        return found

    async def site(self, release: Release, current: Site) -> Site:
        """A site over a kept release; hold it (`Site.held`) before anything else is awaited.

        Raises StoreUnavailable where as many as may be are open and in use, SourceError where its graph cannot be loaded.
        """
        if release.id == current.release.id:
            return current
        if not self._most:
            raise ResourceNotFound(f"{BASE}releases/{release.id}/sparql")
        async with self._changing:
            site = self._open.get(release.id)
            if site is None:
                await self._make_room()
                store = await EmbeddedStore.open(release.graph_file, _small(current))
                site = make_site(current.settings, store, release, current.questions, current.clients, f"/releases/{release.id}/sparql")
                self._open[release.id] = site
        self._open.move_to_end(release.id)
        self._wait(release.id)
        return site

    async def close(self) -> None:
        """Close all of them."""
        async with self._changing:
            for identifier in list(self._open):
                await self._shut(identifier)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _make_room(self) -> None:
        while len(self._open) >= self._most:
            unused = next((identifier for identifier, site in self._open.items() if not site.in_use), None)
            if unused is None:
                raise StoreUnavailable(f"No more than {self._most} kept releases are open for queries at once. Try again soon.", _RETRY)
            await self._shut(unused)

    def _wait(self, identifier: str) -> None:
        if timer := self._timers.pop(identifier, None):
            timer.cancel()
        self._timers[identifier] = asyncio.get_running_loop().call_later(self._idle, self._tire, identifier)

    def _tire(self, identifier: str) -> None:
        task = asyncio.ensure_future(self._retire(identifier))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _retire(self, identifier: str) -> None:
        async with self._changing:
            site = self._open.get(identifier)
            if site is not None and site.in_use:
                self._wait(identifier)
            elif site is not None:
                await self._shut(identifier)

    async def _shut(self, identifier: str) -> None:
        if timer := self._timers.pop(identifier, None):
            timer.cancel()
        await self._open.pop(identifier).store.close()


def _small(site: Site) -> Settings:
    return replace(site.settings, workers=1)


def old_releases_of(request: Request) -> OldReleases:
    """The running service's kept releases."""
    found = request.app.state.old_releases
    assert isinstance(found, OldReleases)
    return found
