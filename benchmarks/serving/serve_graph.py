"""Serve any N-Quads file with StratGraph's own server, for comparisons: python serve_graph.py GRAPH.nq PORT [WORKERS].

No build, no questions: the same processes, protocol and limits as `stratgraph serve`, over data of another project.
"""

from __future__ import annotations

import sys
from pathlib import Path

from stratgraph.questions import Questions
from stratgraph.release import Release
from stratgraph.settings import Settings
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.web.app import create_app
from stratgraph.web.serve import make_server, run_loop


async def serve(graph: Path, port: int, workers: int) -> None:
    """Serve the graph until interrupted."""
    settings = Settings(port=port, workers=workers, client_queries=0)
    release = Release(id="benchmark", date="2026-01-01", version="0", triples={}, graphs={}, folder=graph.parent)
    async with await EmbeddedStore.open(graph, settings) as store:
        app = create_app(settings, store, release, Questions({}))
        await make_server(app, settings).serve()


if __name__ == "__main__":
    run_loop(serve(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 2))
