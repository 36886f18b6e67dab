"""How long one request takes when nothing disturbs it: python latency.py GRAPH.nt [--own] [--requests 1000] [--servers ours,oxigraph]

On a machine that others use, rates tell as much about them. So here one client asks the servers in turn, a fresh query each time, over
one connection each, and of all requests the quickest tenth and half are told: the first comes near to what a quiet machine gives.
"""

from __future__ import annotations

import argparse
import random
import socket
import time
import urllib.parse
from contextlib import ExitStack
from pathlib import Path

from servers import Server, started
from suites import GENERATED, OWN, Constants, Suite, read_constants


def request(server: Server, suite: Suite, name: str, constants: Constants, count: int) -> bytes:
    """One request with constants of its own."""
    text = suite.text(name, server.name == "ours").replace("{n}", str(random.randrange(suite.most.get(name, 1500))))
    for mark, values in (("{iri}", constants.iris), ("{word}", constants.words)):
        text = text.replace(mark, random.choice(values)) if values else text
    accept = "text/turtle" if "CONSTRUCT" in text else "application/sparql-results+json"
    mark = "&" if "?" in server.path else "?"
    path = f"{server.path}{mark}query={urllib.parse.quote(f'{text}#{count}', safe='')}"
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAccept: {accept}\r\n\r\n".encode()


def ask(connection: socket.socket, asked: bytes) -> float:
    """Seconds until the whole answer is there. Raises SystemExit where it is no answer."""
    start = time.perf_counter()
    connection.sendall(asked)
    got = connection.recv(2**18)
    while not _whole(got):
        part = connection.recv(2**18)
        if not part:
            raise SystemExit(f"The connection was closed: {got[:200]!r}")
        got += part
    taken = time.perf_counter() - start
    if not got.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"No answer: {got[:400]!r}")
    return taken


def _whole(got: bytes) -> bool:
    head, found, body = got.partition(b"\r\n\r\n")
    if not found:
        return False
    lower = head.lower()
    if b"\r\ncontent-length:" in lower:
        return len(body) >= int(lower.split(b"\r\ncontent-length:")[1].split(b"\r\n")[0])
    return body.endswith(b"0\r\n\r\n")


def main() -> None:
    """Print one line per query."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graph", type=Path)
    parser.add_argument("--own", action="store_true")
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--servers", default="ours,oxigraph")
    given = parser.parse_args()
    suite = OWN if given.own else GENERATED
    constants = read_constants(given.graph, suite)
    with ExitStack() as stack:
        servers = stack.enter_context(started(given.servers.split(","), given.graph))
        connections = [stack.enter_context(socket.create_connection(("127.0.0.1", one.port))) for one in servers]
        print("| query |", " | ".join(f"{one.name}, µs: quickest tenth, half" for one in servers), "| ratio, tenth | ratio, half |")
        print("|" + " --- |" * (3 + len(servers)), flush=True)
        for name in suite.queries:
            times: list[list[float]] = [[] for _ in servers]
            for count in range(given.requests):
                for server, connection, taken in zip(servers, connections, times, strict=True):
                    taken.append(ask(connection, request(server, suite, name, constants, count)))
            tenths = [sorted(one)[len(one) // 10] * 1e6 for one in times]
            halves = [sorted(one)[len(one) // 2] * 1e6 for one in times]
            cells = " | ".join(f"{tenth:.0f}, {half:.0f}" for tenth, half in zip(tenths, halves, strict=True))
            print(f"| {name} | {cells} | {tenths[-1] / tenths[0]:.2f} | {halves[-1] / halves[0]:.2f} |", flush=True)


if __name__ == "__main__":
    main()
