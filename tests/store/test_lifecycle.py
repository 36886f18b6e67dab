"""Processes, descriptors and the queue: nothing leaks, everything that ends is replaced."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from stratgraph.errors import QueryTimeout, SourceError, StoreUnavailable
from stratgraph.settings import Settings
from stratgraph.store.embedded import EmbeddedStore
from stratgraph.store.interface import QueryRequest

from .conftest import DOCUMENT_A

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

_COUNT = QueryRequest("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", solutions="csv")
_SLOW = QueryRequest("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
_FLOOD = QueryRequest("SELECT * { ?a ?b ?c . ?d ?e ?f }")


@asynccontextmanager
async def opened(path: Path, **settings: int) -> AsyncIterator[EmbeddedStore]:
    """A store of its own."""
    async with await EmbeddedStore.open(path, Settings(**settings)) as store:  # type: ignore[arg-type]
        yield store


async def fetch(store: EmbeddedStore, request: QueryRequest = _COUNT) -> bytes:
    """The whole body."""
    answer = await store.query(request)
    return b"".join([chunk async for chunk in answer.body])


async def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Wait until something is true; fail if it does not become so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        await asyncio.sleep(0.01)


def children(pid: int | None) -> set[int]:
    """The processes whose parent is `pid`, zombies included."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.add(int(stat.parent.name))
    return found


def descriptors(pid: int | str | None) -> int:
    """How many files and sockets a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def run(test: Callable[[], Awaitable[None]]) -> None:
    """Run a test on a loop of its own, and see that it leaves no process and no descriptor."""

    async def awaited() -> None:
        await test()

    before = children(os.getpid()), descriptors("self") if sys.platform == "linux" else 0
    asyncio.run(awaited())
    assert (children(os.getpid()), descriptors("self") if sys.platform == "linux" else 0) == before


@linux
def test_close_leaves_nothing(large_file: Path) -> None:
    """Closing, twice, also amid queries, ends all processes; what waited is told."""

    async def test() -> None:
        store = await EmbeddedStore.open(large_file, Settings(workers=1))
        pids = {store.zygote_pid, *children(store.zygote_pid)}
        slow = [asyncio.create_task(fetch(store, _SLOW)) for _ in range(3)]
        await asyncio.sleep(0.1)
        await store.close()
        await store.close()
        results = await asyncio.gather(*slow, return_exceptions=True)
        assert [type(one) for one in results] == [StoreUnavailable] * 3
        with pytest.raises(StoreUnavailable):
            await fetch(store)
        assert not any(Path(f"/proc/{pid}").exists() for pid in pids)

    run(test)


@linux
def test_clients_that_leave(large_file: Path) -> None:
    """50 clients that leave in the middle, each in one of four ways, leak no process and no descriptor."""

    async def leave(store: EmbeddedStore, way: int) -> None:
        if way == 0:  # cancelled before the first byte
            task = asyncio.create_task(fetch(store, _SLOW))
            await asyncio.sleep(0.01)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return
        answer = await store.query(_FLOOD)
        if way == 1:  # closed in the middle
            await anext(answer.body)
            await answer.body.aclose()  # type: ignore[attr-defined]
        elif way == 2:  # never read, forgotten
            del answer
        else:  # cancelled while it reads
            reading = asyncio.create_task(anything(answer.body))
            await asyncio.sleep(0.01)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def anything(body: AsyncIterator[bytes]) -> None:
        async for _ in body:
            pass

    async def test() -> None:
        async with opened(large_file, workers=2) as store:
            await fetch(store)
            zygote, server = descriptors(store.zygote_pid), descriptors("self")
            for number in range(50):
                await leave(store, number % 4)
            await until(lambda: len(children(store.zygote_pid)) == 2 and len(store.workers()) == 2)
            assert await fetch(store) == b"n\r\n5000\r\n"
            await until(lambda: (descriptors(store.zygote_pid), descriptors("self")) == (zygote, server))

    run(test)


@linux
def test_worker_has_nothing_but_its_socket(graph_file: Path) -> None:
    """A worker holds the null device and one socket, and may not open more."""

    async def test() -> None:
        async with opened(graph_file, workers=1) as store:
            await fetch(store)
            (worker,) = store.workers()
            assert descriptors(worker.pid) == 4
            limits = Path(f"/proc/{worker.pid}/limits").read_text()
            assert [line.split()[3:5] for line in limits.splitlines() if line.startswith("Max open files")] == [["4", "4"]]

    run(test)


def test_zygote_killed(graph_file: Path) -> None:
    """When the zygote is killed, queries wait for the next one and are answered."""

    async def test() -> None:
        async with opened(graph_file) as store:
            first = store.zygote_pid
            assert first is not None
            os.kill(first, signal.SIGKILL)
            await until(lambda: store.zygote_pid != first)
            assert await fetch(store) == b"n\r\n12\r\n"

    run(test)


def test_zygote_killed_in_mid_query(large_file: Path) -> None:
    """A query that runs when the zygote dies gets StoreUnavailable; one asked right then is answered by the next."""

    async def test() -> None:
        async with opened(large_file, workers=1) as store:
            slow = asyncio.create_task(fetch(store, _SLOW))
            await asyncio.sleep(0.1)
            assert store.zygote_pid is not None
            os.kill(store.zygote_pid, signal.SIGKILL)
            waiting = asyncio.create_task(fetch(store))
            with pytest.raises(StoreUnavailable):
                await slow
            assert await waiting == b"n\r\n5000\r\n"

    run(test)


def test_worker_killed_from_outside(large_file: Path) -> None:
    """A worker killed by somebody else: its query gets StoreUnavailable, the next one a fresh worker."""

    async def test() -> None:
        async with opened(large_file, workers=1) as store:
            slow = asyncio.create_task(fetch(store, _SLOW))
            await asyncio.sleep(0.1)
            (worker,) = store.workers()
            assert worker.pid is not None
            os.kill(worker.pid, signal.SIGKILL)
            with pytest.raises(StoreUnavailable):
                await slow
            assert await fetch(store) == b"n\r\n5000\r\n"

    run(test)


def test_timeout_frees_the_only_worker(large_file: Path) -> None:
    """With one worker, the query after a timed-out one is answered within two seconds."""

    async def test() -> None:
        async with opened(large_file, workers=1) as store:
            with pytest.raises(QueryTimeout):
                await fetch(store, QueryRequest(_SLOW.query, timeout=0.2))
            start = time.monotonic()
            assert await fetch(store) == b"n\r\n5000\r\n"
            assert time.monotonic() - start < 2

    run(test)


def test_a_client_that_does_not_read(large_file: Path) -> None:
    """A worker does not wait for a reader who stopped: at the time limit the stream ends with the timeout."""

    async def test() -> None:
        async with opened(large_file, workers=1) as store:
            answer = await store.query(QueryRequest(_FLOOD.query, timeout=0.5))
            await asyncio.sleep(0.7)
            with pytest.raises(QueryTimeout):
                await anext(answer.body)
            assert await fetch(store) == b"n\r\n5000\r\n"

    run(test)


def test_queue(large_file: Path) -> None:
    """A full queue is refused at once; those in it are answered in order, or refused when their time is over."""

    async def test() -> None:
        async with opened(large_file, workers=1, queue_length=2) as store:
            running = asyncio.create_task(fetch(store, QueryRequest(_SLOW.query, timeout=1.0)))
            await asyncio.sleep(0.05)
            first = asyncio.create_task(fetch(store))
            hasty = asyncio.create_task(fetch(store, QueryRequest("ASK {}", timeout=0.1)))
            await asyncio.sleep(0.01)
            start = time.monotonic()
            with pytest.raises(StoreUnavailable, match="Too many"):
                await fetch(store)
            assert time.monotonic() - start < 0.3
            with pytest.raises(StoreUnavailable, match="in time"):
                await hasty
            with pytest.raises(QueryTimeout):
                await running
            assert await first == b"n\r\n5000\r\n"

    run(test)


def test_worker_replaced_after_so_many_queries(graph_file: Path) -> None:
    """A worker answers `worker_queries` queries, then another takes its place."""

    async def test() -> None:
        async with opened(graph_file, workers=1, worker_queries=3) as store:
            pids: set[int] = set()
            for _ in range(9):
                await fetch(store)
                pids.update(worker.pid for worker in store.workers() if worker.pid)
            assert len(pids) >= 3

    run(test)


def test_swap(graph_file: Path, large_file: Path) -> None:
    """A new build is served at once; a query begun on the old one still ends there; the old processes go."""

    async def test() -> None:
        async with opened(graph_file, workers=2) as store:
            first = store.zygote_pid
            assert first is not None
            long = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
            under_way = await store.query(QueryRequest(long, solutions="tsv"))
            asked = [asyncio.create_task(fetch(store)) for _ in range(20)]
            await store.swap(large_file)
            assert await fetch(store) == b"n\r\n5000\r\n"
            assert store.graph_names() == (DOCUMENT_A,)
            assert b"".join([chunk async for chunk in under_way.body]).count(b"\n") == 1 + 12**4
            assert {await one for one in asked} <= {b"n\r\n12\r\n", b"n\r\n5000\r\n"}
            await until(lambda: not Path(f"/proc/{first}").exists())

    run(test)


@pytest.mark.parametrize(("text", "line"), [("<a:a> <a:b> <a:c> <a:g> .\nnonsense\n", 2), (None, None)])
def test_graph_that_cannot_be_loaded(tmp_path: Path, graph_file: Path, text: str | None, line: int | None) -> None:
    """A broken or missing file is a SourceError with its path and line; in a swap the old build serves on."""
    broken = tmp_path / "broken.nq"
    if text is not None:
        broken.write_text(text)

    async def test() -> None:
        with pytest.raises(SourceError) as caught:
            await EmbeddedStore.open(broken, Settings())
        assert (caught.value.path, caught.value.line) == (str(broken), line)
        assert "Traceback" not in str(caught.value)
        async with opened(graph_file) as store:
            with pytest.raises(SourceError):
                await store.swap(broken)
            assert await fetch(store) == b"n\r\n12\r\n"

    run(test)


def test_many_at_once(graph_file: Path) -> None:
    """200 queries at once, within the queue's length, all get their own answer."""

    async def test() -> None:
        async with opened(graph_file, queue_length=200) as store:
            requests = [QueryRequest(f'SELECT ("{n}" AS ?n) {{}}', solutions="csv") for n in range(200)]
            answers = await asyncio.gather(*(fetch(store, one) for one in requests))
            assert answers == [f"n\r\n{n}\r\n".encode() for n in range(200)]

    run(test)


def test_what_is_over_leaves_nothing_to_the_collector_of_cycles(graph_file: Path) -> None:
    """Requests that were answered are gone with their last reader: a collector with much to do would hold up all others."""

    async def test() -> None:
        async with opened(graph_file, workers=1) as store:
            await fetch(store)
            gc.collect()
            gc.disable()
            try:
                for _ in range(20):
                    told = asyncio.Event()
                    begun = store.begin(_COUNT)
                    begun.listen(told.set)
                    while begun.whole() is None:
                        await told.wait()
                        told.clear()
                    begun.listen(told.clear)
                del begun
                assert gc.collect() < 20
            finally:
                gc.enable()

    run(test)
