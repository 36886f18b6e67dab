"""Each request is answered from one release, whatever is taken over meanwhile. Imports this package's site.

The release that a request finds at its start is its own until its answer has been sent; only then may that release's store go.
"""

from __future__ import annotations

import asyncio
import contextlib

from starlette.types import ASGIApp, Receive, Scope, Send

from stratgraph.web.site import Site


class OneRelease:
    """Wraps the application: gives each request the site of its start (`site_of`) and holds it until the response has ended."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # A query that was begun before (`web.quick`) has its site already.
        site: Site = scope.setdefault("state", {}).setdefault("site", scope["app"].state.site)
        with site.held():
            await self.app(scope, receive, send)


async def retire(site: Site, most: float) -> None:
    """Close a site's store when no request holds the site any more, at the latest after `most` seconds."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(most):
            await site.free()
    await site.store.close()
