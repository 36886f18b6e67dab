"""A worker: a forked copy of the zygote that answers requests on one socket until it is closed, or the worker is killed.

Imports pyoxigraph and the store's own parts. Runs in the forked child only. It may be killed, or end itself by a stack
overflow or a failed allocation, at any moment: nothing outside of it depends on how it ends.
"""

from __future__ import annotations

import copy
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import IO, Any, Final, cast

from pyoxigraph import NamedNode, QueryBoolean, QuerySolutions, QueryTriples, Triple, serialize

from stratgraph import errors
from stratgraph.store import confine, frames
from stratgraph.store.describing import describe, serialize_description
from stratgraph.store.faults import explain_syntax_error
from stratgraph.store.graphs import Graphs
from stratgraph.store.interface import SearchRequest
from stratgraph.store.matching import CONTAINS, FOLD
from stratgraph.store.precheck import UNLIMITED, Limits, scan
from stratgraph.store.rdf import RDF_FORMATS, SOLUTION_FORMATS
from stratgraph.store.rows import ROW_ENDS, RowLimit
from stratgraph.store.searching import search, serialize_hits
from stratgraph.store.text import contains, folded

# An answer's first bytes are held back until there are so many: an error before that is an error, not a broken stream.
CHUNK: Final = 64 * 1024
# Requests are read so many bytes at a time; a query that took so many seconds may have taken memory.
_READ: Final = 64 * 1024
_LONG: Final = 0.005

_CUSTOM: Final[dict[NamedNode, Callable[..., Any]]] = {NamedNode(CONTAINS): contains, NamedNode(FOLD): folded}
_FUNCTION: Final = re.compile(r"custom (?:aggregate )?function (<[^>]*>)")
_END: Final = {retire: frames.encode_json(frames.END, {"retire": retire}) for retire in (False, True)}
_NOT_XML: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
# The end of an IRI that can be an element's name (NCName, roughly).
_ELEMENT: Final = re.compile(r"[^\W\d][\w.\-·]*\Z")
_REPLACEMENT: Final = "\ufffd".encode()


@dataclass(frozen=True)
class WorkerLimits:
    """What a worker may have: MiB beyond the loaded graph, MiB of stack, bytes of query, IRIs of the servers that SERVICE may ask.

    `precheck` is off in tests only.
    """

    memory: int = 512
    stack: int = 256
    query_bytes: int = 2**20
    precheck: bool = True
    service: tuple[str, ...] = ()


class _ServerGoneError(Exception):
    """The server closed the connection: nobody wants the answer."""


def run_worker(descriptor: int, graphs: Graphs, limits: WorkerLimits) -> None:
    """Confine this process, then answer requests on socket `descriptor` until it is closed."""
    now = confine.address_space()
    connection = socket.socket(fileno=confine.keep_only(descriptor, network=bool(limits.service)))
    confine.limit_memory(now, (limits.memory + limits.stack) * confine.MIB)
    # The engine parses and plans by recursion; a thread may have the stack for it that the main thread may not.
    threading.stack_size(limits.stack * confine.MIB)
    thread = threading.Thread(target=_Worker(connection, graphs, limits).run)
    thread.start()
    thread.join()


class _Worker:
    def __init__(self, connection: socket.socket, graphs: Graphs, limits: WorkerLimits) -> None:
        self._connection = connection
        self._graphs = graphs
        self._limits = Limits(query_bytes=limits.query_bytes, service_allow=tuple(limits.service)) if limits.precheck else UNLIMITED
        self._unread = b""
        self._most_memory = confine.peak_memory() + limits.memory * confine.MIB // 2

    def run(self) -> None:
        """Answer until the server closes the connection, or until memory ran out."""
        healthy = True
        while healthy and (request := self._receive()):
            try:
                healthy = self._answer(request)
            except _ServerGoneError:
                break
        self._connection.close()

    def _receive(self) -> dict[str, Any] | None:
        prefix = self._read(frames.PREFIX_BYTES)
        if prefix is None:
            return None
        payload = self._read(frames.decode_prefix(prefix)[1])
        return None if payload is None else frames.decode_json(payload)

    def _read(self, size: int) -> bytes | None:
        data = self._unread
        if len(data) < size:
            parts, there = [data], len(data)
            while there < size:
                part = self._connection.recv(_READ)
                if not part:
                    return None
                parts.append(part)
                there += len(part)
            data = b"".join(parts)
        self._unread = data[size:]
        return data[:size]

    def _answer(self, request: dict[str, Any]) -> bool:
        """Answer one request; False when this worker should take no other."""
        output = _Output(self._connection, request.get("response_bytes", 2**62))
        begun = time.monotonic()
        try:
            if "describe" in request:
                description = describe(self._graphs, request["describe"], request["level"])
                output.begin(_header("description"), xml=False)
                output.write(serialize_description(description))
            elif "search" in request:
                hits = search(self._graphs, SearchRequest(**request["search"]))
                output.begin(_header("hits"), xml=False)
                output.write(serialize_hits(hits))
            else:
                self._query(request, output)
            # Memory takes time to fill, and asking for it takes as long as a lookup.
            long = time.monotonic() - begun > _LONG
            output.end(_END[long and confine.peak_memory() > self._most_memory])
        except _ServerGoneError:
            raise
        except MemoryError:
            output.fail(errors.QueryTooComplex("The query needs more memory than a query may have."), retire=True)
            return False
        except Exception as error:  # noqa: BLE001 (whatever the engine raises has to become an answer)
            output.fail(_as_query_error(error, request.get("query", "")))
        except BaseException:  # noqa: BLE001 (a panic of the engine is no Exception; its state cannot be trusted afterwards)
            output.fail(errors.QueryTooComplex("The engine failed on this query."), retire=True)
            return False
        return True

    def _query(self, request: dict[str, Any], output: _Output) -> None:
        query = request["query"]
        found = scan(query, self._limits)
        protocol = request["default_graphs"], request["named_graphs"]
        asked = self._graphs.dataset(request["level"], protocol, found)
        results = asked.store.query(query, default_graph=asked.default, named_graphs=asked.named, custom_functions=_CUSTOM)
        kind = _kind(results)
        name = request[kind]
        if name is None:
            raise errors.NotAcceptable([kind])
        output.begin(_header(kind, name, found.volatile), xml=name in ("xml", "rdfxml"))
        if kind == "solutions":
            output.limit_rows(RowLimit(name, request["answer_rows"]))
        if request["partial_bytes"] is not None:
            output.keep_rows_whole(ROW_ENDS.get(name))
        file = cast(IO[bytes], output)
        if isinstance(results, QueryTriples):
            if name == "rdfxml":
                serialize(_sayable_in_xml(results), file, RDF_FORMATS[name])
            else:
                results.serialize(file, format=RDF_FORMATS[name])
        else:
            results.serialize(file, format=SOLUTION_FORMATS[name])


@lru_cache(64)
def _header(kind: str, name: str | None = None, volatile: bool = False) -> bytes:
    """The frame that says what an answer is; the same few come all the time."""
    told = {"kind": kind} if name is None else {"kind": kind, "format": name, "volatile": volatile}
    return frames.encode_json(frames.HEADER, told)


def _kind(results: QuerySolutions | QueryBoolean | QueryTriples) -> str:
    if isinstance(results, QuerySolutions):
        return "solutions"
    return "boolean" if isinstance(results, QueryBoolean) else "graph"


def _sayable_in_xml(triples: QueryTriples) -> Iterator[Triple]:
    """The triples. Raises QueryError for a property whose IRI does not end in a name: the engine would write what is no XML."""
    known: set[str] = set()
    for triple in triples:
        iri = triple.predicate.value
        if iri not in known:
            if not _ELEMENT.search(iri):
                raise errors.QueryError(f"RDF/XML cannot say <{iri}>, which does not end in a name. Ask for Turtle, N-Triples or JSON-LD.")
            known.add(iri)
        yield triple


class _Output:
    """A binary file that turns what the engine writes into frames, and holds the limits of bytes and rows."""

    def __init__(self, connection: socket.socket, limit: int) -> None:
        self._connection = connection
        self._limit = limit
        self._rows: RowLimit | None = None
        self._row_end: Callable[[bytes], int] | None = None
        self._header = b""
        self._xml = False
        self._buffer = bytearray()
        self._written = 0
        self._wanted = CHUNK

    def begin(self, header: bytes, xml: bool) -> None:
        """Say what the answer is by a HEADER frame; sent with its first chunk. `xml`: replace characters that XML cannot carry."""
        self._header, self._xml = header, xml

    def limit_rows(self, rows: RowLimit) -> None:
        """Count the rows from now on."""
        self._rows = rows

    def keep_rows_whole(self, row_end: Callable[[bytes], int] | None) -> None:
        """From now on every chunk but the last ends with a row: the chunks before any of them are a valid part of the answer."""
        self._row_end = row_end

    def write(self, data: bytes) -> int:
        """Called by the engine. Raises AnswerTooLarge, _ServerGoneError."""
        self._written += len(data)
        if self._written > self._limit:
            raise errors.AnswerTooLarge(self._limit)
        self._buffer += data
        if len(self._buffer) >= self._wanted:
            self._send(self._cut())
        return len(data)

    def flush(self) -> None:
        """Called by the engine at its end; `end` sends what is left."""

    def end(self, trailer: bytes) -> None:
        """Send the rest, and an END frame to close the answer."""
        self._send(self._cut(last=True) + trailer)

    def fail(self, error: errors.StratgraphError, retire: bool = False) -> None:
        """Send an error in place of the answer, or of the rest of it. `retire`: this worker takes no more requests."""
        self._buffer.clear()
        self._header = b""
        self._send(frames.encode_error(error, retire))

    def _cut(self, last: bool = False) -> bytes:
        body = bytes(self._buffer)
        if not last:
            body = body[: self._end_of(body)]
        del self._buffer[: len(body)]
        self._wanted = max(CHUNK, 2 * len(self._buffer))
        self._count(body)
        return self._frames(_NOT_XML.sub(_REPLACEMENT, body) if self._xml else body)

    def _end_of(self, body: bytes) -> int:
        """How much of what is there may be sent: whole rows where that is wanted, in XML no part of a character."""
        if self._row_end is not None:
            return self._row_end(body)
        if self._xml and body[-2:].startswith(b"\xef\xbf"):
            return len(body) - 2
        return len(body) - (self._xml and body.endswith(b"\xef"))

    def _count(self, body: bytes) -> None:
        if self._rows is None:
            return
        before = copy.deepcopy(self._rows) if self._row_end else None
        try:
            self._rows.take(body)
        except errors.AnswerTooLarge:
            if before is not None and self._row_end is not None:
                self._send(self._frames(before.fit(body, self._row_end)))
            raise

    def _frames(self, body: bytes) -> bytes:
        header, self._header = self._header, b""
        return header + frames.encode(frames.BODY, body) if body else header

    def _send(self, data: bytes) -> None:
        try:
            self._connection.sendall(data)
        except OSError as error:
            raise _ServerGoneError from error


def _as_query_error(error: Exception, query: str) -> errors.StratgraphError:
    text = str(error)
    if isinstance(error, errors.StratgraphError):
        return error
    if isinstance(error, SyntaxError):
        return explain_syntax_error(query, text)
    if function := _FUNCTION.search(text):
        return errors.QueryError(f"The function {function[1]} is not known here.")
    if isinstance(error, OSError):
        # The engine opens nothing but connections: a SERVICE that got past the precheck, or that is allowed and failed.
        return errors.ServiceRefused(
            f"The query asks for a request to another server, which this endpoint does not make, or which failed: {text}."
        )
    return errors.QueryError(f"The query failed: {text}.")
