"""The embedded engine: queries run in worker processes that can be killed. Imports the store's pool, asked and exchange, settings.

The server's process never parses a query with the engine, since some queries end the process that parses them and others hold it for
hours. Requests wait in one bounded queue, first come, first served. A worker that runs past the time limit, crashes, or whose
client left is replaced by a fresh fork, which takes milliseconds.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Coroutine, Mapping
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from stratgraph.errors import QueryError, StoreUnavailable, StratgraphError
from stratgraph.settings import Settings
from stratgraph.store import frames
from stratgraph.store.asked import Asked, BegunQuery, encode_query
from stratgraph.store.describing import parse_description
from stratgraph.store.exchange import Body
from stratgraph.store.interface import Answer, Description, Hits, QueryRequest, SearchRequest
from stratgraph.store.pool import Pool, Worker
from stratgraph.store.searching import parse_hits
from stratgraph.store.worker import WorkerLimits

_RESTART_PAUSES: Final = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_FORK_PAUSE: Final = 0.5


class EmbeddedStore:
    """A `Store` over one built graph file. Make it with `open`; it is an async context manager."""

    def __init__(self, settings: Settings, limits: WorkerLimits) -> None:
        self._settings = settings
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._pool: Pool | None = None
        self._pools: set[Pool] = set()
        self._idle: list[Worker] = []
        self._waiting: deque[Asked] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._swapping = asyncio.Lock()
        self._closing = False

    @classmethod
    async def open(cls, graph_file: Path, settings: Settings, *, limits: WorkerLimits | None = None) -> Self:
        """Load a graph file and start the workers. Raises SourceError when it cannot be loaded.

        `limits` is for tests; by default the settings say what a worker may have.
        """
        chosen = limits or WorkerLimits(memory=settings.worker_memory, query_bytes=settings.query_bytes, service=settings.services)
        store = cls(settings, chosen)
        try:
            await store.swap(graph_file)
        except BaseException:
            await store.close()
            raise
        return store

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def query(self, request: QueryRequest) -> Answer:
        """Start answering; the first piece of the answer is there when this returns.

        Raises QuerySyntaxError, QueryTooComplex, QueryTimeout, UpdateRefused, ServiceRefused, AnswerTooLarge, QueryError,
        NotAcceptable or StoreUnavailable.
        """
        return await self.begin(request).answer()

    def begin(self, request: QueryRequest) -> BegunQuery:
        """Start answering without waiting. Raises StoreUnavailable where the queue is full."""
        return BegunQuery(self._ask(encode_query(request), request.timeout), request.partial_bytes)

    async def describe(self, iri: str, level: str = "full") -> Description:
        """Everything about an IRI and its fragments. Raises ResourceNotFound, QueryError or StoreUnavailable."""
        return parse_description(await self._collect({"describe": iri, "level": level}))

    async def search(self, request: SearchRequest) -> Hits:
        """Things whose names or texts hold the words, ranked. Raises QueryError or StoreUnavailable."""
        return parse_hits(await self._collect({"search": asdict(request)}))

    def graph_names(self, level: str = "full") -> tuple[str, ...]:
        """The IRIs of the level's named graphs, sorted. Raises QueryError for an unknown level."""
        names: Mapping[str, tuple[str, ...]] = self._pool.graph_names if self._pool else {}
        if level not in names:
            raise QueryError(f"There is no entailment level “{level}”. There are: {', '.join(names)}.")
        return names[level]

    async def swap(self, graph_file: Path) -> None:
        """Serve another build: load it beside the old one, then let the old one finish what it has begun.

        Raises SourceError when it cannot be loaded; the old one then serves on.
        """
        async with self._swapping:
            pool = Pool(Path(graph_file).resolve(), self._limits)
            self._pools.add(pool)
            try:
                await pool.start()
                workers = [await pool.fork() for _ in range(max(1, self._settings.workers))]
            except BaseException:
                self._pools.discard(pool)
                await pool.close()
                raise
            self._install(pool, workers)

    @property
    def zygote_pid(self) -> int | None:
        """The process that holds the graph now; None while there is none."""
        return self._pool.pid if self._pool is not None and not self._pool.dead else None

    def workers(self) -> tuple[Worker, ...]:
        """The worker processes of the graph that is served now."""
        return tuple(self._pool.workers.values()) if self._pool is not None else ()

    async def close(self) -> None:
        """End all processes; requests in the queue and on the way get StoreUnavailable. Safe to call twice."""
        self._closing = True
        for task in list(self._tasks):
            task.cancel()
        while self._waiting:
            self._waiting.popleft().refuse(StoreUnavailable("The server is closing."))
        self._idle.clear()
        pools, self._pools = self._pools, set()
        await asyncio.gather(*(pool.close() for pool in pools), *self._tasks, return_exceptions=True)

    def _ask(self, frame: bytes, timeout: float) -> Asked:
        """Send a request to a free worker, or queue it. Raises StoreUnavailable where the queue is full."""
        asked = Asked(frame, timeout, self._waiting, self._release)
        while self._idle:
            if (worker := self._idle.pop()).alive:
                asked.give(worker)
                return asked
        if self._closing:
            raise StoreUnavailable("The server is closing.")
        if len(self._waiting) >= self._settings.queue_length:
            raise StoreUnavailable("Too many queries are waiting. Try again in a few seconds.")
        self._waiting.append(asked)
        return asked

    async def _collect(self, request: Mapping[str, Any]) -> bytes:
        timeout = self._settings.query_timeout
        exchange, _ = await self._ask(frames.encode_json(frames.REQUEST, request), timeout).opened()
        return b"".join([chunk async for chunk in Body(exchange)])

    def _offer(self, worker: Worker) -> None:
        """A worker is free: to the first who waits, else to the idle ones."""
        if worker.pool is not self._pool or not worker.alive or worker.served >= max(1, self._settings.worker_queries):
            self._retire(worker)
            return
        while self._waiting:
            if self._waiting.popleft().give(worker):
                return
        self._idle.append(worker)

    def _release(self, worker: Worker, reusable: bool) -> None:
        """A worker's exchange has ended."""
        if reusable:
            self._offer(worker)
        else:
            self._retire(worker)

    def _retire(self, worker: Worker) -> None:
        """End a worker; `_replace` follows when it is gone."""
        if worker.alive:
            worker.kill()

    def _replace(self, worker: Worker) -> None:
        """A worker is gone: fork another, unless its pool is being left."""
        pool = worker.pool
        if worker in self._idle:
            self._idle.remove(worker)
        if self._closing or pool.dead:
            return
        if pool is not self._pool:
            if not pool.workers:
                self._spawn(self._leave(pool))
            return
        # One that never served anything may be followed by more of its kind: slowly, then.
        self._spawn(self._fork(pool, 0.0 if worker.served else _FORK_PAUSE))

    async def _fork(self, pool: Pool, pause: float) -> None:
        await asyncio.sleep(pause)
        while not self._closing and not pool.dead:
            try:
                self._offer(await pool.fork())
            except StoreUnavailable:
                return  # the zygote is gone: `_restart` is on its way
            except OSError:  # out of descriptors: those of other connections come back
                await asyncio.sleep(_FORK_PAUSE)
            else:
                return

    def _install(self, pool: Pool, workers: list[Worker]) -> None:
        old, self._pool = self._pool, pool
        pool.on_lost = self._replace
        pool.on_dead = lambda: self._lose(pool)
        left, self._idle = self._idle, []
        for worker in left:
            worker.kill()
        for worker in workers:
            self._offer(worker)
        if pool.dead:
            self._lose(pool)
        if old is not None and (old.dead or not old.workers):
            self._spawn(self._leave(old))

    def _lose(self, pool: Pool) -> None:
        """A zygote died."""
        if self._closing:
            return
        self._spawn(self._leave(pool))
        if pool is self._pool:
            self._idle = [worker for worker in self._idle if worker.pool is not pool]
            self._spawn(self._restart(pool))

    async def _restart(self, pool: Pool) -> None:
        for pause in itertools.chain(_RESTART_PAUSES, itertools.repeat(_RESTART_PAUSES[-1])):
            await asyncio.sleep(pause)
            if self._pool is not pool:  # a swap was quicker
                return
            try:
                await self.swap(pool.graph_file)
            except (StratgraphError, OSError):
                continue
            return

    async def _leave(self, pool: Pool) -> None:
        if pool in self._pools:
            self._pools.discard(pool)
            await pool.close()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
