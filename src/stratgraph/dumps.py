"""Downloads: N-Quads written in every RDF format, plain, gzip and zstd. Imports the store's serialisers, formats and vocab.

The same content gives the same bytes on every machine: order is canonical, and neither compressor writes a time, a name or a system.
One thread serialises while others compress, hash and write (which holds no lock of the interpreter); few texts wait, so memory is bounded.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import zstandard

from stratgraph.formats import Format, offered
from stratgraph.store.rdf import Dumps
from stratgraph.vocab import GRAPH

SUMS: Final = "SHA256SUMS"
COMPRESSIONS: Final[Mapping[str, str]] = {".gz": "application/gzip", ".zst": "application/zstd"}
# Downloads that are not RDF, by suffix.
MEDIA_TYPES: Final[Mapping[str, str]] = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".xml": "application/xml",
    ".zip": "application/zip",
}
_GZIP_LEVEL: Final = 6
_ZSTD_LEVEL: Final = 3  # smaller and quicker than gzip's 6 already
_WAITING: Final = 3
# RFC 1952: deflate, no flags, no time, no extra flags, system unknown.
_GZIP_HEAD: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


@dataclass(frozen=True)
class DumpFile:
    """A download: its name, the media type of what it holds, size in bytes and SHA-256 (hex); `graphs` are the graphs it holds.

    `titles` say what it is, by language, where its name does not; `conforms_to` is the IRI of a standard beyond its media type.
    """

    name: str
    media_type: str
    size: int = 0
    sha256: str = ""
    graphs: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    conforms_to: str = ""

    @property
    def compression(self) -> str | None:
        """The media type of its compression, None where it is plain."""
        return next((kind for suffix, kind in COMPRESSIONS.items() if self.name.endswith(suffix)), None)


def graph_dump_name(iri: str) -> str:
    """The name, without suffix, of the dump of one graph: `…/graph/document/x` → `stratgraph-document-x`."""
    return f"stratgraph-{iri.removeprefix(str(GRAPH)).replace('/', '-')}"


def compress_gzip(content: bytes) -> bytes:
    """One gzip member; the standard library's own head differs from one Python to the next."""
    packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(content) + packer.flush()
    return _GZIP_HEAD + packed + struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)


def compress_zstd(content: bytes) -> bytes:
    """One zstd frame with its size and checksum."""
    return zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True).compress(content)


def write_dumps(
    folder: Path, content: bytes | Dumps, levels: Mapping[str, Sequence[str]], prefixes: Mapping[str, str]
) -> tuple[DumpFile, ...]:
    """Write each level of these N-Quads into `folder`, in every RDF format; returns the files by name.

    A level is a name and the IRIs of its graphs; its files are `stratgraph-<level>` with a suffix, plain, `.gz` and `.zst`.
    """
    return _write_parts(folder, content, {f"stratgraph-{level}": tuple(graphs) for level, graphs in levels.items()}, prefixes)


def write_graph_dumps(folder: Path, content: bytes | Dumps, graphs: Sequence[str], prefixes: Mapping[str, str]) -> tuple[DumpFile, ...]:
    """Write each of these graphs into a file of its own (`graph_dump_name`), in every RDF format; returns the files by name."""
    return _write_parts(folder, content, {graph_dump_name(iri): (iri,) for iri in graphs}, prefixes)


def write_proofs_dump(folder: Path, content: bytes) -> tuple[DumpFile, ...]:
    """Write the proofs graph as N-Quads: it is several times the graph, and of use to programs only."""
    kind = next(one for one in offered("dataset") if one.name == "nquads")
    with _writing(folder) as queue:
        queue.add(f"stratgraph-proofs{kind.suffix}", content, kind, (str(GRAPH.proofs),))
    return queue.files()


def _write_parts(
    folder: Path, content: bytes | Dumps, parts: Mapping[str, tuple[str, ...]], prefixes: Mapping[str, str]
) -> tuple[DumpFile, ...]:
    whole = content if isinstance(content, Dumps) else Dumps(content, prefixes=prefixes)
    with _writing(folder) as queue:
        for stem, graphs in parts.items():
            part = whole.of(graphs)
            for one in offered("graph", "dataset"):
                queue.add(f"{stem}{one.suffix}", part.in_format(one.name), one, graphs)
    return queue.files()


class _Queue:
    """Texts on their way to the disk."""

    def __init__(self, folder: Path, pool: ThreadPoolExecutor) -> None:
        self._folder, self._pool = folder, pool
        self._pending: deque[Future[list[DumpFile]]] = deque()
        self._written: list[DumpFile] = []

    def add(self, name: str, content: bytes, kind: Format, graphs: tuple[str, ...]) -> None:
        """Write this text, plain and compressed; waits where too many wait already. Raises OSError of an earlier one."""
        while len(self._pending) >= _WAITING:
            self._written += self._pending.popleft().result()
        self._pending.append(self._pool.submit(_write_all, self._folder, name, content, kind, graphs))

    def files(self) -> tuple[DumpFile, ...]:
        """All that was written, by name. Raises OSError."""
        while self._pending:
            self._written += self._pending.popleft().result()
        return tuple(sorted(self._written, key=lambda file: file.name))


@contextmanager
def _writing(folder: Path) -> Iterator[_Queue]:
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        yield _Queue(folder, pool)


def _write_all(folder: Path, name: str, content: bytes, kind: Format, graphs: tuple[str, ...]) -> list[DumpFile]:
    return [
        _write(folder / name, content, kind, graphs),
        _write(folder / f"{name}.gz", compress_gzip(content), kind, graphs),
        _write(folder / f"{name}.zst", compress_zstd(content), kind, graphs),
    ]


def _write(path: Path, content: bytes, kind: Format, graphs: tuple[str, ...]) -> DumpFile:
    path.write_bytes(content)
    return DumpFile(path.name, kind.media_type, len(content), hashlib.sha256(content).hexdigest(), graphs)


def write_file(folder: Path, file: DumpFile, content: bytes) -> DumpFile:
    """Write a download that is not RDF, as it is; returns it with size and checksum. Raises OSError."""
    path = folder / file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return replace(file, size=len(content), sha256=hashlib.sha256(content).hexdigest())


def write_sums(folder: Path, files: Sequence[DumpFile]) -> None:
    """Write SHA256SUMS, in the form that `sha256sum -c` reads."""
    lines = (f"{file.sha256}  {file.name}\n" for file in sorted(files, key=lambda file: file.name))
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def read_sums(folder: Path) -> dict[str, str]:
    """SHA-256 (hex) by file name, as SHA256SUMS tells them. Raises OSError."""
    lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
