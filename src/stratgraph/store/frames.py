"""What the server and a worker say to each other: typed, length-prefixed frames. Imports errors only.

A request is one REQUEST frame (JSON). An answer is HEADER (JSON), any number of BODY, END (JSON); or ERROR (JSON) in place of
the first or of any later frame. Errors travel as the name and the attributes of a class of `errors`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from typing import Any, Final

from stratgraph import errors

REQUEST: Final = 1
HEADER: Final = 2
BODY: Final = 3
END: Final = 4
ERROR: Final = 5

_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_PREFIX: Final = struct.Struct(">BI")
PREFIX_BYTES: Final = _PREFIX.size
# A frame is never larger than one request or one chunk; more means that the two sides no longer understand each other.
LARGEST: Final = 64 * 2**20


def encode(kind: int, payload: bytes | bytearray | memoryview) -> bytes:
    """One frame."""
    return _PREFIX.pack(kind, len(payload)) + payload


def to_json(value: object) -> bytes:
    """A value as JSON, for a payload."""
    return _JSON(value).encode("utf-8", "surrogatepass")


def encode_json(kind: int, value: Mapping[str, Any]) -> bytes:
    """One frame whose payload is JSON."""
    return encode(kind, to_json(value))


def decode_json(payload: bytes) -> dict[str, Any]:
    """The value of a JSON payload."""
    value: dict[str, Any] = json.loads(payload.decode("utf-8", "surrogatepass"))
    return value


def decode_prefix(prefix: bytes | bytearray) -> tuple[int, int]:
    """(kind, payload length) of a frame's first bytes. Raises ValueError for a length no frame has."""
    kind, length = _PREFIX.unpack(prefix)
    if length > LARGEST:
        raise ValueError(f"a frame of {length} bytes")
    return kind, length


# The end of nearly every answer.
END_REUSABLE: Final = to_json({"retire": False})


class FrameDecoder:
    """Cuts a byte stream into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """The frames that `data` completes, in order. Raises ValueError for a length no frame has."""
        if self._buffer:
            self._buffer += data
        source = self._buffer or data
        frames: list[tuple[int, bytes]] = []
        start, size = 0, len(source)
        while size - start >= PREFIX_BYTES:
            kind, length = decode_prefix(source[start : start + PREFIX_BYTES])
            end = start + PREFIX_BYTES + length
            if end > size:
                break
            frames.append((kind, bytes(source[start + PREFIX_BYTES : end])))
            start = end
        if self._buffer:
            del self._buffer[:start]
        else:
            self._buffer += data[start:]
        return frames


def encode_error(error: errors.StratgraphError, retire: bool = False) -> bytes:
    """An ERROR frame. An error of a class that has no row in the table below travels as its nearest ancestor that has.

    `retire` says that the worker takes no more requests.
    """
    name = next(one.__name__ for one in type(error).__mro__ if one.__name__ in _REBUILD)
    attributes = {key: value for key, value in vars(error).items() if key not in ("message", "args")}
    return encode_json(ERROR, {**attributes, "error": name, "text": str(error), "retire": retire})


def decode_error(told: Mapping[str, Any]) -> errors.StratgraphError:
    """The error of an ERROR frame's payload."""
    rebuild = _REBUILD.get(told["error"], _REBUILD["StratgraphError"])
    return rebuild(told)


_REBUILD: Final[Mapping[str, Callable[[Mapping[str, Any]], errors.StratgraphError]]] = {
    "QuerySyntaxError": lambda told: errors.QuerySyntaxError(told["text"], told.get("line"), told.get("column")),
    "QueryTooComplex": lambda told: errors.QueryTooComplex(told["text"]),
    "UpdateRefused": lambda told: errors.UpdateRefused(told["text"]),
    "ServiceRefused": lambda told: errors.ServiceRefused(told["text"]),
    "AnswerTooLarge": lambda told: errors.AnswerTooLarge(told["limit"], told["unit"]),
    "QueryError": lambda told: errors.QueryError(told["text"]),
    "NotAcceptable": lambda told: errors.NotAcceptable(told["offered"]),
    "ResourceNotFound": lambda told: errors.ResourceNotFound(told["iri"]),
    "StratgraphError": lambda told: errors.StoreUnavailable(told["text"]),
}
