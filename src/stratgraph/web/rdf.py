"""Statements as a document in the format asked for: JSON-LD framed, the others by the store's serialisers. Imports framing and site."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi.concurrency import run_in_threadpool

from stratgraph.formats import Format
from stratgraph.release import Release
from stratgraph.store.interface import Statement
from stratgraph.store.rdf import parse_statements, serialize_statements
from stratgraph.web.framing import frame, frame_graph
from stratgraph.web.site import Site


async def write_document(site: Site, root: str | None, statements: Iterable[Statement], kind: Format) -> bytes:
    """These statements as a document about `root`, or, where it is None, about no one thing.

    Raises NotAcceptable for a format that is no RDF, and what Store.query raises.
    """
    if kind.name != "jsonld":
        return await run_in_threadpool(serialize_statements, statements, kind.name, await site.prefixes())
    context = await site.context()
    if root is None:
        return await run_in_threadpool(frame_graph, statements, context)
    return await run_in_threadpool(frame, root, statements, context)


async def write_metadata(site: Site, release: Release, root: str, kind: Format) -> bytes:
    """The metadata graph of a release, `root` first where the format has an order. Raises OSError, and as `write_document`."""
    path = release.dumps / f"stratgraph-metadata{'.nq' if kind.name == 'jsonld' else kind.suffix}"
    content = await run_in_threadpool(path.read_bytes)
    if kind.name != "jsonld":
        return content
    return await write_document(site, root, await run_in_threadpool(parse_statements, content), kind)
