"""What the server's processes hold before, during and after attacks on memory: python memory.py GRAPH.nq

Starts the server of `serve_graph.py`, asks some simple queries, then every attack of the list from four clients at once, and reads the
private memory of each process from /proc (Linux): what it shares with its parent, the graph above all, is not counted twice.
"""

from __future__ import annotations

import http.client
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from servers import HERE, Server, fetch, process, wait_for

PORT = 7816
_ALL = "?a ?b ?c . ?d ?e ?f"
_NUMBERS = " ".join(map(str, range(8_000)))
ATTACKS = {
    "sorted cross product": f"SELECT * {{ {_ALL} . ?g ?h ?i }} ORDER BY ?i LIMIT 1",
    "concatenated cross product": f"SELECT (GROUP_CONCAT(?c; separator='##########') AS ?x) {{ {_ALL} }}",
    "doubled text": "SELECT (STRLEN(?x40) AS ?n) { BIND('0123456789' AS ?x0) "
    + " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
    + " }",
    "distinct cross product": f"SELECT DISTINCT ?a ?d ?c {{ {_ALL} }} ORDER BY ?a",
    "groups of a cross product": f"SELECT ?a ?f (COUNT(*) AS ?n) {{ {_ALL} }} GROUP BY ?a ?f ORDER BY ?n LIMIT 1",
    "endless answer": f"SELECT * {{ {_ALL} . ?g ?h ?i }}",
    "all pairs by a path": "SELECT (COUNT(*) AS ?n) { ?a (!<x:x>)* ?b }",
    "deep nesting": f"ASK {{ FILTER({'STR(' * 10_000}1{')' * 10_000} = '1') }}",
    "values": f"SELECT * {{ VALUES ?x {{ {_NUMBERS} }} VALUES ?y {{ {_NUMBERS} }} }} ORDER BY ?y",
}


def held(pid: int) -> dict[str, int]:
    """MiB of private memory by process: server, zygote, workers (the largest), and how many workers there are."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                children.setdefault(int((folder / "stat").read_text().rpartition(")")[2].split()[1]), []).append(int(folder.name))
            except OSError:
                continue
    zygotes = children.get(pid, [])
    workers = [one for zygote in zygotes for one in children.get(zygote, [])]
    return {
        "server": _private(pid),
        "zygote": sum(map(_private, zygotes)),
        "largest worker": max(map(_private, workers), default=0),
        "workers": len(workers),
    }


def _private(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) // 1024


def attack(server: Server, query: str) -> str:
    """Send one attack; what came of it."""
    body = urllib.parse.urlencode({"query": query, "timeout": "5"}).encode()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{server.path}", body, timeout=120) as answer:
            size = 0
            while part := answer.read(2**20):
                size += len(part)
            return f"200, {size / 2**20:.1f} MiB"
    except urllib.error.HTTPError as error:
        return str(error.code)
    except (OSError, http.client.HTTPException) as error:
        return f"broken off ({type(error).__name__})"


def watched(server: Server, query: str) -> tuple[list[str], dict[str, int]]:
    """The outcomes of an attack by four at once, and the most that was held meanwhile."""
    most = held(server.pid)
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            for name, size in held(server.pid).items():
                most[name] = max(most[name], size)

    watching = threading.Thread(target=watch)
    watching.start()
    with ThreadPoolExecutor(4) as clients:
        outcomes = list(clients.map(lambda _: attack(server, query), range(4)))
    over.set()
    watching.join()
    return outcomes, most


def main() -> None:
    """Print one line per attack."""
    with process(sys.executable, str(HERE / "serve_graph.py"), sys.argv[1], str(PORT), "2") as pid:
        server = Server("ours", PORT, "/sparql", pid)
        wait_for(server)
        for _ in range(50):
            fetch(server, "SELECT * { ?s ?p ?o } LIMIT 10", "text/csv")
        print("| | server, MiB | zygote | largest worker | workers | came of it |\n| --- | --- | --- | --- | --- | --- |")
        print("| before |", " | ".join(map(str, held(pid).values())), "| |", flush=True)
        for name, query in ATTACKS.items():
            outcomes, most = watched(server, query)
            print(f"| {name} |", " | ".join(map(str, most.values())), "|", ", ".join(sorted(set(outcomes))), "|", flush=True)
        time.sleep(2)
        for _ in range(50):
            fetch(server, "SELECT * { ?s ?p ?o } LIMIT 10", "text/csv")
        print("| after |", " | ".join(map(str, held(pid).values())), "| |", flush=True)


if __name__ == "__main__":
    main()
