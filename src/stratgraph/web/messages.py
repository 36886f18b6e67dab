"""The words of the pages, in both languages. Imports nothing of ours; the words stand in `messages.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def load_messages() -> Mapping[str, Mapping[str, str]]:
    """All messages: key → language → words."""
    messages: Mapping[str, Mapping[str, str]] = tomllib.loads(files("stratgraph.web").joinpath("messages.toml").read_text(encoding="utf-8"))
    return messages


def say(key: str, language: str, **values: object) -> str:
    """A message in a language, its {places} filled. Raises KeyError for a message that is not there, so that tests find it."""
    text = load_messages()[key][language]
    return text.format(**values) if values else text
