"""Reads the outline of a SPARQL text (form, projection, variables, VALUES blocks) without an engine. Imports the model.

Linear in the text: one regular expression for tokens, no recursion. It is meant for our own files, whose grammar the
engine checks when they run; it needs to be right about where strings, IRIs and comments begin and end.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from stratgraph.questions.model import Block

_TOKEN: Final = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<string>\"{3}(?:[^"\\]|\\.|"(?!""))*\"{3}|'{3}(?:[^'\\]|\\.|'(?!''))*'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
  | (?P<variable>[?$]\w+)
  | (?P<name>[\w-]*:[\w./%-]*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<mark>[^\s\w])
  | (?P<number>\d+)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """A piece of SPARQL: its kind (as in the table above), text and offset."""

    kind: str
    text: str
    start: int


@dataclass(frozen=True)
class Outline:
    """What the strict parser needs to know of a query."""

    form: str
    projection: tuple[str, ...]
    star: bool
    ordered: bool
    limited: bool
    words: frozenset[str]
    uses: Mapping[str, int]
    aliases: frozenset[str]
    prefixes: Mapping[str, str]
    blocks: Mapping[str, tuple[Block, ...]]


def tokenize(text: str) -> list[Token]:
    """The tokens of a SPARQL text, comments left out."""
    found = ((match.lastgroup or "", match) for match in _TOKEN.finditer(text))
    return [Token(kind, match.group(), match.start()) for kind, match in found if kind != "comment"]


def outline(text: str) -> Outline:
    """The outline of a query text."""
    tokens = tokenize(text)
    words = [token.text.upper() if token.kind == "word" else "" for token in tokens]
    form_at = next((i for i, word in enumerate(words) if word in ("SELECT", "CONSTRUCT", "ASK", "DESCRIBE")), None)
    tail = _tail(tokens)
    tail_words = {token.text.upper() for token in tail if token.kind == "word"}
    return Outline(
        form=words[form_at] if form_at is not None else "",
        projection=_projection(tokens, form_at) if form_at is not None else (),
        star=_has_star(tokens, form_at) if form_at is not None else False,
        ordered="ORDER" in tail_words,
        limited=bool({"LIMIT", "OFFSET"} & tail_words),
        words=frozenset(words) - {""},
        uses=Counter(token.text[1:] for token in tokens if token.kind == "variable"),
        aliases=frozenset(after.text[1:] for word, after in zip(words, tokens[1:], strict=False) if word == "AS"),
        prefixes=_prefixes(tokens, words),
        blocks=_blocks(text, tokens, words),
    )


def head_end(tokens: Sequence[Token]) -> int:
    """The offset at which a SELECT's list of variables ends: that of WHERE, or of the pattern's brace."""
    words = ((i, token) for i, token in enumerate(tokens) if token.kind == "word" and token.text.upper() == "SELECT")
    first = next((i for i, _ in words), 0)
    return next(token.start for token in tokens[first:] if token.text == "{" or token.text.upper() == "WHERE")


def _tail(tokens: Sequence[Token]) -> Sequence[Token]:
    """What follows the last closing brace: solution modifiers."""
    last = max((i for i, token in enumerate(tokens) if token.text == "}"), default=-1)
    return tokens[last + 1 :]


def _head(tokens: Sequence[Token], form_at: int) -> Sequence[Token]:
    """What stands between SELECT and the pattern's opening brace."""
    end = next((i for i in range(form_at, len(tokens)) if tokens[i].text == "{"), len(tokens))
    return tokens[form_at + 1 : end]


def _projection(tokens: Sequence[Token], form_at: int) -> tuple[str, ...]:
    names: list[str] = []
    depth = 0
    before = ""
    for token in _head(tokens, form_at):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if token.kind == "variable" and (depth == 0 or before.upper() == "AS"):
            names.append(token.text[1:])
        before = token.text
    return tuple(names)


def _has_star(tokens: Sequence[Token], form_at: int) -> bool:
    head = _head(tokens, form_at)
    return bool(head) and head[0].text == "*"


def _prefixes(tokens: Sequence[Token], words: Sequence[str]) -> dict[str, str]:
    return {
        tokens[i + 1].text[:-1]: tokens[i + 2].text[1:-1]
        for i, word in enumerate(words[:-2])
        if word == "PREFIX" and tokens[i + 1].kind == "name" and tokens[i + 2].kind == "iri"
    }


def _blocks(text: str, tokens: Sequence[Token], words: Sequence[str]) -> dict[str, tuple[Block, ...]]:
    found: dict[str, tuple[Block, ...]] = {}
    for i, word in enumerate(words):
        if word != "VALUES" or i + 2 >= len(tokens) or tokens[i + 1].kind != "variable" or tokens[i + 2].text != "{":
            continue
        start = tokens[i + 2].start + 1
        end = next((token.start for token in tokens[i + 3 :] if token.text == "}"), len(text))
        block = Block(start, end, " ".join(text[start:end].split()), text.count("\n", 0, start) + 1)
        name = tokens[i + 1].text[1:]
        found[name] = (*found.get(name, ()), block)
    return found
