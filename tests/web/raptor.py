"""Raptor, the C library behind `rapper`, called in this process: a second parser without a process for each document.

Source: the library's own documentation, https://librdf.org/raptor/api/ (2.0.15): world, parser, log handler, statement handler.
"""

from __future__ import annotations

import ctypes
from ctypes.util import find_library
from functools import cache
from typing import Final

SYNTAXES: Final = {"turtle": "turtle", "ntriples": "ntriples", "rdfxml": "rdfxml", "trig": "trig", "nquads": "nquads"}
_VERSION: Final = 20000
_WARNING: Final = 4
# Bytes given at once; the XML parser inside refuses more than some 10 MB.
_PIECE: Final = 2**16


class _Message(ctypes.Structure):
    """What the log handler is given (raptor_log_message)."""

    _fields_ = (
        ("code", ctypes.c_int),
        ("domain", ctypes.c_int),
        ("level", ctypes.c_int),
        ("locator", ctypes.c_void_p),
        ("text", ctypes.c_char_p),
    )


_Told = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(_Message))
_Found = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)


@cache
def available() -> bool:
    """Whether the library is installed (Debian: libraptor2-0, which raptor2-utils brings)."""
    return find_library("raptor2") is not None


class Raptor:
    """One world of the library; for one thread."""

    def __init__(self) -> None:
        name = find_library("raptor2")
        assert name is not None, "libraptor2 is not installed"
        self._library = ctypes.CDLL(name)
        for function in ("raptor_new_world_internal", "raptor_new_parser", "raptor_new_uri"):
            getattr(self._library, function).restype = ctypes.c_void_p
        self._world = ctypes.c_void_p(self._library.raptor_new_world_internal(ctypes.c_uint(_VERSION)))
        assert self._world.value
        assert self._library.raptor_world_open(self._world) == 0
        self._messages: list[str] = []
        self._count = 0
        self._told, self._found = _Told(self._take_message), _Found(self._take_statement)
        self._library.raptor_world_set_log_handler(self._world, None, self._told)

    def _take_message(self, _: object, message: ctypes._Pointer[_Message]) -> None:
        if message.contents.level >= _WARNING:
            self._messages.append((message.contents.text or b"").decode("utf-8", "replace"))

    def _take_statement(self, *_: object) -> None:
        self._count += 1

    def count(self, content: bytes, syntax: str, iri: str) -> int:
        """The number of statements in a document at `iri`. Raises AssertionError with what raptor finds wrong, warnings too."""
        self._messages, self._count = [], 0
        library = self._library
        address = ctypes.c_void_p(library.raptor_new_uri(self._world, iri.encode()))
        parser = ctypes.c_void_p(library.raptor_new_parser(self._world, SYNTAXES[syntax].encode()))
        assert parser.value, syntax
        try:
            library.raptor_parser_set_statement_handler(parser, None, self._found)
            failed = library.raptor_parser_parse_start(parser, address)
            for start in range(0, len(content), _PIECE):
                piece = content[start : start + _PIECE]
                failed = failed or library.raptor_parser_parse_chunk(parser, piece, ctypes.c_size_t(len(piece)), 0)
            failed = failed or library.raptor_parser_parse_chunk(parser, None, ctypes.c_size_t(0), 1)
        finally:
            library.raptor_free_parser(parser)
            library.raptor_free_uri(address)
        assert (failed, self._messages) == (0, []), (iri, syntax, self._messages[:3])
        return self._count
