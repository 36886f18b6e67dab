"""Compare SPARQL servers side by side in one run: requests per second and the slowest in a hundred.

    python benchmarks/serving/run.py GRAPH.nt [--seconds 5] [--servers ours,oxigraph,rdflib-endpoint]

GRAPH is N-Triples of a synthetic policy graph (measures, threats, ministries, Japanese labels), whose generator is not part of the
repository. Needs `wrk` (Debian's package), and for the others `pip install oxigraph rdflib-endpoint`. Each query runs with fresh
constants (cold) and repeated (warm), at 1 and 16 connections; before that, the answers of all servers are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PREFIXES = (
    "PREFIX sg:<http://example.org/sg#> PREFIX id:<http://example.org/id/> PREFIX rdfs:<http://www.w3.org/2000/01/rdf-schema#> "
    "PREFIX sgf:<https://w3id.org/stratgraph/function#> "
)
TEXT = '?s rdfs:label ?l FILTER(lang(?l)="ja" && CONTAINS(?l,"{word}"))'
# Name → query; {n} is a fresh number, {word} a text.
QUERIES = {
    "q1 one subject": "SELECT ?p ?o { id:measure-{n} ?p ?o }",
    "q2 two hops, filter, order": "SELECT ?m ?l ?t ?b { ?m sg:mitigates ?th . ?th a sg:CyberThreat ; rdfs:label ?t . ?m rdfs:label ?l ; "
    'sg:budget ?b . FILTER(lang(?l)="en" && lang(?t)="en" && ?b > 4{n}) } ORDER BY DESC(?b) ?m LIMIT 50',
    "q3 group over all": "SELECT ?min (COUNT(?m) AS ?n) (SUM(?b) AS ?total) { ?m sg:ledBy ?min ; sg:budget ?b . ?min a sg:Ministry "
    "FILTER(?b > {n}) } GROUP BY ?min ORDER BY DESC(?total) ?min",
    "q4 property path": "SELECT ?x { ?x (sg:directPartOf|sg:passageOf)+ id:doc-{n} }",
    "q5 Japanese text": f"SELECT ?s ?l {{ {TEXT} }} LIMIT 100",
    "q6 CONSTRUCT one entity": "CONSTRUCT { id:measure-{n} ?p ?o . ?s ?q id:measure-{n} } WHERE "
    "{ { id:measure-{n} ?p ?o } UNION { ?s ?q id:measure-{n} } }",
}
# The same question by our function; the others have none, so it is compared with their CONTAINS.
OURS_INSTEAD = {"q5 Japanese text": 'SELECT ?s ?l { ?s sgf:matches "{word}"@ja ; rdfs:label ?l FILTER(lang(?l)="ja") } LIMIT 100'}
MOST = {"q4 property path": 30, "q2 two hops, filter, order": 1000}


@dataclass(frozen=True)
class Server:
    """A running server and where it answers."""

    name: str
    port: int
    path: str


def wait_for(server: Server, seconds: float = 300.0) -> None:
    """Wait until it answers. Raises SystemExit."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            fetch(server, "ASK {}", "application/sparql-results+json")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
        else:
            return
    raise SystemExit(f"{server.name} did not start")


def fetch(server: Server, query: str, accept: str) -> bytes:
    """The answer to one query."""
    address = f"http://127.0.0.1:{server.port}{server.path}?query={urllib.parse.quote(query)}"
    with urllib.request.urlopen(urllib.request.Request(address, headers={"Accept": accept}), timeout=120) as answer:
        return bytes(answer.read())


@contextmanager
def process(*command: str) -> Iterator[None]:
    """A process in the background."""
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        running.terminate()
        running.wait(20)


@contextmanager
def ours(graph: Path, folder: Path) -> Iterator[Server]:
    """StratGraph with two workers, per-client limit off."""
    quads = folder / "graph.nq"
    with graph.open(encoding="utf-8") as lines, quads.open("w", encoding="utf-8") as out:
        out.writelines(f"{line.rstrip().removesuffix('.')}<https://w3id.org/stratgraph/graph/document/benchmark> .\n" for line in lines)
    with process(sys.executable, str(HERE / "serve_graph.py"), str(quads), "7811", "2"):
        yield Server("ours", 7811, "/sparql")


@contextmanager
def oxigraph(graph: Path, folder: Path) -> Iterator[Server]:
    """The oxigraph server, in memory."""
    server = Server("oxigraph", 7812, "/query")
    with process(str(_program("oxigraph")), "serve", "--bind", "127.0.0.1:7812"):
        wait_for(server)
        load = urllib.request.Request("http://127.0.0.1:7812/store?default", graph.read_bytes(), {"Content-Type": "application/n-triples"})
        urllib.request.urlopen(load, timeout=600).close()
        yield server
    del folder


@contextmanager
def rdflib_endpoint(graph: Path, folder: Path) -> Iterator[Server]:
    """rdflib-endpoint, in memory."""
    copy = shutil.copy(graph, folder / "graph.nt")
    with process(str(_program("rdflib-endpoint")), "serve", str(copy), "--host", "127.0.0.1", "--port", "7813"):
        yield Server("rdflib-endpoint", 7813, "/")


SERVERS = {"ours": ours, "oxigraph": oxigraph, "rdflib-endpoint": rdflib_endpoint}


def _program(name: str) -> Path:
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        raise SystemExit(f"{name} is not installed: pip install oxigraph rdflib-endpoint; apt install wrk")
    return Path(found)


def same_answers(servers: list[Server]) -> None:
    """Stop unless all servers give as many rows (or triples) for each query."""
    for name, template in QUERIES.items():
        counts = {}
        for server in servers:
            text = (
                (OURS_INSTEAD.get(name, template) if server.name == "ours" else template)
                .replace("{n}", "7")
                .replace("{word}", "半導体能動的")
            )
            accept = "application/n-triples" if "CONSTRUCT" in text else "application/sparql-results+json"
            data = fetch(server, PREFIXES + text, accept)
            counts[server.name] = len(set(data.splitlines())) if "CONSTRUCT" in text else len(json.loads(data)["results"]["bindings"])
        if len(set(counts.values())) != 1:
            raise SystemExit(f"{name}: the answers differ: {counts}")


def measure(server: Server, name: str, cold: bool, connections: int, seconds: float) -> tuple[float, str]:
    """Requests per second, and the time that 99 of 100 keep."""
    text = OURS_INSTEAD.get(name, QUERIES[name]) if server.name == "ours" else QUERIES[name]
    with tempfile.NamedTemporaryFile("w", suffix=".rq", encoding="utf-8") as template:
        template.write(PREFIXES + text)
        template.flush()
        accept = "text/turtle" if "CONSTRUCT" in text else "application/sparql-results+json"
        told = {
            "TEMPLATE": template.name,
            "MOST": str(MOST.get(name, 1500)),
            "PATH_": server.path,
            "ACCEPT": accept,
            "COLD": str(int(cold)),
        }
        command = [str(_program("wrk")), "-t1", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "60s", "--latency"]
        address = f"http://127.0.0.1:{server.port}"
        run = subprocess.run(
            [*command, "-s", str(HERE / "load.lua"), address], env={**os.environ, **told}, capture_output=True, text=True, check=True
        )
    if failed := re.search(r"Non-2xx.*|Socket errors.*[1-9].*", run.stdout):
        return 0.0, failed[0].strip()
    rate, slowest = re.search(r"Requests/sec:\s+([\d.]+)", run.stdout), re.search(r"99%\s+(\S+)", run.stdout)
    return float(rate[1]) if rate else 0.0, slowest[1] if slowest else "?"


def main() -> None:
    """Run everything and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graph", type=Path)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--servers", default="ours,oxigraph,rdflib-endpoint")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers = [stack.enter_context(SERVERS[name](given.graph, folder)) for name in given.servers.split(",")]
        for server in servers:
            wait_for(server)
        same_answers(servers)
        print("| query | | connections |", " | ".join(f"{one.name} (p99)" for one in servers), "| ours / oxigraph |")
        for name in QUERIES:
            for cold in (True, False):
                for connections in (1, 16):
                    found = [measure(one, name, cold, connections, given.seconds) for one in servers]
                    rates = {one.name: rate for one, (rate, _) in zip(servers, found, strict=True)}
                    ratio = f"{rates['ours'] / rates['oxigraph']:.2f}" if rates.get("oxigraph") else ""
                    cells = " | ".join(f"{rate:.0f} ({slowest})" for rate, slowest in found)
                    print(f"| {name} | {'cold' if cold else 'warm'} | {connections} | {cells} | {ratio} |", flush=True)


if __name__ == "__main__":
    main()
