"""The servers that `run.py` compares: each started over one N-Triples file, in memory where it can be, and ended afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A running server, where it answers, and its first process."""

    name: str
    port: int
    path: str
    pid: int


def fetch(server: Server, query: str, accept: str) -> bytes:
    """The answer to one query."""
    mark = "&" if "?" in server.path else "?"
    address = f"http://127.0.0.1:{server.port}{server.path}{mark}query={urllib.parse.quote(query)}"
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Accept": accept}), timeout=120) as answer:
        return bytes(answer.read())


def wait_for(server: Server, seconds: float = 600.0) -> None:
    """Wait until it answers. Raises SystemExit."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            fetch(server, "ASK { ?s ?p ?o }", "application/sparql-results+json")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
        else:
            return
    raise SystemExit(f"{server.name} did not start")


def processor_seconds(pid: int) -> float:
    """Processor time of a process and all that came from it, ended ones too (Linux)."""
    times: dict[int, float] = {}
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        try:
            told = (folder / "stat").read_text().rpartition(")")[2].split() if folder.name.isdigit() else []
        except OSError:
            continue
        if told:
            children.setdefault(int(told[1]), []).append(int(folder.name))
            times[int(folder.name)] = sum(map(int, told[11:15])) / _TICKS
    total, left = 0.0, [pid]
    while left:
        one = left.pop()
        total += times.get(one, 0.0)
        left += children.get(one, [])
    return total


@contextmanager
def process(*command: str, folder: Path | None = None) -> Iterator[int]:
    """A process in the background; gives its number."""
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    try:
        yield running.pid
    finally:
        running.terminate()
        running.wait(60)


@contextmanager
def ours(graph: Path, folder: Path) -> Iterator[Server]:
    """StratGraph with two workers, per-client limit off. A build's `graph.nq` beside the graph is served as it is."""
    quads = graph.with_suffix(".nq")
    if not quads.exists():
        quads = folder / "graph.nq"
        with graph.open(encoding="utf-8") as lines, quads.open("w", encoding="utf-8") as out:
            out.writelines(f"{line.rstrip().removesuffix('.')}<https://w3id.org/stratgraph/graph/document/benchmark> .\n" for line in lines)
    with process(sys.executable, str(HERE / "serve_graph.py"), str(quads), "7811", "2") as pid:
        yield Server("ours", 7811, "/sparql", pid)


@contextmanager
def oxigraph(graph: Path, folder: Path) -> Iterator[Server]:
    """The oxigraph server, in memory."""
    del folder
    with process(program("oxigraph"), "serve", "--bind", "127.0.0.1:7812") as pid:
        server = Server("oxigraph", 7812, "/query", pid)
        _wait_for_port(server)
        with graph.open("rb") as content:
            size = {"Content-Type": "application/n-triples", "Content-Length": str(graph.stat().st_size)}
            load = urllib.request.Request("http://127.0.0.1:7812/store?default", content, size, method="POST")
            urllib.request.urlopen(load, timeout=1200).close()
        yield server


@contextmanager
def rdflib_endpoint(graph: Path, folder: Path) -> Iterator[Server]:
    """rdflib-endpoint, in memory."""
    copy = shutil.copy(graph, folder / "graph.nt")
    with process(program("rdflib-endpoint"), "serve", str(copy), "--host", "127.0.0.1", "--port", "7813") as pid:
        yield Server("rdflib-endpoint", 7813, "/", pid)


_VIRTUOSO = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = temp.db
TransactionFile = temp.trx
[Parameters]
ServerPort = 7815
ServerThreads = 40
DirsAllowed = .
NumberOfBuffers = 340000
MaxDirtyBuffers = 250000
[HTTPServer]
ServerPort = 127.0.0.1:7814
ServerRoot = .
ServerThreads = 20
[SPARQL]
ResultSetMaxRows = 1000000
DefaultGraph = http://example.org/benchmark
"""


@contextmanager
def virtuoso(graph: Path, folder: Path) -> Iterator[Server]:
    """Virtuoso as Debian packs it, with buffers for the whole graph."""
    home = folder / "virtuoso"
    home.mkdir()
    (home / "virtuoso.ini").write_text(_VIRTUOSO)
    shutil.copy(graph, home / "graph.nt")
    with process(program("virtuoso-t"), "+foreground", "+configfile", "virtuoso.ini", folder=home) as pid:
        server = Server("virtuoso", 7814, "/sparql", pid)
        _wait_for_port(server)
        load = "DB.DBA.TTLP_MT(file_open('graph.nt'), '', 'http://example.org/benchmark', 0); checkpoint;"
        subprocess.run([program("isql-vt"), "7815", "dba", "dba", f"exec={load}"], check=True, capture_output=True, cwd=home)
        yield server


SERVERS = {"ours": ours, "oxigraph": oxigraph, "rdflib-endpoint": rdflib_endpoint, "virtuoso": virtuoso}


@contextmanager
def started(names: Sequence[str], graph: Path) -> Iterator[list[Server]]:
    """The servers called so, over one graph, when all of them answer."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = [stack.enter_context(SERVERS[name](graph, folder)) for name in names]
        for server in servers:
            wait_for(server)
        yield servers


def _wait_for_port(server: Server) -> None:
    for _ in range(600):
        try:
            fetch(server, "ASK {}", "application/sparql-results+json")
        except urllib.error.HTTPError:
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
        else:
            return
    raise SystemExit(f"{server.name} did not start")


def program(name: str) -> str:
    """Where a program is. Raises SystemExit."""
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        raise SystemExit(f"{name} is not installed: pip install oxigraph rdflib-endpoint; apt install wrk virtuoso-opensource")
    return found
