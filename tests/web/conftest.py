"""A real uvicorn server over the real build and the embedded store, shared by all tests of a worker process."""

from __future__ import annotations

import asyncio
import shutil
import socket
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
import uvicorn

from stratgraph.questions import load_questions
from stratgraph.release import Release, read_release
from stratgraph.settings import Layout, Settings
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.vocab import PROOFS_GRAPH
from stratgraph.web import create_app
from stratgraph.web.serve import server_options

# Three graphs of one triple each, as in the W3C's protocol tests: dataset parameters are tried on them.
DATA = [f"http://data.example/{number}" for number in range(4)]
_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://xmlns.com/foaf/0.1/Document>"
HOSTILE = (
    '<https://w3id.org/stratgraph/id/hostile/thing> <http://www.w3.org/2004/02/skos/core#prefLabel> "<script>alert(1)</script>"@en '
    "<https://w3id.org/stratgraph/graph/document/hostile> .\n"
    "<https://w3id.org/stratgraph/id/hostile/thing> <http://www.w3.org/2000/01/rdf-schema#seeAlso> <javascript:alert(1)> "
    "<https://w3id.org/stratgraph/graph/document/hostile> .\n"
    "<https://w3id.org/stratgraph/id/hostile/thing> <http://www.w3.org/2000/01/rdf-schema#seeAlso> <data:text/html,hello> "
    "<https://w3id.org/stratgraph/graph/document/hostile> .\n"
    '<https://w3id.org/stratgraph/id/hostile/機関> <http://www.w3.org/2004/02/skos/core#prefLabel> "機関"@ja '
    "<https://w3id.org/stratgraph/graph/document/hostile> .\n"
    "<https://w3id.org/stratgraph/id/hostile/old> <http://purl.org/dc/terms/isReplacedBy> <https://w3id.org/stratgraph/id/hostile/機関> "
    "<https://w3id.org/stratgraph/graph/document/hostile> .\n"
)


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, and the release it serves."""

    host: str
    port: int
    release: Release

    @property
    def base(self) -> str:
        """Its address."""
        return f"http://{self.host}:{self.port}"


@pytest.fixture(scope="session")
def served(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The release with a few triples more: graphs for dataset parameters, and hostile literals and IRIs."""
    extra = "".join(f"<{iri}> {_TYPE} <{iri}> .\n" for iri in DATA[1:]) + HOSTILE
    return _copy(release, tmp_path_factory.mktemp("served"), release.graph_file.read_bytes() + extra.encode())


@pytest.fixture(scope="session")
def light(served: Release, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The same without the proofs graph, two thirds of it: for servers that a module starts for itself."""
    proofs = f"<{PROOFS_GRAPH}> .\n".encode()
    lines = served.graph_file.read_bytes().splitlines(keepends=True)
    return _copy(served, tmp_path_factory.mktemp("light"), b"".join(line for line in lines if not line.endswith(proofs)))


def _copy(release: Release, folder: Path, graph: bytes) -> Release:
    shutil.copy(release.folder / "release.json", folder)
    (folder / "dumps").symlink_to(release.dumps)
    (folder / release.proofs.name).symlink_to(release.proofs)
    (folder / "graph.nq").write_bytes(graph)
    return read_release(folder)


def run(release: Release, layout: Layout, settings: Settings) -> Generator[Server, None, None]:
    """Serve in a thread until the iterator is closed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = replace(settings, port=port)
    servers: list[uvicorn.Server] = []
    failures: list[BaseException] = []

    async def serve() -> None:
        async with await EmbeddedStore.open(release.graph_file, settings) as store:
            app = create_app(settings, store, release, load_questions(layout.queries))
            servers.append(uvicorn.Server(uvicorn.Config(app, **server_options(settings))))
            await servers[0].serve()

    def target() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:  # noqa: BLE001 - told to the test below
            failures.append(error)

    thread = threading.Thread(target=target)
    thread.start()
    deadline = time.monotonic() + 240
    while not (servers and servers[0].started):
        assert not failures, failures
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.02)
    try:
        yield Server("127.0.0.1", port, release)
    finally:
        servers[0].should_exit = True
        thread.join(30)
    assert not failures, failures
    assert not thread.is_alive(), "the server did not stop"


@pytest.fixture(scope="session")
def server(served: Release, layout: Layout) -> Iterator[Server]:
    """The server under test, without a limit per client."""
    yield from run(served, layout, replace(Settings(), client_queries=0, query_timeout=20.0))


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    """An HTTP client that follows no redirect and says nothing of its own."""
    with httpx.Client(base_url=server.base, timeout=60, headers={"Accept": "*/*"}) as found:
        yield found
