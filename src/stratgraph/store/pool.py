"""One zygote and its workers, seen from the server. Imports errors, vocab and the store's exchange and frames.

A pool serves one built graph. When its zygote dies, all its workers die with it; `store.embedded` then makes a new pool.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, cast

from stratgraph.errors import QueryTooComplex, SourceError, StoreUnavailable, StratgraphError
from stratgraph.store import frames
from stratgraph.store.exchange import Exchange
from stratgraph.store.worker import WorkerLimits
from stratgraph.vocab import CURATED_GRAPHS, INFERRED_GRAPH, LEVELS, PROOFS_GRAPH

# Signals by which a process ends itself: abort (a failed allocation), bad memory access (a stack overflow).
_OWN_FAULT: Final = frozenset({6, 7, 11})
# Each level: its graphs, and those that are asked by name only.
_LEVEL_RULES: Final = tuple(zip(LEVELS, ((), (CURATED_GRAPHS,), (INFERRED_GRAPH,)), ((), (), (PROOFS_GRAPH,)), strict=True))
_ZYGOTE_EXIT_SECONDS: Final = 5.0
# A query allocates and frees thousands of small pieces. Beyond 7 of a size, glibc would put them back into the heap that the graph was
# loaded into, whose many gaps it then searches. 1000 of each size it knows (up to 1 KiB) are 34 MB at most.
_TUNABLES: Final = "glibc.malloc.tcache_count=1000"


class Worker(asyncio.Protocol):
    """A worker process and the connection to it. It has one exchange at a time."""

    def __init__(self, pool: Pool, number: int) -> None:
        self.number = number
        self.pid: int | None = None
        self.pool = pool
        self.served = 0
        self._transport: asyncio.Transport | None = None
        self._decoder = frames.FrameDecoder()
        self._exchange: Exchange | None = None
        self._disconnected = False
        self._exit: StratgraphError | None = None

    @property
    def alive(self) -> bool:
        """Whether it can take a request."""
        return not self._disconnected and self._exit is None

    def begin(self, frame: bytes, on_end: Callable[[bool], None]) -> Exchange:
        """Send a request's frame. `on_end(reusable)` is called once, when the worker is free or lost."""
        transport = self._transport
        if transport is None:
            raise StoreUnavailable("The worker is gone.")

        def ended(reusable: bool) -> None:
            self._exchange = None
            self.served += 1
            on_end(reusable and self.alive)

        self._exchange = exchange = Exchange(transport, ended)
        transport.write(frame)
        return exchange

    def close(self) -> None:
        """Let it end by itself (it waits for requests, and finds the connection closed)."""
        if self._transport is not None:
            self._transport.abort()

    def kill(self) -> None:
        """End it now."""
        self.close()
        self.pool.kill(self.number)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one, but no subclass

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        try:
            received = self._decoder.feed(data)
        except ValueError:
            self.kill()
            return
        # Once it has ended, the next exchange may have begun: what came here is not its.
        if received and (exchange := self._exchange) is not None:
            for kind, payload in received:
                exchange.take(kind, payload)
            exchange.wake()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (the loop's name)
        """Called by the loop. What the worker said before is read by then, so its exit tells the rest."""
        self._disconnected = True
        self._settle()

    def on_exit(self, reason: StratgraphError) -> None:
        """The process has ended, for this reason."""
        self._exit = reason
        self._settle()

    def _settle(self) -> None:
        if self._disconnected and self._exit is not None:
            if self._exchange is not None:
                self._exchange.fail(self._exit)
            self.pool.forget(self)


class Pool:
    """The zygote process and the workers forked from it. `on_lost(worker)` tells that one is gone, `on_dead()` that all are."""

    def __init__(self, graph_file: Path, limits: WorkerLimits) -> None:
        self.graph_file = graph_file
        self.graph_names: Mapping[str, tuple[str, ...]] = {}
        self.workers: dict[int, Worker] = {}
        self.dead = False
        self.on_lost: Callable[[Worker], None] = lambda _worker: None
        self.on_dead: Callable[[], None] = lambda: None
        self._limits = limits
        self._loop = asyncio.get_running_loop()
        self._last = 0
        self._buffer = b""
        self._ready: asyncio.Future[dict[str, Any]] = self._loop.create_future()
        self._control, theirs = socket.socketpair()
        try:
            self._process = _start_zygote(theirs)
        except BaseException:
            self._control.close()
            raise
        finally:
            theirs.close()
        self._control.setblocking(False)
        self._loop.add_reader(self._control, self._read)

    @property
    def pid(self) -> int:
        """The zygote's process id."""
        return self._process.pid

    async def start(self) -> None:
        """Load the graph. Raises SourceError (the file cannot be loaded) or StoreUnavailable."""
        rules = [[name, list(graphs), list(aside)] for name, graphs, aside in _LEVEL_RULES]
        self._order({"parent": os.getpid(), "graph_file": str(self.graph_file), "levels": rules, "limits": asdict(self._limits)})
        told = await self._ready
        if "failed" in told:
            raise SourceError(told["failed"].removeprefix(f"{self.graph_file}:").strip(), str(self.graph_file), told["line"])
        self.graph_names = {level: tuple(names) for level, names in told["ready"].items()}

    async def fork(self) -> Worker:
        """A new worker. Raises StoreUnavailable when the zygote is gone."""
        self._last += 1
        worker = Worker(self, self._last)
        ours, theirs = socket.socketpair()
        try:
            self.workers[worker.number] = worker
            self._order({"fork": worker.number}, theirs)
            await self._loop.create_unix_connection(lambda: worker, sock=ours)
        except BaseException:
            self.workers.pop(worker.number, None)
            ours.close()
            raise
        finally:
            theirs.close()
        return worker

    def kill(self, number: int) -> None:
        """Ask the zygote to kill one of its workers; nothing happens if it has ended already."""
        if number in self.workers and not self.dead:
            with contextlib.suppress(StoreUnavailable):  # the zygote died, and its workers with it
                self._order({"kill": number})

    def forget(self, worker: Worker) -> None:
        """A worker's process and connection are gone."""
        if self.workers.pop(worker.number, None) is not None:
            self.on_lost(worker)

    async def close(self) -> None:
        """End the workers and the zygote, and wait for it."""
        self._die()
        try:
            await self._loop.run_in_executor(None, self._process.wait, _ZYGOTE_EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            await self._loop.run_in_executor(None, self._process.wait)

    def _order(self, message: Mapping[str, Any], passed: socket.socket | None = None) -> None:
        if self.dead:
            raise StoreUnavailable("The query engine is restarting.")
        line = json.dumps(message).encode() + b"\n"
        try:
            # Never more than a few small messages wait: a full buffer means that the zygote does not read, which is as good as dead.
            sent = socket.send_fds(self._control, [line], [passed.fileno()]) if passed else self._control.send(line)
            if sent < len(line):
                raise BlockingIOError
        except OSError:
            self._die()
            raise StoreUnavailable("The query engine is restarting.") from None

    def _read(self) -> None:
        try:
            data = self._control.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._die()
            return
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            self._hear(json.loads(line))

    def _hear(self, told: dict[str, Any]) -> None:
        if "started" in told:
            if worker := self.workers.get(told["started"]):
                worker.pid = told["pid"]
        elif "ended" in told:
            if worker := self.workers.get(told["ended"]):
                worker.on_exit(_reason(told["signal"]))
        elif not self._ready.done():
            self._ready.set_result(told)

    def _die(self) -> None:
        """The zygote is gone or to go: its end of the control socket closes, which ends it and all its workers."""
        if self.dead:
            return
        self.dead = True
        self._loop.remove_reader(self._control)
        self._control.close()
        if not self._ready.done():
            self._ready.set_result({"failed": "the process that loads it ended", "line": None})
        for worker in list(self.workers.values()):
            worker.close()
            worker.on_exit(StoreUnavailable("The query engine is restarting."))
        self.on_dead()


def _start_zygote(control: socket.socket) -> subprocess.Popen[bytes]:
    # One malloc arena: a second one reserves address space that the worker's memory limit would count.
    tunables = ":".join(filter(None, (os.environ.get("GLIBC_TUNABLES"), _TUNABLES)))
    environment = {**os.environ, "MALLOC_ARENA_MAX": "1", "GLIBC_TUNABLES": tunables}
    descriptor = control.fileno()
    return subprocess.Popen(
        [sys.executable, "-m", "stratgraph.store.zygote", str(descriptor)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=(descriptor,),
        env=environment,
        start_new_session=True,  # an interrupt typed at the terminal is for the server, which then ends the zygote in order
    )


def _reason(signal: int | None) -> StratgraphError:
    if signal in _OWN_FAULT:
        return QueryTooComplex("The query needs more memory or stack than a query may have.")
    return StoreUnavailable("The worker that ran the query was stopped.")
