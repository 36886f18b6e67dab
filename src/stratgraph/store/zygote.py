"""The zygote: a process with one thread that loads the graph once and forks workers from itself. Run as a module, by exec.

    python -m stratgraph.store.zygote CONTROL_FD

Imports the store's own parts. Forking is safe here because no thread ever starts, and cheap because workers share the loaded
graph copy-on-write. It speaks JSON lines on the control socket. From the server: the configuration, then `{"fork": n}` with the
worker's socket beside it (SCM_RIGHTS), `{"kill": n}`. To the server: `{"ready": {…}}` or `{"failed": "…"}`, then
`{"started": n, "pid": p}` and `{"ended": n, "signal": s, "code": c}`. When the control socket closes it kills its workers and ends.

Workers are named by number, and a number is forgotten when its process is reaped: so a kill can only meet an unreaped child.
"""

from __future__ import annotations

import gc
import json
import os
import selectors
import signal
import socket
import sys
from collections import deque
from typing import Any

from stratgraph.errors import StratgraphError
from stratgraph.store import confine
from stratgraph.store.graphs import Graphs, LevelRule, load_graphs
from stratgraph.store.worker import WorkerLimits, run_worker


class Zygote:
    """The loop between control socket and children."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._buffer = b""
        self._sockets: deque[int] = deque()
        self._numbers: dict[int, int] = {}
        self._wake, self._waker = os.pipe()

    def main(self) -> int:
        """Load, then serve until the control socket closes. Returns the exit code."""
        config = self._read_configuration()
        if config is None:
            return 0
        if not config["limits"]["service"]:
            confine.leave_network()
        # After the network: a change of credentials clears the death signal.
        confine.die_with_parent(config["parent"])
        try:
            graphs = load_graphs(
                config["graph_file"], [LevelRule(name, tuple(ones), tuple(aside)) for name, ones, aside in config["levels"]]
            )
        except StratgraphError as error:
            self._tell({"failed": str(error), "line": getattr(error, "line", None)})
            return 1
        except MemoryError:
            self._tell({"failed": "the graph does not fit into memory", "line": None})
            return 1
        gc.collect()
        gc.freeze()  # what is loaded stays: no collection in a worker shall touch, and so copy, its pages
        self._catch_children()
        self._tell({"ready": graphs.names()})
        self._serve(graphs, WorkerLimits(**config["limits"]))
        return 0

    def _read_configuration(self) -> dict[str, Any] | None:
        while b"\n" not in self._buffer:
            data = self._control.recv(65536)
            if not data:
                return None
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        config: dict[str, Any] = json.loads(line)
        return config

    def _catch_children(self) -> None:
        os.set_blocking(self._wake, False)
        os.set_blocking(self._waker, False)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)

    def _serve(self, graphs: Graphs, limits: WorkerLimits) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(self._wake, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._wake in ready:
                    os.read(self._wake, 4096)
                    self._reap()
                if self._control in ready and not self._take(graphs, limits):
                    break
        for pid in self._numbers:
            os.kill(pid, signal.SIGKILL)
        for pid in self._numbers:
            os.waitpid(pid, 0)

    def _take(self, graphs: Graphs, limits: WorkerLimits) -> bool:
        """Read and obey; False when the server is gone."""
        try:
            data, sockets, _, _ = socket.recv_fds(self._control, 65536, 64)
        except OSError:
            return False
        self._sockets.extend(sockets)
        if not data:
            return False
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            order = json.loads(line)
            if "fork" in order:
                self._fork(order["fork"], graphs, limits)
            else:
                self._kill(order["kill"])
        return True

    def _fork(self, number: int, graphs: Graphs, limits: WorkerLimits) -> None:
        descriptor = self._sockets.popleft()
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            os.close(descriptor)
            self._tell({"ended": number, "signal": None, "code": 1})
            return
        if pid == 0:
            _be_worker(descriptor, parent, graphs, limits)
        os.close(descriptor)
        self._numbers[pid] = number
        self._tell({"started": number, "pid": pid})

    def _kill(self, number: int) -> None:
        for pid, one in self._numbers.items():
            if one == number:
                os.kill(pid, signal.SIGKILL)

    def _reap(self) -> None:
        while self._numbers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            code = os.waitstatus_to_exitcode(status)
            self._tell({"ended": self._numbers.pop(pid), "signal": -code if code < 0 else None, "code": max(code, 0)})

    def _tell(self, message: dict[str, Any]) -> None:
        try:
            self._control.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            return  # the server is gone; the next read ends the loop


def _be_worker(descriptor: int, parent: int, graphs: Graphs, limits: WorkerLimits) -> None:
    """The forked child's whole life: never returns into the zygote's loop."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        confine.die_with_parent(parent)
        run_worker(descriptor, graphs, limits)
        code = 0
    finally:
        os._exit(code)


def main() -> int:
    """Take the control socket's descriptor from the command line."""
    return Zygote(socket.socket(fileno=int(sys.argv[1]))).main()


if __name__ == "__main__":
    sys.exit(main())
