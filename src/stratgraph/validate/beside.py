"""Work done in a forked copy of this process, beside what it does itself: half of the checks on a second core.

The copy sees all that is in memory and hands back values only. It is a matter of speed alone: whatever goes wrong in it, the work is
done here when its value is asked for, and fails here with an error of its own.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import TypeVar

Value = TypeVar("Value")


@contextmanager
def beside(work: Callable[[], Value]) -> Iterator[Callable[[], Value]]:
    """Begin `work` in a copy of this process; gives a function that waits for its value, which must be picklable.

    Where there is one core, or this process has threads (whose locks a copy would inherit for good), the work is done on asking.
    Leaving the block stops the copy.
    """
    if (os.cpu_count() or 1) < 2 or threading.active_count() > 1:
        yield work
        return
    fork = multiprocessing.get_context("fork")
    receiver, sender = fork.Pipe(duplex=False)
    process = fork.Process(target=_work, args=(work, sender), daemon=True)
    process.start()
    sender.close()

    def value() -> Value:
        try:
            (found,) = receiver.recv()
        except EOFError:  # the copy has failed or was killed
            return work()
        return found  # type: ignore[no-any-return]

    try:
        yield value
    finally:
        receiver.close()
        process.terminate()
        process.join()


def _work(work: Callable[[], object], sender: Connection) -> None:
    gc.disable()  # a collection would write to, and so copy, every page of what is only read here
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process itself, which ends this one
    try:
        sender.send((work(),))
    except Exception:  # noqa: BLE001 - the closed connection tells the process, which then works itself
        sender.close()
