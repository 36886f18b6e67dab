"""A built graph, open for one command."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from stratgraph.cli.session import Session, say

if TYPE_CHECKING:
    from stratgraph.release import Release
    from stratgraph.store.interface import Store

T = TypeVar("T")


def with_store(session: Session, body: Callable[[Store, Release], Awaitable[T]]) -> T:
    """Build what has changed, open the graph, run `body(store, release)`, close."""
    from stratgraph.build import build
    from stratgraph.store.embedded import EmbeddedStore

    progress = say if sys.stderr.isatty() else lambda _: None
    release = build(session.layout, session.build_dir, progress, False, session.sources(None), session.engines).release

    async def run() -> T:
        store = await EmbeddedStore.open(release.graph_file, replace(session.settings, workers=1))
        try:
            return await body(store, release)
        finally:
            await store.close()

    return asyncio.run(run())
