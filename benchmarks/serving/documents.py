"""Processor time of pages and documents: python benchmarks/serving/documents.py build/current [--things 300].

Things drawn at random are asked for in this process, first each in one form alone, then each in all forms one after the other, as an
export asks (`stratgraph export-site`). Told are milliseconds of processor time per answer, of the server and of its query workers.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import time
from dataclasses import replace
from pathlib import Path

from fastapi import FastAPI

from stratgraph.questions import load_questions
from stratgraph.release import read_release
from stratgraph.settings import Layout, Settings
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.store.results import select
from stratgraph.vocab import BASE
from stratgraph.web import create_app
from stratgraph.web.export import ask

FORMS = (("", "ja"), ("", "en"), *((suffix, None) for suffix in (".ttl", ".nt", ".jsonld", ".rdf", ".trig", ".nq")))
THINGS = f'SELECT DISTINCT ?iri {{ ?iri a ?kind FILTER (STRSTARTS(STR(?iri), "{BASE}id/") && !CONTAINS(STR(?iri), "#")) }}'


def spent(store: EmbeddedStore) -> tuple[float, float]:
    """Seconds of processor time so far: this process's, the workers'."""
    stats = [Path(f"/proc/{one.pid}/stat").read_text().rpartition(")")[2].split() for one in store.workers()]
    return time.process_time(), sum(int(one[11]) + int(one[12]) for one in stats) / os.sysconf("SC_CLK_TCK")


async def measure(name: str, app: FastAPI, store: EmbeddedStore, asked: list[tuple[str, str | None]]) -> None:
    """Ask for all of it, and tell what one answer took."""
    before, began = spent(store), time.perf_counter()
    for address, language in asked:
        status, _ = await ask(app, address, language)
        if status not in (200, 410):
            raise SystemExit(f"{address} gave {status}")
    after, ended = spent(store), time.perf_counter()
    server, workers = (1000 * (late - early) / len(asked) for early, late in zip(before, after, strict=True))
    print(f"{name:<12} server {server:6.2f}  workers {workers:6.2f}  wall {1000 * (ended - began) / len(asked):6.2f} ms")


async def main() -> None:
    """Draw things, ask."""
    parser = argparse.ArgumentParser()
    parser.add_argument("release", type=Path)
    parser.add_argument("--things", type=int, default=300)
    given = parser.parse_args()
    release = read_release(given.release.resolve())
    settings = replace(Settings(), client_queries=0, kept_bytes=0)
    async with await EmbeddedStore.open(release.graph_file, settings) as store:
        app = create_app(settings, store, release, load_questions(Layout.find().queries))
        _, rows = await select(store, THINGS)
        paths = sorted("/" + row["iri"].value.removeprefix(BASE) for row in rows)
        drawn = random.Random(1)
        for path in drawn.sample(paths, given.things):  # each worker has read the graph once
            await ask(app, path, "ja")
        for suffix, language in FORMS:
            sample = drawn.sample(paths, given.things)
            await measure(f"page {language}" if language else suffix, app, store, [(path + suffix, language) for path in sample])
        sample = drawn.sample(paths, given.things)
        await measure("all forms", app, store, [(path + suffix, language) for path in sample for suffix, language in FORMS])


asyncio.run(main())
