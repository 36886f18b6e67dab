"""Damage to the text of a file: what keeps it from being read as Turtle, and what editors do to it unasked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from stratgraph.settings import Layout


@dataclass(frozen=True)
class FileKind:
    """A kind of damage to a file: `make` gives the file's path, its content, and the line that a finding must name.

    `remedy` is a part of the English message, which the Japanese one must not hold; `column` says whether a column is told.
    """

    name: str
    what: str
    remedy: str
    make: Callable[[Layout, Random], tuple[str, bytes, int]]
    column: bool = True
    caught_by: str = "turtle"


def line(pattern: str, text: str) -> Callable[[Layout, Random], tuple[str, bytes, int]]:
    """Damage one line of one of the data's files: replace what the pattern finds in it first."""

    def edit(line: str) -> str | None:
        return re.sub(pattern, text, line, count=1) if re.search(pattern, line) else None

    def make(layout: Layout, rng: Random) -> tuple[str, bytes, int]:
        places = [
            (path, number)
            for path in sorted(layout.data.glob("document/*/*.ttl"))
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines())
            if number > 10 and edit(line) is not None
        ]
        path, number = rng.choice(places)
        lines = path.read_text(encoding="utf-8").splitlines()
        lines[number] = edit(lines[number]) or ""
        return str(path.relative_to(layout.root)), ("\n".join(lines) + "\n").encode(), number + 1

    return make


def whole(edit: Callable[[bytes], bytes], line: int = 1) -> Callable[[Layout, Random], tuple[str, bytes, int]]:
    """Damage a file as a whole; the finding names `line`."""

    def make(layout: Layout, rng: Random) -> tuple[str, bytes, int]:
        path = rng.choice(sorted(layout.data.glob("document/*/*.ttl")))
        return str(path.relative_to(layout.root)), edit(path.read_bytes()), line

    return make


def shift_jis(layout: Layout, rng: Random) -> tuple[str, bytes, int]:
    """A file saved in Shift_JIS; its first line with Japanese cannot be read."""
    japanese = re.compile("[ぁ-鿿]")
    path = rng.choice([path for path in sorted(layout.data.glob("document/*/*.ttl")) if japanese.search(path.read_text(encoding="utf-8"))])
    text = path.read_text(encoding="utf-8")
    line = next(number for number, one in enumerate(text.splitlines(), start=1) if japanese.search(one))
    return str(path.relative_to(layout.root)), text.encode("shift_jis", errors="replace"), line


_STRING: Final = r'^(  [a-zA-Z]+:\w+ )"(.*)"@'
FILE_KINDS: Final = (
    FileKind("missing-full-stop", "full stop left out", "the line ends without", line(r" \.$", "")),
    FileKind("missing-semicolon", "semicolon left out", "the line ends without", line(r" ;$", "")),
    FileKind("full-width-mark", "full width mark in place of a semicolon", "expected a predicate after", line(r" ;$", " ；")),
    FileKind("open-string", "string that is not closed", "close it with a quotation mark", line(_STRING, r'\1"\2@')),
    FileKind("inner-quote", "quotation mark within a string", "expected a predicate after", line(_STRING, r'\1"x"y\2"@')),
    FileKind("bad-escape", "backslash that escapes nothing", "after a backslash", line(_STRING, r'\1"\\q\2"@')),
    FileKind("short-escape", "escape with too few digits", "four hexadecimal digits", line(_STRING, r'\1"\\u12 \2"@')),
    FileKind("bad-language", "language tag that is none", "a language tag must stand", line(_STRING, r'\1"\2"@日')),
    FileKind("open-iri", "IRI that is not closed", "close it with >", line(r"^(  [a-z]+:\w+ <[^>]*)> ;$", r"\1 ;")),
    FileKind("blank-in-iri", "blank within an IRI", "is no IRI", line(r"^(  [a-z]+:\w+ <)", r"\1 ")),
    FileKind("unknown-prefix", "typo in a prefix", "prefix sgg: is not declared", line(r"^  sg:", "  sgg:")),
    FileKind("missing-object", "predicate without its object", "expected an object", line(r"^(  sg:\w+) [^,;.]+ ;$", r"\1 ;")),
    FileKind("conflict-mark", "mark of a merge conflict", "a merge conflict is left open", line(r"^  sg:ordinal.*$", "<<<<<<< HEAD")),
    FileKind("other-encoding", "file that is not UTF-8", "save the file as UTF-8", shift_jis, column=False),
    FileKind("byte-order-mark", "byte order mark", "stratgraph fmt",
             whole(lambda content: b"\xef\xbb\xbf" + content), False, "byte-order-mark"),
    FileKind("line-ends", "line ends of another system", "stratgraph fmt",
             whole(lambda content: content.replace(b"\n", b"\r\n")), False, "line-ends"),
)  # fmt: skip
