"""Compare SPARQL servers side by side in one run: requests per second, the slowest in a hundred, processor time per request.

    python benchmarks/serving/run.py GRAPH.nt [--own] [--seconds 2] [--rounds 3] [--servers ours,oxigraph,rdflib-endpoint,virtuoso]

GRAPH is N-Triples of a generator of policy graphs (measures, threats, ministries, Japanese labels) that is not part of the repository;
with `--own`, of a build (`export.py`). Needs `wrk` (Debian's package), and for the others `pip install oxigraph
rdflib-endpoint`, `apt install virtuoso-opensource`. Each query runs with fresh constants (cold) and repeated (warm), at 1 and 16
connections; before that, the answers of all servers are compared. The servers take turns; of the rounds the quickest counts,
as the one in which other programs on the machine disturbed least. Processor time is over all rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from servers import HERE, Server, fetch, processor_seconds, program, started
from suites import GENERATED, OWN, Constants, Suite, read_constants


@dataclass(frozen=True)
class Load:
    """One query as all servers are asked it."""

    suite: Suite
    constants: Constants
    name: str
    cold: bool
    connections: int
    seconds: int


@dataclass(frozen=True)
class Found:
    """What one server did: requests per second, the time that 99 of 100 keep, requests, processor seconds."""

    rate: float
    slowest: str
    requests: int
    processor: float


def same_answers(servers: list[Server], suite: Suite, constants: Constants) -> None:
    """Say so unless all servers give as many rows (or triples) for each query, with some constants."""
    for name in suite.queries:
        for number in (1, 7, 11):
            counts = {}
            for server in servers:
                text = suite.text(name, server.name == "ours").replace("{n}", str(number))
                for mark, values in (("{iri}", constants.iris), ("{word}", constants.words)):
                    text = text.replace(mark, values[number * 37 % len(values)]) if values else text
                accept = "application/n-triples" if "CONSTRUCT" in text else "application/sparql-results+json"
                data = fetch(server, text, accept)
                counts[server.name] = len(set(data.splitlines())) if "CONSTRUCT" in text else len(json.loads(data)["results"]["bindings"])
            if len(set(counts.values())) != 1:
                print(f"{name}, constants {number}: the answers differ in number: {counts}")


def measure(server: Server, load: Load) -> Found:
    """Ask one server for a while."""
    text = load.suite.text(load.name, server.name == "ours")
    with ExitStack() as stack:
        files = {}
        for variable, content in (("TEMPLATE", text), ("IRIS", "\n".join(load.constants.iris)), ("WORDS", "\n".join(load.constants.words))):
            file = stack.enter_context(tempfile.NamedTemporaryFile("w", encoding="utf-8"))
            file.write(content)
            file.flush()
            files[variable] = file.name
        told = {
            **files,
            "MOST": str(load.suite.most.get(load.name, 1500)),
            "PATH_": server.path,
            "ACCEPT": "text/turtle" if "CONSTRUCT" in text else "application/sparql-results+json",
            "COLD": str(int(load.cold)),
        }
        command = [program("wrk"), "-t1", f"-c{load.connections}", f"-d{load.seconds}s", "--timeout", "60s", "--latency"]
        before = processor_seconds(server.pid)
        run = subprocess.run(
            [*command, "-s", str(HERE / "load.lua"), f"http://127.0.0.1:{server.port}"],
            env={**os.environ, **told},
            capture_output=True,
            text=True,
            check=True,
        )
        return _read(run.stdout, processor_seconds(server.pid) - before)


def _read(output: str, processor: float) -> Found:
    if failed := re.search(r"Non-2xx.*|Socket errors.*[1-9].*", output):
        return Found(0.0, failed[0].strip(), 0, processor)
    rate, slowest = re.search(r"Requests/sec:\s+([\d.]+)", output), re.search(r"(?m)^\s+99%\s+(\S+)", output)
    requests = re.search(r"(\d+) requests in", output)
    return Found(float(rate[1]) if rate else 0.0, slowest[1] if slowest else "?", int(requests[1]) if requests else 0, processor)


def row(servers: list[Server], load: Load, rounds: int) -> str:
    """One line of the table."""
    found: dict[str, list[Found]] = {server.name: [] for server in servers}
    for _ in range(rounds):
        for server in servers:
            found[server.name].append(measure(server, load))
    best = {name: max(ones, key=lambda one: one.rate) for name, ones in found.items()}
    micros = {name: sum(one.processor for one in ones) / max(1, sum(one.requests for one in ones)) * 1e6 for name, ones in found.items()}
    cells = [f"{one.rate:.0f} ({one.slowest}, {micros[name]:.0f} µs)" for name, one in best.items()]
    rivals = [name for name in best if name != "ours"]
    # Who answered nothing in all its time is taken to have needed just that.
    least = 1 / load.seconds
    ratios = [f"{'> ' * (best[name].rate < least)}{best['ours'].rate / max(best[name].rate, least):.2f}" for name in rivals]
    ratios += [f"{micros[name] / max(micros['ours'], 1e-9):.2f}" for name in rivals]
    how = "cold" if load.cold else "warm"
    return "| " + " | ".join([load.name, how, str(load.connections), *cells, *ratios]) + " |"


def main() -> None:
    """Run everything and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graph", type=Path)
    parser.add_argument("--own", action="store_true", help="the graph is of a build: ask in its terms")
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--servers", default="ours,oxigraph,rdflib-endpoint")
    parser.add_argument("--queries", default="", help="only those whose names begin so, comma-separated")
    parser.add_argument("--only", default="cold,warm")
    given = parser.parse_args()
    suite = OWN if given.own else GENERATED
    constants = read_constants(given.graph, suite)
    with ExitStack() as stack:
        servers = stack.enter_context(started(given.servers.split(","), given.graph))
        same_answers(servers, suite, constants)
        rivals = [one.name for one in servers if one.name != "ours"]
        heads = [*(f"{one.name}, requests/s (p99, processor)" for one in servers), *(f"× {name}" for name in rivals)]
        print("| query | | connections |", " | ".join([*heads, *(f"× {name}, processor" for name in rivals)]), "|")
        print("|" + " --- |" * (3 + len(heads) + len(rivals)), flush=True)
        for name in [one for one in suite.queries if one.startswith(tuple(given.queries.split(",")))]:
            for how in given.only.split(","):
                for connections in (1, 16):
                    load = Load(suite, constants, name, how == "cold", connections, given.seconds)
                    print(row(servers, load, given.rounds), flush=True)


if __name__ == "__main__":
    main()
