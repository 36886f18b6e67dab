"""Milliseconds that `/why` takes for inferred triples, one after the other: median, 95th percentile, longest.

    stratgraph serve &
    python benchmarks/serving/why.py build/current --base http://127.0.0.1:8000 --count 500

Every triple is asked for once, as a page and as JSON, so that no answer is a kept one. Triples are drawn with a fixed seed.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import httpx
from rdflib import Graph

ACCEPTED = {"page": "text/html", "JSON": "application/json"}


def main() -> None:
    """Run the benchmark and print its table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("release", type=Path, help="folder of the release that is served")
    options.add_argument("--base", default="http://127.0.0.1:8000", help="where it is served")
    options.add_argument("--count", type=int, default=500, help="how many triples to ask for")
    asked = options.parse_args()
    triples = sorted(Graph().parse(asked.release / "dumps" / "stratgraph-inferred.nt", format="nt"))
    print("| as | median, ms | 95 of 100, ms | longest, ms |\n| --- | --- | --- | --- |")
    with httpx.Client(base_url=asked.base, timeout=60) as client:
        for name, accept in ACCEPTED.items():
            taken = []
            for triple in random.Random(name).sample(triples, asked.count):
                parameters = dict(zip("spo", (term.n3() for term in triple), strict=True))
                start = time.perf_counter()
                client.get("/why", params=parameters, headers={"Accept": accept}).raise_for_status()
                taken.append(1000 * (time.perf_counter() - start))
            taken.sort()
            print(f"| {name} | {taken[len(taken) // 2]:.0f} | {taken[int(len(taken) * 0.95)]:.0f} | {taken[-1]:.0f} |")


if __name__ == "__main__":
    main()
