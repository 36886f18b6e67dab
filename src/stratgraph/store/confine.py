"""What a worker may not have: more memory, files, sockets, a network, a life longer than its parent. Imports ctypes.

Linux has all of it. On macOS and others the same calls degrade: descriptors are limited everywhere (so no socket can be opened
there either), while the address-space limit, the network namespace and the death signal are Linux's and are left out.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Final

_LINUX: Final = sys.platform == "linux"
_PR_SET_PDEATHSIG: Final = 1
_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000
# Descriptors for SERVICE, where it is allowed at all.
_CONNECTIONS: Final = 28
MIB: Final = 2**20


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent (pid `parent`) ends; end now if it has already ended. Linux."""
    if not _LINUX:
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def leave_network() -> bool:
    """Move this process and its later children into a network of their own, without any interface. Linux, where permitted.

    True if it worked. Root needs nothing else; others try with a user namespace, which some systems forbid. Either way workers
    cannot open sockets (`confine_worker`).
    """
    if not _LINUX:
        return False
    unshare = ctypes.CDLL(None, use_errno=True).unshare
    return any(unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET))


def keep_only(descriptor: int, network: bool = False) -> int:
    """Close every descriptor but 0 to 2 and `descriptor`, which becomes 3.

    Nothing more can be opened, no file and no socket, unless `network` leaves room for connections and what finds addresses.
    """
    kept = 3
    if descriptor != kept:
        os.dup2(descriptor, kept)
    highest = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    os.closerange(kept + 1, highest if highest != resource.RLIM_INFINITY else 65536)
    os.dup2(0, 2)  # the zygote's standard input is the null device; an engine that aborts is not heard in the server's log
    most = kept + 1 + (_CONNECTIONS if network else 0)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return kept


def address_space() -> int | None:
    """Bytes of address space this process has; None where the system does not tell (not Linux). Opens a file."""
    with contextlib.suppress(OSError):
        return int(Path("/proc/self/statm").read_bytes().split()[0]) * resource.getpagesize()
    return None


def limit_memory(now: int | None, extra: int) -> None:
    """Let this process grow by `extra` bytes beyond `now` (from `address_space`), and write no core files."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if now is not None:
        resource.setrlimit(resource.RLIMIT_AS, (now + extra, now + extra))


def peak_memory() -> int:
    """Bytes this process has had resident at most. Opens no file."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * 1024 if _LINUX else peak
